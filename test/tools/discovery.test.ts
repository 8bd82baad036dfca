import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tools } from '../../src/tools/catalog.ts';
import { dispatcherFor } from '../../src/tools/effects.ts';
import { mcpDefinition } from '../../src/tools/mcp-definition.ts';
import { NOT_IN_API } from '../../src/tools/not-in-api.ts';
import { heldOutQuestions } from '../fixtures/held-out-questions.ts';
import {
  type Api,
  type Connected,
  type ConnectOptions,
  configured,
  connect,
  openRuntime,
  rawServer,
  recordingApi,
} from '../harness.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
async function start(options: ConnectOptions = {}): Promise<Connected> {
  const server = await connect(options);
  open.push(server);
  return server;
}
const sent = ({ requests }: Api) => requests.map(({ method, url }) => `${method} ${url}`);

const Hit = z.strictObject({
  tool: z.string(),
  effect: z.enum(['read', 'create', 'update', 'delete', 'overwrite']),
  run_with: z.string().optional(),
  forbidden: z.string().optional(),
  signature: z.string(),
  description: z.string(),
});
const NotPossible = z.strictObject({ not_possible: z.string(), nearest: z.array(z.string()) });
const Found = z
  .strictObject({
    tools: z.array(z.unknown()),
    more: z.array(z.string()).optional(),
    unknown: z.array(z.string()).optional(),
    hint: z.string().optional(),
  })
  .transform(({ tools: hits, ...rest }) => ({
    ...rest,
    tools: hits.flatMap((hit) => (NotPossible.safeParse(hit).success ? [] : [Hit.parse(hit)])),
    notPossible: hits.flatMap((hit) => NotPossible.safeParse(hit).data ?? []),
  }));
const search = async (server: Connected, input: Record<string, unknown>) =>
  Found.parse((await server.call('find_tools', input)).value);
const find = (server: Connected, query: string, toolset?: string) =>
  search(server, { query, ...(toolset !== undefined && { toolset }) });

const never = () => {
  throw new Error('Nothing was found');
};
const declared = (name: string) => {
  const tool = tools.get(name);
  if (!tool) throw new Error(`There is no ${name}`);
  return tool;
};
const toolsetOf = (name: string) => declared(name).toolset;

