/** How much of one record is taken. */
export interface CsvLimits {
  columns: number;
  /** Characters of all cells of a record together. */
  characters: number;
}

/** Text that is not CSV, or a record over a limit; the records before it are good. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/**
 * Parses CSV piece by piece. https://www.rfc-editor.org/rfc/rfc4180. Also takes \n and \r as line ends, records of different
 * lengths and a byte order mark, and skips empty lines. Never keeps more than one record.
 */
export class CsvParser {
  readonly #limits: CsvLimits;
  #record: string[] = [];
  #cell = '';
  #size = 0;
  /** Where in a cell the text goes on; `closed` is behind a quote that may be the first of two. */
  #state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  /** The last character was \r, which ended a record; a \n belongs to it. */
  #afterReturn = false;
  #atBeginning = true;

  constructor(limits: CsvLimits) {
    this.#limits = limits;
  }

  /** The records that end in this piece. @throws {CsvError} */
  *push(text: string): Generator<string[], void> {
    let at = this.#atBeginning && text.startsWith('\ufeff') ? 1 : 0;
    if (text) this.#atBeginning = false;
    while (at < text.length) {
      if (this.#state === 'quoted') {
        const quote = closingQuote(text, at);
        // Joined, the text is one piece; replaced, it is a tree of single characters, which costs seconds to read.
        this.#append(text.slice(at, quote).split('""').join('"'));
        if (quote < text.length) this.#state = 'closed';
        at = quote + 1;
        continue;
      }
      const end = endOfText(text, at);
      if (end > at) this.#plain(text.slice(at, end));
      at = end + 1;
      switch (text[end]) {
        case '"':
          this.#quote();
          break;
        case ',':
          this.#endCell();
          break;
        case '\r':
        case '\n': {
          const secondHalf = this.#afterReturn && text[end] === '\n';
          this.#afterReturn = text[end] === '\r';
          const record = secondHalf ? undefined : this.#endRecord();
          if (record) yield record;
          continue;
        }
      }
      this.#afterReturn = false;
    }
  }

  /** The record that the text ends in. @throws {CsvError} where it ends inside quotes. */
  *end(): Generator<string[], void> {
    if (this.#state === 'quoted') throw new CsvError('a quote is never closed');
    const record = this.#endRecord();
    if (record) yield record;
  }

  #plain(text: string): void {
    if (this.#state === 'closed') throw new CsvError('text after a quoted cell');
    this.#state = 'plain';
    this.#afterReturn = false;
    this.#append(text);
  }

  #quote(): void {
    if (this.#state === 'plain') throw new CsvError('a quote inside a cell that is not quoted');
    if (this.#state === 'closed') this.#append('"');
    this.#state = 'quoted';
  }

  #append(text: string): void {
    const { characters } = this.#limits;
    this.#size += text.length;
    if (this.#size > characters) throw new CsvError(`a record is longer than ${characters} characters`);
    this.#cell += text;
  }

  #endCell(): void {
    const { columns } = this.#limits;
    this.#record.push(this.#cell);
    this.#cell = '';
    this.#state = 'start';
    if (this.#record.length >= columns) throw new CsvError(`a record has more than ${columns} columns`);
  }

  /** The record so far; undefined for an empty line. */
  #endRecord(): string[] | undefined {
    if (this.#record.length === 0 && this.#state === 'start') return undefined;
    const record = this.#record;
    record.push(this.#cell);
    this.#record = [];
    this.#cell = '';
    this.#size = 0;
    this.#state = 'start';
    return record;
  }
}

/** The position of the next quote that is not the first of two, or the end. The last character may still be the first of two. */
function closingQuote(text: string, from: number): number {
  let quote = text.indexOf('"', from);
  while (quote >= 0 && text.charCodeAt(quote + 1) === QUOTE) quote = text.indexOf('"', quote + 2);
  return quote < 0 ? text.length : quote;
}

/** The position of the next character that means something outside quotes, or the end. */
function endOfText(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === QUOTE || code === NEWLINE || code === RETURN) break;
  }
  return at;
}

// Comparing codes is several times as fast as a regular expression here.
const COMMA = ','.charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);
const NEWLINE = '\n'.charCodeAt(0);
const RETURN = '\r'.charCodeAt(0);
