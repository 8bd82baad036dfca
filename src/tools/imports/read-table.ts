import { createHash } from 'node:crypto';
import { CsvError, CsvParser } from '../csv.ts';
import type { InputFile } from '../files.ts';

export type TableFormat = 'csv' | 'jsonl';

/** An entry of a file of rows, with the number of the line on which it begins. */
export type TableEntry =
  | { kind: 'header'; line: number; names: readonly string[] }
  | { kind: 'cells'; line: number; cells: readonly string[] }
  /** `value` is undefined if the line is not JSON. */
  | { kind: 'json'; line: number; value: unknown };

/** A problem that makes it pointless to read on. The message never quotes the file. */
export class TableError extends Error {
  override readonly name = 'TableError';
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The file differs from the one that was checked. */
export class FileChangedError extends Error {
  override readonly name = 'FileChangedError';
}

/** Digests of a file's blocks, which reveal a change when the file is read again. */
interface BlockDigests {
  /** Adds the next block. @throws {FileChangedError} if it differs from the first reading */
  add(block: Uint8Array): void;
  /** Must be called at the end of the file. @throws {FileChangedError} if the file is shorter than before */
  end(): void;
}

const BLOCK = 64 * 1024;
/** In bytes. */
const LONGEST_LINE = 128 * 1024;
const LONGEST_FILE = 1024 * 1024 * 1024;
const CSV_LIMITS = { columns: 200, characters: 64 * 1024 };

/** The start of a list of objects, or of an object that continues on the next line. */
const JSON_DOCUMENT = /^\ufeff?\s*(?:\[\s*\{|\{[ \t]*[\r\n])/;

/**
 * The format of a file, from its name or else from its first character.
 * @throws {TableError} if the file is a single JSON document
 */
export async function formatOf(file: InputFile): Promise<TableFormat> {
  const start = Buffer.from(await file.read(0, 64)).toString('utf8');
  if (JSON_DOCUMENT.test(start)) {
    throw new TableError(
      1,
      'the file is a single JSON document; write one object per line, without a surrounding list',
    );
  }
  const [, extension] = /\.(csv|jsonl|ndjson)$/i.exec(file.path) ?? [];
  if (extension) return extension.toLowerCase() === 'csv' ? 'csv' : 'jsonl';
  return /^\ufeff?\s*\{/.test(start) ? 'jsonl' : 'csv';
}

/**
 * Reads a file of rows block by block. Empty lines are skipped.
 * @throws {TableError} {@link FileChangedError}
 */
export async function* readTable(
  file: InputFile,
  format: TableFormat,
  digests: BlockDigests,
): AsyncGenerator<TableEntry, void> {
  if (format === 'csv') yield* readCsv(linesOf(file, digests));
  else yield* readJsonLines(linesOf(file, digests));
}

interface Line {
  number: number;
  /** Including the line ending. */
  text: string;
}

async function* readCsv(lines: AsyncIterable<Line>): AsyncGenerator<TableEntry, void> {
  const parser = new CsvParser(CSV_LIMITS);
  let start = 0;
  let isHeader = true;
  const entry = (cells: string[]): TableEntry => {
    const made = { line: start, cells };
    start = 0;
    if (!isHeader) return { kind: 'cells', ...made };
    isHeader = false;
    return { kind: 'header', line: made.line, names: cells };
  };
  try {
    for await (const { number, text } of lines) {
      // A quoted cell can span several lines.
      if (start === 0 && text.trim() !== '') start = number;
      for (const cells of parser.push(text)) yield entry(cells);
    }
    for (const cells of parser.end()) yield entry(cells);
  } catch (error) {
    if (error instanceof CsvError) throw new TableError(Math.max(1, start), error.message);
    throw error;
  }
}

async function* readJsonLines(lines: AsyncIterable<Line>): AsyncGenerator<TableEntry, void> {
  for await (const { number, text } of lines) {
    if (text.trim() !== '') yield { kind: 'json', line: number, value: parsed(text) };
  }
}

/** Returns undefined instead of throwing, because the error of JSON.parse quotes the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The lines of a text file, each with its line ending: \n, \r\n, or \r. */
async function* linesOf(file: InputFile, digests: BlockDigests): AsyncGenerator<Line, void> {
  if (file.bytes > LONGEST_FILE) throw new TableError(1, 'the file is larger than 1 GiB');
  let rest: Uint8Array = Buffer.alloc(0);
  let number = 1;
  for (let position = 0; ; ) {
    const block = await file.read(position, BLOCK);
    if (block.length > 0) digests.add(block);
    const isLast = block.length < BLOCK;
    const bytes = position === 0 ? withoutMark(block) : block;
    position += block.length;
    const all = Buffer.concat([rest, bytes]);
    const end = isLast ? all.length : endOfLines(all);
    for (const text of decoded(all.subarray(0, end), number)) yield { number: number++, text };
    rest = all.subarray(end);
    if (rest.length > LONGEST_LINE) throw new TableError(number, `the line is longer than ${LONGEST_LINE / 1024} KiB`);
    if (position > LONGEST_FILE) throw new TableError(number, 'the file is larger than 1 GiB');
    if (isLast) break;
  }
  digests.end();
}

/** Removes a byte order mark. @throws {TableError} if the text is UTF-16 */
function withoutMark(bytes: Uint8Array): Uint8Array {
  const [first, second, third] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new TableError(1, 'the file is UTF-16; save it as UTF-8');
  }
  return first === 0xef && second === 0xbb && third === 0xbf ? bytes.subarray(3) : bytes;
}

/** The offset at which the last complete line ends. A \r at the very end may be the first half of \r\n. */
function endOfLines(bytes: Buffer): number {
  return Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d, bytes.length - 2)) + 1;
}

/** @throws {TableError} naming the first line that is not UTF-8 text */
function decoded(bytes: Uint8Array, number: number): string[] {
  const lines = (text: string) => text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  const whole = textOf(bytes);
  if (whole !== undefined && !whole.includes('\0')) return lines(whole);
  const loose = lines(new TextDecoder('latin1').decode(bytes));
  const at = loose.findIndex((line) => line.includes('\0') || textOf(Buffer.from(line, 'latin1')) === undefined);
  const isNul = loose[at]?.includes('\0');
  throw new TableError(
    number + Math.max(0, at),
    isNul ? 'contains a NUL character; save the file as UTF-8' : 'is not UTF-8; save the file as UTF-8',
  );
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Computes the digests of a file on the first reading. */
export class TakenDigests implements BlockDigests {
  readonly blocks: string[] = [];
  readonly #whole = createHash('sha256');

  add(block: Uint8Array): void {
    this.#whole.update(block);
    this.blocks.push(digestOf(block));
  }

  end(): void {}

  /** The digest of the whole file. Can be called once only. */
  sha256(): string {
    return this.#whole.digest('hex');
  }
}

/** Compares a file with the digests of its first reading, so that no row of a changed block is used. */
export class ComparedDigests implements BlockDigests {
  readonly #blocks: readonly string[];
  #at = 0;

  constructor(blocks: readonly string[]) {
    this.#blocks = blocks;
  }

  add(block: Uint8Array): void {
    if (this.#blocks[this.#at++] !== digestOf(block)) throw new FileChangedError('The file has changed');
  }

  end(): void {
    if (this.#at !== this.#blocks.length) throw new FileChangedError('The file has changed');
  }
}

function digestOf(block: Uint8Array): string {
  return createHash('sha256').update(block).digest('base64');
}