describe('find_tools', () => {
  let core: Connected;
  beforeAll(async () => {
    core = await connect();
  });
  afterAll(() => core.close());

  it('shows the signature of each tool, and says how to run it', async () => {
    const { tools: found } = await find(core, 'get_organization');
    const listed = (await core.list()).find(({ name }) => name === 'get_organization');
    expect(found[0]).toEqual({
      tool: 'get_organization',
      effect: 'read',
      run_with: 'get_organization',
      signature: 'get_organization(organization_id)',
      description: listed?.description,
    });
    expect(core.api.requests).toEqual([]);
  });

  it.each([
    ['list_users', 'list_users'],
    ['delete_user', 'delete_user'],
    ['list_vault_objects', 'call_read_tool'],
    ['create_webhook_endpoint', 'call_write_tool'],
    ['update_organization', 'call_write_tool'],
    ['delete_directory', 'call_destructive_tool'],
    ['set_role_permissions', 'call_destructive_tool'],
  ])('says to run %s with %s', async (tool, door) => {
    const { tools: found } = await find(core, tool);
    expect(found[0]).toMatchObject({ tool, run_with: door });
  });

  it.each([
    [
      'impersonate a user',
      /^Impersonate user is not possible through the API. In the dashboard: Users, /,
      'list_user_sessions',
    ],
    ['rotate the SCIM bearer token', /^Rotate SCIM bearer token is not possible/, 'get_directory'],
    ['send a test webhook', /^Send test webhook is not possible/, 'list_webhook_endpoints'],
    ['create a directory', /^Create directory is not possible/, 'invite_it_contact'],
    ['create a feature flag', /^Create feature flag is not possible/, 'list_feature_flags'],
    ['change the branding of the sign-in page', /^Customize branding is not possible/, 'list_redirect_uris'],
  ])('says that the API cannot %s, where to do it, and which tools come closest', async (query, answer, nearest) => {
    const { notPossible } = await find(core, query);
    expect(notPossible[0]?.not_possible).toMatch(answer);
    expect(notPossible[0]?.nearest).toContain(nearest);
  });

  it('suggests only existing tools for what the API cannot do', () => {
    expect(NOT_IN_API.flatMap(({ nearest }) => nearest).filter((name) => !tools.has(name))).toEqual([]);
  });

  it('shows the first hits with all their own arguments', async () => {
    const { tools: found } = await find(core, 'invite people');
    const hit = found.find(({ tool }) => tool === 'send_invitation');
    expect(found.indexOf(hit ?? never())).toBeLessThan(3);
    expect(hit?.signature).toMatch(/^send_invitation\(email, organization_id\?, role_slug\?, expires_in_days\?: 1-30/);
  });

  it('returns at most ten tools', async () => {
    expect((await find(core, 'organization')).tools).toHaveLength(10);
  });

  it('returns tools by name, with a few words for each argument', async () => {
    const names = ['list_vault_objects', 'create_webhook_endpoint'];
    const { tools: found } = await search(core, { names });
    expect(found.map(({ tool }) => tool)).toEqual(names);
    expect(found[1]?.signature).toMatch(/^create_webhook_endpoint\(endpoint_url \(.+\), events: /);
  });

  it('returns the tools whose names it knows, and suggests names for the others', async () => {
    const { tools: found, unknown } = await search(core, { names: ['get_user', 'lst_users', 'constructor'] });
    expect(found.map(({ tool }) => tool)).toEqual(['get_user']);
    expect(unknown).toEqual(['"lst_users"; did you mean list_users?', '"constructor"']);
    const { error } = await core.call('find_tools', { names: ['get_organisation'] });
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('did you mean get_organization?') });
  });

  it('says that the API cannot do what a name asks for', async () => {
    const { notPossible } = await search(core, { names: ['impersonate_user'] });
    expect(notPossible[0]?.not_possible).toContain('not possible through the API');
  });

  it('returns a whole toolset: ten tools with their signatures, and the names of the rest', async () => {
    const { tools: found, more } = await search(core, { toolset: 'fga' });
    const all = [...tools.values()].filter(({ toolset }) => toolset === 'fga').map(({ name }) => name);
    expect([...found.map(({ tool }) => tool), ...(more ?? [])]).toEqual(all);
    expect(found).toHaveLength(10);
  });

  it('refuses a call without query, toolset or names', async () => {
    const { error } = await core.call('find_tools', {});
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('query, toolset or names') });
  });

  it.each([...tools.values()].filter(({ toolset }) => toolset !== 'discovery').map(({ name }) => [name]))(
    'takes at most 750 characters for %s by name, and names every required argument',
    async (name) => {
      const { text, value } = await core.call('find_tools', { names: [name] });
      expect(text.length).toBeLessThanOrEqual(750);
      const [hit] = Found.parse(value).tools;
      const required = mcpDefinition(declared(name)).inputSchema['required'] ?? [];
      for (const argument of z.array(z.string()).parse(required)) {
        expect(hit?.signature).toMatch(new RegExp(`[(,] ?${argument}[,:) ]`));
      }
    },
  );

  it('takes at most 3,000 characters on average for a question', async () => {
    const lengths = await Promise.all(
      heldOutQuestions.map(async ([query]) => (await core.call('find_tools', { query })).text.length),
    );
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeLessThanOrEqual(3_000);
  });

  it('never returns the discovery tools themselves', async () => {
    for (const query of ['find_tools', 'call_read_tool', 'find and run tools that are not listed']) {
      const { tools: found } = await find(core, query);
      expect(found.map(({ tool }) => toolsetOf(tool))).not.toContain('discovery');
    }
  });

  it('stays within the given toolset even if others match better', async () => {
    const { tools: found } = await find(core, 'list organizations', 'feature_flags');
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ tool }) => toolsetOf(tool)))).toEqual(new Set(['feature_flags']));
  });

  it('names the toolsets if the given one does not exist', async () => {
    const { error } = await core.call('find_tools', { query: 'users', toolset: 'nonsense' });
    expect(error).toMatchObject({ kind: 'input', message: 'There is no toolset "nonsense"' });
    expect(error?.hint).toContain('organizations, sso, directory_sync');
    expect(error?.hint).not.toContain('discovery');
  });

  it('says what to try if nothing matches', async () => {
    const { tools: found, hint } = await find(core, 'xqzzjv');
    expect(found).toEqual([]);
    expect(hint).toContain('Toolsets: organizations');
  });

  it.each([[''], ['x'.repeat(501)]])('refuses an empty or overlong search query', async (query) => {
    const { error } = await core.call('find_tools', { query });
    expect(error?.kind).toBe('input');
    expect(error?.message).toContain('query');
  });

  it.each([
    [['--read-only'], 'delete_user', 'delete_user changes data and this server is read-only'],
    [['--exclude-tools', 'list_users'], 'list_users', "list_users is excluded by this server's settings"],
    [['--exclude-tools', 'list_vault_objects'], 'list_vault_objects', 'list_vault_objects is excluded'],
  ])('with %j marks %s as forbidden', async (flags, tool, forbidden) => {
    const { tools: found } = await find(await start({ flags }), tool);
    expect(found[0]?.tool).toBe(tool);
    expect(found[0]?.forbidden).toContain(forbidden);
    expect(found[0]).not.toHaveProperty('run_with');
  });

  it.each([
    [[], true],
    [['--toolsets', 'core,vault'], true],
    [['--toolsets', 'all'], false],
    [['--toolsets', 'all', '--exclude-tools', 'delete_user'], true],
    [['--toolsets', 'all', '--exclude-tools', 'call_write_tool,call_destructive_tool'], false],
    [['--toolsets', 'all', '--read-only'], true],
    [['--toolsets', 'all', '--tools', 'find_tools'], true],
    [['--toolsets', 'organizations'], false],
    [['--toolsets', 'organizations,discovery'], true],
    [['--exclude-tools', 'find_tools'], false],
  ])('with %j is listed: %s, because it is useful only if some tools are not listed', async (flags, listed) => {
    const server = await start({ flags });
    expect((await server.list()).some(({ name }) => name === 'find_tools')).toBe(listed);
    const { error } = await server.call('find_tools', { query: 'users' });
    expect(error?.kind).toBe(flags.includes('find_tools') && !listed ? 'refused' : undefined);
  });

  it('says whom to ask if no listed tool can run an operation', async () => {
    const server = await start({ flags: ['--toolsets', 'organizations'] });
    const [hit] = (await search(server, { names: ['list_vault_objects'] })).tools;
    expect(hit?.forbidden).toContain('Ask the operator for --toolsets vault.');
    expect(hit).not.toHaveProperty('run_with');
  });
});

