import { jsonSize } from '../text/json-size.ts';

/** The first line of a value, without the items of its longest list, which follow in further lines. */
interface FirstLine<Head> {
  head: Head;
  value: Record<string, unknown>;
  /** The field whose items follow. */
  list: string | undefined;
}

/** The length of a line in characters, which takes a few milliseconds to parse. */
const LINE_CHARS = 256 * 1024;
/** The last line. If it is missing, the process ended too early. */
const END = 'end';

/** Writes `head` and a value as lines of JSON, each short enough to be parsed without blocking the event loop. */
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

/** Reassembles a value from the lines of {@link toJobLines}. */
export class JobLineReader<Head> {
  readonly #items: unknown[] = [];
  #first: FirstLine<Head> | undefined;
  #complete = false;

  add(line: string): void {
    const parsed: unknown = JSON.parse(line);
    if (!this.#first) {
      // Written by toJobLines().
      this.#first = parsed as FirstLine<Head>;
    } else if (parsed === END) {
      this.#complete = true;
    } else {
      for (const item of asList(parsed)) this.#items.push(item);
    }
  }

  /** The head and the value, or undefined if lines are missing. */
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
