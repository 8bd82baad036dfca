import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, connect } from '../../src/library/library.ts';
import { type Api, type Recorded, recordingApi } from '../harness.ts';

let api: Api;
let workos: Connection;
beforeAll(async () => {
  api = await recordingApi();
  workos = connect({ key: 'sk_test_pages', env: {}, baseUrl: api.url });
});
beforeEach(() => {
  api.requests.length = 0;
  api.respondWith(numbered(250));
});
afterAll(async () => {
  await workos.close();
  await api.close();
});

const parameter = ({ url }: Recorded, name: string) => new URL(url, 'http://api').searchParams.get(name);

/** A list of this many users, whose ids are numbers. */
function numbered(count: number) {
  return (request: Recorded) => {
    const start = Number(parameter(request, 'after') ?? 0);
    const size = Math.min(Number(parameter(request, 'limit')), count - start);
    const data = Array.from({ length: size }, (_, at) => ({ id: String(start + at + 1) }));
    const after = start + size < count ? String(start + size) : null;
    return { body: { object: 'list', data, list_metadata: { before: null, after } } };
  };
}

/** The sizes of all pages, and the error if there is one. */
async function sizes(walk: AsyncIterable<unknown[]>): Promise<{ pages: number[]; error?: unknown }> {
  const pages: number[] = [];
  try {
    for await (const page of walk) pages.push(page.length);
    return { pages };
  } catch (error) {
    return { pages, error };
  }
}

describe('pages()', () => {
  it.each([
    ['pages of a hundred to the end', {}, [100, 100, 50], ['100', '100', '100']],
    ['pages of the size that limit sets', { limit: 90 }, [90, 90, 70], ['90', '90', '90']],
    ['no more items than max_items', { max_items: 120 }, [100, 20], ['100', '20']],
    ['one page if max_items ends with it', { max_items: 100 }, [100], ['100']],
  ])('gives %s', async (_, input, expected, limits) => {
    expect(await sizes(workos.pages('list_users', input))).toEqual({ pages: expected });
    expect(api.requests.map((request) => parameter(request, 'limit'))).toEqual(limits);
  });

  it('gives no page of an empty list', async () => {
    api.respondWith(numbered(0));
    expect(await sizes(workos.pages('list_users'))).toEqual({ pages: [] });
  });

  it('starts after the given cursor', async () => {
    expect(await sizes(workos.pages('list_users', { after: '200' }))).toEqual({ pages: [50] });
  });

  it('fetches a page only when asked for it, and none after a break', async () => {
    const walk = workos.pages('list_users', { limit: 10 });
    expect(api.requests).toHaveLength(0);
    await walk.next();
    expect(api.requests).toHaveLength(1);
    for await (const _ of walk) break;
    expect(api.requests).toHaveLength(2);
    expect(await walk.next()).toEqual({ done: true, value: undefined });
    expect(api.requests).toHaveLength(2);
  });

  it('drops the range of events once it has a cursor', async () => {
    const input = {
      events: ['user.created'] as const,
      range_start: '2026-01-01T00:00:00Z',
      limit: 100,
      max_items: 150,
    };
    await sizes(workos.pages('list_events', input));
    expect(api.requests.map((request) => parameter(request, 'range_start'))).toEqual(['2026-01-01T00:00:00Z', null]);
  });

  it('skips empty pages, and throws if they do not end', async () => {
    api.respondWith((_, nth) => ({
      body: { data: nth === 3 ? [{ id: 'a' }] : [], list_metadata: { after: `c${nth}` } },
    }));
    const { pages, error } = await sizes(workos.pages('list_users'));
    expect(pages).toEqual([1]);
    expect(error).toMatchObject({ kind: 'api', message: expect.stringContaining('20 pages in a row were empty') });
  });

  it.each([
    ['always the same', () => 'same'],
    ['three in a circle', (nth: number) => `c${nth % 3}`],
  ])('throws if a cursor repeats: %s', async (_, cursor) => {
    api.respondWith((_request, nth) => ({
      body: { data: [{ id: `u${nth}` }], list_metadata: { after: cursor(nth) } },
    }));
    const { error } = await sizes(workos.pages('list_users'));
    expect(error).toMatchObject({ kind: 'api', message: expect.stringContaining('a cursor repeated') });
    expect(api.requests.length).toBeLessThan(5);
  });

  it('throws the error of a page after giving the pages before it', async () => {
    const list = numbered(250);
    api.respondWith((request, nth) => (nth === 2 ? { status: 403, body: { message: 'No' } } : list(request)));
    const { pages, error } = await sizes(workos.pages('list_users'));
    expect(pages).toEqual([100]);
    expect(error).toMatchObject({ name: 'CallError', kind: 'permission', status: 403 });
  });

  it('throws if a page would be cut', async () => {
    const small = connect({ key: 'sk_test_pages', env: {}, baseUrl: api.url, maxResultChars: 1_000 });
    const { pages, error } = await sizes(small.pages('list_users'));
    await small.close();
    expect(pages).toEqual([]);
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('maxResultChars') });
  });

  it.each([
    ['list_users', { limit: 1_000 }, 'limit'],
    ['list_users', { limit: 'ten' }, 'limit'],
    ['list_users', { max_items: 0 }, 'max_items'],
    ['list_users', { max_items: 1.5 }, 'max_items'],
    ['list_users', { query: 'data' }, 'query'],
    ['list_users', { all_pages: true }, 'all_pages'],
    ['get_user', { user_id: 'u' }, 'has no pages'],
    ['list_usrs', {}, 'There is no tool'],
  ])('refuses %s with %j before anything is sent', async (tool, input, message) => {
    // Wrong on purpose.
    const { error } = await sizes(workos.pages(tool as 'list_users', input as object));
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining(message) });
    expect(api.requests).toEqual([]);
  });
});