describe('the call_ tools name', () => {
  const namesIn = async (server: Connected, tool: string) => {
    const definition = (await server.list()).find(({ name }) => name === tool);
    const { description } = z
      .object({ tool: z.object({ description: z.string() }) })
      .parse(definition?.inputSchema.properties).tool;
    return description.split('Not listed: ')[1]?.split(' ') ?? [];
  };

  it.each(['call_read_tool', 'call_write_tool', 'call_destructive_tool'])(
    'all operations that only %s can run, and no others',
    async (dispatcher) => {
      const server = await start();
      const listed = new Set((await server.list()).map(({ name }) => name));
      const here = [...tools.values()].filter(({ toolset, between }) => toolset !== 'discovery' && !between);
      const unlisted = here.filter(({ name }) => !listed.has(name));
      const names = unlisted.filter(({ effect }) => dispatcherFor(effect) === dispatcher).map(({ name }) => name);
      expect(await namesIn(server, dispatcher)).toEqual(names);
      expect(names.length).toBeGreaterThan(20);
    },
  );

  it('no operations if all are listed, and none that the settings forbid', async () => {
    const everything = await start({ flags: ['--toolsets', 'all'] });
    expect(await namesIn(everything, 'call_read_tool')).toEqual([]);
    const less = await start({ flags: ['--exclude-tools', 'get_vault_object'] });
    const names = await namesIn(less, 'call_read_tool');
    expect(names).toContain('list_vault_objects');
    expect(names).not.toContain('get_vault_object');
  });
});

