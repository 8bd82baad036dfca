import type { Explanation } from '../errors/explain.ts';
import { jsonSize } from '../text/json-size.ts';
import { type Keys, removeKey, removeKeyFromText } from '../text/remove-key.ts';
import { truncate } from '../text/truncate.ts';
import { cursorIdOf } from './pagination.ts';

/** The result of one call, in the form of MCP. */
export interface CallResult {
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
  [extra: string]: unknown;
}

/** A value as an object, which structuredContent must be: arrays become `{data}`, other values `{result}`. */
export function asObject(value: unknown): Record<string, unknown> {
  if (Array.isArray(value)) return { data: value };
  // An object that is not an array has string keys.
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  return { result: value ?? null };
}

/**
 * The result of a call that succeeded: one JSON value of at most `maxChars` characters, the same in the text and in
 * structuredContent. Leaves out the cursors of a list with only one page, and removes `keys` wherever WorkOS may have echoed
 * them.
 */
export function success(value: unknown, maxChars: number, keys: Keys): CallResult {
  const whole = asObject(value);
  let structured = withoutEnd(whole);
  // Measured first, so that most results are serialized only once.
  let text = jsonSize(structured, maxChars) > maxChars ? undefined : JSON.stringify(structured);
  if (text === undefined || text.length > maxChars) {
    structured = withoutEnd(fitToSize(whole, maxChars));
    text = JSON.stringify(structured);
  }
  if (removeKeyFromText(text, keys) !== text) {
    structured = asObject(removeKey(structured, keys));
    text = JSON.stringify(structured);
  }
  return { content: [{ type: 'text', text }], structuredContent: structured };
}

/** Leaves out cursors that are all null, unless something was cut: then a cursor may be missing although there is more. */
function withoutEnd(value: Record<string, unknown>): Record<string, unknown> {
  const { list_metadata: metadata, ...rest } = value;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return value;
  const cursors = Object.values(metadata);
  const isEnd = cursors.length > 0 && cursors.every((cursor) => cursor === null);
  return isEnd && value['omitted'] === undefined && value['cut'] === undefined ? rest : value;
}

/** The result of a call that failed: only a text block, so that no client takes it for data. Removes `keys` as success() does. */
export function failed(error: Explanation, keys?: Keys): CallResult {
  return { content: [{ type: 'text', text: JSON.stringify(removeKey({ error }, keys)) }], isError: true };
}

/** The longest path, in characters, that a cut result keeps. A longer one would displace the result itself. */
const MAX_PATH = 400;
const NARROW_HINT = 'Use query to pick fields or filter, or a smaller limit.';

/**
 * Cuts a value that is too large between the items of its list, or else in its longest strings, and adds a hint about what was
 * left out. Reads no more of the value than can be shown, whatever its size.
 */
export function fitToSize(value: Record<string, unknown>, maxChars: number): Record<string, unknown> {
  const size = jsonLength(value, maxChars);
  if (size <= maxChars) return value;
  const name = ['data', 'result', 'rows'].find((field) => Array.isArray(value[field]));
  const whole = name === undefined ? undefined : value[name];
  if (name === undefined || !Array.isArray(whole)) return cutDeep(value, size, maxChars);
  const list = name === 'rows' ? failedFirst(whole) : whole;
  const rest = jsonLength({ ...value, [name]: [] }, maxChars);
  // Room for the fields added below.
  const room = maxChars - rest - 400;
  let used = 0;
  let kept = 0;
  for (const item of list) {
    used += jsonLength(item, room - used) + 1;
    if (used > room) break;
    kept++;
  }
  if (kept === list.length) return cutDeep(value, size, maxChars);
  const shown = Math.max(1, kept);
  const next = continuation(value, name, list[shown - 1], list.at(-1));
  if (kept === 0) {
    const first = cutDeep(asObject(list[0]), used, Math.max(500, room));
    return { ...value, [name]: [first], omitted: list.length - 1, ...next, hint: hintOf(value, NARROW_HINT) };
  }
  const continues = next.list_metadata?.after ? 'list_metadata.after continues after the last one shown. ' : '';
  return {
    ...value,
    [name]: list.slice(0, kept),
    omitted: list.length - kept,
    ...next,
    hint: hintOf(value, `${list.length - kept} of ${list.length} items left out for size. ${continues}${NARROW_HINT}`),
  };
}

/** The rows of a batch, failed ones first. */
function failedFirst(rows: readonly unknown[]): unknown[] {
  const isOk = (row: unknown) => asObject(row)['ok'] !== false;
  return [...rows.filter((row) => !isOk(row)), ...rows.filter(isOk)];
}

