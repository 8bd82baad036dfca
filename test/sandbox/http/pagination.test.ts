import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('pagination', () => {
  let client: SandboxClient;
  beforeAll(async () => {
    client = await startSandboxClient();
  });
  afterAll(() => client.close());

  /** The ids on every page of a list, following one of the cursors. */
  async function allPages(path: string, cursor: 'after' | 'before', start = ''): Promise<string[][]> {
    const pages: string[][] = [];
    for (let next: string | null = start; next !== null; ) {
      const { body } = await client.call(`GET ${path}${next && `&${cursor}=${next}`}`);
      pages.push(body.data.map(({ id }) => id));
      next = body.list_metadata[cursor];
    }
    return pages;
  }

  it.each(['asc', 'desc'])('covers every user once in order %s, forwards and backwards', async (order) => {
    const path = '/user_management/users';
    const ids = (await client.call(`GET ${path}?limit=100&order=${order}`)).body.data.map(({ id }) => id);
    expect(ids).toEqual(order === 'asc' ? [...ids].sort() : [...ids].sort().reverse());
    const forwards = await allPages(`${path}?limit=7&order=${order}`, 'after');
    expect(forwards.flat()).toEqual(ids);
    expect(forwards).toHaveLength(Math.ceil(ids.length / 7));
    const backwards = await allPages(`${path}?limit=7&order=${order}`, 'before', ids.at(-1));
    expect(backwards.reverse().flat()).toEqual(ids.slice(0, -1));
  });

  it('returns ten items, newest first, and swaps the cursors for order=normal', async () => {
    const descending = await client.call('GET /user_management/users');
    const normal = await client.call('GET /user_management/users?order=normal');
    expect(descending.body.data).toHaveLength(10);
    expect(descending.body.list_metadata).toEqual({ before: null, after: descending.body.data[9]?.id });
    expect(normal.body.list_metadata).toEqual({ before: descending.body.data[9]?.id, after: null });
  });

  it.each(['after', 'before'])('starts at the first page if %s is unknown, as the emulator does', async (cursor) => {
    const first = await client.call('GET /organizations');
    const unknown = await client.call(`GET /organizations?${cursor}=org_nope`);
    expect(unknown.body).toEqual(first.body);
  });

  const invalidLimit = { message: expect.stringContaining('limit'), errors: [{ code: 'invalid', field: 'limit' }] };
  describeErrors(
    () => client,
    [
      ['GET /organizations?limit=0', undefined, 422, invalidLimit],
      ['GET /organizations?limit=101', undefined, 422, invalidLimit],
      ['GET /organizations?limit=ten', undefined, 422, invalidLimit],
      ['GET /organizations?order=up', undefined, 422, { errors: [{ code: 'invalid', field: 'order' }] }],
    ],
  );
});