describe('the call_ tools run one operation', () => {
  it('that is not listed, and return its result', async () => {
    const server = await start({ replies: () => ({ body: { object: 'organization', id: 'org_1' } }) });
    const { value } = await server.call('call_write_tool', {
      tool: 'update_organization',
      arguments: { organization_id: 'org_1', name: 'Juniper' },
    });
    expect(value).toEqual({ object: 'organization', id: 'org_1' });
    expect(sent(server.api)).toEqual(['PUT /organizations/org_1']);
    expect(server.api.requests[0]?.body).toEqual({ name: 'Juniper' });
  });

  it('without arguments if it needs none', async () => {
    const server = await start();
    const { value } = await server.call('call_read_tool', { tool: 'list_webhook_endpoints' });
    expect(value['data']).toEqual([]);
    expect(sent(server.api)).toEqual(['GET /webhook_endpoints?order=desc']);
  });

  it("and return its error, with the operation's path and kind", async () => {
    const server = await start({ replies: () => ({ status: 404, body: { message: 'Not here' } }) });
    const { error } = await server.call('call_read_tool', {
      tool: 'get_organization_role',
      arguments: { organization_id: 'org_1', role_slug: 'org-x' },
    });
    expect(error).toMatchObject({ kind: 'not_found', status: 404 });
    expect(error?.message).toContain('/authorization/organizations/org_1/roles/org-x');
  });

  it('and refuse unknown arguments', async () => {
    const server = await start();
    const { error } = await server.call('call_read_tool', { tool: 'get_user', arguments: { name: 'Dana' } });
    expect(error?.kind).toBe('input');
    expect(error?.message).toContain('Unknown argument "name"');
    expect(error?.hint).toContain('Call it as get_user(user_id');
    expect(server.api.requests).toEqual([]);
  });

  it('with a JMESPath expression given outside or inside its arguments', async () => {
    const server = await start({ replies: () => ({ body: { object: 'list', data: [{ id: 'a' }, { id: 'b' }] } }) });
    const outside = await server.call('call_read_tool', { tool: 'list_users', query: 'data[].id' });
    expect(outside.value).toEqual({ result: ['a', 'b'] });
    const inside = await server.call('call_read_tool', {
      tool: 'list_users',
      arguments: { query: 'length(data)', all_pages: true },
    });
    expect(inside.value).toMatchObject({ result: 2, stopped: 'end', items: 2 });
  });

  it('and send no request if the JMESPath expression is invalid', async () => {
    const server = await start();
    const { error } = await server.call('call_read_tool', { tool: 'list_users', query: 'data[?' });
    expect(error?.message).toContain('query is wrong at position');
    expect(server.api.requests).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ['an object', '{"user_id":"user_1"}', ['GET /user_management/users/user_1']],
    [
      'an array',
      '[{"user_id":"user_1"},{"user_id":"user_2"}]',
      ['GET /user_management/users/user_1', 'GET /user_management/users/user_2'],
    ],
  ])('with arguments given as the JSON text of %s', async (_, text, requests) => {
    const server = await start({ replies: () => ({ body: { id: 'user' } }) });
    const { error } = await server.call('call_read_tool', { tool: 'get_user', arguments: text });
    expect(error).toBeUndefined();
    expect(sent(server.api).sort()).toEqual(requests);
  });

  it.each([['not JSON'], ['"text"'], ['7']])('and refuse arguments given as the string %j', async (text) => {
    const server = await start();
    const { error } = await server.call('call_read_tool', { tool: 'get_user', arguments: text });
    expect(error?.kind).toBe('input');
    expect(error?.message).toContain('arguments');
    expect(server.api.requests).toEqual([]);
  });
});

const DOORS = ['call_read_tool', 'call_write_tool', 'call_destructive_tool'] as const;
const BEHIND = {
  list_users: 'call_read_tool',
  create_user: 'call_write_tool',
  update_user: 'call_write_tool',
  delete_user: 'call_destructive_tool',
  set_role_permissions: 'call_destructive_tool',
} as const;
const wrongDoors = DOORS.flatMap((door) =>
  Object.entries(BEHIND).flatMap(([tool, right]) => (right === door ? [] : [[door, tool, right] as const])),
);

