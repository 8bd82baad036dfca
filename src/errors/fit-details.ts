import { truncate } from '../text/truncate.ts';

/** Steps for reducing the details, from keeping everything to almost nothing. The first result that fits is used. */
const STEPS: readonly Step[] = [
  { keeps: /./, text: 300, id: 300, items: 50 },
  { keeps: /^(?:id|name|email|type|slug|state)$|_(?:ids?|token|number)$/, text: 200, id: 300, items: 50 },
  { keeps: /^(?:id|name|email)$|_(?:ids?|token)$/, text: 60, id: 300, items: 50 },
  { keeps: /^id$|_(?:ids?|token)$/, text: 60, id: 300, items: 50 },
  { keeps: /^id$|_(?:ids?|token)$/, text: 60, id: 100, items: 10 },
];

interface Step {
  /** Names of the plain values that are kept. Objects and lists are kept if anything in them is. */
  keeps: RegExp;
  /** The most characters of a text. */
  text: number;
  /** The most characters of an id. */
  id: number;
  /** The most items of a list. */
  items: number;
}

const IDENTIFIES = /^id$|_(?:ids?|token)$/;
const MAX_DEPTH = 4;

/**
 * The details of an error in at most `room` characters of JSON. Keeps what the next call needs: ids, and the secrets in `shown`,
 * which the caller asked for. Other fields, long texts, and the ends of lists are removed first. Undefined if nothing is left.
 */
export function fitDetails(
  details: Readonly<Record<string, unknown>>,
  room: number,
  shown: readonly string[],
): Readonly<Record<string, unknown>> | undefined {
  if (JSON.stringify(details).length <= room) return details;
  for (const step of STEPS) {
    const fitted = reduce(details, step, shown);
    if (fitted !== undefined && JSON.stringify(fitted).length <= room) return fitted;
  }
  const last = Object.entries(details).filter(([, value]) => isShown(value, shown));
  const least = Object.fromEntries(last);
  return last.length > 0 && JSON.stringify(least).length <= room ? least : undefined;
}

function reduce(
  details: Readonly<Record<string, unknown>>,
  step: Step,
  shown: readonly string[],
): Record<string, unknown> | undefined {
  const visit = (value: unknown, name: string, depth: number): unknown => {
    if (isShown(value, shown)) return value;
    if (Array.isArray(value)) return list(value, name, depth);
    if (typeof value === 'object' && value !== null) return depth < MAX_DEPTH ? fields(value, depth + 1) : undefined;
    if (!step.keeps.test(name)) return undefined;
    if (typeof value !== 'string') return value;
    return truncate(value, IDENTIFIES.test(name) ? step.id : step.text);
  };
  const list = (value: readonly unknown[], name: string, depth: number) => {
    const kept = value.slice(0, step.items).flatMap((item) => visit(item, name, depth) ?? []);
    if (kept.length === 0) return undefined;
    return value.length > step.items ? [...kept, `… ${value.length - step.items} more`] : kept;
  };
  const fields = (value: object, depth: number) => {
    const kept = Object.entries(value).flatMap(([name, item]) => {
      const visited = name.length > MAX_NAME ? undefined : visit(item, name, depth);
      return visited === undefined ? [] : [[name, visited] as const];
    });
    return kept.length > 0 ? Object.fromEntries(kept) : undefined;
  };
  return fields(details, 0);
}

const MAX_NAME = 100;

function isShown(value: unknown, shown: readonly string[]): boolean {
  return typeof value === 'string' && shown.includes(value);
}
