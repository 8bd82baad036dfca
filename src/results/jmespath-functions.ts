import { type JSONObject, type JSONValue, registerFunction, TreeInterpreter } from '@jmespath-community/jmespath';
import { jsonSize } from '../text/json-size.ts';
import type { Budget } from './budget.ts';
import { compareKeys } from './jmespath-order.ts';

/** An expression that a function applies, such as the `&name` of sort_by. */
export interface Reference {
  expref: true;
  evaluate(value: JSONValue): JSONValue;
}

let running: Budget | undefined;

/** Lets functions spend from this budget while `run` runs. */
export function runFunctions<T>(budget: Budget, run: () => T): T {
  const before = running;
  running = budget;
  try {
    return run();
  } finally {
    running = before;
  }
}

/** Functions that visit every property of an object. */
const ENUMERATING = new Set(['items', 'keys', 'length', 'merge', 'values']);
/** Functions that search one text for another, which in the worst case takes the product of their lengths. */
const SEARCHING = new Set(['contains', 'ends_with', 'find_first', 'find_last', 'replace', 'split']);

/** Spends the cost of reading a function's arguments once. */
export function chargeArguments(name: string, given: readonly JSONValue[], budget: Budget): void {
  for (const value of given) {
    if (Array.isArray(value)) budget.spend(value.length);
    else if (typeof value === 'string') budget.spend(value.length / 8);
    else if (ENUMERATING.has(name) && typeof value === 'object' && value !== null) {
      budget.spend(Object.keys(value).length);
    }
  }
  const [text, searched] = given;
  if (SEARCHING.has(name) && typeof text === 'string' && typeof searched === 'string' && searched.length > 6) {
    budget.spend((text.length * searched.length) / 256);
  }
}

type Run = (budget: Budget, ...given: never[]) => JSONValue;

/**
 * Replaces the library's functions whose cost does not follow from the size of their arguments, or that apply an expression.
 * The library checks the types of the arguments.
 */
const REPLACED: Readonly<Record<string, Run>> = {
  group_by(budget, list: JSONValue[], by: Reference) {
    const groups = new Map<string, JSONValue[]>();
    for (const [key, item] of keysOf(list, by, ['string'])) {
      budget.spend(1);
      const group = groups.get(String(key));
      if (group) group.push(item);
      else groups.set(String(key), [item]);
    }
    return Object.fromEntries(groups);
  },
  join(budget, separator: string, list: string[]) {
    budget.reserve(list.reduce((sum, one) => sum + one.length + separator.length, 0));
    return list.join(separator);
  },
  length(budget, value: string | JSONValue[] | JSONObject) {
    if (Array.isArray(value)) return value.length;
    if (typeof value !== 'string') return Object.keys(value).length;
    budget.spend(value.length);
    let characters = 0;
    for (const _ of value) characters++;
    return characters;
  },
  map: (_budget, by: Reference, list: JSONValue[]) => list.map((item) => by.evaluate(item)),
  max: (budget, list: JSONValue[]) =>
    extreme(
      budget,
      list.map((one) => [one, one]),
      1,
    ),
  max_by: (budget, list: JSONValue[], by: Reference) => extreme(budget, keysOf(list, by, ['number', 'string']), 1),
  min: (budget, list: JSONValue[]) =>
    extreme(
      budget,
      list.map((one) => [one, one]),
      -1,
    ),
  min_by: (budget, list: JSONValue[], by: Reference) => extreme(budget, keysOf(list, by, ['number', 'string']), -1),
  pad_left: (budget, text: string, width: number, pad = ' ') => text.padStart(padded(budget, width, pad), pad),
  pad_right: (budget, text: string, width: number, pad = ' ') => text.padEnd(padded(budget, width, pad), pad),
  replace(budget, text: string, old: string, by: string, count?: number) {
    const parts = pieces(budget, text, old, count);
    budget.reserve(text.length + (parts.length - 1) * (by.length - old.length));
    return parts.join(by);
  },
  reverse(budget, value: string | JSONValue[]) {
    if (Array.isArray(value)) return value.toReversed();
    budget.reserve(value.length * 4);
    return Array.from(value).reverse().join('');
  },
  sort: (budget, list: JSONValue[]) =>
    sorted(
      budget,
      list.map((one) => [one, one]),
    ),
  sort_by: (budget, list: JSONValue[], by: Reference) => sorted(budget, keysOf(list, by, ['number', 'string'])),
  split: (budget, text: string, separator: string, count?: number) => pieces(budget, text, separator, count),
  to_string(budget, value: JSONValue) {
    if (typeof value === 'string') return value;
    budget.reserve(jsonSize(value, budget.maxLength, (steps) => budget.spend(steps)));
    return JSON.stringify(value);
  },
  trim: (_budget, text: string, characters?: string) => trimmed(text, characters, true, true),
  trim_left: (_budget, text: string, characters?: string) => trimmed(text, characters, true, false),
  trim_right: (_budget, text: string, characters?: string) => trimmed(text, characters, false, true),
  zip(budget, ...lists: JSONValue[][]) {
    // The library checks only the first one.
    if (!lists.every(Array.isArray)) throw new Error('zip() takes lists only');
    const length = lists.reduce((least, list) => Math.min(least, list.length), Number.POSITIVE_INFINITY);
    budget.reserve(length * lists.length * 2);
    return Array.from({ length }, (_, at) => lists.map((list) => list[at] ?? null));
  },
};

