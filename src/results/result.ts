import type { Explanation } from '../errors/explain.ts';
import { jsonSize } from '../text/json-size.ts';
import { type Keys, removeKey, removeKeyFromText } from '../text/remove-key.ts';
import { truncate } from '../text/truncate.ts';
import { cursorIdOf } from './pagination.ts';

/** The result of one call, as MCP has it. */
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
 * A success: one JSON value, the same in the text and in structuredContent, at most `maxChars` long, without the cursors of a
 * list that has no other page. Removes `keys` wherever WorkOS may have echoed it.
 */
export function success(value: unknown, maxChars: number, keys: Keys): CallResult {
  const whole = asObject(value);
  let structured = withoutEnd(whole);
  // Most results are written only once.
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

/** Leaves out cursors that are all null. Where something was cut, a cursor may be missing although there is more. */
function withoutEnd(value: Record<string, unknown>): Record<string, unknown> {
  const { list_metadata: metadata, ...rest } = value;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return value;
  const cursors = Object.values(metadata);
  const isEnd = cursors.length > 0 && cursors.every((cursor) => cursor === null);
  return isEnd && value['omitted'] === undefined && value['cut'] === undefined ? rest : value;
}

/** A failure: one text block and nothing else, so no client takes it for data. Removes `keys` as success() does. */
export function failed(error: Explanation, keys?: Keys): CallResult {
  return { content: [{ type: 'text', text: JSON.stringify(removeKey({ error }, keys)) }], isError: true };
}

/** Characters of a path that is kept whole where a result is cut; a longer one would take the room of the result itself. */
const MAX_PATH = 400;
const NARROW_HINT = 'Use query to pick fields or filter, or a smaller limit.';

/**
 * Cuts a value that is too large between the items of its list, or else in its longest strings, and says what was left out.
 * Looks at no more of a value than can be shown, whatever its size.
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

/** The rows of a batch in the order in which they matter. */
function failedFirst(rows: readonly unknown[]): unknown[] {
  const isOk = (row: unknown) => asObject(row)['ok'] !== false;
  return [...rows.filter((row) => !isOk(row)), ...rows.filter(isOk)];
}

/** The length of a value's JSON, or any larger number than `limit` where it is longer than that. */
function jsonLength(value: unknown, limit: number): number {
  const size = jsonSize(value, limit);
  // Only now is it known to be small enough to be written.
  return size > limit ? size : (JSON.stringify(value)?.length ?? 4);
}

/** A result that is complete in a file says so already. */
function hintOf(value: Record<string, unknown>, hint: string): unknown {
  return value['path'] === undefined ? hint : (value['hint'] ?? hint);
}

/**
 * The cursor that continues exactly after the last item shown. It is that item's id, unless the page's own cursor shows
 * that this list has cursors of another kind (vault's are opaque). Then it is left out, because null would read as the
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

/** Whether a cursor is an id like this one, with the same prefix. After a filter it need not be that of the last item. */
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

/** The paths of files that were written, without which nobody finds them. Files with secrets are named wherever a result is cut. */
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

  /** @param longest Characters of the longest string. @param most Items of the longest list. @param room Characters in all. */
  constructor(longest: number, most: number, room: number) {
    this.#longest = longest;
    this.#most = most;
    this.#room = room;
  }

  shorten(value: unknown, depth: number): unknown {
    // Every value takes two characters at least. What comes after the last of them cannot fit, so this attempt fails anyway.
    this.#room -= 2;
    if (this.#room < 0) return '…';
    if (typeof value === 'string') return truncate(value, this.#longest, `… (${value.length} characters)`);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > 12) return '…';
    if (Array.isArray(value)) {
      const shown = value.slice(0, this.#most).map((item) => this.shorten(item, depth + 1));
      return value.length > this.#most ? [...shown, `… ${value.length - this.#most} more`] : shown;
    }
    // Each name was just found on the object.
    const of = value as Record<string, unknown>;
    return Object.fromEntries(
      firstKeys(of, Math.max(20, this.#most)).map((name) => [name, this.shorten(of[name], depth + 1)]),
    );
  }
}

/** The first few of an object's names, without a list of all of them. */
function firstKeys(value: Record<string, unknown>, most: number): string[] {
  const names: string[] = [];
  for (const name in value) {
    if (names.length === most) break;
    names.push(name);
  }
  return names;
}
