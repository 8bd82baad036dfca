import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Api, type Connected, type ConnectOptions, connect, type Recorded } from '../harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const invitation = (at: number) => ({
  object: 'invitation',
  id: `invitation_${at}`,
  email: `person.${at}@acme.com`,
  state: at % 2 === 0 ? 'pending' : 'accepted',
});
const member = (at: number) => ({ object: 'organization_membership', id: `om_${at}`, user_id: `user_${at % 7}` });
const LISTS: Readonly<Record<string, readonly unknown[]>> = {
  '/user_management/invitations': Array.from({ length: 250 }, (_, at) => invitation(at)),
  '/user_management/users': Array.from({ length: 1_200 }, (_, at) => ({ id: `user_${at}`, email: `u${at}@acme.com` })),
  '/organizations': [{ id: 'org_1' }, { id: 'org_2' }],
  '/user_management/organization_memberships': Array.from({ length: 130 }, (_, at) => member(at)),
  '/organization_domains/large': [],
};

/** Answers with pages of the lists, and with any other object by its id. */
function reply({ url }: Recorded): { status?: number; body: unknown } {
  const { pathname, searchParams } = new URL(url, 'http://loopback');
  const list = LISTS[pathname];
  if (!list) return { body: { id: pathname.split('/').at(-1), name: 'Found' } };
  const start = Number(searchParams.get('after') ?? 0);
  const end = start + Number(searchParams.get('limit') ?? 10);
  const data = searchParams.has('organization_id')
    ? list.slice(start, end).map((one) => ({ ...Object(one), organization_id: searchParams.get('organization_id') }))
    : list.slice(start, end);
  return { body: { object: 'list', data, list_metadata: { after: end < list.length ? String(end) : null } } };
}

async function start(options: ConnectOptions = {}): Promise<Connected> {
  const server = await connect({ replies: reply, ...options });
  open.push(server);
  return server;
}
const writes = ({ requests }: Api) => requests.filter(({ method }) => method !== 'GET');
const reads = ({ requests }: Api) => requests.filter(({ method }) => method === 'GET').map(({ url }) => url);
/** A value of 10 ** `times` parts that takes next to no memory, because it shares them. */
const tenfold = (times: number) =>
  `let $a0 = ['x'] in ${Array.from({ length: times }, (_, at) => `let $a${at + 1} = [${Array(10).fill(`$a${at}`).join()}] in`).join(' ')}`;
const pending = "data[?state=='pending'].{invitation_id: id}";
const revoke = (query: string, more: object = {}) => ({
  tool: 'revoke_invitation',
  from: { tool: 'list_invitations', query },
  ...more,
});
/** The memberships of every organization, as a source; `query` shapes those of one. */
const ofAllOrganizations = (query?: string) => ({
  tool: 'call_read_tool',
  arguments: {
    tool: 'list_organization_memberships',
    from: { tool: 'list_organizations', query: 'data[].{organization_id: id}' },
    ...(query !== undefined && { query }),
  },
});
const Counts = z.object({ count: z.number(), succeeded: z.number(), failed: z.number() });

