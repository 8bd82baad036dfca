import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Connected, connect, type Recorded } from '../harness.ts';
import { type Change, type SandboxSession, sandboxSession } from './sandbox-proxy.ts';

interface Row {
  name: string | null;
  email: string | null;
  user_id: string | null;
  organization_membership_id: string;
  roles: string[];
  status: string;
  last_sign_in_at: string | null;
  directory_state: string | null;
}
const rowsOf = (value: Record<string, unknown>) => value['data'] as Row[];
const idsOf = (value: Record<string, unknown>) => rowsOf(value).map((row) => row.organization_membership_id);
const afterOf = (value: Record<string, unknown>) =>
  (value['list_metadata'] as { after?: string | null } | undefined)?.after ?? undefined;

const MEMBERS = 1_000;
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-seed-'));
const small = join(folder, 'small.json');
const large = join(folder, 'large.json');
const START = Date.parse('2026-01-01T00:00:00Z');
const time = (at: number) => ({ created_at: new Date(START + at * 1_000).toISOString() });

/** `count` members: every 100th is an admin, one is inactive and one is pending. */
const landscape = (count: number, directoryUsers: readonly object[]) => ({
  roles: [
    { slug: 'admin', name: 'Admin' },
    { slug: 'member', name: 'Member' },
    { slug: 'rare', name: 'Rare' },
  ],
  organizations: [
    { id: 'org_acme', name: 'Acme', domain_data: [{ domain: 'acme.example', state: 'verified' }] },
    { id: 'org_empty', name: 'Empty' },
  ],
  users: Array.from({ length: count }, (_, at) => ({
    id: `user_${at}`,
    email: `m${at}@acme.example`,
    first_name: at === 3 ? 'Zoë' : `First${at}`,
    last_name: 'Łast',
    ...time(at),
  })),
  organization_memberships: Array.from({ length: count }, (_, at) => ({
    id: `om_${at}`,
    organization: 'Acme',
    user: `m${at}@acme.example`,
    role_slug: at === 0 ? 'rare' : at % 100 === 1 ? 'admin' : 'member',
    ...(at === 5 && { status: 'inactive' }),
    ...(at === 6 && { status: 'pending' }),
    ...time(at),
  })),
  directories: [{ id: 'directory_1', name: 'Okta', organization: 'Acme' }],
  directory_users: directoryUsers,
});

beforeAll(() => {
  const synced = [
    { email: 'm1@acme.example', directory: 'Okta' },
    { email: 'M2@Acme.Example', directory: 'Okta', state: 'suspended' },
  ];
  writeFileSync(small, JSON.stringify(landscape(12, synced)));
  writeFileSync(large, JSON.stringify(landscape(MEMBERS, synced)));
});
afterAll(() => rmSync(folder, { recursive: true }));

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const start = async (options: Parameters<typeof sandboxSession>[0] = {}): Promise<SandboxSession> => {
  const session = await sandboxSession({ ...(!options.running && { seed: small }), ...options });
  open.push(session);
  return session;
};

