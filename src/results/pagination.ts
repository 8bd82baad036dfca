import { CancelledError } from '../errors/errors.ts';

/** One page of a list, already masked. */
export interface Page {
  data: readonly unknown[];
  /** The cursor of the next page, if there is one. */
  after: string | undefined;
}

/** Collects items in memory, or in a file if there are too many. */
export interface Sink {
  /** Adds all items, or rejects and adds none. */
  add(items: readonly unknown[]): Promise<void>;
}

export type Stopped = 'end' | 'max_items' | 'cancelled' | 'error';

/** How a walk over a list ended. */
export interface Collected {
  items: number;
  stopped: Stopped;
  /** The cursor to continue from, if there may be more items. */
  after: string | undefined;
  /** Why the walk stopped early. */
  error: unknown;
}

/** A list does not seem to end: a cursor repeated, or too many pages in a row were empty. */
export class EndlessListError extends Error {
  override readonly name = 'EndlessListError';
}

/** A filter may leave a page empty, but hardly this many in a row. */
const MAX_EMPTY_PAGES = 20;

/** Options for {@link collectPages}. */
export interface PageWalk {
  /** Fetches at most `limit` items after the cursor. */
  fetch(after: string | undefined, limit: number): Promise<Page>;
  sink: Sink;
  start: string | undefined;
  pageSize: number;
  maxItems: number;
  /** How many pages in a row may be empty; default 20. */
  maxEmptyPages?: number | undefined;
  progress(items: number): void;
}

/**
 * Follows a list to its end or to `maxItems`. Fetched items are never discarded: a later failure of a fetch or the sink, a
 * cancellation, or a repeated cursor ends the walk, and the outcome says so. Rethrows a failure if there are no items yet.
 */
export async function collectPages(walk: PageWalk): Promise<Collected> {
  const seen = new Set<string>();
  let items = 0;
  let emptyPages = 0;
  let after = walk.start;
  const endedBy = (error: unknown): Collected => {
    if (items === 0) throw error;
    return { items, stopped: error instanceof CancelledError ? 'cancelled' : 'error', after, error };
  };
  for (;;) {
    let page: Page;
    try {
      page = await walk.fetch(after, Math.min(walk.pageSize, walk.maxItems - items));
    } catch (error) {
      return endedBy(error);
    }
    if (page.after !== undefined && seen.has(page.after)) {
      return {
        items,
        stopped: 'error',
        after: undefined,
        error: new EndlessListError('a cursor repeated'),
      };
    }
    const kept = page.data.slice(0, walk.maxItems - items);
    try {
      await walk.sink.add(kept);
    } catch (error) {
      return endedBy(error);
    }
    items += kept.length;
    walk.progress(items);
    if (items >= walk.maxItems && (page.after !== undefined || kept.length < page.data.length)) {
      const last = kept.length < page.data.length ? cursorIdOf(kept.at(-1)) : page.after;
      return { items, stopped: 'max_items', after: last, error: undefined };
    }
    if (page.after === undefined) return { items, stopped: 'end', after: undefined, error: undefined };
    seen.add(page.after);
    after = page.after;
    emptyPages = page.data.length ? 0 : emptyPages + 1;
    if (emptyPages === (walk.maxEmptyPages ?? MAX_EMPTY_PAGES)) {
      return { items, stopped: 'error', after, error: new EndlessListError(`${emptyPages} pages in a row were empty`) };
    }
  }
}

/** The id of an item, which is also its cursor. A row of list_members has the id of its membership instead. */
export function cursorIdOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { id, organization_membership_id }: { id?: unknown; organization_membership_id?: unknown } = item;
  const cursor = id ?? organization_membership_id;
  return typeof cursor === 'string' ? cursor : undefined;
}
