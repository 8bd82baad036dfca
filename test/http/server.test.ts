import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Replies } from '../harness.ts';
import { ALL, callOf, KEY, PUBLIC, request, type TeamOptions, type TestTeam, testTeam } from './team.ts';

const open: TestTeam[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A team server for one test. */
async function start(options: TeamOptions = {}): Promise<TestTeam> {
  const team = await testTeam(options);
  open.push(team);
  return team;
}

const permissions = (...rights: string[]) => ({ permissions: rights.map((right) => `workos-mcp:${right}`) });
const initialize = request('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: { elicitation: {} },
  clientInfo: { name: 'test', version: '1' },
});

describe('a team server', () => {
  let team: TestTeam;
  let token: string;
  beforeAll(async () => {
    team = await testTeam({ flags: ['--allowed-hosts', 'mcp.internal,proxy.example:8443'] });
    token = await team.issuer.token({ permissions: ALL });
  });
  beforeEach(() => {
    team.api.requests.length = 0;
    team.api.respondWith(() => undefined);
  });
  afterAll(() => team.close());

  /** Sends a request with headers or a path that fetch() would not send. */
  async function send(
    path: string,
    {
      method = 'GET',
      headers = {},
      body,
    }: { method?: string; headers?: Record<string, string | string[]>; body?: string },
  ): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
    const { port } = new URL(team.url);
    const sent = httpRequest({ port, host: '127.0.0.1', path, method, headers });
    sent.on('error', () => {});
    sent.end(body);
    const [response] = await once(sent, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  }

  it('tells a client without a token where to get one', async () => {
    const { status, headers } = await team.post(initialize);
    expect(status).toBe(401);
    const metadata = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
    expect(headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${metadata}"`);
  });

  it.each(['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])(
    'serves its resource metadata at %s',
    async (path) => {
      const { status, text, headers } = await send(path, {});
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'access-control-allow-origin': '*' });
      expect(JSON.parse(text)).toEqual({
        resource: PUBLIC,
        authorization_servers: [team.issuer.url],
        bearer_methods_supported: ['header'],
        scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
        resource_name: 'WorkOS',
      });
    },
  );

  it('redirects clients of older protocols to AuthKit', async () => {
    const { status, headers } = await send('/.well-known/oauth-authorization-server', {});
    expect([status, headers['location']]).toEqual([302, `${team.issuer.url}/.well-known/oauth-authorization-server`]);
  });

  it('says why a token is rejected without repeating its contents', async () => {
    const wrong = await team.issuer.token({ aud: 'https://"other".example', sub: 'somebody' });
    const { status, headers, text } = await team.post(initialize, wrong);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(
      /^Bearer error="invalid_token", error_description="The token is for another audience", resource_metadata="[^"]+"$/,
    );
    expect(text).not.toMatch(/other.\.example|somebody/);
  });

  it.each(['', 'Basic YTpi', 'Bearer', 'Bearer a b', 'bearer\ttoken', 'Bearer tok\u00e9n'])(
    'does not accept "%s" as a token',
    async (authorization) => {
      const headers = { authorization, 'content-type': 'application/json' };
      expect((await send('/mcp', { method: 'POST', headers, body: '{}' })).status).toBe(401);
    },
  );

  it('accepts a token only in the Authorization header', async () => {
    const headers = { 'content-type': 'application/json', cookie: `access_token=${token}`, 'x-access-token': token };
    const body = JSON.stringify({ ...initialize, access_token: token });
    for (const path of [`/mcp?access_token=${token}`, `/mcp?authorization=Bearer%20${token}`]) {
      const { status, text } = await send(path, { method: 'POST', headers, body });
      expect([status, text.includes(token)]).toEqual([401, false]);
    }
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send('/mcp', { method: 'POST', headers: form, body: `access_token=${token}` })).status).toBe(401);
  });

  it.each<[string, Record<string, string>]>([
    [
      'X-Forwarded-Host',
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', 'x-forwarded-prefix': '/x' },
    ],
    ['Forwarded', { forwarded: 'host=evil.example;proto=http' }],
    ['X-Original-URL', { 'x-original-url': '/healthz', 'x-rewrite-url': '/healthz' }],
    ['X-HTTP-Method-Override', { 'x-http-method-override': 'GET' }],
    ['X-Forwarded-User', { 'x-forwarded-user': 'user_ada', 'x-forwarded-access-token': 'x', 'x-real-ip': '127.0.0.1' }],
  ])('ignores %s', async (_, more) => {
    const headers = { ...more, 'content-type': 'application/json' };
    const { status, headers: got } = await send('/mcp', { method: 'POST', headers, body: JSON.stringify(initialize) });
    expect(status).toBe(401);
    const metadata = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp';
    expect(got['www-authenticate']).toBe(`Bearer resource_metadata="${metadata}"`);
    // It does not replace the Host header either.
    const forged = { ...headers, host: 'evil.example', 'x-forwarded-host': 'mcp.example.com' };
    expect((await send('/mcp', { method: 'POST', headers: forged, body: '{}' })).status).toBe(403);
  });

  it('accepts the Bearer scheme in any case', async () => {
    const { status } = await team.post(initialize, undefined, { authorization: `bearer ${token}` });
    expect(status).toBe(200);
  });

  it('serves each message separately, without a session', async () => {
    const { message, headers } = await team.post(initialize, token);
    expect(message.result).toMatchObject({
      protocolVersion: '2025-11-25',
      capabilities: { prompts: {}, resources: {}, tools: {} },
    });
    expect(headers.get('mcp-session-id')).toBeNull();
    const { status } = await team.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, token);
    expect(status).toBe(202);
    // Another instance could have answered: nothing was remembered.
    expect((await team.post(request('tools/list'), token)).message.result?.tools).not.toHaveLength(0);
    expect((await team.post(request('ping'), token)).message.result).toEqual({});
  });

  it.each(['GET', 'DELETE', 'PUT', 'HEAD'])('answers 405 to %s', async (method) => {
    const { status, headers } = await send('/mcp', {
      method,
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
    });
    expect([status, headers['allow']]).toEqual([405, 'POST']);
  });

  it.each(['/', '/mcp/', '/mcp2', '/MCP', '//mcp', '/x/../mcp', '/mcp%2f', 'http://evil.example/mcp'])(
    'has no endpoint at %s',
    async (path) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      expect((await send(path, { method: 'POST', headers, body: JSON.stringify(initialize) })).status).toBe(404);
    },
  );

  it.each([
    ['json', 'application/json', /^application\/json/],
    ['json', undefined, /^application\/json/],
    ['json', '*/*', /^application\/json/],
    ['a stream', 'text/event-stream', /^text\/event-stream/],
  ])('answers in %s if the client accepts %s', async (_, accept, type) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(accept !== undefined && { accept }),
    };
    const { headers: got, text } = await send('/mcp', {
      method: 'POST',
      headers,
      body: JSON.stringify(request('tools/list')),
    });
    expect(got['content-type']).toMatch(type);
    expect(text).toContain('list_organizations');
  });

  it('answers 406 to a client that accepts neither', async () => {
    expect((await team.post(request('ping'), token, { accept: 'text/html' })).status).toBe(406);
  });

  it('streams the progress of a call to a client that asked for it', async () => {
    let pages = 0;
    team.api.respondWith(() => ({
      body: {
        object: 'list',
        data: [{ id: `user_${pages}` }],
        list_metadata: { after: pages++ < 2 ? `user_${pages}` : null },
      },
    }));
    const call = callOf('list_users', { all_pages: true }, { progressToken: 'p1' });
    const { headers, text, message } = await team.post(call, token);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(text.match(/"method":"notifications\/progress"/g)?.length).toBeGreaterThanOrEqual(2);
    expect(message).toMatchObject({ id: call.id, result: { structuredContent: { items: 3 } } });
    // A single response if no progress was requested.
    const plain = await team.post(callOf('list_users', {}), token);
    expect(plain.headers.get('content-type')).toBe('application/json');
  });

  it.each<[string, string, number, number | undefined]>([
    ['malformed JSON', '{', 400, -32700],
    ['an empty list', '[]', 400, -32600],
    ['a batch', JSON.stringify([initialize, initialize]), 400, -32600],
    ['an object without a method', '{"jsonrpc":"2.0"}', 400, -32600],
    ['a fractional id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 400, -32600],
    [
      'deep nesting',
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
      400,
      -32600,
    ],
    ['an unknown method', JSON.stringify(request('tools/delete')), 200, -32601],
    ['an unknown tool', JSON.stringify(callOf('drop_tables')), 200, -32602],
  ])('answers %s with an error', async (_, body, status, code) => {
    const answer = await team.post(body, token);
    expect([answer.status, answer.message.error?.code]).toEqual([status, code]);
    expect(answer.text).not.toContain('The line');
  });

  it.each<[string, Record<string, string>, number]>([
    ['of another content type', { 'content-type': 'text/plain' }, 415],
    ['from a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['that is compressed', { 'content-encoding': 'gzip' }, 415],
    ['of an unknown protocol version', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('refuses a message %s', async (_, headers, status) => {
    expect((await team.post(request('ping'), token, headers)).status).toBe(status);
  });

  it('refuses a body that is not UTF-8', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(team.url, { method: 'POST', headers, body: new Uint8Array([0x22, 0xff, 0x22]) });
    expect(response.status).toBe(400);
  });

  it('accepts 4 MiB, and not a byte more', async () => {
    const message = JSON.stringify(request('ping'));
    const largest = message + ' '.repeat(4 * 1024 * 1024 - message.length);
    expect((await team.post(largest, token)).status).toBe(200);
    // The connection may be closed before all is sent.
    const more = await team.post(`${largest} `, token).catch(() => ({ status: 413 }));
    expect(more.status).toBe(413);
  });

  it('refuses more than 4 MiB, with or without a Content-Length', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const announced = await send('/mcp', {
      method: 'POST',
      headers: { ...headers, 'content-length': '5000000' },
      body: '{',
    });
    expect(announced.status).toBe(413);
    const stream = new ReadableStream({
      start(controller) {
        for (let at = 0; at < 5; at++) controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
        controller.close();
      },
    });
    const options = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit;
    // The connection may be closed before all is sent.
    const status = await fetch(team.url, options).then(
      (response) => response.status,
      () => 413,
    );
    expect(status).toBe(413);
  });

  it.each<[string, string, number]>([
    ['its own address', '127.0.0.1', 200],
    ['localhost with a port', 'localhost:9999', 200],
    ['IPv6 loopback', '[::1]:80', 200],
    ['its public name', 'mcp.example.com', 200],
    ['its public name with the port of https', 'mcp.example.com:443', 200],
    ['its public name in capitals', 'MCP.Example.COM', 200],
    ['an allowed name', 'mcp.internal:1234', 200],
    ['an allowed name and port', 'proxy.example:8443', 200],
    ['an allowed name and another port', 'proxy.example:8444', 403],
    ['its public name with another port', 'mcp.example.com:8080', 403],
    ['another name', 'evil.example', 403],
    ['a name that starts with its own', 'mcp.example.com.evil.example', 403],
    ['a name that looks like loopback', '127.0.0.1.evil.example', 403],
    ['a name with credentials', 'evil@127.0.0.1', 403],
    ['two names', 'localhost, evil.example', 403],
  ])('answers %s (Host: %s) with %i', async (_, host, status) => {
    const headers = { host, authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: '*/*' };
    expect((await send('/mcp', { method: 'POST', headers, body: JSON.stringify(request('ping')) })).status).toBe(
      status,
    );
  });

  it.each<[string, number]>([
    ['https://mcp.example.com', 200],
    ['http://localhost:6274', 200],
    ['http://127.0.0.1', 200],
    ['https://evil.example', 403],
    ['https://mcp.example.com.evil.example', 403],
    ['https://mcp.example.com:444', 403],
    ['null', 403],
    ['file://', 403],
    ['https://mcp.example.com/mcp', 403],
  ])('answers a page from %s with %i', async (origin, status) => {
    const { status: got, headers } = await team.post(request('ping'), token, { origin });
    expect(got).toBe(status);
    expect(headers.get('access-control-allow-origin')).toBe(status === 200 ? origin : null);
  });

  it('answers a preflight from an allowed page without a token', async () => {
    const { status, headers } = await send('/mcp', { method: 'OPTIONS', headers: { origin: 'http://localhost:6274' } });
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:6274',
      'access-control-allow-methods': 'POST',
    });
  });

  it.each(['authorization', 'host', 'origin', 'content-type', 'accept', 'mcp-protocol-version'])(
    'refuses two %s headers, because a proxy may have read the other one',
    async (name) => {
      const { port } = new URL(team.url);
      const socket = connect(Number(port), '127.0.0.1');
      const lines = {
        host: '127.0.0.1',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: '*/*',
      };
      const twice = {
        host: '127.0.0.1',
        origin: 'http://localhost',
        authorization: 'Bearer x',
        'content-type': 'a/b',
        accept: 'a/b',
        'mcp-protocol-version': '2025-11-25',
      };
      const extra = Object.entries(twice).filter(([one]) => one === name);
      const more = name in lines ? extra : [...extra, ...extra];
      const headers = [...Object.entries(lines), ...more].map(([one, value]) => `${one}: ${value}`).join('\r\n');
      socket.write(`POST /mcp HTTP/1.1\r\n${headers}\r\ncontent-length: 2\r\n\r\n{}`);
      expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 400/);
      socket.destroy();
    },
  );

  it("shows and runs only what a caller's permissions allow", async () => {
    const [reader, operator, nobody] = await Promise.all([
      team.issuer.token({ sub: 'user_reader', ...permissions('read') }),
      team.issuer.token({ sub: 'user_operator', ...permissions('read', 'write') }),
      team.issuer.token({ sub: 'user_nobody', permissions: ['posts:read'] }),
    ]);
    const listed = async (bearer: string) =>
      (await team.post(request('tools/list'), bearer)).message.result?.tools?.map(({ name }) => name) ?? [];
    expect(await listed(reader)).toContain('list_users');
    expect(await listed(reader)).not.toContain('call_write_tool');
    expect(await listed(operator)).toContain('call_write_tool');
    expect(await listed(operator)).not.toContain('call_destructive_tool');
    expect(await listed(token)).toContain('call_destructive_tool');
    expect(await listed(nobody)).toEqual([]);
    const { message } = await team.post(initialize, nobody);
    expect(message.result?.instructions).toContain('has none of the permissions workos-mcp:read');

    const input = { tool: 'delete_user', arguments: { user_id: 'user_1' } };
    expect((await team.call(operator, 'call_destructive_tool', input)).error?.message).toContain('workos-mcp:delete');
    expect(
      (await team.call(reader, 'call_write_tool', { tool: 'create_user', arguments: { email: 'a@b.example' } })).error
        ?.kind,
    ).toBe('refused');
    expect(team.api.requests).toEqual([]);
  });

  it.each([
    undefined,
    'workos-mcp:read',
    { 0: 'workos-mcp:read' },
    [['workos-mcp:read']],
    [{ slug: 'workos-mcp:read' }],
    'x',
  ])('grants nothing for a malformed permissions claim: %j', async (claim) => {
    const bearer = await team.issuer.token({ permissions: claim, org_id: undefined });
    expect((await team.post(request('tools/list'), bearer)).message.result?.tools).toEqual([]);
  });

  it('tells a caller without permissions only how to get a role', async () => {
    const nobody = await team.issuer.token({ sub: 'user_nobody', permissions: [] });
    expect((await team.post(initialize, nobody)).message.result?.['capabilities']).toEqual({ tools: {} });
    for (const message of [
      request('resources/list'),
      request('resources/read', { uri: 'workos://settings' }),
      request('prompts/list'),
    ]) {
      expect((await team.post(message, nobody)).message.error?.code).toBe(-32601);
    }
    expect((await team.call(nobody, 'check_connector')).error?.message).toContain('none of the permissions');
  });

  it('refuses a message with __proto__', async () => {
    const body = JSON.stringify(callOf('list_users', { limit: 1 })).replace(
      '"limit"',
      '"__proto__":{"limit":5},"limit"',
    );
    const { text } = await team.post(body, token);
    expect(text).toContain('__proto__');
    expect(team.api.requests).toEqual([]);
  });

  it("offers no argument that refers to the server's machine", async () => {
    const { message } = await team.post(request('tools/list'), token);
    const check = message.result?.tools?.find(({ name }) => name === 'check_connector');
    expect(Object.keys(check?.inputSchema.properties ?? {})).toEqual(['url', 'method', 'query']);
    const { error } = await team.call(token, 'check_connector', { env_name: 'WORKOS_TOKEN' });
    expect(error?.message).toContain('Unknown argument "env_name". This server is on another machine');
  });

  it('returns a confirmation code instead of asking through the client, even if the client could ask', async () => {
    team.api.respondWith(({ method }) =>
      method === 'GET' ? { body: { id: 'org_1', name: 'Acme' } } : { status: 204 },
    );
    const preview = await team.call(token, 'delete_organization', { organization_id: 'org_1' });
    expect(preview).toMatchObject({ changed: false, confirmation: expect.any(String) });
  });

  it('accepts a confirmation code only from the person it was issued to', async () => {
    team.api.respondWith(({ method }) =>
      method === 'GET' ? { body: { id: 'org_1', name: 'Acme' } } : { status: 204 },
    );
    const input = { tool: 'delete_organization', arguments: { organization_id: 'org_1' } };
    const { confirmation } = await team.call(token, 'call_destructive_tool', input);
    const others = [
      await team.issuer.token({ sub: 'user_bob', permissions: ALL }),
      await team.issuer.token({ org_id: 'org_other', permissions: ALL }),
    ];
    for (const other of others) {
      const { error } = await team.call(other, 'call_destructive_tool', { ...input, confirmation });
      expect(error?.kind).toBe('refused');
    }
    expect(team.api.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
    // The refused attempts did not use it up.
    expect(await team.call(token, 'call_destructive_tool', { ...input, confirmation })).toMatchObject({ ok: true });
    expect(team.api.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it('redeems a confirmation code once, however many calls try at once', async () => {
    team.api.respondWith(({ method }) =>
      method === 'GET' ? { body: { id: 'org_1', name: 'Acme' } } : { status: 204 },
    );
    const input = { organization_id: 'org_1' };
    const { confirmation } = await team.call(token, 'delete_organization', input);
    const tries = Array.from({ length: 20 }, () => team.call(token, 'delete_organization', { ...input, confirmation }));
    expect((await Promise.all(tries)).filter(({ ok }) => ok)).toHaveLength(1);
    expect(team.api.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it('answers /healthz and /readyz for any host, without details', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const { status, text } = await send(path, { headers: { host: '10.1.2.3:8787' } });
      expect(status).toBe(200);
      expect(text.length).toBeLessThan(10);
    }
  });

  it('never shows the key in an answer', async () => {
    team.api.respondWith(() => ({ body: { object: 'list', data: [{ id: KEY }], list_metadata: {} } }));
    const answers = await Promise.all([
      team.post(initialize, token),
      team.post(callOf('list_users'), token),
      team.post(request('resources/read', { uri: 'workos://settings' }), token),
    ]);
    for (const { text } of answers) expect(text).not.toContain(KEY);
    expect(answers[2]?.text).not.toContain(team.outputDir);
  });
});

describe('a person whose token has no permissions claim', () => {
  const membership = { id: 'om_1', user_id: 'user_ada', organization_id: 'org_team', status: 'active' };
  const roles = [
    { slug: 'workos-mcp-reader', permissions: ['workos-mcp:read'] },
    { slug: 'workos-mcp-admin', permissions: ALL },
    // A role without a slug, which must not match a membership without a role.
    { permissions: ALL },
  ];
  const answering =
    (memberships: unknown[]): Replies =>
    ({ url }) => {
      if (url.startsWith('/user_management/organization_memberships'))
        return { body: { data: memberships, list_metadata: {} } };
      if (url === '/authorization/organizations/org_team/roles') return { body: { data: roles } };
      return undefined;
    };
  const toolsFor = async (team: TestTeam, claims = {}) =>
    (await team.post(request('tools/list'), await team.issuer.token(claims))).message.result?.tools?.map(
      ({ name }) => name,
    );

  it('may do what their role in the organization permits', async () => {
    const team = await start({ replies: answering([{ ...membership, role: { slug: 'workos-mcp-reader' } }]) });
    expect(await toolsFor(team)).toContain('list_users');
    expect(await toolsFor(team)).not.toContain('call_write_tool');
    // One lookup for both lists.
    expect(team.api.requests).toHaveLength(2);
    expect(team.api.requests[0]?.url).toContain('organization_id=org_team&statuses=active&user_id=user_ada');
  });

  it('may do in another organization only what their role there permits', async () => {
    const team = await start({
      replies: (request, nth) =>
        request.url.includes('organization_id=org_other')
          ? { body: { data: [], list_metadata: {} } }
          : answering([{ ...membership, role: { slug: 'workos-mcp-reader' } }])(request, nth),
    });
    expect(await toolsFor(team)).toContain('list_users');
    expect(await toolsFor(team, { org_id: 'org_other' })).toEqual([]);
    expect(await toolsFor(team, { org_id: undefined })).toEqual([]);
    expect(await toolsFor(team)).toContain('list_users');
  });

  it('has the permissions of all of their roles', async () => {
    const both = [{ slug: 'member' }, { slug: 'workos-mcp-admin' }];
    const team = await start({ replies: answering([{ ...membership, role: both[0], roles: both }]) });
    expect(await toolsFor(team)).toContain('call_destructive_tool');
  });

  it.each<[string, unknown[], Record<string, unknown>]>([
    ['are not a member', [], {}],
    [
      'are not signed in to an organization',
      [{ ...membership, role: { slug: 'workos-mcp-admin' } }],
      { org_id: undefined },
    ],
    ['are no longer active', [{ ...membership, status: 'inactive', role: { slug: 'workos-mcp-admin' } }], {}],
    [
      "only get somebody else's membership",
      [{ ...membership, user_id: 'user_eve', role: { slug: 'workos-mcp-admin' } }],
      {},
    ],
    [
      'only get a membership of another organization',
      [{ ...membership, organization_id: 'org_x', role: { slug: 'workos-mcp-admin' } }],
      {},
    ],
    ['have an unknown role', [{ ...membership, role: { slug: 'ghost' } }], {}],
    ['have no role', [{ ...membership }], {}],
    ['have an empty permissions claim', [{ ...membership, role: { slug: 'workos-mcp-admin' } }], { permissions: [] }],
  ])('may do nothing if they %s', async (_, memberships, claims) => {
    const team = await start({ replies: answering(memberships) });
    expect(await toolsFor(team, claims)).toEqual([]);
  });

  it('is told to retry while the lookup fails, and the failure is not cached', async () => {
    const team = await start({ replies: () => ({ status: 500, body: { message: 'no' } }) });
    const token = await team.issuer.token();
    const { status, headers } = await team.post(request('tools/list'), token);
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    team.api.respondWith(answering([{ ...membership, role: { slug: 'workos-mcp-reader' } }]));
    expect(await toolsFor(team)).toContain('list_users');
  });

  it('loses a revoked permission within a minute', async () => {
    let clock = Date.now();
    const replies = answering([{ ...membership, role: { slug: 'workos-mcp-reader' } }]);
    const team = await start({ replies, runtime: { now: () => clock } });
    expect(await toolsFor(team)).toContain('list_users');
    team.api.respondWith(answering([]));
    clock += 60_000;
    expect(await toolsFor(team)).toEqual([]);
  });

  it('gets their role looked up even if the settings exclude the tools for it', async () => {
    const flags = ['--exclude-tools', 'list_organization_memberships,list_organization_roles'];
    const team = await start({ flags, replies: answering([{ ...membership, role: { slug: 'workos-mcp-reader' } }]) });
    const tools = await toolsFor(team);
    expect(tools).toContain('list_users');
    expect(tools).not.toContain('list_organization_memberships');
  });
});

describe('--require-organization', () => {
  it('admits only members of that organization and logs who was turned away', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-turned-away-'));
    const log = join(folder, 'audit.jsonl');
    const team = await start({ flags: ['--require-organization', 'org_team', '--audit-log', log] });
    expect((await team.post(initialize, await team.issuer.token({ permissions: ALL }))).status).toBe(200);
    for (const org_id of ['org_other', undefined, '', ['org_team']]) {
      const { status, text } = await team.post(initialize, await team.issuer.token({ org_id, permissions: ALL }));
      expect(status).toBe(403);
      expect(text).toContain('members of org_team only');
    }
    const lines = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    // One line a minute for each person and organization, or they could fill the disk.
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ person: 'user_ada', organization: 'org_other', outcome: 'refused' });
    rmSync(folder, { recursive: true });
  });
});
