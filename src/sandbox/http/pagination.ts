import type { State } from '../state.ts';
import { validationError } from './errors.ts';
import type { ApiRequest, ApiResponse } from './route.ts';

/**
 * Answers a list request with the page that `limit`, `order`, `before` and `after` ask for. Cursors are ids. Ids sort
 * by creation time, so the id of a record that has been deleted still works as a cursor.
 * @param present turns a record into what the API returns for it
 * @throws HttpError 422 if a parameter is invalid
 */
export function paginate<T extends { id: string }>(
  { query }: ApiRequest,
  state: State,
  records: Iterable<T>,
  present: (record: T) => object = (record) => record,
): ApiResponse {
  const limit = parseLimit(query.get('limit'));
  const order = query.get('order') ?? 'desc';
  if (!['asc', 'desc', 'normal'].includes(order)) throw validationError('order', 'must be asc, desc or normal');

  const direction = order === 'asc' ? 1 : -1;
  const compare = (a: string, b: string) => (a < b ? -direction : a > b ? direction : 0);
  const sorted = [...records].sort((a, b) => compare(a.id, b.id));

  const parseCursor = (name: 'before' | 'after') => {
    const cursor = query.get(name);
    if (cursor === null || cursor === '') return undefined;
    const expectedPrefix = prefixOf(sorted[0]?.id ?? cursor);
    if (!state.ids.wasIssued(cursor) || prefixOf(cursor) !== expectedPrefix) {
      throw validationError(name, `'${cursor}' is not the id of an object in this list`);
    }
    return cursor;
  };
  // "normal" is descending with the two cursors swapped.
  const swapped = order === 'normal';
  const after = parseCursor(swapped ? 'before' : 'after');
  const before = parseCursor(swapped ? 'after' : 'before');

  const from = after === undefined ? 0 : sorted.filter(({ id }) => compare(id, after) <= 0).length;
  const to = before === undefined ? sorted.length : sorted.filter(({ id }) => compare(id, before) < 0).length;
  const start = before !== undefined && after === undefined ? Math.max(0, to - limit) : from;
  const end = Math.max(start, Math.min(start + limit, to));
  const pageRecords = sorted.slice(start, end);

  const previous = start > 0 ? (pageRecords[0]?.id ?? null) : null;
  const next = end < sorted.length ? (pageRecords.at(-1)?.id ?? null) : null;
  const list_metadata = swapped ? { before: next, after: previous } : { before: previous, after: next };
  return { status: 200, body: { object: 'list', data: pageRecords.map(present), list_metadata } };
}

/** All values of a query parameter that may be repeated, comma-separated or both, with or without `[]` after its name. */
export function listParam(query: URLSearchParams, name: string): string[] {
  const values = [...query.getAll(name), ...query.getAll(`${name}[]`)];
  return values.flatMap((value) => value.split(',')).filter((value) => value !== '');
}

/** Whether a name contains the search text, ignoring case. No search text matches everything. */
export function matchesSearch(name: string, search: string | null): boolean {
  return search === null || name.toLowerCase().includes(search.toLowerCase());
}

function parseLimit(text: string | null): number {
  if (text === null) return 10;
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > 100) {
    throw validationError('limit', 'must be an integer from 1 to 100');
  }
  return limit;
}

function prefixOf(id: string): string {
  return id.slice(0, id.lastIndexOf('_'));
}
