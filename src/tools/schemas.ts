import * as z from 'zod';
import type { Check } from './types.ts';

/** An id; `from` says where it comes from when its name does not. Prefixes are described, never enforced. */
export const id = (description?: string) => (description ? z.string().describe(description) : z.string());

/** The cursor parameters of WorkOS's lists. https://workos.com/docs/reference/pagination */
export const page = {
  limit: z.int().min(1).max(100).optional().describe('1-100, default 10'),
  before: z.string().optional(),
  after: z.string().optional(),
  order: z.enum(['asc', 'desc']).optional(),
};

const ISO_8601 = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** A point in time as the API takes it; the format is checked here and not in the schema, where it would cost tokens. */
export const date = (description = 'ISO 8601') =>
  z
    .string()
    .refine((text) => ISO_8601.test(text) && !Number.isNaN(Date.parse(text)), 'use ISO 8601: 2026-01-31T00:00:00Z')
    .describe(description);

export const email = () => z.string().refine((text) => /^[^\s@]+@[^\s@]+$/.test(text), 'not an e-mail address');

/** Pairs to store with a new object. https://workos.com/docs/authkit/metadata */
export const metadata = () =>
  z.record(z.string().max(40), z.string().max(600)).nullable().optional().describe('String pairs, 50 at most');

/** Pairs to merge into what is stored: a null value deletes its key, `{}` and null clear all. */
export const metadataChange = () =>
  z
    .record(z.string().max(40), z.string().max(600).nullable())
    .nullable()
    .optional()
    .describe('Merged; null deletes a key, {} clears all');

/** An identifier of the caller's own system. Null clears it where the object exists. */
export const externalId = () =>
  z
    .string()
    .max(128)
    .refine((text) => /^[\x00-\x7f]+$/.test(text), 'must be ASCII and not empty')
    .nullable()
    .optional()
    .describe('Id in your own system; null clears');

type Group = string | readonly string[];

const given = (input: Record<string, unknown>, group: Group) =>
  [group].flat().some((name) => input[name as string] !== undefined);
const words = (groups: readonly Group[]) => groups.map((group) => [group].flat().join(' + ')).join(' or ');

/** Groups of fields of which no two may be given together. */
export function atMostOne(...groups: Group[]): Check {
  return (input) => {
    const present = groups.filter((group) => given(input, group));
    return present.length > 1 ? `Give only one of ${words(present)}` : undefined;
  };
}

/** Groups of fields of which exactly one must be given. */
export function exactlyOne(...groups: Group[]): Check {
  return every(atMostOne(...groups), atLeastOne(...groups));
}

/** Fields of which one must be given. */
export function atLeastOne(...groups: Group[]): Check {
  return (input) => (groups.some((group) => given(input, group)) ? undefined : `Give ${words(groups)}`);
}

/** Fields that only make sense all at once. */
export function together(...names: string[]): Check {
  return (input) => {
    const missing = names.filter((name) => input[name] === undefined);
    return missing.length && missing.length < names.length
      ? `${names.join(' and ')} go together: ${missing.join(', ')} missing`
      : undefined;
  };
}

/** A field that needs others beside it. */
export function needs(name: string, ...others: string[]): Check {
  return (input) => {
    const missing = input[name] === undefined ? [] : others.filter((other) => input[other] === undefined);
    return missing.length ? `${name} needs ${missing.join(' and ')}` : undefined;
  };
}

/** The fields that one value of a choosing field calls for, and those that belong to its other values. */
export function perChoice(
  choice: string,
  fields: Readonly<Record<string, { required?: readonly string[]; optional?: readonly string[] }>>,
): Check {
  const all = new Set(Object.values(fields).flatMap((one) => [...(one.required ?? []), ...(one.optional ?? [])]));
  return (input) => {
    const value = input[choice];
    const own = typeof value === 'string' ? fields[value] : undefined;
    if (!own) return undefined;
    const missing = (own.required ?? []).filter((name) => input[name] === undefined);
    if (missing.length) return `${choice} ${value} needs ${missing.join(' and ')}`;
    const wanted = new Set([...(own.required ?? []), ...(own.optional ?? [])]);
    const foreign = [...all].filter((name) => input[name] !== undefined && !wanted.has(name));
    return foreign.length ? `${foreign.join(', ')} cannot go with ${choice} ${value}` : undefined;
  };
}

/** The first complaint of several checks. */
export function every(...checks: Check[]): Check {
  return (input) => {
    for (const check of checks) {
      const complaint = check(input);
      if (complaint) return complaint;
    }
    return undefined;
  };
}
