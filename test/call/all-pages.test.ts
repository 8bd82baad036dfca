import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type Connected,
  type ConnectOptions,
  configured,
  connect,
  openRuntime,
  type Recorded,
  type Replies,
} from '../harness.ts';
import { expectMode } from '../platform.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const opened of open.splice(0)) await opened.close();
});
async function start(options: ConnectOptions = {}): Promise<Connected> {
  const server = await connect(options);
  open.push(server);
  return server;
}

interface Item {
  id: string;
  [field: string]: unknown;
}
const users = (count: number, extra: (at: number) => Record<string, unknown> = () => ({})): Item[] =>
  Array.from({ length: count }, (_, at) => ({ id: `user_${at}`, ...extra(at) }));
const ids = (items: readonly unknown[]) =>
  z
    .array(z.object({ id: z.string() }))
    .parse(items)
    .map(({ id }) => id);

/** Paginates like WorkOS: the cursor is the id of the last item on the page, or null on the last page. */
function paginate(all: readonly Item[]): (request: Recorded) => { body: unknown } {
  const positions = new Map(all.map(({ id }, at) => [id, at]));
  return ({ url }) => {
    const { searchParams } = new URL(url, 'http://api');
    const limit = Number(searchParams.get('limit') ?? 10);
    const after = searchParams.get('after');
    const from = after === null ? 0 : (positions.get(after) ?? -1) + 1;
    const data = all.slice(from, from + limit);
    const next = from + limit < all.length ? data.at(-1)?.id : null;
    return { body: { object: 'list', data, list_metadata: { before: data[0]?.id ?? null, after: next } } };
  };
}
const queryStrings = (requests: readonly Recorded[]) => requests.map(({ url }) => url.split('?')[1]);

const AllPages = z.object({
  data: z.array(z.unknown()),
  items: z.number(),
  stopped: z.enum(['end', 'max_items', 'cancelled', 'error']),
  list_metadata: z.strictObject({ before: z.null(), after: z.string() }).optional(),
  error: z.looseObject({ kind: z.string(), message: z.string(), hint: z.string(), tool: z.string() }).optional(),
});

describe('all_pages', () => {
  it('follows the cursor to the end, 100 items per page', async () => {
    const all = users(250);
    const server = await start({ replies: paginate(all) });
    const { value } = await server.call('list_users', { all_pages: true });
    expect(value).toEqual({
      object: 'list',
      data: all,
      items: 250,
      stopped: 'end',
    });
    expect(queryStrings(server.api.requests)).toEqual([
      'order=desc&limit=100',
      'order=desc&limit=100&after=user_99',
      'order=desc&limit=100&after=user_199',
    ]);
  });

  it('sends the filters and the given limit with every page', async () => {
    const server = await start({ replies: paginate(users(5)) });
    await server.call('list_users', { all_pages: true, limit: 2, organization_id: 'org_1', order: 'asc' });
    expect(server.api.requests).toHaveLength(3);
    for (const { url } of server.api.requests) {
      const { searchParams } = new URL(url, 'http://api');
      expect(Object.fromEntries(searchParams)).toMatchObject({ organization_id: 'org_1', order: 'asc', limit: '2' });
    }
  });

  it('starts after the given cursor', async () => {
    const server = await start({ replies: paginate(users(30)) });
    const { value } = await server.call('list_users', { all_pages: true, after: 'user_19' });
    expect(ids(AllPages.parse(value).data)).toEqual(ids(users(30).slice(20)));
  });

  it('stops at 1,000 items by default', async () => {
    const server = await start({ replies: paginate(users(1_200)) });
    const { value } = await server.call('list_users', { all_pages: true, query: 'length(data)' });
    expect(value).toMatchObject({ result: 1_000, items: 1_000, stopped: 'max_items' });
    expect(server.api.requests).toHaveLength(10);
  });

  it.each([
    [1, 'max_items', 1],
    [99, 'max_items', 1],
    [100, 'max_items', 1],
    [101, 'max_items', 2],
    [249, 'max_items', 3],
    [250, 'end', 3],
    [251, 'end', 3],
  ])(
    'with max_items %i of 250 stops with %s after %i requests, and its cursor leads to the rest',
    async (maxItems, stopped, pages) => {
      const all = users(250);
      const server = await start({ replies: paginate(all) });
      const first = AllPages.parse((await server.call('list_users', { all_pages: true, max_items: maxItems })).value);
      expect(first.items).toBe(Math.min(maxItems, 250));
      expect(first.data).toHaveLength(first.items);
      expect(first.stopped).toBe(stopped);
      expect(server.api.requests).toHaveLength(pages);
      const { after } = first.list_metadata ?? {};
      if (stopped === 'end') return expect(first).not.toHaveProperty('list_metadata');
      const rest = AllPages.parse((await server.call('list_users', { all_pages: true, after })).value);
      expect([...first.data, ...rest.data]).toEqual(all);
    },
  );

  it.each([0, -1, 1.5, '10'])('refuses max_items %j and sends nothing', async (max_items) => {
    const server = await start();
    const { error } = await server.call('list_users', { all_pages: true, max_items });
    expect(error?.kind).toBe('input');
    expect(error?.message).toContain('max_items');
    expect(server.api.requests).toEqual([]);
  });

  it('sends range_start only with the first page, because the API rejects it beside a cursor', async () => {
    const server = await start({ flags: ['--toolsets', 'events'], replies: paginate(users(3)) });
    const { error } = await server.call('list_events', {
      events: ['user.created'],
      range_start: '2026-01-01',
      order: 'asc',
      limit: 2,
      all_pages: true,
    });
    expect(error).toBeUndefined();
    const sent = server.api.requests.map(({ url }) => {
      const { searchParams } = new URL(url, 'http://api');
      return [searchParams.get('range_start'), searchParams.get('after')];
    });
    expect(sent).toEqual([
      ['2026-01-01', null],
      [null, 'user_1'],
    ]);
  });
});

