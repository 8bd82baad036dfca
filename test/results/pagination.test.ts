import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../src/errors/errors.ts';
import { type Collected, collectPages, cursorIdOf, type Page, type PageWalk } from '../../src/results/pagination.ts';

interface WalkResult {
  outcome: Collected;
  items: unknown[];
  requested: [after: string | undefined, limit: number][];
  progress: number[];
}

async function walk(fetch: PageWalk['fetch'], options: Partial<PageWalk> = {}): Promise<WalkResult> {
  const items: unknown[] = [];
  const requested: WalkResult['requested'] = [];
  const progress: number[] = [];
  const outcome = await collectPages({
    fetch: async (after, limit) => {
      requested.push([after, limit]);
      return fetch(after, limit);
    },
    sink: { add: async (more) => void items.push(...more) },
    start: undefined,
    pageSize: 2,
    maxItems: 1_000,
    progress: (count) => progress.push(count),
    ...options,
  });
  return { outcome, items, requested, progress };
}

/** Paginates a list of `total` objects like WorkOS, with ids as cursors. */
const listOf = (total: number, maxLimit = 100) => {
  const all = Array.from({ length: total }, (_, at) => ({ id: `item_${at + 1}` }));
  return async (after: string | undefined, limit: number): Promise<Page> => {
    const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const data = all.slice(from, from + Math.min(limit, maxLimit));
    return { data, after: from + data.length < total ? data.at(-1)?.id : undefined };
  };
};

const ids = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `item_${at + 1}` }));

describe('collecting pages', () => {
  it('goes on to the end, page by page', async () => {
    const { outcome, items, requested, progress } = await walk(listOf(5));
    expect(items).toEqual(ids(5));
    expect(outcome).toEqual({ items: 5, stopped: 'end', after: undefined, error: undefined });
    expect(requested).toEqual([
      [undefined, 2],
      ['item_2', 2],
      ['item_4', 2],
    ]);
    expect(progress).toEqual([2, 4, 5]);
  });

  it('starts at the given cursor', async () => {
    const { items, requested } = await walk(listOf(4), { start: 'item_2' });
    expect(requested[0]).toEqual(['item_2', 2]);
    expect(items).toEqual(ids(4).slice(2));
  });

  it('collects nothing from an empty list', async () => {
    const { outcome, items } = await walk(listOf(0));
    expect(outcome).toMatchObject({ items: 0, stopped: 'end' });
    expect(items).toEqual([]);
  });

  it('continues after an empty page that has a next one', async () => {
    const { outcome, items } = await walk(async (after) =>
      after === undefined ? { data: [], after: 'x' } : { data: ids(1), after: undefined },
    );
    expect(outcome).toMatchObject({ items: 1, stopped: 'end' });
    expect(items).toEqual(ids(1));
  });
});

describe('max_items', () => {
  it.each([
    [1, 'max_items', 'item_1', [1]],
    [2, 'max_items', 'item_2', [2]],
    [3, 'max_items', 'item_3', [2, 1]],
    [4, 'max_items', 'item_4', [2, 2]],
    [5, 'end', undefined, [2, 2, 1]],
    [6, 'end', undefined, [2, 2, 2]],
  ])('of %i out of 5 items stops with %s, to continue after %s', async (maxItems, stopped, after, limits) => {
    const { outcome, items, requested } = await walk(listOf(5), { maxItems });
    expect(items).toEqual(ids(Math.min(maxItems, 5)));
    expect(outcome).toEqual({ items: Math.min(maxItems, 5), stopped, after, error: undefined });
    // No more items are requested than needed.
    expect(requested.map(([, limit]) => limit)).toEqual(limits);
  });

  it('is not exceeded if the server sends more than the limit', async () => {
    const greedy = listOf(10);
    const { outcome, items } = await walk((after) => greedy(after, 7), { maxItems: 3 });
    expect(items).toEqual(ids(3));
    expect(outcome).toMatchObject({ items: 3, stopped: 'max_items', after: 'item_3' });
  });

  it('never loses or repeats an item when continued from its cursor, whatever the sizes', async () => {
    const size = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), size, size, async (total, pageSize, maxItems) => {
        const seen: unknown[] = [];
        let start: string | undefined;
        for (let calls = 0; calls <= total; calls++) {
          const { outcome, items } = await walk(listOf(total), { start, pageSize, maxItems });
          seen.push(...items);
          start = outcome.after;
          if (outcome.stopped === 'end') break;
          expect(items).toHaveLength(maxItems);
        }
        expect(seen).toEqual(ids(total));
      }),
    );
  });
});

describe('when collecting stops early, it', () => {
  const failingAt = (cursor: string | undefined, error: Error) => {
    const list = listOf(6);
    return async (after: string | undefined, limit: number) => {
      if (after === cursor) throw error;
      return list(after, limit);
    };
  };

  it.each([
    ['error', new Error('status 500')],
    ['cancelled', new CancelledError()],
  ])('keeps the items so far, with stopped: %s', async (stopped, error) => {
    const { outcome, items } = await walk(failingAt('item_4', error));
    expect(items).toEqual(ids(4));
    expect(outcome).toEqual({ items: 4, stopped, after: 'item_4', error });
  });

  it.each([new Error('status 401'), new CancelledError()])(
    'fails the call if the first page fails: %s',
    async (error) => {
      await expect(walk(failingAt(undefined, error))).rejects.toBe(error);
    },
  );

  it('fails the call if an item cannot be stored', async () => {
    const full = new Error('no space left');
    const sink = { add: () => Promise.reject(full) };
    await expect(walk(listOf(3), { sink })).rejects.toBe(full);
  });
});

describe('a repeated cursor stops the collecting', () => {
  it('if the server keeps returning the same page', async () => {
    const { outcome, items, requested } = await walk(async () => ({ data: ids(2), after: 'item_2' }));
    expect(outcome).toMatchObject({ items: 2, stopped: 'error', after: undefined });
    expect(String(outcome.error)).toContain('a cursor repeated');
    expect(items).toEqual(ids(2));
    expect(requested).toHaveLength(2);
  });

  it('if the server returns pages in a circle', async () => {
    const next = new Map([
      [undefined, 'b'],
      ['b', 'c'],
      ['c', 'd'],
      ['d', 'b'],
    ]);
    const { outcome, requested } = await walk(async (after) => ({ data: ids(1), after: next.get(after) }));
    expect(outcome).toMatchObject({ items: 3, stopped: 'error' });
    expect(requested).toHaveLength(4);
  });
});

it.each<[unknown, string | undefined]>([
  [{ id: 'user_1' }, 'user_1'],
  [{ id: 7 }, undefined],
  [{ name: 'x' }, undefined],
  ['user_1', undefined],
  [null, undefined],
  [undefined, undefined],
])('the cursor of %j is %s', (item, cursor) => {
  expect(cursorIdOf(item)).toBe(cursor);
});
