import { isAscii, isObject } from './http/body-fields.ts';
import { apiError } from './http/errors.ts';
import type { Metadata } from './resources/kind.ts';

/**
 * Applies a metadata update the way WorkOS does: keys are merged, a null value deletes its key, and `{}` or null deletes all of
 * them.
 * @param update the `metadata` field of a request body; undefined changes nothing
 * @throws HttpError 400 if a limit is exceeded or a value is not a string
 */
export function mergeMetadata(current: Metadata, update: unknown): Metadata {
  if (update === undefined) return current;
  if (update === null) return {};
  if (!isObject(update)) throw invalidMetadata('must be an object');
  if (Object.keys(update).length === 0) return {};
  const merged = new Map<string, unknown>(Object.entries(current));
  for (const [key, value] of Object.entries(update)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  if (merged.size > 50) throw invalidMetadata('must have at most 50 keys');
  return Object.fromEntries([...merged].map(([key, value]) => [parseKey(key), parseValue(key, value)]));
}

function parseKey(key: string): string {
  if (key === '' || key.length > 40) throw invalidMetadata(`key '${key.slice(0, 50)}' must be 1 to 40 characters long`);
  return key;
}

function parseValue(key: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidMetadata(`value of '${key}' must be a string`);
  if (value.length > 600 || !isAscii(value)) {
    throw invalidMetadata(`value of '${key}' must be at most 600 ASCII characters long`);
  }
  return value;
}

function invalidMetadata(problem: string) {
  return apiError(400, 'invalid_metadata', `Invalid metadata: ${problem}.`);
}
