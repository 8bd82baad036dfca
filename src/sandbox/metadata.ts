import { isObject } from './http/body.ts';
import { invalid, refused } from './http/reply.ts';
import type { Metadata } from './records.ts';

const ASCII = /^[\0-\x7f]*$/;

/** Metadata after an update: keys are merged, a null deletes its key, `{}` and null clear everything. */
export function mergedMetadata(current: Metadata, given: unknown): Metadata {
  if (given === undefined) return current;
  if (given === null) return {};
  if (!isObject(given)) throw invalidMetadata('must be an object');
  if (Object.keys(given).length === 0) return {};
  const merged = new Map<string, unknown>(Object.entries(current));
  for (const [key, value] of Object.entries(given)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  if (merged.size > 50) throw invalidMetadata('holds at most 50 pairs');
  return Object.fromEntries([...merged].map(([key, value]) => [checkedKey(key), checkedValue(key, value)]));
}

/** An external id that no other of the records has. */
export function uniqueExternalId<T extends { id: string; external_id: string | null }>(
  records: Iterable<T>,
  own: T | undefined,
  externalId: string | null,
): string | null {
  if (externalId === null) return null;
  if (externalId === '' || externalId.length > 128 || !ASCII.test(externalId)) {
    throw invalid('external_id', 'must hold 1 to 128 ASCII characters');
  }
  for (const record of records) {
    if (record.external_id === externalId && record.id !== own?.id) {
      throw refused(400, 'external_id_already_used', `The external ID '${externalId}' has already been used.`);
    }
  }
  return externalId;
}

function checkedKey(key: string): string {
  if (key === '' || key.length > 40) throw invalidMetadata(`key '${key.slice(0, 50)}' must hold 1 to 40 characters`);
  return key;
}

function checkedValue(key: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidMetadata(`value of '${key}' must be a string`);
  if (value.length > 600 || !ASCII.test(value)) {
    throw invalidMetadata(`value of '${key}' must hold at most 600 ASCII characters`);
  }
  return value;
}

function invalidMetadata(what: string) {
  return refused(400, 'invalid_metadata', `Invalid metadata: ${what}.`);
}
