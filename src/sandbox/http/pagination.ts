import type { State } from '../state.ts';
import { invalid, type Reply, type SandboxRequest } from './reply.ts';

/**
 * One page of a list, as the list endpoints answer it. Cursors are ids; one that names a deleted
 * object still works, as the order of ids is the order of creation.
 */
export function page<T extends { id: string }>(
  { query }: SandboxRequest,
  state: State,
  records: Iterable<T>,
  present: (record: T) => object = (record) => record,
): Reply {
  const limit = pageLimit(query.get('limit'));
  const order = query.get('order') ?? 'desc';
  if (!['asc', 'desc', 'normal'].includes(order)) throw invalid('order', 'must be asc, desc or normal');

  const direction = order === 'asc' ? 1 : -1;
  const compare = (a: string, b: string) => (a < b ? -direction : a > b ? direction : 0);
  const sorted = [...records].sort((a, b) => compare(a.id, b.id));

  const cursor = (name: 'before' | 'after') => {
    const given = query.get(name);
    if (given === null || given === '') return undefined;
    const kind = sorted[0]?.id ?? given;
    if (!state.mint.made(given) || prefixOf(kind) !== prefixOf(given)) {
      throw invalid(name, `'${given}' is not the id of an object in this list`);
    }
    return given;
  };
  // "normal" is descending with the two cursors exchanged.
  const reversed = order === 'normal';
  const after = cursor(reversed ? 'before' : 'after');
  const before = cursor(reversed ? 'after' : 'before');

  const from = after === undefined ? 0 : sorted.filter(({ id }) => compare(id, after) <= 0).length;
  const to = before === undefined ? sorted.length : sorted.filter(({ id }) => compare(id, before) < 0).length;
  const start = before !== undefined && after === undefined ? Math.max(0, to - limit) : from;
  const end = Math.max(start, Math.min(start + limit, to));
  const shown = sorted.slice(start, end);

  const back = start > 0 ? (shown[0]?.id ?? null) : null;
  const on = end < sorted.length ? (shown.at(-1)?.id ?? null) : null;
  const list_metadata = reversed ? { before: on, after: back } : { before: back, after: on };
  return { status: 200, body: { object: 'list', data: shown.map(present), list_metadata } };
}

/** The values of a query parameter that may be repeated, hold commas, or both. */
export function listParameter(query: URLSearchParams, name: string): string[] {
  const given = [...query.getAll(name), ...query.getAll(`${name}[]`)];
  return given.flatMap((values) => values.split(',')).filter((value) => value !== '');
}

/** Whether a name holds the searched text, in whatever case; without a search everything does. */
export function matches(name: string, search: string | null): boolean {
  return search === null || name.toLowerCase().includes(search.toLowerCase());
}

function pageLimit(given: string | null): number {
  if (given === null) return 10;
  const limit = Number(given);
  if (!/^\d+$/.test(given) || limit < 1 || limit > 100) throw invalid('limit', 'must be an integer from 1 to 100');
  return limit;
}

function prefixOf(id: string): string {
  return id.slice(0, id.lastIndexOf('_'));
}
