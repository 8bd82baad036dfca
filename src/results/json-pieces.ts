import { jsonSize } from '../text/json-size.ts';
import { JobError, MAX_JOB_TEXT } from './json-job.ts';

/** Writing so much takes less than a millisecond. */
const PIECE_CHARS = 64 * 1024;
/** What is nested deeper is written at once. */
const MAX_SPLIT_DEPTH = 8;
/** The most that is written at once. A value that an expression made can be far longer than it is large, because it shares parts. */
const MAX_AT_ONCE = 4 * 1024 * 1024;

/**
 * The JSON of a value in pieces, so that something else can run between them.
 * @throws {JobError} where it is longer than a job may read.
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
