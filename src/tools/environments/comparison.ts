import { isDeepStrictEqual } from 'node:util';
import { KIND_NAMES, type Kind } from './kinds.ts';
import type { Item, Landscape, Section } from './landscape.ts';

/** The differences between two environments in one kind of configuration. */
export interface KindDifference {
  kind: Kind;
  onlyFrom: readonly Item[];
  onlyTo: readonly Item[];
  different: readonly ChangedItem[];
  /** How many items are the same. */
  same: number;
  /** Names that several items of one environment share. */
  ambiguous: readonly string[];
}

/** An item that exists in both environments with different fields. */
export interface ChangedItem {
  key: string;
  from: Item;
  to: Item;
  /** The fields that differ. */
  fields: readonly string[];
}

/** Compares the kinds that both landscapes have, in the order of the kinds. Items are matched by name. Pure. */
export function compareLandscapes(from: Landscape, to: Landscape): KindDifference[] {
  return KIND_NAMES.flatMap((kind) => {
    const [here, there] = [from.sections[kind], to.sections[kind]];
    return here && there ? [compareSections(kind, here, there)] : [];
  });
}

function compareSections(kind: Kind, from: Section, to: Section): KindDifference {
  const ambiguous = [...new Set([...from.ambiguous, ...to.ambiguous])].sort();
  const clear = ({ key }: Item) => !ambiguous.includes(key);
  const [here, there] = [from.items.filter(clear), to.items.filter(clear)];
  const toByKey = new Map(there.map((item) => [item.key, item]));
  const fromKeys = new Set(here.map(({ key }) => key));
  const pairs = here.flatMap((item) => {
    const other = toByKey.get(item.key);
    return other ? [{ key: item.key, from: item, to: other, fields: differingFields(item, other) }] : [];
  });
  return {
    kind,
    onlyFrom: byKey(here.filter(({ key }) => !toByKey.has(key))),
    onlyTo: byKey(there.filter(({ key }) => !fromKeys.has(key))),
    different: byKey(pairs.filter(({ fields }) => fields.length > 0)),
    same: pairs.filter(({ fields }) => fields.length === 0).length,
    ambiguous,
  };
}

function differingFields(from: Item, to: Item): string[] {
  const names = new Set([...Object.keys(from.fields), ...Object.keys(to.fields)]);
  return [...names].filter((name) => !isDeepStrictEqual(from.fields[name], to.fields[name])).sort();
}

/** Sorts by name, because each environment returns its lists in a different order. */
function byKey<T extends { key: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Whether anything differs. */
export function differs({ onlyFrom, onlyTo, different }: KindDifference): boolean {
  return onlyFrom.length + onlyTo.length + different.length > 0;
}