describe('all_pages that stops early keeps the items it has', () => {
  const failing =
    (all: readonly Item[], from: number, reply: ReturnType<Replies>): Replies =>
    (request, nth) =>
      nth >= from ? reply : paginate(all)(request);

  it('with stopped: error, the error and the cursor to continue from', async () => {
    const all = users(250);
    const server = await start({
      replies: failing(all, 3, { status: 500, body: { message: 'Oops' } }),
      flags: ['--max-retries', '1'],
    });
    const { value } = await server.call('list_users', { all_pages: true });
    const result = AllPages.parse(value);
    expect(result).toMatchObject({ items: 200, stopped: 'error', list_metadata: { after: 'user_199' } });
    expect(result.data).toEqual(all.slice(0, 200));
    expect(result.error).toMatchObject({ kind: 'api', tool: 'list_users', status: 500, attempts: 2 });
    server.api.respondWith(paginate(all));
    const rest = await server.call('list_users', { all_pages: true, after: result.list_metadata?.after });
    expect(AllPages.parse(rest.value).data).toEqual(all.slice(200));
  });

  it('with stopped: error if a later page is not a list', async () => {
    const server = await start({ replies: failing(users(250), 2, { status: 204, body: undefined }) });
    const { value } = await server.call('list_users', { all_pages: true });
    expect(AllPages.parse(value)).toMatchObject({ items: 100, stopped: 'error', list_metadata: { after: 'user_99' } });
    expect(AllPages.parse(value).error?.message).toContain('a response without a list');
  });

  it('with stopped: error if a cursor repeats, which is not reported as a bug in workos-mcp', async () => {
    const page = paginate(users(250));
    const server = await start({
      replies: ({ url, ...rest }) => page({ ...rest, url: url.replace('after=user_199', 'after=nowhere') }),
    });
    const { value } = await server.call('list_users', { all_pages: true });
    const result = AllPages.parse(value);
    expect(result).toMatchObject({ items: 200, stopped: 'error' });
    expect(result).not.toHaveProperty('list_metadata');
    expect(result.error?.message).toBe("WorkOS's list does not end: a cursor repeated");
    expect(result.error?.hint).not.toContain('bug in workos-mcp');
    expect(server.api.requests).toHaveLength(3);
  });

  it('with stopped: error and the cursor to continue from if empty pages do not end', async () => {
    const server = await start({
      replies: (request, nth) =>
        nth === 1
          ? paginate(users(250))(request)
          : { body: { object: 'list', data: [], list_metadata: { after: `empty_${nth}` } } },
    });
    const { value } = await server.call('list_users', { all_pages: true });
    const result = AllPages.parse(value);
    expect(result).toMatchObject({ items: 100, stopped: 'error', list_metadata: { after: 'empty_21' } });
    expect(result.error?.message).toContain('20 pages in a row were empty');
    expect(server.api.requests).toHaveLength(21);
  });

  it('with stopped: cancelled', async () => {
    const controller = new AbortController();
    const page = paginate(users(250));
    const server = await start({
      replies: (request, nth) => {
        if (nth === 3) controller.abort();
        return page(request);
      },
    });
    const { call, close } = await openRuntime({
      config: configured(['--base-url', server.api.url, '--output-dir', server.outputDir, '--log-level', 'silent']),
      version: '0.0.0-test',
      exposed: new Set(['list_users']),
    });
    open.push({ close });
    const { structuredContent } = await call(
      'list_users',
      { all_pages: true },
      { origin: 'client', signal: controller.signal, progress: () => {}, ask: undefined },
    );
    const result = AllPages.parse(structuredContent);
    expect(result).toMatchObject({ items: 200, stopped: 'cancelled', list_metadata: { after: 'user_199' } });
    expect(result.error?.kind).toBe('cancelled');
    expect(server.api.requests).toHaveLength(3);
  });

  it('and applies a JMESPath expression to them', async () => {
    const server = await start({ replies: failing(users(250), 2, { status: 403, body: { message: 'No' } }) });
    const { value } = await server.call('list_users', { all_pages: true, query: 'length(data)' });
    expect(value).toMatchObject({ result: 100, items: 100, stopped: 'error', error: { kind: 'permission' } });
  });

  it.each<[string, ReturnType<Replies>, string]>([
    ['is unauthorized', { status: 401, body: { message: 'Unauthorized' } }, 'auth'],
    ['is not found', { status: 404, body: { message: 'Nothing' } }, 'not_found'],
    ['is not a list', { status: 200, body: { object: 'user' } }, 'api'],
    ['is empty', { status: 204, body: undefined }, 'api'],
  ])('but if the first page %s, the call fails like any other', async (_, reply, kind) => {
    const server = await start({ replies: () => reply });
    const { error, isError } = await server.call('list_users', { all_pages: true });
    expect(isError).toBe(true);
    expect(error?.kind).toBe(kind);
  });
});

