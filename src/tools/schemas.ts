import * as z from 'zod';
import type { Check } from './types.ts';

/** An id. Pass a description if the argument's name does not say what it identifies. Prefixes are never enforced. */
export const id = (description?: string) => (description ? z.string().describe(description) : z.string());

/** A text that is not blank. Checked here instead of by a schema length, which would cost tokens. */
export const filled = () => z.string().refine((text) => text.trim() !== '', 'must not be empty');

/** Cursor pagination parameters, shared by WorkOS's list endpoints. https://workos.com/docs/reference/pagination */
export const page = {
  limit: z.int().min(1).max(100).optional(),
  before: z.string().optional(),
  after: z.string().optional(),
  order: z.enum(['asc', 'desc']).optional(),
};

const ISO_8601 = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** An ISO 8601 date or date-time. Checked here instead of by a schema pattern, which would cost tokens. */
export const date = (description = 'ISO 8601') =>
  z
    .string()
    .refine(
      (text) => ISO_8601.test(text) && !Number.isNaN(Date.parse(text)),
      'use ISO 8601, such as 2026-01-31T00:00:00Z',
    )
    .describe(description);

export const email = () => z.string().refine((text) => /^[^\s@]+@[^\s@]+$/.test(text), 'not an email address');

/** Metadata of a new object. https://workos.com/docs/authkit/metadata */
export const metadata = () =>
  z.record(z.string().max(40), z.string().max(600)).nullable().optional().describe('String pairs, 50 at most');

/** Metadata to merge into the stored pairs: a null value deletes its key; `{}` or null clears all. */
export const metadataChange = () =>
  z
    .record(z.string().max(40), z.string().max(600).nullable())
    .nullable()
    .optional()
    .describe('Merged; null deletes a key, {} clears all');

/** The caller's own id for an object. */
export const externalId = (description = 'Id in your own system') =>
  z
    .string()
    .max(128)
    .refine((text) => /^[\x00-\x7f]+$/.test(text), 'must be ASCII and not empty')
    .nullable()
    .optional()
    .describe(description);

/** The same for an update. */
export const externalIdChange = () => externalId('Id in your own system; null clears');

type Group = string | readonly string[];

const given = (input: Record<string, unknown>, group: Group) =>
  [group].flat().some((name) => input[name as string] !== undefined);
const words = (groups: readonly Group[]) => groups.map((group) => [group].flat().join(' + ')).join(' or ');

/** At most one of these groups of fields may be given. */
export function atMostOne(...groups: Group[]): Check {
  return (input) => {
    const present = groups.filter((group) => given(input, group));
    return present.length > 1 ? `Give only one of ${words(present)}` : undefined;
  };
}

/** Exactly one of these groups of fields must be given. */
export function exactlyOne(...groups: Group[]): Check {
  return every(atMostOne(...groups), atLeastOne(...groups));
}

/** At least one of these fields, or groups of fields, must be given. */
export function atLeastOne(...groups: Group[]): Check {
  return (input) => (groups.some((group) => given(input, group)) ? undefined : `Give ${words(groups)}`);
}

/** Either all of these fields must be given, or none. */
export function together(...names: string[]): Check {
  return (input) => {
    const missing = names.filter((name) => input[name] === undefined);
    return missing.length && missing.length < names.length
      ? `Give ${names.join(' and ')} together; missing: ${missing.join(', ')}`
      : undefined;
  };
}

/** A field that may only be given together with the others. */
export function needs(name: string, ...others: string[]): Check {
  return (input) => {
    const missing = input[name] === undefined ? [] : others.filter((other) => input[other] === undefined);
    return missing.length ? `${name} needs ${missing.join(' and ')}` : undefined;
  };
}

/** The fields that some values of `choice` require. Others may be given. */
export function requiredFor(choice: string, fields: Readonly<Record<string, readonly string[]>>): Check {
  return (input) => {
    const value = input[choice];
    const wanted = typeof value === 'string' && Object.hasOwn(fields, value) ? fields[value] : undefined;
    const missing = (wanted ?? []).filter((name) => input[name] === undefined);
    return missing.length ? `${choice} ${value} needs ${missing.join(' and ')}` : undefined;
  };
}

/** The fields that each value of `choice` requires and allows. Fields of its other values are refused. */
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
    return foreign.length ? `${foreign.join(', ')} cannot be used with ${choice} ${value}` : undefined;
  };
}

/** All of these checks; returns the first complaint. */
export function every(...checks: Check[]): Check {
  return (input) => {
    for (const check of checks) {
      const complaint = check(input);
      if (complaint) return complaint;
    }
    return undefined;
  };
}