describe('from', () => {
  it('runs a tool once for each object that query makes of all pages of a list', async () => {
    const server = await start();
    const { value } = await server.call('call_destructive_tool', revoke(pending));
    expect(Counts.parse(value)).toEqual({ count: 125, succeeded: 125, failed: 0 });
    expect(writes(server.api).map(({ url }) => url)).toEqual(
      Array.from({ length: 125 }, (_, at) => `/user_management/invitations/invitation_${at * 2}/revoke`),
    );
    expect(reads(server.api)).toHaveLength(3);
  });

  it('merges "with" into each object, and shows the ids of each call', async () => {
    const server = await start();
    const { value } = await server.call('call_write_tool', {
      tool: 'send_invitation',
      from: {
        tool: 'list_users',
        arguments: { organization_id: 'org_1', max_items: 2 },
        query: 'data[].{email: email, role_slug: `"guest"`}',
        with: { role_slug: 'member', organization_id: 'org_9' },
      },
    });
    expect(writes(server.api).map(({ body }) => body)).toEqual([
      { email: 'u0@acme.com', role_slug: 'member', organization_id: 'org_9' },
      { email: 'u1@acme.com', role_slug: 'member', organization_id: 'org_9' },
    ]);
    expect(value['rows']).toMatchObject([
      { index: 0, ok: true, organization_id: 'org_9' },
      { index: 1, ok: true, organization_id: 'org_9' },
    ]);
  });

  it('shapes each row with the outer query', async () => {
    const server = await start();
    const { value } = await server.call('call_read_tool', {
      tool: 'get_user',
      from: { tool: 'list_users', arguments: { max_items: 3 }, query: 'data[].{user_id: id}' },
      query: 'name',
    });
    expect(value['rows']).toEqual(
      [0, 1, 2].map((at) => ({ index: at, ok: true, user_id: `user_${at}`, value: 'Found' })),
    );
  });

  it('can read a single object, even from a response too large to parse at once', async () => {
    const large = { id: 'dir_1', names: Array.from({ length: 60_000 }, (_, at) => ({ id: `user_${at % 3}`, at })) };
    const server = await start({
      replies: (request) => (request.url === '/directories/dir_1' ? { body: large } : reply(request)),
    });
    const { value } = await server.call('call_read_tool', {
      tool: 'get_user',
      from: {
        tool: 'get_directory',
        arguments: { directory_id: 'dir_1' },
        query: 'keys(group_by(names, &id))[].{user_id: @}',
      },
    });
    expect(Counts.parse(value).succeeded).toBe(3);
  });

  it('can be nested: the members of every organization', async () => {
    const server = await start();
    const { value } = await server.call('call_read_tool', {
      tool: 'get_user',
      from: {
        ...ofAllOrganizations(),
        query: 'keys(group_by(rows[].value.data[], &user_id))[].{user_id: @}',
      },
    });
    expect(Counts.parse(value)).toEqual({ count: 7, succeeded: 7, failed: 0 });
    // Both organizations, two pages each.
    expect(reads(server.api).filter((url) => url.includes('organization_memberships'))).toHaveLength(4);
  });

  it('can use call_read_tool with its own arguments, and reads all pages of each call', async () => {
    const server = await start();
    for (const given of [{ organization_id: 'org_1' }, [{ organization_id: 'org_1' }]]) {
      const { value } = await server.call('call_read_tool', {
        tool: 'get_organization_membership',
        preview: true,
        from: {
          tool: 'call_read_tool',
          arguments: { tool: 'list_organization_memberships', arguments: given },
          query: '(data || rows[].value.data[])[].{organization_membership_id: id}',
        },
      });
      expect(value['count']).toBe(130);
    }
  });

  it('can use call_read_tool with arguments as JSON text', async () => {
    const server = await start();
    for (const inner of [
      { arguments: '{"organization_id":"org_1"}' },
      { from: '{"tool":"list_organizations","query":"data[:1].{organization_id: id}"}' },
    ]) {
      const { value } = await server.call('call_read_tool', {
        tool: 'get_organization_membership',
        preview: true,
        from: {
          tool: 'call_read_tool',
          arguments: { tool: 'list_organization_memberships', ...inner },
          query: '(data || rows[].value.data[])[].{organization_membership_id: id}',
        },
      });
      expect(value['count']).toBe(130);
    }
  });

  it('can itself be JSON text', async () => {
    const server = await start();
    const from = JSON.stringify({ tool: 'list_organizations', query: 'data[].{organization_id: id}' });
    const { value } = await server.call('call_read_tool', { tool: 'get_organization', from });
    expect(Counts.parse(value).succeeded).toBe(2);
  });

  it('runs nothing if query finds nothing', async () => {
    const server = await start();
    const { value } = await server.call('call_destructive_tool', revoke("data[?state=='lost'].{invitation_id: id}"));
    expect(value).toMatchObject({ tool: 'revoke_invitation', count: 0, succeeded: 0, failed: 0, rows: [] });
    expect(writes(server.api)).toEqual([]);
  });

  it('accepts a shortened argument name, and says so once', async () => {
    const server = await start();
    const { value } = await server.call('call_read_tool', {
      tool: 'get_organization',
      from: { tool: 'list_organizations', query: 'data[].{id: id}' },
    });
    expect(value).toMatchObject({ succeeded: 2, note: 'id was read as organization_id.' });
    expect(JSON.stringify(value['rows'])).not.toContain('was read as');
  });

  it('says which row and object each secret file belongs to, even if rows are cut', async () => {
    const server = await start({
      flags: ['--max-result-chars', '3000'],
      replies: (request) =>
        request.method === 'POST'
          ? { status: 201, body: { id: 'api_key_1', value: 'sk_key_0123456789abcdef' } }
          : reply(request),
    });
    const { value } = await server.call('call_write_tool', {
      tool: 'create_user_api_key',
      from: { tool: 'list_users', query: "data[:40].{user_id: id, name: 'k', organization_id: 'org_1'}" },
    });
    expect(value).toMatchObject({ succeeded: 40, omitted: expect.any(Number) });
    const shown = z.array(z.object({ index: z.number() })).parse(value['rows']);
    const files = z
      .array(z.object({ index: z.number(), user_id: z.string(), path: z.string(), fields: z.array(z.string()) }))
      .parse(value['secret_files']);
    expect([...shown, ...files].map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, at) => at));
    expect(files.every(({ index, user_id }) => user_id === `user_${index}`)).toBe(true);
  });

  it('shows failed rows first if there are too many rows to show', async () => {
    const server = await start({
      flags: ['--max-result-chars', '4000'],
      replies: (request) =>
        request.url.endsWith('/user_777') ? { status: 404, body: { message: 'No such user' } } : reply(request),
    });
    const { value, text } = await server.call('call_read_tool', {
      tool: 'get_user',
      from: { tool: 'list_users', query: 'data[:1000].{user_id: id}' },
    });
    expect(value).toMatchObject({ count: 1_000, succeeded: 999, failed: 1, omitted: expect.any(Number) });
    expect(z.array(z.unknown()).parse(value['rows'])[0]).toMatchObject({ index: 777, ok: false, user_id: 'user_777' });
    expect(text.length).toBeLessThanOrEqual(4_000);
  });
});

