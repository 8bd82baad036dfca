import { CancelledError } from '../errors/errors.ts';

/** One page of a list, already masked. */
export interface Page {
  data: readonly unknown[];
  /** The cursor to the next page. */
  after: string | undefined;
}

/** Where items go: into memory, or to a file when there are too many. */
export interface Sink {
  /** Takes all of them, or rejects and is as before. */
  add(items: readonly unknown[]): Promise<void>;
}

export type Stopped = 'end' | 'max_items' | 'cancelled' | 'error';

/** How a walk over a list ended. */
export interface Collected {
  items: number;
  stopped: Stopped;
  /** The cursor to continue from, where something may be left. */
  after: string | undefined;
  /** Why it stopped early. */
  error: unknown;
}

/** The server's cursors never reach an end. */
export class EndlessListError extends Error {
  override readonly name = 'EndlessListError';
}

/** A filter may leave a page empty, but hardly this many in a row. */
const MAX_EMPTY_PAGES = 20;

/** One list to walk over. */
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
 * Follows a list to its end. What was fetched is never thrown away: a failure after the first page, of the list or of the
 * sink, a cancellation and a repeated cursor end the walk, and the outcome says so. Throws what the first page throws.
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

/** The id of an object, which is also its cursor. The members of an organization are rows of several objects. */
export function cursorIdOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { id, organization_membership_id }: { id?: unknown; organization_membership_id?: unknown } = item;
  const cursor = id ?? organization_membership_id;
  return typeof cursor === 'string' ? cursor : undefined;
}