describe('progress and pace', () => {
  it('reports increasing progress', async () => {
    const server = await start({ replies: paginate(users(250)) });
    const seen: { progress: number; message?: string | undefined }[] = [];
    await server.call('list_users', { all_pages: true }, { onprogress: (progress) => seen.push(progress) });
    expect(seen.map(({ progress, message }) => [progress, message])).toEqual([
      [100, '100 items'],
      [200, '200 items'],
      [250, '250 items'],
    ]);
  });

  it('limits directory users to four requests per second, and reports each wait', async () => {
    let clock = 1_000_000;
    const starts: number[] = [];
    const page = paginate(users(9));
    const messages: (string | undefined)[] = [];
    const progress: number[] = [];
    const server = await start({
      replies: (request) => {
        starts.push(clock);
        return page(request);
      },
      runtime: {
        client: {
          now: () => clock,
          sleep: async (ms) => {
            clock += ms;
          },
        },
      },
    });
    const { value } = await server.call(
      'list_directory_users',
      { directory: 'directory_1', limit: 1, all_pages: true },
      {
        onprogress: (report) => {
          messages.push(report.message);
          progress.push(report.progress);
        },
      },
    );
    expect(value).toMatchObject({ items: 9, stopped: 'end' });
    expect(starts.map((at) => at - 1_000_000)).toEqual([0, 0, 0, 0, 1_000, 1_000, 1_000, 1_000, 2_000]);
    expect(messages.filter((message) => message === 'waiting 1 s to stay under the rate limit')).toHaveLength(2);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(new Set(progress).size).toBe(progress.length);
  });

  it('limits each directory separately', async () => {
    const waits: number[] = [];
    const server = await start({
      runtime: { client: { now: () => 0, sleep: async (ms) => void waits.push(ms) } },
    });
    for (const directory of ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']) {
      await server.call('list_directory_users', { directory });
    }
    expect(waits).toEqual([]);
    await server.call('list_directory_users', { directory: 'a' });
    expect(waits).toEqual([1_000]);
  });
});