describe('list_members', () => {
  let session: SandboxSession;
  beforeAll(async () => {
    session = await sandboxSession({ seed: small });
  });
  afterAll(() => session.close());
  const list = async (input: Record<string, unknown> = {}) => {
    const { value, error } = await session.call('list_members', { organization: 'org_acme', ...input });
    expect(error).toBeUndefined();
    return value;
  };

  it('returns one table of users, roles, status, last sign-in and directory state', async () => {
    const value = await list({ search: 'm2@' });
    expect(value).toEqual({
      object: 'list',
      data: [
        {
          name: 'First2 Łast',
          email: 'm2@acme.example',
          user_id: 'user_2',
          organization_membership_id: 'om_2',
          roles: ['member'],
          status: 'active',
          last_sign_in_at: null,
          directory_state: 'suspended',
        },
      ],
    });
  });

  it('lists members of every status, newest first, ten per page, with cursors to the other pages', async () => {
    const first = await list();
    expect(idsOf(first)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((at) => `om_${at}`));
    expect(session.requests).toHaveLength(3);
    const rest = await list({ after: afterOf(first) });
    expect(idsOf(rest)).toEqual(['om_1', 'om_0']);
    expect(afterOf(rest)).toBeUndefined();
    expect(idsOf(await list({ before: 'om_1', limit: 2 }))).toEqual(['om_3', 'om_2']);
    expect(idsOf(await list({ order: 'asc', limit: 2 }))).toEqual(['om_0', 'om_1']);
  });

  it.each([
    [{ status: 'inactive' }, ['om_5']],
    [{ status: 'pending' }, ['om_6']],
    [{ role: 'rare' }, ['om_0']],
    [{ role: ' rare ' }, ['om_0']],
    [{ role: 'no such role' }, []],
    [{ role: 'r\u00f6le/"\'{}' }, []],
    [{ search: 'zoe' }, ['om_3']],
    [{ search: 'ZOË ' }, ['om_3']],
    [{ search: 'FIRST1' }, ['om_11', 'om_10', 'om_1']],
    [{ search: 'first1', role: 'admin' }, ['om_1']],
    [{ search: '\u202e' }, []],
    [{ search: '.*' }, []],
    [{ organization: 'Acme', role: 'rare' }, ['om_0']],
    [{ organization: 'acme.example', role: 'rare' }, ['om_0']],
    [{ organization: 'org_empty' }, []],
  ])('%j lists %j', async (input, ids) => {
    const value = await list(input);
    expect(idsOf(value)).toEqual(ids);
    expect(afterOf(value)).toBeUndefined();
  });

  it.each(['FIRST', 'first'])('returns every match of %j exactly once across pages', async (search) => {
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await list({ search, limit: 5, ...(after && { after }) });
      for (const id of idsOf(page)) seen.push(id);
      after = afterOf(page);
    } while (after);
    expect(seen).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 2, 1, 0].map((at) => `om_${at}`));
  });

  it.each([
    [{ role: '' }, 'role: must not be empty'],
    [{ search: ' ' }, 'search: must not be empty'],
    [{ organization: ' ' }, 'organization is empty'],
    [{ organization: 'Initech' }, 'no organization'],
    [{ status: 'gone' }, 'status'],
    [{ limit: 101 }, 'limit'],
  ])('refuses %j: %s', async (input, message) => {
    const { error } = await session.call('list_members', { organization: 'org_acme', ...input });
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining(message) });
  });

  it('says that an organization does not exist', async () => {
    const { error } = await session.call('list_members', { organization: 'org_nope' });
    expect(error).toMatchObject({ kind: 'not_found', message: expect.stringContaining('org_nope') });
  });
});

describe('list_members in an organization with 1,000 members', () => {
  let sandbox: Sandbox;
  let session: SandboxSession;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: large });
    session = await sandboxSession({ running: sandbox });
  }, 60_000);
  afterAll(async () => {
    await session.close();
    await sandbox.close();
  });
  const list = async (input: Record<string, unknown> = {}) =>
    (await session.call('list_members', { organization: 'org_acme', ...input })).value;

  it('writes all pages to a JSON Lines file', async () => {
    const value = await list({ all_pages: true, max_items: 2_000 });
    expect(value).toMatchObject({
      items: MEMBERS,
      stopped: 'end',
      path: expect.stringMatching(/list_members.*\.jsonl$/),
    });
    const rows = readFileSync(String(value['path']), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    expect(new Set(rows.map((row) => row.organization_membership_id)).size).toBe(MEMBERS);
    expect(rows.filter((row) => row.directory_state !== 'none').map(({ email }) => email)).toEqual([
      'm2@acme.example',
      'm1@acme.example',
    ]);
    // Ten pages of memberships; the directories once, whatever the number of pages.
    expect(session.requests).toHaveLength(12);
  });

  it('runs a JMESPath expression over all pages', async () => {
    const query = "data[?directory_state=='suspended'].email";
    expect((await list({ all_pages: true, query }))['result']).toEqual(['m2@acme.example']);
    expect(await list({ all_pages: true, max_items: 150, query: 'length(data)' })).toMatchObject({
      result: 150,
      items: 150,
      stopped: 'max_items',
      list_metadata: { after: 'om_850' },
    });
  });

  it('finds a member within six requests, without reading the whole directory', async () => {
    expect(idsOf(await list({ search: 'm700@' }))).toEqual(['om_700']);
    expect(session.requests.length).toBeLessThanOrEqual(6);
  });

  it('says why a page is empty, and continues after the last member that it checked', async () => {
    const first = await list({ role: 'rare' });
    expect(first).toEqual({
      object: 'list',
      data: [],
      list_metadata: { before: null, after: 'om_500' },
      note: 'None of the 500 members read so far matches. Continue with after.',
    });
    expect(session.requests).toHaveLength(5);
    const rest = await list({ role: 'rare', after: 'om_500' });
    expect(idsOf(rest)).toEqual(['om_0']);
    expect(afterOf(rest)).toBeUndefined();
  });

  it('returns every row of a filtered list exactly once, with any limit', async () => {
    for (const limit of [1, 3, 100]) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await list({ role: 'admin', limit, ...(after && { after }) });
        for (const id of idsOf(page)) seen.push(id);
        after = afterOf(page);
      } while (after);
      expect(seen).toEqual([901, 801, 701, 601, 501, 401, 301, 201, 101, 1].map((at) => `om_${at}`));
    }
  });

  it('filters all pages', async () => {
    const value = await list({ role: 'admin', all_pages: true, query: 'data[].email' });
    expect(value['result']).toHaveLength(10);
    expect(idsOf(await list({ role: 'rare', all_pages: true }))).toEqual(['om_0']);
  });

  it('continues right after the last row shown if a page is too large', async () => {
    const cut = await start({ running: sandbox, flags: ['--max-result-chars', '4000'] });
    for (const input of [{ limit: 60 }, { limit: 60, search: 'acme.example' }, { limit: 60, role: 'member' }]) {
      const all = idsOf(await list({ ...input, limit: 100 }));
      const { value } = await cut.call('list_members', { organization: 'org_acme', ...input });
      const shown = idsOf(value);
      expect(value['omitted']).toBe(60 - shown.length);
      const next = await cut.call('list_members', { organization: 'org_acme', ...input, after: afterOf(value) });
      expect([...shown, ...idsOf(next.value)]).toEqual(all.slice(0, shown.length + idsOf(next.value).length));
    }
  });

  it('works through call_read_tool and as the source of arguments', async () => {
    const one = await session.call('call_read_tool', {
      tool: 'list_members',
      arguments: { organization: 'org_acme', role: 'admin', all_pages: true },
      query: 'length(data)',
    });
    expect(one.value).toMatchObject({ result: 10 });
    const preview = await session.call('call_write_tool', {
      tool: 'update_organization_membership',
      from: {
        tool: 'list_members',
        arguments: { organization: 'org_acme', role: 'admin' },
        query: 'data[].{organization_membership_id: organization_membership_id}',
        with: { role_slug: 'member' },
      },
      preview: true,
    });
    expect(preview.error).toBeUndefined();
    expect(JSON.stringify(preview.value)).toContain('om_901');
  });
});