describe('the dispatchers', () => {
  it.each(wrongDoors)('%s refuses %s and names %s', async (door, tool, right) => {
    const server = await start();
    const { error } = await server.call(door, { tool, arguments: {} });
    expect(error).toMatchObject({ kind: 'input', hint: `Use ${right}.` });
    expect(error?.message).toContain(`${door} cannot run ${tool}`);
    expect(server.api.requests).toEqual([]);
  });

  it.each([
    ['list_users', 'Use call_read_tool.'],
    ['create_user', 'Use call_write_tool.'],
    ['no_such_tool', 'find_tools searches all of them.'],
  ])('with a live key call_destructive_tool refuses %s without asking for confirmation', async (tool, hint) => {
    const questions: string[] = [];
    const server = await start({
      env: { WORKOS_TOKEN: 'sk_live_harness' },
      elicit: (question) => {
        questions.push(question);
        return 'accept';
      },
    });
    const { error } = await server.call('call_destructive_tool', { tool, arguments: {} });
    expect(error).toMatchObject({ kind: 'input', hint });
    expect(questions).toEqual([]);
    expect(server.api.requests).toEqual([]);
  });

  it.each(['no_such_tool', 'find_tools', 'call_read_tool', '__proto__', 'toString'])(
    'find no operation %s',
    async (tool) => {
      const server = await start();
      const { error } = await server.call('call_read_tool', { tool, arguments: {} });
      expect(error).toMatchObject({ kind: 'input', message: `There is no operation "${tool}"` });
      expect(error?.hint).toContain('find_tools');
    },
  );

  it('suggest the operation for a misspelled name', async () => {
    const server = await start();
    const { error } = await server.call('call_read_tool', { tool: 'get_organisation' });
    expect(error?.message).toBe('There is no operation "get_organisation"; did you mean get_organization?');
  });

  it('say what the API cannot do, instead of suggesting another operation', async () => {
    const server = await start();
    const { error } = await server.call('call_destructive_tool', { tool: 'delete_role', arguments: {} });
    expect(error?.message).toBe(
      'Delete environment role is not possible through the API. In the dashboard: Authorization, the role, Delete.',
    );
    expect(error?.hint).toContain('delete_organization_role');
  });

  it('name a row that is not an object', async () => {
    const server = await start();
    const { error } = await server.call('call_read_tool', {
      tool: 'get_user',
      arguments: [{ user_id: 'user_1' }, 'x'],
    });
    expect(error?.message).toBe('arguments.1: Invalid input: expected record, received string');
  });

  it('refuse an empty list of rows, and more than 100', async () => {
    const server = await start();
    const rows = Array.from({ length: 101 }, (_, at) => ({ user_id: `user_${at}` }));
    const { error } = await server.call('call_read_tool', { tool: 'get_user', arguments: rows });
    expect(error?.message).toBe('arguments: Too big: expected array to have <=100 items');
    const none = await server.call('call_read_tool', { tool: 'get_user', arguments: [] });
    expect(none.error?.message).toBe('arguments: Too small: expected array to have >=1 items');
  });

  it('refuse operations that the settings forbid', async () => {
    const server = await start({ flags: ['--exclude-tools', 'update_user,delete_user'] });
    for (const [door, tool] of [
      ['call_write_tool', 'update_user'],
      ['call_destructive_tool', 'delete_user'],
    ] as const) {
      const { error } = await server.call(door, { tool, arguments: { user_id: 'user_1' } });
      expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(`${tool} is excluded`) });
    }
    expect(server.api.requests).toEqual([]);
  });

  it('say that the settings forbid an operation, instead of naming the right dispatcher', async () => {
    const server = await start({ flags: ['--read-only'] });
    const { error } = await server.call('call_read_tool', { tool: 'delete_user', arguments: { user_id: 'user_1' } });
    expect(error).toMatchObject({ kind: 'refused', message: 'delete_user changes data and this server is read-only' });
  });

  it('are not listed if they can run nothing', async () => {
    const names = (await (await start({ flags: ['--read-only'] })).list()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('call_'))).toEqual(['call_read_tool']);
  });
});

const Rows = z.strictObject({
  tool: z.string(),
  count: z.number(),
  succeeded: z.number(),
  failed: z.number(),
  rows: z.array(
    z.strictObject({
      index: z.number(),
      ok: z.boolean(),
      user_id: z.string().optional(),
      value: z.unknown().optional(),
      error: z.looseObject({ kind: z.string(), message: z.string(), hint: z.string() }).optional(),
    }),
  ),
});
const users = (count: number) => Array.from({ length: count }, (_, at) => ({ user_id: `user_${at}` }));
const idIn = (url: string) => url.split('/').at(-1) ?? '';