describe('a JMESPath expression', () => {
  const all = users(120, (at) => ({ state: at % 3 === 0 ? 'inactive' : 'active' }));

  it.each<[string, unknown]>([
    ['length(data)', 120],
    ["length(data[?state=='inactive'])", 40],
    ["data[?state=='inactive'] | [-1].id", 'user_117'],
    ['data[:2].{id: id, state: state}', [all[0], all[1]]],
    ['data[0].nowhere', null],
  ])('%s is applied to all pages', async (query, result) => {
    const server = await start({ replies: paginate(all) });
    const { value } = await server.call('list_users', { all_pages: true, query });
    const keys = result === null && { keys: ['id', 'state'] };
    expect(value).toEqual({ result, ...keys, items: 120, stopped: 'end' });
  });

  it('is applied to one page without all_pages, and the cursor is kept', async () => {
    const server = await start({ replies: paginate(all) });
    const { value } = await server.call('list_users', { query: 'length(data)' });
    expect(value).toEqual({ result: 10, list_metadata: { before: 'user_0', after: 'user_9' } });
  });

  it('that is invalid sends no request', async () => {
    const server = await start();
    const { error } = await server.call('list_users', { all_pages: true, query: 'data[?state=inactive]' });
    expect(error?.kind).toBe('input');
    expect(error?.hint).toContain('Examples: ');
    expect(server.api.requests).toEqual([]);
  });
});

describe('all pages that are too large for a result', () => {
  const FileResult = z.strictObject({
    path: z.string(),
    items: z.number(),
    stopped: z.string(),
    list_metadata: z.strictObject({ before: z.null(), after: z.string() }).optional(),
    data: z.array(z.unknown()),
    hint: z.string(),
  });
  const lines = (path: string): unknown[] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  // Line separators inside strings must not break the lines of the file.
  const all = users(330, (at) => ({ name: `Name ${at}\n\u2028 "quoted" \ud83d\ude00` }));

  it('are written to a private JSON Lines file', async () => {
    const server = await start({ replies: paginate(all), flags: ['--max-result-chars', '9000'] });
    const { value, text } = await server.call('list_users', { all_pages: true });
    const result = FileResult.parse(value);
    expect(text.length).toBeLessThanOrEqual(9_000);
    expect(result).toMatchObject({ items: 330, stopped: 'end', data: all.slice(0, 3) });
    expect(result.hint).toContain('The file has all 330 items');
    expect(dirname(result.path)).toBe(server.outputDir);
    expectMode(result.path, 0o600);
    expect(lines(result.path)).toEqual(all);
  });

  it('are written up to max_items, with the cursor to continue from', async () => {
    const server = await start({ replies: paginate(all), flags: ['--max-result-chars', '9000'] });
    const { value } = await server.call('list_users', { all_pages: true, max_items: 250 });
    const result = FileResult.parse(value);
    expect(result).toMatchObject({ items: 250, stopped: 'max_items', list_metadata: { after: 'user_249' } });
    expect(lines(result.path)).toEqual(all.slice(0, 250));
  });

  it('are written even if the first items alone are too large for a result', async () => {
    const large = users(12, () => ({ filler: 'x'.repeat(3_000) }));
    const server = await start({ replies: paginate(large), flags: ['--max-result-chars', '4000'] });
    const { value, text } = await server.call('list_users', { all_pages: true });
    expect(text.length).toBeLessThanOrEqual(4_000);
    const result = FileResult.parse(value);
    expect(result).toMatchObject({ items: 12, stopped: 'end' });
    expect(lines(result.path)).toEqual(large);
  });

  it('need no file if a JMESPath expression makes them small', async () => {
    const server = await start({ replies: paginate(all), flags: ['--max-result-chars', '2000'] });
    const { value } = await server.call('list_users', { all_pages: true, query: 'data[].id | length(@)' });
    expect(value).toMatchObject({ result: 330 });
    expect(value).not.toHaveProperty('path');
  });

  it('do not fill the memory', { timeout: 20_000 }, async () => {
    setFlagsFromString('--expose-gc');
    const collect = z.function().parse(runInNewContext('gc'));
    const heap: number[] = [];
    const filler = 'x'.repeat(1_000);
    const server = await start({
      replies: (request, nth) => {
        if (nth === 20 || nth === 200) {
          collect();
          heap.push(process.memoryUsage().heapUsed);
        }
        const after = /after=user_(\d+)/.exec(request.url)?.[1];
        const from = after === undefined ? 0 : Number(after) + 1;
        // Distinct strings, because equal ones could share memory.
        const data = Array.from({ length: 100 }, (_, at) => ({
          id: `user_${from + at}`,
          filler: `${from + at}${filler}`,
        }));
        return { body: { object: 'list', data, list_metadata: { after: `user_${from + 99}` } } };
      },
    });
    const { value } = await server.call('list_users', { all_pages: true, max_items: 20_000 });
    expect(value).toMatchObject({ items: 20_000, stopped: 'max_items' });
    expect(readFileSync(FileResult.parse(value).path, 'utf8').split('\n')).toHaveLength(20_001);
    const [early = 0, late = 0] = heap;
    expect(heap).toHaveLength(2);
    // The 18,000 items between the two measurements are 18 MB.
    expect((late - early) / 1_000_000).toBeLessThan(6);
  });
});

