import { jsonSize } from '../text/json-size.ts';
import { JobError, MAX_JOB_TEXT } from './json-job.ts';

/** The length of a piece in characters, which takes less than a millisecond to write. */
const PIECE_CHARS = 64 * 1024;
/** Values that are nested deeper are written in one piece. */
const MAX_SPLIT_DEPTH = 8;
/** The longest such piece. An expression's value can share parts, so its JSON can be far larger than its memory. */
const MAX_AT_ONCE = 4 * 1024 * 1024;

/**
 * The JSON of a value in pieces, so that other work can run in between.
 * @throws {JobError} if it is longer than a job may read.
 */
export function* jsonPieces(value: unknown): Generator<string> {
  let total = 0;
  let piece = '';
  for (const part of partsOf(value, 0)) {
    piece += part;
    if (piece.length < PIECE_CHARS) continue;
    total += piece.length;
    if (total > MAX_JOB_TEXT) throw new JobError({ reason: 'too-much' });
    yield piece;
    piece = '';
  }
  yield piece;
}

function* partsOf(value: unknown, depth: number): Generator<string> {
  const most = depth === MAX_SPLIT_DEPTH ? MAX_AT_ONCE : PIECE_CHARS;
  if (typeof value !== 'object' || value === null || jsonSize(value, most) <= most) {
    // An undefined item of a list is written as null.
    yield JSON.stringify(value) ?? 'null';
    return;
  }
  if (depth === MAX_SPLIT_DEPTH) throw new JobError({ reason: 'too-much' });
  let separator = '';
  if (Array.isArray(value)) {
    yield '[';
    for (const item of value) {
      yield separator;
      yield* partsOf(item, depth + 1);
      separator = ',';
    }
    yield ']';
    return;
  }
  yield '{';
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    yield `${separator}${JSON.stringify(name)}:`;
    yield* partsOf(item, depth + 1);
    separator = ',';
  }
  yield '}';
}