/** An API that responds when the test says so. */
async function slowApi() {
  const waiting: { id: string; response: ServerResponse }[] = [];
  let most = 0;
  let wake = () => {};
  const server = await rawServer((request, response) => {
    request.resume();
    waiting.push({ id: idIn(request.url ?? ''), response });
    most = Math.max(most, waiting.length);
    wake();
  });
  return {
    ...server,
    waiting,
    most: () => most,
    /** Resolves when `count` requests are waiting and no more arrive within several turns of the event loop. */
    async arrived(count: number) {
      while (waiting.length < count) await new Promise<void>((resolve) => (wake = resolve));
      for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
    reply(at: number) {
      const [one] = waiting.splice(at, 1);
      one?.response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: one.id }));
    },
  };
}

describe('an array of arguments', () => {
  it('runs once per item, at most four at a time, and keeps the given order', async () => {
    const api = await slowApi();
    open.push(api);
    const server = await start({ baseUrl: api.url });
    const called = server.call('call_read_tool', { tool: 'get_user', arguments: users(11) });
    for (let left = 11; left > 0; left--) {
      await api.arrived(Math.min(4, left));
      // Latest first.
      api.reply(api.waiting.length - 1);
    }
    const { value } = await called;
    const { count, succeeded, failed, rows } = Rows.parse(value);
    expect({ count, succeeded, failed }).toEqual({ count: 11, succeeded: 11, failed: 0 });
    expect(rows).toEqual(users(11).map(({ user_id }, index) => ({ index, ok: true, value: { id: user_id } })));
    expect(api.most()).toBe(4);
  });

  it('continues after a failure and reports it in its row', async () => {
    const server = await start({
      replies: ({ url }) =>
        idIn(url) === 'user_1'
          ? { status: 404, body: { message: 'User not found' } }
          : { body: { id: decodeURIComponent(idIn(url)) } },
    });
    const { value, isError } = await server.call('call_read_tool', {
      tool: 'get_user',
      arguments: [...users(3), { user_id: '..' }, { wrong: true }],
    });
    expect(isError).toBe(false);
    const { rows, ...counts } = Rows.parse(value);
    expect(counts).toEqual({ tool: 'get_user', count: 5, succeeded: 2, failed: 3 });
    expect(rows.map(({ ok }) => ok)).toEqual([true, false, true, false, false]);
    expect(rows.map(({ error }) => error?.kind)).toEqual([undefined, 'not_found', undefined, 'input', 'input']);
    expect(rows[1]?.error).toMatchObject({ status: 404, request_id: expect.stringContaining('req_') });
    // The tool is named once at the top, not in every row.
    expect(rows[1]?.error).not.toHaveProperty('tool');
    expect(server.api.requests).toHaveLength(3);
  });

  it('says for a row with an unknown outcome that the write may have succeeded, and how to check', async () => {
    const server = await start({
      replies: ({ body }) =>
        JSON.stringify(body).includes('Lost') ? { status: 500, body: { message: 'Oops' } } : { body: { id: 'org' } },
    });
    const { value } = await server.call('call_write_tool', {
      tool: 'create_organization',
      arguments: [{ name: 'Kept' }, { name: 'Lost' }],
    });
    const { rows } = Rows.parse(value);
    expect(rows[0]?.ok).toBe(true);
    expect(rows[1]?.error?.hint).toContain('The write may have succeeded. Check with list_organizations');
    // Without a retry, which could create a second one.
    expect(server.api.requests).toHaveLength(2);
  });

  it('gives every row of a write its own Idempotency-Key', async () => {
    const server = await start({ replies: () => ({ body: { id: 'org' } }) });
    await server.call('call_write_tool', { tool: 'create_organization', arguments: [{ name: 'A' }, { name: 'A' }] });
    const keys = server.api.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys.every((key) => typeof key === 'string' && key.length > 10)).toBe(true);
    expect(new Set(keys).size).toBe(2);
  });

  it('reports increasing progress up to the last row', async () => {
    const server = await start({ replies: () => ({ body: { id: 'user' } }) });
    const seen: { progress: number; message?: string | undefined }[] = [];
    await server.call(
      'call_read_tool',
      { tool: 'get_user', arguments: users(6) },
      { onprogress: (progress) => seen.push(progress) },
    );
    expect(seen.map(({ message }) => message)).toEqual(['1 of 6', '2 of 6', '3 of 6', '4 of 6', '5 of 6', '6 of 6']);
    expect(seen.map(({ progress }) => progress)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('runs a JMESPath expression on the value of each row, and still shows failed rows', async () => {
    const server = await start({
      replies: ({ url }) =>
        idIn(url) === 'user_1'
          ? { status: 404, body: { message: 'User not found' } }
          : { body: { id: idIn(url), first_name: 'Ada' } },
    });
    const batch = { tool: 'get_user', arguments: users(3) };
    const { rows } = Rows.parse((await server.call('call_read_tool', { ...batch, query: 'first_name' })).value);
    expect(rows.map(({ value }) => value)).toEqual(['Ada', undefined, 'Ada']);
    expect(rows[1]).toMatchObject({ ok: false, user_id: 'user_1', error: { kind: 'not_found' } });
    const whole = Rows.parse((await server.call('call_read_tool', { ...batch, query: '@' })).value);
    expect(whole.rows[2]?.value).toEqual({ id: 'user_2', first_name: 'Ada' });
  });

  it('shows the available keys if an expression finds nothing, once for rows with the same keys', async () => {
    const server = await start({
      replies: ({ url }) => ({ body: { id: idIn(url), ...(idIn(url) === 'user_2' && { locale: 'de' }) } }),
    });
    const batch = { tool: 'get_user', arguments: users(4), query: 'name' };
    expect((await server.call('call_read_tool', batch)).value['rows']).toEqual([
      { index: 0, ok: true, user_id: 'user_0', value: null, keys: ['id'] },
      { index: 1, ok: true, user_id: 'user_1', value: null },
      { index: 2, ok: true, user_id: 'user_2', value: null, keys: ['id', 'locale'] },
      { index: 3, ok: true, user_id: 'user_3', value: null },
    ]);
    const found = Rows.parse((await server.call('call_read_tool', { ...batch, query: 'locale' })).value);
    expect(found.rows.map(({ value }) => value)).toEqual([null, null, 'de', null]);
  });

  it('reports a failed expression in its row, beside the result of the write', async () => {
    const server = await start({ replies: () => ({ body: { id: 'org_1', name: 'Acme' } }) });
    const { value } = await server.call('call_write_tool', {
      tool: 'create_organization',
      arguments: [{ name: 'Acme' }],
      query: 'sum(name)',
    });
    expect(Rows.parse(value).rows[0]?.value).toMatchObject({ id: 'org_1', query_error: expect.any(String) });
  });

  it('keeps a row whose expression expands to gigabytes, without reading all of it', async () => {
    const server = await start({ replies: () => ({ body: { id: 'user_1' } }) });
    const parts = Array.from({ length: 9 }, (_, at) => `let $a${at + 1} = [${Array(10).fill(`$a${at}`).join()}] in`);
    const { value, text } = await server.call('call_write_tool', {
      tool: 'create_user',
      arguments: [{ email: 'a@b.example' }, { email: 'b@b.example' }],
      query: `let $a0 = ['xxxxxxxxxxxxxxxxxxxx'] in ${parts.join(' ')} {k: $a9}`,
    });
    expect(value).toMatchObject({ count: 2, succeeded: 2, failed: 0 });
    expect(text.length).toBeLessThanOrEqual(40_000);
  });

  it('shows only the id, the name and the state of each row', async () => {
    const server = await start({
      replies: ({ url }) => ({
        body: {
          object: 'invitation',
          id: `invitation_${idIn(url)}`,
          email: 'ada@acme.com',
          state: 'pending',
          token: 'secret-token-0123456789',
          accept_invitation_url: 'https://acme.com/accept?token=secret-token-0123456789',
          created_at: '2026-11-01T00:00:00Z',
          organization_id: null,
        },
      }),
    });
    const { value, text } = await server.call('call_write_tool', {
      tool: 'resend_invitation',
      arguments: [{ invitation_id: 'a' }, { invitation_id: 'b' }],
    });
    expect(value['rows']).toEqual([
      {
        index: 0,
        ok: true,
        invitation_id: 'a',
        value: { id: 'invitation_resend', email: 'ada@acme.com', state: 'pending' },
      },
      {
        index: 1,
        ok: true,
        invitation_id: 'b',
        value: { id: 'invitation_resend', email: 'ada@acme.com', state: 'pending' },
      },
    ]);
    expect(text.length).toBeLessThan(420);
  });

  it('may have 1 to 100 items', async () => {
    const server = await start({ replies: () => ({ body: { id: 'user' } }) });
    for (const count of [0, 101]) {
      const { error } = await server.call('call_read_tool', { tool: 'get_user', arguments: users(count) });
      expect(error?.kind).toBe('input');
      expect(server.api.requests).toEqual([]);
    }
    const { value } = await server.call('call_read_tool', { tool: 'get_user', arguments: users(100) });
    expect(value['succeeded']).toBe(100);
    expect(server.api.requests).toHaveLength(100);
  });

  it('with one item still returns rows', async () => {
    const server = await start({ replies: () => ({ body: { id: 'user' } }) });
    const { value } = await server.call('call_read_tool', { tool: 'get_user', arguments: users(1) });
    expect(Rows.parse(value).rows).toEqual([{ index: 0, ok: true, user_id: 'user_0', value: { id: 'user' } }]);
  });

  it('with too large a result is truncated between rows, and says so', async () => {
    const server = await start({
      flags: ['--max-result-chars', '3000'],
      replies: ({ url }) => ({ body: { id: idIn(url), filler: 'x'.repeat(200) } }),
    });
    const { value, text } = await server.call('call_read_tool', {
      tool: 'get_user',
      arguments: users(30),
      query: '@',
    });
    expect(text.length).toBeLessThanOrEqual(3000);
    const { rows, omitted, succeeded } = z
      .object({ rows: z.array(z.unknown()), omitted: z.number(), succeeded: z.number() })
      .parse(value);
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.length + omitted).toBe(30);
    expect(succeeded).toBe(30);
  });

  it('that is cancelled midway starts no more rows and keeps the finished ones', async () => {
    const api = await slowApi();
    open.push(api);
    const server = await start();
    const { call: answer, close } = await openRuntime({
      config: configured(['--base-url', api.url, '--output-dir', server.outputDir, '--log-level', 'silent']),
      version: '0.0.0-test',
      exposed: new Set(['call_write_tool']),
    });
    open.push({ close });
    const controller = new AbortController();
    const answered = answer(
      'call_write_tool',
      { tool: 'update_user', arguments: users(9) },
      { origin: 'client', signal: controller.signal, progress: () => {}, ask: undefined },
    );
    await api.arrived(4);
    api.reply(0);
    await api.arrived(4);
    controller.abort();
    const { rows, succeeded, failed } = Rows.parse((await answered).structuredContent);
    expect({ succeeded, failed }).toEqual({ succeeded: 1, failed: 8 });
    expect(rows[0]).toMatchObject({ ok: true, value: { id: 'user_0' } });
    const inFlight = rows.slice(1, 5);
    const unstarted = rows.slice(5);
    for (const { error } of inFlight) {
      expect(error?.kind).toBe('cancelled');
      expect(error?.hint).toContain('The write may have succeeded. Check with get_user');
    }
    for (const { error } of unstarted) {
      expect(error).toEqual({
        kind: 'cancelled',
        message: 'Not started: the call was cancelled first',
        hint: 'Nothing was sent for this row.',
      });
    }
    expect(unstarted).toHaveLength(4);
  });

  it('that the client cancels sends nothing more', async () => {
    const api = await recordingApi();
    open.push(api);
    const controller = new AbortController();
    api.respondWith((_, nth) => {
      if (nth === 6) controller.abort();
      return { body: { id: 'user' } };
    });
    const server = await start({ baseUrl: api.url });
    await expect(
      server.call('call_read_tool', { tool: 'get_user', arguments: users(60) }, { signal: controller.signal }),
    ).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    expect(api.requests.length).toBeLessThan(20);
  });
});