describe('a page of 300,000 items, more than a function call can take as arguments,', () => {
  const count = 300_000;
  const body = { object: 'list', data: users(count), list_metadata: { before: null, after: null } };
  const replies = () => ({ body });

  it('is queried as a whole', async () => {
    const server = await start({ replies });
    const input = { all_pages: true, max_items: count, query: 'data | length(@)' };
    const { value } = await server.call('list_organizations', input);
    expect(value).toMatchObject({ result: count, items: count, stopped: 'end' });
  });

  it('goes to a file as a whole', async () => {
    const server = await start({ replies });
    const { value } = await server.call('list_organizations', { all_pages: true, max_items: count });
    expect(value).toMatchObject({ items: count, stopped: 'end' });
    expect(readFileSync(String(value['path']), 'utf8').split('\n')).toHaveLength(count + 1);
  });

  it('stays in memory as a whole if another tool works with it', async () => {
    const server = await start({ replies });
    const input = { all_pages: true, max_items: count };
    const { value } = await server.call('call_read_tool', {
      tool: 'list_organizations',
      arguments: input,
      query: 'data | length(@)',
    });
    expect(value).toMatchObject({ result: count });
  });

  it('is shown in part without all_pages', async () => {
    const server = await start({ replies });
    const { value } = await server.call('list_organizations', {});
    expect(Number(value['omitted'])).toBeGreaterThan(290_000);
  });
});

describe('the size limit', () => {
  const sizes = [20, 700, 90, 1_500, 10, 10, 300, 2_500, 60, 0, 900];
  // Every thirtieth item alone is larger than the limit.
  const all = users(137, (at) => ({ filler: 'x'.repeat(at % 30 === 29 ? 6_000 : (sizes[at % sizes.length] ?? 0)) }));

  it.each([
    [1_000, 100],
    [4_000, 100],
    [4_000, 7],
    [20_000, 50],
    [1_000_000, 100],
  ])('cuts a page between items, and the cursor continues there: %i characters, limit %i', async (maxChars, limit) => {
    const server = await start({ replies: paginate(all), flags: ['--max-result-chars', String(maxChars)] });
    const seen: string[] = [];
    let after: string | null | undefined;
    for (let calls = 0; calls < 200 && after !== null; calls++) {
      const { value, text } = await server.call('list_users', { limit, ...(after !== undefined && { after }) });
      expect(text.length).toBeLessThanOrEqual(maxChars);
      const page = z
        .object({
          data: z.array(z.object({ id: z.string() })).min(1),
          list_metadata: z.object({ after: z.string().nullable() }).optional(),
          omitted: z.number().optional(),
          hint: z.string().optional(),
        })
        .parse(value);
      if (page.omitted) expect(page.hint).toContain('query');
      seen.push(...ids(page.data));
      after = page.list_metadata?.after ?? null;
    }
    expect(seen).toEqual(ids(all));
  });

  it('reports how many items were left out', async () => {
    const server = await start({ replies: paginate(all), flags: ['--max-result-chars', '4000'] });
    const { value } = await server.call('list_users', { limit: 100 });
    const { data, omitted } = z.object({ data: z.array(z.unknown()), omitted: z.number() }).parse(value);
    expect(data.length + omitted).toBe(100);
    expect(value['hint']).toContain(`${omitted} of 100 items left out for size`);
  });

  it('does not change a page that fits', async () => {
    const server = await start({ replies: paginate(users(30)) });
    const { value } = await server.call('list_users', { limit: 5 });
    expect(value).toEqual({
      object: 'list',
      data: users(5),
      list_metadata: { before: 'user_0', after: 'user_4' },
    });
  });
});

