import { truncate } from '../../text/truncate.ts';
import { type ChangedItem, differs, type KindDifference } from './comparison.ts';
import { KINDS, type Kind } from './kinds.ts';
import { type Item, listIn } from './landscape.ts';

/** Two environments, how they differ, and what could not be compared. */
interface Compared {
  from: string;
  to: string;
  differences: readonly KindDifference[];
  notCompared: readonly { kind: Kind; why: string }[];
}

/** How much of a result is shown: the names in a list, the changed items of a kind, and the characters of a value. */
interface Limits {
  names: number;
  changed: number;
  value: number;
}

const WHOLE: Limits = {
  names: Number.POSITIVE_INFINITY,
  changed: Number.POSITIVE_INFINITY,
  value: Number.POSITIVE_INFINITY,
};

const STEPS: readonly Limits[] = [
  { names: 60, changed: 30, value: 120 },
  { names: 20, changed: 12, value: 60 },
  { names: 8, changed: 5, value: 40 },
  { names: 3, changed: 2, value: 24 },
  { names: 1, changed: 1, value: 16 },
];

/** In characters of JSON: about a thousand tokens. */
const MAX_CHARS = 3_200;

/** The comparison without any cuts. */
export function wholeComparison(compared: Compared): Record<string, unknown> {
  return shown(compared, WHOLE);
}

/** As much of the comparison as fits, and whether that is all of it. */
export function shortComparison(compared: Compared): { result: Record<string, unknown>; isWhole: boolean } {
  const whole = wholeComparison(compared);
  if (JSON.stringify(whole).length <= MAX_CHARS) return { result: whole, isWhole: true };
  const results = STEPS.map((limits) => shown(compared, limits));
  const result = results.find((one) => JSON.stringify(one).length <= MAX_CHARS) ?? results.at(-1) ?? {};
  return { result, isWhole: false };
}

function shown({ from, to, differences, notCompared }: Compared, limits: Limits): Record<string, unknown> {
  const different = differences.filter((one) => differs(one) || one.ambiguous.length > 0);
  const same = differences.filter((one) => !different.includes(one) && one.same > 0);
  return {
    summary: summaryOf({ from, to, differences, notCompared }),
    ...(different.length > 0 && {
      differences: Object.fromEntries(different.map((one) => [one.kind, shownKind(one, from, to, limits)])),
    }),
    ...(same.length > 0 && { same: Object.fromEntries(same.map((one) => [one.kind, one.same])) }),
    ...(notCompared.length > 0 && { not_compared: notCompared }),
  };
}

function summaryOf({ from, to, differences, notCompared }: Compared): string {
  const count = (pick: (one: KindDifference) => readonly unknown[]) =>
    differences.reduce((sum, one) => sum + pick(one).length, 0);
  const numbers = [
    [count(({ onlyFrom }) => onlyFrom), `only in ${from}`],
    [count(({ onlyTo }) => onlyTo), `only in ${to}`],
    [count(({ different }) => different), 'different'],
    [differences.reduce((sum, { same }) => sum + same, 0), 'the same'],
  ] as const;
  const said = numbers.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  const left = notCompared.map(({ kind }) => KINDS[kind].words[1]);
  if (differences.length === 0) return `Nothing could be compared: ${left.join(', ')}`;
  const unread = left.length > 0 ? `; not compared: ${left.join(', ')}` : '';
  return `${said.join(', ') || 'Nothing is configured in either environment'}${unread}`;
}

function shownKind(
  { onlyFrom, onlyTo, different, same, ambiguous }: KindDifference,
  from: string,
  to: string,
  limits: Limits,
): Record<string, unknown> {
  const only = {
    ...(onlyFrom.length > 0 && { [from]: namesOf(onlyFrom, limits) }),
    ...(onlyTo.length > 0 && { [to]: namesOf(onlyTo, limits) }),
  };
  return {
    ...(Object.keys(only).length > 0 && { only_in: only }),
    ...(different.length > 0 && {
      different: cut(
        different.map((one) => shownChange(one, from, to, limits)),
        limits.changed,
      ),
    }),
    ...(ambiguous.length > 0 && { several_have_the_same_name: cut(ambiguous, limits.names) }),
    same,
  };
}

function namesOf(items: readonly Item[], { names, value }: Limits): unknown[] {
  return cut(
    items.map(({ key }) => truncate(key, Math.max(value, 80))),
    names,
  );
}

function shownChange(
  { key, from, to, fields }: ChangedItem,
  fromName: string,
  toName: string,
  limits: Limits,
): Record<string, unknown> {
  const both = fields.map((field) => {
    const [here, there] = [from.fields[field], to.fields[field]];
    const lists = isTexts(here ?? []) && isTexts(there ?? []);
    const own = (value: unknown, other: unknown) =>
      lists
        ? cut(
            listIn(value).filter((one) => !listIn(other).includes(one)),
            limits.names,
          )
        : short(value ?? null, limits.value);
    // Lists show only the items that the other environment lacks.
    return [field, { [fromName]: own(here, there), [toName]: own(there, here) }] as const;
  });
  return { name: truncate(key, Math.max(limits.value, 80)), fields: Object.fromEntries(both) };
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function short(value: unknown, max: number): unknown {
  if (typeof value === 'string') return truncate(value, max);
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  return text.length <= max ? value : truncate(text, max);
}

function cut<T>(list: readonly T[], most: number): (T | string)[] {
  return list.length > most ? [...list.slice(0, most), `… ${list.length - most} more`] : [...list];
}
