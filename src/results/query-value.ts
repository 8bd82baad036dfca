import { quoteUntrusted } from '../text/quote-untrusted.ts';

/** Names that are shown as they are. Other names are quoted, as an expression must quote them too. */
const PLAIN_NAME = /^\w{1,60}$/;
const MAX_NAME = 60;
const MAX_NAMES = 40;
/** The most items of a list, and names of an item, to examine. */
const MAX_LOOKED_AT = 100;
/** The most values to examine when deciding whether a result is empty. */
const MAX_VALUES = 10_000;

/**
 * An expression's value with the fields beside it. If the value is empty but the response is not, or if a condition reads a
 * field that no item has, the names of the existing fields are added, because the usual reason is a misspelled name.
 */
export function queryValue(
  value: unknown,
  response: unknown,
  beside: Record<string, unknown>,
  conditions: readonly string[] = [],
): Record<string, unknown> {
  const absent = absentFrom(response, conditions);
  const keys = absent.length > 0 || saysNothing(value) ? keysOf(response) : [];
  return {
    result: value ?? null,
    ...(absent.length > 0 && { no_item_has: absent }),
    ...(keys.length > 0 && { keys }),
    ...beside,
  };
}

/** The fields that conditions read but no item has. Such a condition is true for all items or for none. */
function absentFrom(response: unknown, conditions: readonly string[]): string[] {
  const items = listOf(response);
  if (conditions.length === 0 || !items?.length) return [];
  const isThere = (name: string) =>
    items.some((one) => typeof one === 'object' && one !== null && Object.hasOwn(one, name));
  // Without backticks, `null` is a field too, but its value is null, as intended.
  const absent = conditions.filter((name) => name !== 'null' && !isThere(name));
  return absent.map((name) => (/^(?:true|false)$/.test(name) ? `${name}, which needs backticks` : shownName(name)));
}

/** True for null, for empty lists, and for lists and objects that hold nothing else. */
function saysNothing(value: unknown): boolean {
  let left = MAX_VALUES;
  // Limited, because an expression's value can share parts and be far larger than its memory.
  const isNothing = (one: unknown, depth: number): boolean => {
    if (one === null || one === undefined) return true;
    if (typeof one !== 'object' || depth === 0 || --left < 0) return false;
    const parts = Array.isArray(one) ? one : Object.values(one);
    return parts.length <= left && parts.every((part) => --left >= 0 && isNothing(part, depth - 1));
  };
  return isNothing(value, 3);
}

/** The field names of a list's items, or of the response if it is not a list. Empty if the list is empty. */
function keysOf(response: unknown): string[] {
  const list = listOf(response);
  const names = new Set<string>();
  for (const one of list?.slice(0, MAX_LOOKED_AT) ?? [response]) {
    for (const name of firstNames(one)) {
      if (names.size === MAX_NAMES && !names.has(name)) return [...names, '…'];
      names.add(name);
    }
  }
  return [...names];
}

/** The list in a response: `data` of an API page, or `rows` of an export. */
function listOf(response: unknown): readonly unknown[] | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  const { data, rows }: { data?: unknown; rows?: unknown } = response;
  if (Array.isArray(data)) return data;
  return Array.isArray(rows) ? rows : undefined;
}

function firstNames(one: unknown): string[] {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return [];
  const names: string[] = [];
  for (const name in one) {
    if (names.length === MAX_LOOKED_AT) break;
    names.push(shownName(name));
  }
  return names;
}

function shownName(name: string): string {
  return PLAIN_NAME.test(name) ? name : quoteUntrusted(name, MAX_NAME);
}
