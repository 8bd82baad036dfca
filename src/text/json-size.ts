import { MAX_NESTING } from './json-nesting.ts';

/**
 * The length of a value's JSON in characters, not counting escapes. Stops as soon as it exceeds `limit`, so a large value costs
 * no more than a small one. Infinite for a value nested too deeply to be written.
 * @param spend Called with the number of values visited; may throw to stop.
 */
export function jsonSize(value: unknown, limit: number, spend?: (values: number) => void): number {
  return sizeOf(value, limit, 0, spend);
}

function sizeOf(value: unknown, limit: number, depth: number, spend?: (values: number) => void): number {
  spend?.(1);
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'number') return String(value).length;
  if (typeof value !== 'object' || value === null) return 4;
  if (depth > MAX_NESTING) return Number.POSITIVE_INFINITY;
  // Two brackets, and one comma less than there are items.
  let size = 1;
  if (Array.isArray(value)) {
    for (const item of value) {
      size += sizeOf(item, limit - size, depth + 1, spend) + 1;
      if (size > limit) return size;
    }
    return size;
  }
  for (const name in value) {
    // The loop has just found the name on the object.
    const item = (value as Record<string, unknown>)[name];
    if (item === undefined) continue;
    size += name.length + 4 + sizeOf(item, limit - size, depth + 1, spend);
    if (size > limit) return size;
  }
  return size;
}
