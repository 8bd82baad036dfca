import { afterEach, describe, expect, it } from 'vitest';
import { tools } from '../../src/tools/catalog.ts';
import { type Connected, type ConnectOptions, connect } from '../harness.ts';

const open: Connected[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});
async function start(options: ConnectOptions): Promise<Connected> {
  const server = await connect(options);
  open.push(server);
  return server;
}

const excluding = (...names: string[]) => start({ flags: names.flatMap((name) => ['--exclude-tools', name]) });

/** The paths that reading tools request, with an id for each placeholder. */
const READ_PATHS = [...tools.values()].flatMap((tool) => {
  const routes = tool.kind === 'endpoint' ? [tool.route] : tool.kind === 'workflow' ? [...tool.routes] : [];
  return [...routes, ...(tool.legacyRoute ? [tool.legacyRoute] : [])]
    .filter((route) => route.startsWith('GET '))
    .map((route) => [tool.name, route.slice('GET '.length).replace(/\{\w+\}/g, 'id_01ABC')] as const);
});

describe('a url that an excluded tool reads is refused by check_connector', () => {
  it('for every reading tool', { timeout: 120_000 }, async () => {
    expect(READ_PATHS.length).toBeGreaterThan(80);
    const server = await start({
      flags: ['--exclude-tools', [...new Set(READ_PATHS.map(([name]) => name))].join(',')],
    });
    for (const [, url] of READ_PATHS) {
      const { error } = await server.call('check_connector', { url });
      expect({ url, kind: error?.kind }).toEqual({ url, kind: 'refused' });
      expect(error?.message).toContain(' is excluded');
    }
    expect(server.api.requests).toEqual([]);
  });

  it.each<[tool: string, url: string]>([
    ['get_user', '/user_management/users/user_1'],
    ['get_user', '/user_management/users/user_1?x=1#y'],
    ['get_user', '/user_management/users/user_1/'],
    ['get_user', '/user_management/users/user_1///'],
    ['get_user', '/user_management//users///user_1'],
    ['get_user', '/user%5fmanagement/%75sers/user_1'],
    ['get_user', '/user%255fmanagement/users/user_1'],
    ['get_user', '/user_management%2Fusers%2fuser_1'],
    ['get_user', '/user_management%252Fusers/user_1'],
    ['get_user', '/user_management%5cusers%5Cuser_1'],
    ['get_user', '\\user_management\\users\\user_1'],
    ['get_user', '/User_Management/USERS/user_1'],
    ['get_user', '/organizations/../user_management/./users/user_1'],
    ['get_user', '/organizations/%2e%2E/user_management/users/user_1'],
    ['get_user', '/organizations/%252e%252e/user_management/users/user_1'],
    ['get_user', '/organizations/..%2fuser_management/users/user_1'],
    ['get_user', '/user_management/users/user_1;x=1'],
    ['get_user', '/user_management;x=1/users/user_1'],
    ['get_user', '/user_management/users/user_1.json'],
    ['get_user', '/user_management/users/user_1%00'],
    ['get_user', '/user_management/us\ters/user_1'],
    ['get_user', '/user_management/users%20/user_1'],
    ['list_users', '/user_management/users.json?limit=1'],
    ['list_users', '/user_management/users%3fx'],
    ['list_users', '/user_management/users%23x'],
    ['list_users', '/user_management/users/%2e'],
    ['list_roles', '/roles'],
    ['list_roles', '/authorization/roles/'],
    ['get_role', '/roles/admin'],
    ['poll_audit_export', '/audit_logs/exports/exp_1'],
    ['list_events', '/events?events=user.created'],
  ])('excluding %s: %j', async (name, url) => {
    const server = await excluding(name);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'options']) {
      const { error } = await server.call('check_connector', { url, method });
      expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(`${name} is excluded`) });
    }
    expect(server.api.requests).toEqual([]);
  });

  it('also as a full URL, below a base URL with a path', async () => {
    const { api } = await start({});
    const server = await start({ baseUrl: `${api.url}/workos/v1`, flags: ['--exclude-tools', 'get_connection'] });
    for (const path of ['connections/conn_1', '/connections/%2e/conn_1/', 'x/%252e%252e/connections/conn_1']) {
      const { error } = await server.call('check_connector', { url: `${api.url}/workos/v1/${path}` });
      expect(error?.kind).toBe('refused');
    }
    expect(api.requests).toEqual([]);
    await server.call('check_connector', { url: '/workos/v1/connections' });
    expect(api.requests.map(({ url }) => url)).toEqual(['/workos/v1/connections']);
  });

  it('also through call_read_tool', async () => {
    const server = await excluding('list_directories');
    const input = { tool: 'check_connector', arguments: { url: '/directories?limit=1' } };
    expect((await server.call('call_read_tool', input)).error?.kind).toBe('refused');
    expect(server.api.requests).toEqual([]);
  });
});

describe('check_connector still reads', () => {
  it.each([
    ['get_user', '/user_management/users?limit=1'],
    ['list_users', '/user_management/users/user_1'],
    ['delete_user', '/user_management/users/user_1'],
    ['list_organizations', '/organizations/org_1'],
    ['get_organization', '/organizations'],
    ['list_users', '/'],
    ['list_users', '/no/such/thing'],
    ['list_users', '/user_management/user'],
    ['list_users', '/user_management/users%'],
  ])('what is not excluded: without %s, %s', async (name, url) => {
    const server = await excluding(name);
    const { value } = await server.call('check_connector', { url });
    expect(value).toHaveProperty('findings');
    expect(server.api.requests.map((request) => request.url)).toEqual([url]);
  });

  it('on a read-only server', async () => {
    const server = await start({ flags: ['--read-only'] });
    expect((await server.call('check_connector', { url: '/user_management/users/user_1' })).error).toBeUndefined();
    expect(server.api.requests).toHaveLength(1);
  });
});

describe('without a url, check_connector', () => {
  it('requests another list if organizations are excluded', async () => {
    const server = await excluding('list_organizations');
    const { value } = await server.call('check_connector');
    expect(value['healthy']).toBe(true);
    expect(server.api.requests).toHaveLength(1);
    expect(server.api.requests[0]?.url).not.toMatch(/^\/organizations/);
  });

  it('sends nothing if every list is excluded, and says so', async () => {
    const lists = READ_PATHS.filter(([, path]) => !path.includes('id_01ABC')).map(([name]) => name);
    const server = await excluding(...new Set(lists));
    const { value } = await server.call('check_connector');
    expect(server.api.requests).toEqual([]);
    expect(value['summary']).not.toContain('responded');
    expect(JSON.stringify(value)).toContain('settings exclude every list');
  });
});

it('check_connector requests no url meant for a browser, such as a logout', async () => {
  const server = await start({});
  const opened = [...tools.values()].filter(
    (tool) => tool.kind === 'endpoint' && tool.route.startsWith('GET ') && (tool.effect !== 'read' || tool.redirect),
  );
  expect(opened.length).toBeGreaterThan(0);
  for (const tool of opened) {
    if (tool.kind !== 'endpoint') continue;
    const url = tool.route.slice('GET '.length).replace(/\{\w+\}/g, 'id_01ABC');
    const { error } = await server.call('check_connector', { url });
    expect({ url, kind: error?.kind }).toEqual({ url, kind: 'refused' });
  }
  expect(server.api.requests).toEqual([]);
});