/** Functions that JMESPath lacks, each with the library function that takes the same arguments. */
const ADDED: Readonly<Record<string, { like: string; run: Run }>> = {
  count_by: {
    like: 'group_by',
    run(budget, list: JSONValue[], by: Reference) {
      const counts = new Map<string, number>();
      for (const item of list) {
        const key = by.evaluate(item);
        if (typeof key === 'object' && key !== null) {
          throw new Error(`only simple values can be counted; one is ${Array.isArray(key) ? 'a list' : 'an object'}`);
        }
        budget.spend(typeof key === 'string' ? 1 + key.length / 8 : 1);
        counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
      }
      const order = [...counts].sort(([name, count], [other, others]) => {
        budget.spend(1);
        return others - count || compareKeys(name, other, budget);
      });
      return Object.fromEntries(order);
    },
  },
};

for (const [name, run] of Object.entries(REPLACED)) define(name, name, run);
for (const [name, { like, run }] of Object.entries(ADDED)) define(name, like, run);

function define(name: string, like: string, run: Run): void {
  const signature = TreeInterpreter.runtime._functionTable[like]?._signature ?? [];
  const call = (given: unknown[]) => {
    if (!running) throw new Error(`${name}() was called outside of an expression`);
    // The library calls a function only with arguments that fit its signature.
    return run(running, ...(given as never[]));
  };
  registerFunction(name, call, signature, { override: true });
}

type Keyed = readonly [key: JSONValue, item: JSONValue];

/** Each item with its key. @throws {Error} unless all keys have the same type, which must be one of these. */
function keysOf(list: readonly JSONValue[], by: Reference, types: readonly string[]): Keyed[] {
  let expected: string | undefined;
  return list.map((item) => {
    const key = by.evaluate(item);
    const type = key === null ? 'null' : typeof key;
    expected ??= type;
    if (!types.includes(type)) throw new Error(`the keys must be ${types.join('s or ')}s; one is ${type}`);
    if (type !== expected) throw new Error(`the keys must all have one type; found a ${expected} and a ${type}`);
    return [key, item] as const;
  });
}

function sorted(budget: Budget, keyed: readonly Keyed[]): JSONValue {
  const order = keyed.toSorted(([left], [right]) => {
    budget.spend(1);
    return compareKeys(left, right, budget);
  });
  return order.map(([, item]) => item);
}

/** The item with the largest key, or with the smallest if `sign` is -1. */
function extreme(budget: Budget, keyed: readonly Keyed[], sign: 1 | -1): JSONValue {
  let best: Keyed | undefined;
  for (const one of keyed) if (!best || compareKeys(one[0], best[0], budget) * sign > 0) best = one;
  return best ? best[1] : null;
}

function padded(budget: Budget, width: number, pad: string): number {
  if (!Number.isInteger(width) || width < 0) throw new Error('the width must be a whole number');
  if (Array.from(pad.slice(0, 3)).length !== 1) throw new Error('the padding must be one character');
  budget.reserve(width);
  return width;
}

/** Splits a text at its first `count` separators, or at all of them. */
function pieces(budget: Budget, text: string, separator: string, count?: number): string[] {
  if (count !== undefined && (!Number.isInteger(count) || count < 0))
    throw new Error('the count must be a whole number');
  if (text === '' && separator === '') return [];
  const cut: string[] = [];
  let from = 0;
  while (cut.length < (count ?? Number.POSITIVE_INFINITY)) {
    // An empty separator matches between two characters, but not before the first or after the last.
    const at = separator === '' ? from + 1 : text.indexOf(separator, from);
    if (at < 0 || (separator === '' && at >= text.length)) break;
    budget.spend(4);
    if (cut.length >= budget.maxLength) budget.reserve(cut.length + 1);
    cut.push(text.slice(from, at));
    from = at + separator.length;
  }
  cut.push(text.slice(from));
  return cut;
}

/** Removes characters from the ends of a text, by default white space. */
function trimmed(text: string, characters: string | undefined, left: boolean, right: boolean): string {
  const cut = characters ? new Set(characters) : undefined;
  const goes = (one: string) => (cut ? cut.has(one) : /[\s\u0085]/.test(one));
  let [start, end] = [0, text.length];
  while (left && start < end && goes(text.charAt(start))) start++;
  while (right && end > start && goes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
