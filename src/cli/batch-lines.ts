import { TextDecoder } from 'node:util';

/** The maximum length of a line in bytes, as on the server's stdin. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

/** One line of input: its text, or why it cannot be read. */
export interface InputLine {
  /** 1-based. */
  number: number;
  text: string;
  problem?: string;
}

/**
 * Yields the lines of a stream as they arrive, without blank ones. A line over the limit is reported as a problem, and its bytes
 * are not kept in memory.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  const add = (piece: Uint8Array) => {
    size += piece.length;
    if (size <= MAX_LINE_BYTES) pieces.push(piece);
    else pieces = [];
  };
  const end = (): InputLine => {
    number++;
    const line = size > MAX_LINE_BYTES ? tooLong(number) : decoded(number, Buffer.concat(pieces));
    pieces = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      add(chunk.subarray(start, at));
      start = at + 1;
      const line = end();
      if (line.problem !== undefined || line.text !== '') yield line;
    }
    add(chunk.subarray(start));
  }
  const last = size > 0 ? end() : undefined;
  if (last && (last.problem !== undefined || last.text !== '')) yield last;
}

function tooLong(number: number): InputLine {
  return { number, text: '', problem: `Line ${number} is longer than ${MAX_LINE_BYTES} bytes` };
}

function decoded(number: number, bytes: Uint8Array): InputLine {
  try {
    return { number, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim() };
  } catch {
    return { number, text: '', problem: `Line ${number} is not UTF-8` };
  }
}