describe('list_members without access to everything', () => {
  it('leaves directory states empty if the directory tool is excluded, and says so', async () => {
    const session = await start({ flags: ['--exclude-tools', 'list_directory_users'] });
    const { value } = await session.call('list_members', { organization: 'org_acme' });
    expect(rowsOf(value).map((row) => row.directory_state)).toEqual(Array(10).fill(null));
    expect(value['note']).toContain("list_directory_users is excluded by this server's settings");
  });

  it('is excluded together with list_organization_memberships', async () => {
    const session = await start({ flags: ['--exclude-tools', 'list_organization_memberships'] });
    expect((await session.list()).map(({ name }) => name)).not.toContain('list_members');
  });

  it('notes a 403 on directories, and fails on a 403 on memberships', async () => {
    const session = await start();
    await session.fail('/directories', 403);
    const { value } = await session.call('list_members', { organization: 'org_acme', all_pages: true });
    expect(value).toMatchObject({
      items: 12,
      note: expect.stringContaining('list_directories: WorkOS returned 403'),
    });
    await session.fail('/user_management/organization_memberships', 403);
    const { error } = await session.call('list_members', { organization: 'org_acme' });
    expect(error).toMatchObject({ kind: 'permission', status: 403 });
  });

  it('does not ask again for a directory that it may not read', async () => {
    const session = await start();
    await session.fail('/directory_users', 403, 9);
    const { value } = await session.call('list_members', { organization: 'org_acme', all_pages: true, limit: 5 });
    expect(rowsOf(value).every((row) => row.directory_state === null)).toBe(true);
    expect(session.requests.filter((one) => one.includes('/directory_users'))).toHaveLength(1);
  });

  it('ignores directory users that it did not ask for', async () => {
    const session = await start({
      change: (path) =>
        path.startsWith('/directory_users')
          ? { data: [{ id: 'u', email: 'x@y.example', state: 'suspended' }] }
          : undefined,
    });
    const { value } = await session.call('list_members', { organization: 'org_acme', limit: 1 });
    expect(rowsOf(value)[0]?.directory_state).toBeNull();
    const { value: access } = await session.call('explain_access', { organization: 'org_acme', user: 'user_1' });
    expect(JSON.stringify(access)).not.toContain('suspended');
  });

  it('reads at most three directories, and leaves the state of other members unknown', async () => {
    const server = await connect({
      flags: ['--toolsets', 'all'],
      replies: ({ url }) => {
        if (url.startsWith('/directories'))
          return { body: { data: [1, 2, 3, 4].map((at) => ({ id: `directory_${at}` })) } };
        const suspended = /directory_3(?!.*c%40)/.test(url)
          ? [{ id: 'u', email: 'a@b.example', state: 'suspended' }]
          : [];
        if (url.startsWith('/directory_users')) return { body: { data: suspended } };
        const people = ['a@b.example', 'c@b.example'].map((email, at) => ({ id: `om_${at}`, user: { email } }));
        return url.startsWith('/user_management') ? { body: { data: people } } : undefined;
      },
    });
    open.push(server);
    const { value } = await server.call('list_members', { organization: 'org_1' });
    expect(rowsOf(value).map((row) => row.directory_state)).toEqual(['suspended', null]);
  });

  it('keeps the rows that it has if a later page fails', async () => {
    const server = await connect({
      flags: ['--toolsets', 'all', '--max-retries', '0'],
      replies: ({ url }) => {
        if (!url.startsWith('/user_management')) return undefined;
        if (url.includes('after=')) return { status: 500, body: {} };
        return { body: { data: [{ id: 'om_1', user: { email: 'a@b.example' } }], list_metadata: { after: 'om_1' } } };
      },
    });
    open.push(server);
    const { value } = await server.call('list_members', { organization: 'org_1', all_pages: true });
    expect(value).toMatchObject({
      items: 1,
      stopped: 'error',
      error: { kind: 'api', tool: 'list_members' },
      list_metadata: { after: 'om_1' },
    });
  });

  it('works on a read-only server', async () => {
    const session = await start({ flags: ['--read-only'] });
    expect((await session.call('list_members', { organization: 'org_acme' })).error).toBeUndefined();
    expect(session.requests.every((one) => one.startsWith('GET '))).toBe(true);
  });

  it('takes at most five rounds of requests', async () => {
    const session = await start({ latencyMs: 80 });
    await session.call('list_members', { organization: 'acme.example' });
    expect(session.rounds()).toBeLessThanOrEqual(5);
  });
});

