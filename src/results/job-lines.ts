import { jsonSize } from '../text/json-size.ts';

/** The lines in which a value travels: the value without its longest list, then the items of that list. */
interface FirstLine<Head> {
  head: Head;
  value: Record<string, unknown>;
  /** The field whose items follow. */
  list: string | undefined;
}

/** Parsing one such line takes a few milliseconds. */
const LINE_CHARS = 256 * 1024;
/** Comes last: without it, the process ended too early. */
const END = 'end';

/** A value in lines of JSON that are short enough to be parsed one by one without blocking. `head` goes before it. */
export function* toJobLines<Head>(head: Head, value: Record<string, unknown>): Generator<string> {
  const list = longestList(value);
  const items = list === undefined ? [] : asList(value[list]);
  const first: FirstLine<Head> = { head, value: list === undefined ? value : { ...value, [list]: [] }, list };
  yield JSON.stringify(first);
  let line: unknown[] = [];
  let size = 0;
  for (const item of items) {
    const more = jsonSize(item, LINE_CHARS);
    if (line.length > 0 && size + more > LINE_CHARS) {
      yield JSON.stringify(line);
      line = [];
      size = 0;
    }
    line.push(item);
    size += more;
  }
  if (line.length > 0) yield JSON.stringify(line);
  yield JSON.stringify(END);
}

/** Puts a value together again, line by line. */
export class JobLineReader<Head> {
  readonly #items: unknown[] = [];
  #first: FirstLine<Head> | undefined;
  #complete = false;

  add(line: string): void {
    const parsed: unknown = JSON.parse(line);
    if (!this.#first) {
      // toJobLines wrote it.
      this.#first = parsed as FirstLine<Head>;
    } else if (parsed === END) {
      this.#complete = true;
    } else {
      for (const item of asList(parsed)) this.#items.push(item);
    }
  }

  /** What was read; undefined where a part is missing. */
  result(): { head: Head; value: Record<string, unknown> } | undefined {
    if (!this.#first || !this.#complete) return undefined;
    const { head, value, list } = this.#first;
    return { head, value: list === undefined ? value : { ...value, [list]: this.#items } };
  }
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function longestList(value: Record<string, unknown>): string | undefined {
  let longest: string | undefined;
  let length = 0;
  for (const [name, field] of Object.entries(value)) {
    if (!Array.isArray(field) || field.length <= length) continue;
    longest = name;
    length = field.length;
  }
  return longest;
}