describe('order', () => {
  it.each([
    ['desc by default', {}, 'order=desc'],
    ['asc if requested', { order: 'asc' }, 'order=asc'],
    ['desc if requested', { order: 'desc' }, 'order=desc'],
  ])('is %s', async (_, input, query) => {
    const server = await start();
    await server.call('list_organizations', input);
    expect(queryStrings(server.api.requests)).toEqual([query]);
  });

  it('cannot be normal, which swaps the cursors', async () => {
    const server = await start();
    const { error } = await server.call('list_organizations', { order: 'normal' });
    expect(error?.kind).toBe('input');
    expect(server.api.requests).toEqual([]);
  });
});

describe('responses of other shapes', () => {
  it.each<[what: string, tool: string, input: Record<string, unknown>, reply: ReturnType<Replies>, value: unknown]>([
    [
      'a 204',
      'delete_user',
      { user_id: 'user_1' },
      { status: 204, body: undefined },
      { ok: true, status: 204, user_id: 'user_1' },
    ],
    [
      'an empty 200',
      'delete_user',
      { user_id: 'user_1' },
      { status: 200, body: '' },
      { ok: true, status: 200, user_id: 'user_1' },
    ],
    [
      'a 202 without a body',
      'delete_organization',
      { organization_id: 'org_1' },
      { status: 202, body: undefined },
      { ok: true, status: 202, organization_id: 'org_1', note: 'Accepted. WorkOS finishes this later.' },
    ],
    [
      'a 202 with a body',
      'delete_organization',
      { organization_id: 'org_1' },
      { status: 202, body: { id: 'org_1' } },
      { id: 'org_1', note: 'Accepted. WorkOS finishes this later.' },
    ],
    [
      'a bare array',
      'list_connect_app_secrets',
      { connect_application_id: 'conn_app_1' },
      { body: [{ id: 'secret_1' }] },
      { data: [{ id: 'secret_1' }] },
    ],
    [
      'an empty bare array',
      'list_connect_app_secrets',
      { connect_application_id: 'conn_app_1' },
      { body: [] },
      { data: [] },
    ],
    ['a bare string', 'get_user', { user_id: 'user_1' }, { body: '"text"' }, { result: 'text' }],
    ['null', 'get_user', { user_id: 'user_1' }, { body: 'null' }, { result: null }],
    [
      'a list without metadata',
      'list_roles',
      {},
      { body: { object: 'list', data: [{ slug: 'admin' }] } },
      { object: 'list', data: [{ slug: 'admin' }] },
    ],
  ])('%s still becomes an object', async (_, tool, input, reply, value) => {
    const server = await start({ flags: ['--toolsets', 'all'], replies: () => reply });
    expect((await server.call(tool, input)).value).toEqual(value);
  });

  it('a JMESPath expression is applied to the wrapped bare array', async () => {
    const server = await start({ flags: ['--toolsets', 'all'], replies: () => ({ body: [{ id: 'a' }, { id: 'b' }] }) });
    const { value } = await server.call('list_connect_app_secrets', {
      connect_application_id: 'conn_app_1',
      query: 'data[].id',
    });
    expect(value).toEqual({ result: ['a', 'b'] });
  });
});