/** Changes each membership of a list. */
const memberships =
  (change: (row: Record<string, unknown>, at: number) => unknown): Change =>
  (path, body) =>
    path.startsWith('/user_management/organization_memberships')
      ? { ...body, data: (body['data'] as Record<string, unknown>[]).map(change) }
      : undefined;

describe('list_members with unusual responses', () => {
  it('reads users that are missing from the memberships: many as a list, a few one by one', async () => {
    const session = await start({ change: memberships(({ user: _, ...row }) => row) });
    const { value } = await session.call('list_members', { organization: 'org_acme' });
    expect(rowsOf(value).map(({ email }) => email)).toEqual(
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((at) => `m${at}@acme.example`),
    );
    expect(session.requests.filter((one) => one.includes('/users'))).toHaveLength(1);
    await session.call('list_members', { organization: 'org_acme', limit: 2 });
    expect(session.requests.filter((one) => /\/users\/user_/.test(one))).toHaveLength(2);
    const found = await session.call('list_members', { organization: 'org_acme', search: 'zoe' });
    expect(idsOf(found.value)).toEqual(['om_3']);
  });

  it('says that a user could not be read', async () => {
    const session = await start({
      change: memberships(({ user: _, ...row }) => row),
      flags: ['--exclude-tools', 'list_users,get_user'],
    });
    const { value } = await session.call('list_members', { organization: 'org_acme' });
    expect(rowsOf(value)[0]).toMatchObject({ email: null, name: null, user_id: 'user_11' });
    expect(value['note']).toContain('email is null if the user could not be read.');
  });

  it('shows the usable fields of a malformed membership', async () => {
    const odd = [
      null,
      7,
      {},
      { id: 'om_x', roles: 'all', role: { slug: 'member' }, user: { email: 5 } },
      { id: null, user: null },
    ];
    const session = await start({ change: memberships((row, at) => (at < odd.length ? odd[at] : row)) });
    const { value, error } = await session.call('list_members', { organization: 'org_acme' });
    expect(error).toBeUndefined();
    expect(rowsOf(value)).toHaveLength(10);
    expect(rowsOf(value)[3]).toMatchObject({ organization_membership_id: 'om_x', roles: ['member'], email: null });
  });

  it.each([
    ['a response without a list', () => ({ nothing: true })],
    ['a null list', () => ({ data: null })],
  ])('refuses %s instead of returning an empty table', async (_, body) => {
    const session = await start({
      change: (path) => (path.startsWith('/user_management/organization_memberships') ? body() : undefined),
    });
    const { error } = await session.call('list_members', { organization: 'org_acme' });
    expect(error).toMatchObject({ kind: 'api', message: expect.stringContaining('without a list') });
  });

  it('stops at a repeated cursor', async () => {
    const session = await start({
      change: (path, body) =>
        path.startsWith('/user_management/organization_memberships')
          ? { ...body, list_metadata: { before: null, after: 'om_9' } }
          : undefined,
    });
    const { value } = await session.call('list_members', { organization: 'org_acme', all_pages: true });
    expect(value).toMatchObject({ stopped: 'error', error: { message: expect.stringContaining('a cursor repeated') } });
    const filtered = await session.call('list_members', { organization: 'org_acme', role: 'none' });
    expect(filtered.value['data']).toEqual([]);
    expect(session.requests).toHaveLength(2);
  });
});