describe('preview', () => {
  it('shows the arguments and their number, without asking anyone or running anything', async () => {
    const questions: string[] = [];
    const server = await start({
      env: { WORKOS_TOKEN: 'sk_live_made' },
      elicit: (question) => {
        questions.push(question);
        return 'accept';
      },
    });
    const { value } = await server.call('call_destructive_tool', revoke(pending, { preview: true }));
    expect(value).toMatchObject({ preview: true, tool: 'revoke_invitation', count: 125 });
    expect(z.array(z.unknown()).parse(value['data'])[1]).toEqual({ invitation_id: 'invitation_2' });
    expect(questions).toEqual([]);
    expect(writes(server.api)).toEqual([]);
  });

  it('hides secret arguments in JSON text', async () => {
    const server = await start();
    const { text } = await server.call('call_write_tool', {
      tool: 'update_connection',
      preview: true,
      from: {
        tool: 'list_organizations',
        query: 'data[:1].{connection_id: id}',
        with: { oidc_options: JSON.stringify({ client_id: 'abc', client_secret: 'Zq8vvHorse2x9!' }) },
      },
    });
    expect(text).toContain('[secret]');
    expect(text).not.toContain('Horse');
  });

  it('hides secret arguments', async () => {
    const server = await start();
    const { text } = await server.call('call_write_tool', {
      tool: 'create_user',
      preview: true,
      from: { tool: 'list_users', query: 'data[:2].{email: email}', with: { password: 'correct horse battery' } },
    });
    expect(text).toContain('"password":"[secret]"');
    expect(text).not.toContain('battery');
  });
});

it('no error shows a secret argument, whether it comes from "with" or from query', async () => {
  const server = await start({
    replies: (request) =>
      request.method === 'POST'
        ? { status: 422, body: { message: `rejected ${JSON.stringify(request.body)}` } }
        : { body: { object: 'list', data: [{ email: 'a@acme.com', secret: 'made-by-query-123' }], list_metadata: {} } },
  });
  const made = (query: string, more: object) =>
    server.call('call_write_tool', { tool: 'create_user', from: { tool: 'list_users', query, with: more } });
  const given = await made('data[].{email: email}', { password: 'correct horse battery' });
  const queried = await made('data[].{email: email, password: secret}', {});
  for (const { value, text } of [given, queried]) {
    expect(value).toMatchObject({ failed: 1 });
    expect(text).toContain('rejected');
    expect(text).not.toMatch(/battery|by-query-123/);
  }
});