/** The length of a value's JSON, or some number above `limit` if it is longer than `limit`. */
function jsonLength(value: unknown, limit: number): number {
  const size = jsonSize(value, limit);
  // Serialized only if it is known to be small enough.
  return size > limit ? size : (JSON.stringify(value)?.length ?? 4);
}

/** This hint, or the result's own if the result is complete in a file, as its hint then says. */
function hintOf(value: Record<string, unknown>, hint: string): unknown {
  return value['path'] === undefined ? hint : (value['hint'] ?? hint);
}

/**
 * The cursor that continues exactly after the last item shown. It is that item's id, unless the page's own cursor shows
 * that this list has another kind of cursor (those of Vault are opaque). Then it is left out, because null would mean the
 * end of the list.
 */
function continuation(
  value: Record<string, unknown>,
  name: string,
  shown: unknown,
  last: unknown,
): { list_metadata?: { after?: string } } {
  const { list_metadata: metadata, path } = value;
  // The items of a query's result are not items of the page; after a file, the list continues where the file ends.
  if (name !== 'data' || path !== undefined || typeof metadata !== 'object' || metadata === null) return {};
  const { after, ...rest } = { after: null, ...metadata };
  const id = cursorIdOf(shown);
  const byId = after === null || isSameKind(after, cursorIdOf(last));
  return { list_metadata: id !== undefined && byId ? { ...rest, after: id } : rest };
}

/** Whether a cursor is an id with the same prefix as this one. After a filter, it can differ from the last item's id. */
function isSameKind(cursor: unknown, id: string | undefined): boolean {
  const prefix = /^[a-z_]+_(?=[0-9A-Za-z]+$)/;
  return cursor === id || (typeof cursor === 'string' && id?.startsWith(prefix.exec(cursor)?.[0] ?? ' ') === true);
}

/** Shortens the longest strings and lists of one object, step by step, until it is small enough. Keeps the path of a file. */
function cutDeep(value: Record<string, unknown>, size: number, maxChars: number): Record<string, unknown> {
  const file = filePath(value);
  let longest = Math.max(200, Math.floor(maxChars / 4));
  let most = 50;
  let cut = value;
  while (size > maxChars && (longest > 20 || most > 1)) {
    cut = { ...asObject(new Shortening(longest, most, maxChars).shorten(value, 0)), ...file };
    size = jsonLength(cut, maxChars) + 200;
    longest = Math.max(20, Math.floor(longest / 2));
    most = Math.max(1, Math.floor(most / 2));
  }
  if (size > maxChars) cut = { keys: namesThatFit(value, maxChars - jsonLength(file, maxChars) - 200), ...file };
  return { ...cut, cut: true, hint: `Too large to show in full. ${NARROW_HINT}` };
}

/** The paths of written files, which a cut result must keep. keepSecretFiles() does the same for files with secrets. */
function filePath({ path, report }: Record<string, unknown>): { path?: string; report?: string } {
  const isPath = (one: unknown): one is string => typeof one === 'string' && one.length <= MAX_PATH;
  return { ...(isPath(path) && { path }), ...(isPath(report) && { report }) };
}

function namesThatFit(value: Record<string, unknown>, room: number): string[] {
  const names: string[] = [];
  for (const name of firstKeys(value, 50).map((one) => truncate(one, 100, '…'))) {
    room -= JSON.stringify(name).length + 1;
    if (room < 0) break;
    names.push(name);
  }
  return names;
}

/** One attempt to make a value small enough. */
class Shortening {
  readonly #longest: number;
  readonly #most: number;
  #room: number;

  /** @param longest Characters of the longest string. @param most Items of the longest list. @param room Characters in total. */
  constructor(longest: number, most: number, room: number) {
    this.#longest = longest;
    this.#most = most;
    this.#room = room;
  }

  shorten(value: unknown, depth: number): unknown {
    // Every value takes at least two characters. Once the room is used up, this attempt fails anyway.
    this.#room -= 2;
    if (this.#room < 0) return '…';
    if (typeof value === 'string') return truncate(value, this.#longest, `… (${value.length} characters)`);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > 12) return '…';
    if (Array.isArray(value)) {
      const shown = value.slice(0, this.#most).map((item) => this.shorten(item, depth + 1));
      return value.length > this.#most ? [...shown, `… ${value.length - this.#most} more`] : shown;
    }
    // It is neither null nor an array.
    const of = value as Record<string, unknown>;
    return Object.fromEntries(
      firstKeys(of, Math.max(20, this.#most)).map((name) => [name, this.shorten(of[name], depth + 1)]),
    );
  }
}

/** The first few property names of an object, without listing all of them. */
function firstKeys(value: Record<string, unknown>, most: number): string[] {
  const names: string[] = [];
  for (const name in value) {
    if (names.length === most) break;
    names.push(name);
  }
  return names;
}
