/** Limits for one record. */
export interface CsvLimits {
  columns: number;
  /** The characters of all cells of a record together. */
  characters: number;
}

/** The text is not CSV, or a record exceeds a limit. The records before it are valid. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/**
 * Parses CSV piece by piece. https://www.rfc-editor.org/rfc/rfc4180. Also accepts \n and \r as line ends, records of different
 * lengths, and a byte order mark, and skips empty lines. Never holds more than one record.
 */
export class CsvParser {
  readonly #limits: CsvLimits;
  #record: string[] = [];
  #cell = '';
  #size = 0;
  /** The position within a cell. `closed` follows a quote that ends the cell unless another quote comes next. */
  #state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  /** Whether the last character was a \r that ended a record. A \n after it belongs to the same line end. */
  #afterReturn = false;
  #atBeginning = true;

  constructor(limits: CsvLimits) {
    this.#limits = limits;
  }

  /** Yields the records that end in this piece. @throws {CsvError} */
  *push(text: string): Generator<string[], void> {
    let at = this.#atBeginning && text.startsWith('\ufeff') ? 1 : 0;
    if (text) this.#atBeginning = false;
    while (at < text.length) {
      if (this.#state === 'quoted') {
        const quote = closingQuote(text, at);
        // split() and join() make one flat string. replaceAll() makes a tree of single characters, which takes seconds to read.
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

  /** Yields the last record, if the text does not end with a line end. @throws {CsvError} if it ends inside quotes */
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
    if (this.#state === 'plain') throw new CsvError('a quote inside an unquoted cell');
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

  /** Ends the current record. Undefined for an empty line. */
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

/** The position of the next quote that is not followed by another, or the end. A quote at the very end may still get one. */
function closingQuote(text: string, from: number): number {
  let quote = text.indexOf('"', from);
  while (quote >= 0 && text.charCodeAt(quote + 1) === QUOTE) quote = text.indexOf('"', quote + 2);
  return quote < 0 ? text.length : quote;
}

/** The position of the next special character outside quotes, or the end. */
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