describe('nothing runs if', () => {
  const none = { tool: 'get_user' };
  const users = { tool: 'list_users', query: 'data[].{user_id: id}' };
  const first = (from: object) => ({ tool: 'get_user', from: { ...users, ...from } });
  const deep = {
    tool: 'call_read_tool',
    arguments: { tool: 'get_user', from: { tool: 'call_read_tool', arguments: { ...none, from: users }, query: '@' } },
    query: 'rows[].{user_id: value.id}',
  };

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['both arguments and from are given', { ...none, arguments: {}, from: users }, /either arguments or from/],
    ['preview has nothing to show', { ...none, arguments: {}, preview: true }, /so it needs from/],
    ['the tool does not exist', { tool: 'get_usr', from: users }, /There is no operation "get_usr"/],
    ['the tool has another effect', { tool: 'delete_user', from: users }, /call_read_tool cannot run delete_user/],
    ['the source does not exist', first({ tool: 'list_usrs' }), /from: There is no operation "list_usrs"/],
    ['the source writes', first({ tool: 'create_user' }), /from: call_read_tool cannot run create_user/],
    ['the source is a writing dispatcher', first({ tool: 'call_write_tool' }), /from: There is no operation/],
    ['the source takes no such argument', first({ arguments: { emial: 'x' } }), /Unknown argument "emial"/],
    ['the source contains a query', first({ arguments: { query: '@' } }), /arguments contains a query/],
    ['the expression is wrong', first({ query: 'data[?' }), /query is wrong at position/],
    ['from is nested too deeply', { ...none, from: deep }, /more than two levels/],
    [
      'from is nested too deeply, in JSON text',
      { ...none, from: { ...deep, arguments: { ...deep.arguments, from: JSON.stringify(deep.arguments.from) } } },
      /more than two levels/,
    ],
  ])('%s, and nothing is sent', async (_, input, message) => {
    const server = await start();
    const { error } = await server.call('call_read_tool', input);
    expect(error).toMatchObject({ kind: 'input', message: expect.stringMatching(message), hint: expect.any(String) });
    expect(server.api.requests).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ['a string', 'data[0].id', /returns a string, not a list/],
    ['an object', 'data[0]', /returns an object, not a list/],
    ['null', 'dta', /returns null, not a list/],
    [
      'a condition on a field that no item has',
      "data[?status != 'accepted'].{invitation_id: id}",
      /^from\.query filters by a field that no item has: status\. They have object, id, email, state$/,
    ],
    ['strings', 'data[:3].id', /returns a string in row 0 \("invitation_0"\), not an object/],
    ['lists', 'data[:3].[id]', /returns a list in row 0, not an object/],
    ['the same object twice', 'data[].{invitation_id: id, x: null}[:1] | [@[0], @[0]]', /twice, in rows 0 and 1/],
    ['objects that the tool does not take', 'data[:3].{invitation: id}', /3 of the 3 .* do not fit revoke_invitation/],
    ['secret_output', "data[:2].{invitation_id: id, secret_output: 'result'}", /from\.query returns secret_output/],
    ['a confirmation', "data[:2].{invitation_id: id, confirmation: 'x'}", /from\.query returns confirmation/],
    [
      'the whole response in each object',
      'let $all = data in data[].{invitation_id: id, all: $all}',
      /more than 1024 KiB/,
    ],
    ['a value of a billion parts', `${tenfold(9)} [{invitation_id: $a9}]`, /more than 1024 KiB/],
    ['one object that the tool does not take', 'data[:3].{invitation_id: id} | [@[0], @[1], `{}`]', /1 of the 3/],
  ])('query makes %s', async (_, query, message) => {
    const server = await start();
    const { error } = await server.call('call_destructive_tool', revoke(query));
    expect(error).toMatchObject({ kind: 'input', message: expect.stringMatching(message), hint: expect.any(String) });
    expect(writes(server.api)).toEqual([]);
  });

  it('query makes more than 1,000 objects', async () => {
    const server = await start();
    const { error } = await server.call('call_read_tool', { tool: 'get_user', from: users });
    expect(error?.message).toContain('returns 1200 argument objects, but one call runs at most 1000');
    expect(reads(server.api).every((url) => url.startsWith('/user_management/users?'))).toBe(true);
  });

  it('a page of the list is missing', async () => {
    const server = await start({
      replies: (request) =>
        request.url.includes('after=100') ? { status: 400, body: { message: 'No' } } : reply(request),
    });
    const { error } = await server.call('call_destructive_tool', revoke(pending));
    expect(error?.message).toMatch(/^list_invitations stopped after 100 items .*; nothing was run$/);
    expect(writes(server.api)).toEqual([]);
  });

  it('the source lists are too large to be held in memory together', async () => {
    const server = await start();
    const { error } = await server.call('call_read_tool', {
      tool: 'get_user',
      from: {
        ...ofAllOrganizations(`${tenfold(9)} $a9`),
        query: 'rows[].{user_id: `"user_1"`}',
      },
    });
    expect(error?.message).toMatch(
      /2 of 2 calls of list_organization_memberships failed, so nothing was run\. The first error: .*too large/,
    );
  });

  it.each([undefined, 'data[].{user_id: user_id}'])(
    'a source list cannot be read to its end (inner query %j)',
    async (inner) => {
      for (const broken of [
        'organization_id=org_2',
        'organization_id=org_2&after=100',
        'after=100&organization_id=org_2',
      ]) {
        const server = await start({
          replies: (request) => {
            const { searchParams } = new URL(request.url, 'http://loopback');
            const hit = [...new URLSearchParams(broken)].every(([name, value]) => searchParams.get(name) === value);
            return hit ? { status: 403, body: { message: 'No' } } : reply(request);
          },
        });
        const { error } = await server.call('call_destructive_tool', {
          tool: 'delete_user',
          from: {
            ...ofAllOrganizations(inner),
            query: 'keys(group_by(rows[].value[], &user_id))[].{user_id: @}',
          },
        });
        expect(error?.message).toContain('nothing was run');
        expect(writes(server.api)).toEqual([]);
      }
    },
  );

  it.each([
    [['--exclude-tools', 'list_invitations'], 'list_invitations is excluded'],
    [['--exclude-tools', 'revoke_invitation'], 'revoke_invitation is excluded'],
  ])('the settings forbid it: %j', async (flags, message) => {
    const server = await start({ flags });
    const { error } = await server.call('call_destructive_tool', revoke(pending));
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(message) });
    expect(server.api.requests).toEqual([]);
  });
});

