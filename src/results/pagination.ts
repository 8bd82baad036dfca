import { CancelledError } from '../errors/errors.ts';

/** One page as WorkOS answers it, already masked. */
export interface Page {
  data: readonly unknown[];
  after: string | undefined;
}

/** Where items go: kept in memory, or written down when there are too many. */
export interface Sink {
  add(items: readonly unknown[]): Promise<void>;
}

export type Stopped = 'end' | 'max_items' | 'cancelled' | 'error';

export interface Collected {
  items: number;
  stopped: Stopped;
  /** The cursor to go on from, where something may be left. */
  after: string | undefined;
  /** Why the walk ended early. */
  error: unknown;
}

/** The server's cursors lead nowhere. */
export class EndlessListError extends Error {
  override readonly name = 'EndlessListError';
}

/** Filters may leave a page empty, but hardly so many in a row. */
const MOST_EMPTY = 20;

export interface PageWalk {
  /** One page of at most `limit` items after the cursor. */
  fetch(after: string | undefined, limit: number): Promise<Page>;
  sink: Sink;
  start: string | undefined;
  pageSize: number;
  maxItems: number;
  progress(items: number): void;
}

/**
 * Follows a list to its end. What was fetched is never thrown away: a failure after the first page, a cancellation or a
 * cursor that comes back ends the walk and says so. A failure of the first page is the caller's.
 */
export async function collectPages(walk: PageWalk): Promise<Collected> {
  const seen = new Set<string>();
  let items = 0;
  let empty = 0;
  let after = walk.start;
  for (;;) {
    let page: Page;
    try {
      page = await walk.fetch(after, Math.min(walk.pageSize, walk.maxItems - items));
    } catch (error) {
      if (items === 0) throw error;
      return { items, stopped: error instanceof CancelledError ? 'cancelled' : 'error', after, error };
    }
    if (page.after !== undefined && seen.has(page.after)) {
      return {
        items,
        stopped: 'error',
        after: undefined,
        error: new EndlessListError('the cursor came back to an earlier page'),
      };
    }
    const kept = page.data.slice(0, walk.maxItems - items);
    await walk.sink.add(kept);
    items += kept.length;
    walk.progress(items);
    if (items >= walk.maxItems && (page.after !== undefined || kept.length < page.data.length)) {
      const last = kept.length < page.data.length ? cursorIdOf(kept.at(-1)) : page.after;
      return { items, stopped: 'max_items', after: last, error: undefined };
    }
    if (page.after === undefined) return { items, stopped: 'end', after: undefined, error: undefined };
    seen.add(page.after);
    after = page.after;
    empty = page.data.length ? 0 : empty + 1;
    if (empty === MOST_EMPTY) {
      return { items, stopped: 'error', after, error: new EndlessListError(`${empty} pages in a row were empty`) };
    }
  }
}

/** The id of an object, which is its cursor too. */
export function cursorIdOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('id' in item)) return undefined;
  return typeof item.id === 'string' ? item.id : undefined;
}