describe('list_members with 5,000 members and as many directory users', () => {
  const COUNT = 5_000;
  const TEN = 10;
  /** Pages of generated rows, whose cursors are their ids. */
  const paged = (url: string, make: (at: number) => { id: string }) => {
    const query = new URL(url, 'http://api').searchParams;
    const limit = Number(query.get('limit'));
    const from = query.has('after') ? Number(query.get('after')?.replace(/\D+/g, '')) + 1 : 0;
    const data = Array.from({ length: Math.min(limit, COUNT - from) }, (_, at) => make(from + at));
    return {
      object: 'list',
      data,
      list_metadata: { before: null, after: from + limit < COUNT ? data.at(-1)?.id : null },
    };
  };
  const replies = ({ url }: Recorded) => {
    if (url.startsWith('/directories')) return { body: { data: [{ id: 'directory_1' }], list_metadata: {} } };
    if (url.startsWith('/directory_users')) {
      const email = new URL(url, 'http://api').searchParams.get('email');
      const user = (at: number) => ({ id: `directory_user_${at}`, email: `m${at}@acme.example`, state: 'active' });
      // In reverse order, so that the first members are not on the first pages of the directory.
      if (email) return { body: { data: [user(Number(email.replace(/\D+/g, '')))], list_metadata: {} } };
      return { body: paged(url, (at) => ({ ...user(COUNT - 1 - at), id: `directory_user_${at}` })) };
    }
    const user = (at: number) => ({
      id: `user_${at}`,
      email: `m${at}@acme.example`,
      first_name: 'M',
      last_name: `${at}`,
    });
    return {
      body: paged(url, (at) => ({
        id: `om_${at}`,
        user_id: `user_${at}`,
        status: 'active',
        roles: [{ slug: at === COUNT - 1 ? 'owner' : 'member' }],
        user: user(at),
      })),
    };
  };
  let server: Connected;
  beforeAll(async () => {
    server = await connect({ flags: ['--toolsets', 'all'], replies });
  });
  afterAll(() => server.close());
  const list = async (input: Record<string, unknown>) => {
    server.api.requests.length = 0;
    return (await server.call('list_members', { organization: 'org_1', ...input })).value;
  };

  it('stops reading the directory after four pages, and says what is unknown', async () => {
    const value = await list({});
    expect(rowsOf(value)).toHaveLength(TEN);
    expect(rowsOf(value).map((row) => row.directory_state)).toEqual(Array(TEN).fill(null));
    expect(value['note']).toContain('directory_state is null if the directories were not read far enough');
    expect(server.api.requests).toHaveLength(1 + 1 + 4);
  });

  it('looks a few people up one by one', async () => {
    const value = await list({ search: 'm42@' });
    expect(rowsOf(value)).toMatchObject([{ email: 'm42@acme.example', directory_state: 'active' }]);
    expect(server.api.requests).toHaveLength(3);
  });

  it('reads each page of members and of the directory only once', async () => {
    const value = await list({ all_pages: true, max_items: COUNT, query: 'length(data)' });
    expect(value).toMatchObject({ result: COUNT });
    expect(server.api.requests.length).toBeLessThanOrEqual(50 + 1 + 50 + 150);
    expect(new Set(server.api.requests.map(({ url }) => url)).size).toBe(server.api.requests.length);
  });

  it('finds the only owner on the last page', async () => {
    const value = await list({ role: 'owner', all_pages: true });
    expect(rowsOf(value)).toMatchObject([{ email: `m${COUNT - 1}@acme.example`, directory_state: 'active' }]);
    expect(value['stopped']).toBe('end');
    expect(server.api.requests).toHaveLength(50 + 1 + 1);
  });
});