describe('with a live key', () => {
  const live = { env: { WORKOS_TOKEN: 'sk_live_made' } };

  it('the question shows every target, and only an accept runs the calls', async () => {
    for (const action of ['decline', 'accept'] as const) {
      const questions: string[] = [];
      const server = await start({
        ...live,
        elicit: (question) => {
          questions.push(question);
          return action;
        },
      });
      await server.call('call_destructive_tool', revoke(`${pending} | [:20]`));
      expect(questions).toHaveLength(1);
      for (let at = 0; at < 20; at++) expect(questions[0]).toContain(`invitation_${at * 2}"`);
      expect(writes(server.api)).toHaveLength(action === 'accept' ? 20 : 0);
    }
  });

  it('a code runs what the preview showed, and nothing else', async () => {
    let extra = false;
    const server = await start({
      ...live,
      replies: (request) => {
        const { pathname } = new URL(request.url, 'http://loopback');
        if (pathname !== '/user_management/invitations') return reply(request);
        const data = [invitation(0), ...(extra ? [invitation(2)] : [])];
        return { body: { object: 'list', data, list_metadata: { after: null } } };
      },
    });
    const { confirmation } = (await server.call('call_destructive_tool', revoke(pending))).value;
    extra = true;
    const changed = await server.call('call_destructive_tool', revoke(pending, { confirmation }));
    expect(changed.error?.kind).toBe('refused');
    expect(writes(server.api)).toEqual([]);
    const again = (await server.call('call_destructive_tool', revoke(pending))).value;
    expect(again['preview']).toHaveLength(2);
    const done = await server.call('call_destructive_tool', revoke(pending, { confirmation: again['confirmation'] }));
    expect(Counts.parse(done.value).succeeded).toBe(2);
  });

  it('more targets than a question can show are refused before they are read', async () => {
    const server = await start({ ...live, elicit: () => 'accept' });
    const { error } = await server.call('call_destructive_tool', {
      tool: 'delete_user',
      from: { tool: 'list_users', query: 'data[:1000].{user_id: id}' },
    });
    expect(error).toMatchObject({ kind: 'refused', hint: expect.stringContaining('with from, narrow its query') });
    expect(reads(server.api).filter((url) => !url.startsWith('/user_management/users?'))).toEqual([]);
    expect(writes(server.api)).toEqual([]);
  });
});
