import type { Row } from '../resources/kind.ts';
import { validationError } from './errors.ts';
import type { ApiResponse } from './response.ts';
import type { ApiRequest } from './route.ts';

/** A page of a list. A cursor is null if there is no page in its direction. */
export interface ListResponse extends ApiResponse {
  body: { object: 'list'; data: object[]; list_metadata: { before: string | null; after: string | null } };
}

/**
 * Answers a list request with the page selected by `limit`, `order`, `before`, and `after`. Cursors are ids. A cursor that is not
 * in the list starts at the first page, as in WorkOS's emulator.
 * @param present turns a record into what the API returns for it
 * @throws HttpError 422 if a parameter is invalid
 */
export function paginate<T extends Row>(
  { query }: Pick<ApiRequest, 'query'>,
  records: Iterable<T>,
  present: (record: T) => object,
): ListResponse {
  const limit = parseLimit(query.get('limit'));
  const order = query.get('order') || 'desc';
  const direction = order === 'asc' ? 1 : -1;
  const sorted = [...records].sort((a, b) => direction * compareAge(a, b));
  const position = (name: 'before' | 'after') => sorted.findIndex(({ id }) => id === query.get(name));
  // "normal" is descending with the two cursors swapped.
  const swapped = order === 'normal';
  const after = position(swapped ? 'before' : 'after');
  const before = position(swapped ? 'after' : 'before');

  const to = before < 0 ? sorted.length : before;
  const start = before >= 0 && after < 0 ? Math.max(0, to - limit) : after + 1;
  const end = Math.max(start, Math.min(start + limit, to));
  const page = sorted.slice(start, end);

  const previous = start > 0 ? (page[0]?.id ?? null) : null;
  const next = end < sorted.length ? (page.at(-1)?.id ?? null) : null;
  const list_metadata = swapped ? { before: next, after: previous } : { before: previous, after: next };
  return { body: { object: 'list', data: page.map(present), list_metadata } };
}

/** All values of a query parameter that may be repeated, comma-separated, or both, with or without `[]` after its name. */
export function listParam(query: URLSearchParams, name: string): string[] {
  const values = [...query.getAll(name), ...query.getAll(`${name}[]`)];
  return values.flatMap((value) => value.split(',')).filter((value) => value !== '');
}

/** Whether a name contains the search text, ignoring case. No search text matches everything. */
export function matchesSearch(name: string, search: string | null): boolean {
  return search === null || name.toLowerCase().includes(search.toLowerCase());
}

/** Compares records for sorting: older first, then by id. */
export function compareAge(a: Row, b: Row): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function parseLimit(text: string | null): number {
  if (text === null || text === '') return 10;
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 100) {
    throw validationError('limit', 'must be an integer from 1 to 100');
  }
  return limit;
}
