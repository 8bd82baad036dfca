import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exposedTools } from '../../src/mcp/exposure.ts';
import { MAX_LINE_BYTES, StdioTransport } from '../../src/mcp/stdio-transport.ts';
import { catalogEntries } from '../../src/tools/catalog.ts';
import { type Api, configured, recordingApi } from '../harness.ts';
import { holdingApi } from '../holding-api.ts';
import { COMMAND, cleanEnvironment, initialize, type Session, startServer } from '../process.ts';

const KEY = 'sk_test_stdio';
const env = { WORKOS_TOKEN: KEY };

let api: Api;
let server: Session;

beforeAll(async () => {
  api = await recordingApi();
  server = await startServer(['--base-url', api.url], env);
});
afterAll(async () => {
  server.kill();
  await api.close();
});

describe('an MCP client', () => {
  it.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['1999-12-31', '2025-11-25'],
  ])('that requests protocol version %s gets %s', async (requested, negotiated) => {
    const fresh = await startServer([], env, { handshake: false });
    fresh.send({ id: 1, method: 'initialize', params: initialize(requested) });
    expect(await fresh.response(1)).toMatchObject({
      result: { protocolVersion: negotiated, serverInfo: { name: 'workos' }, capabilities: { tools: {} } },
    });
    fresh.kill();
  });

  it('gets exactly the definitions of the catalog, which the build writes to a file', async () => {
    const written: unknown = JSON.parse(readFileSync(new URL('../../dist/tools.json', import.meta.url), 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(catalogEntries())));
    const all = await startServer(['--toolsets', 'all'], env);
    all.send({ id: 'list', method: 'tools/list' });
    expect(await all.response('list')).toMatchObject({
      result: {
        tools: exposedTools(catalogEntries(), configured(['--toolsets', 'all'])).map(({ definition }) => definition),
      },
    });
    all.kill();
  });

  it('from the SDK lists the 35 core tools and calls one', async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [COMMAND, '--base-url', api.url],
        env: cleanEnvironment(env),
      }),
    );
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(35);
    const result = await client.callTool({ name: 'list_organizations', arguments: { limit: 2 } });
    expect(result.structuredContent).toMatchObject({ object: 'list', data: [] });
    expect(api.requests.at(-1)).toMatchObject({
      url: '/organizations?order=desc&limit=2',
      headers: { authorization: `Bearer ${KEY}` },
    });
    await client.close();
  });

  it('gets only JSON-RPC on stdout and JSON lines on stderr, even at log level trace', async () => {
    const verbose = await startServer(['--base-url', api.url, '--log-level', 'trace'], env);
    verbose.call(1, 'list_organizations');
    verbose.call(2, 'list_organizations', { nonsense: true });
    verbose.write('not JSON\n');
    await Promise.all([verbose.response(1), verbose.response(2), verbose.response(null)]);
    verbose.child.stdin.end();
    const { out, err } = await verbose.ended;
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    const logged = err.trimEnd().split('\n');
    expect(logged.length).toBeGreaterThan(3);
    for (const line of logged) expect(JSON.parse(line)).toHaveProperty('level');
  });
});

describe('a server without a usable key', () => {
  it.each([
    ['no key at all', {}],
    ['an unexpanded placeholder', { WORKOS_TOKEN: '$\u007BWORKOS_TOKEN}' }],
    ['an empty key', { WORKOS_TOKEN: '' }],
  ])('(%s) starts, lists its tools, and says in every error what to set', async (_, environment) => {
    const keyless = await startServer(['--base-url', api.url], environment);
    const before = api.requests.length;
    keyless.send({ id: 1, method: 'tools/list' });
    expect((await keyless.response(1)).result?.['tools']).toHaveLength(35);
    for (const tool of ['list_organizations', 'list_users']) {
      keyless.call(tool, tool);
      const result = await keyless.toolResult(tool);
      expect(result).toMatchObject({ error: { kind: 'config', hint: expect.stringContaining('WORKOS_TOKEN') } });
    }
    expect(api.requests).toHaveLength(before);
    keyless.kill();
  });
});

describe('a line that is not a request', () => {
  it.each<[string, string, number, string | number | null]>([
    ['broken JSON', '{"jsonrpc":"2.0","id":1,', -32700, null],
    ['plain text', 'hello?', -32700, null],
    ['no jsonrpc field', '{"id":"bare","method":"ping"}', -32600, 'bare'],
    ['an old jsonrpc version', '{"jsonrpc":"1.0","id":71,"method":"ping"}', -32600, 71],
    ['a batch', '[{"jsonrpc":"2.0","id":72,"method":"ping"}]', -32600, null],
    ['a number', '42', -32600, null],
    ['a method that is not a string', '{"jsonrpc":"2.0","id":73,"method":5}', -32600, 73],
    ['an unknown method', '{"jsonrpc":"2.0","id":74,"method":"tools/destroy"}', -32601, 74],
  ])('(%s) gets an error, and the next request is served', async (_, line, code, id) => {
    const from = server.messages().length;
    server.write(`${line}\n`);
    server.send({ id: `after ${line}`, method: 'ping' });
    await server.response(`after ${line}`);
    const responses = server.messages().slice(from);
    expect(responses).toContainEqual(
      expect.objectContaining({ jsonrpc: '2.0', id, error: expect.objectContaining({ code }) }),
    );
  });

  it.each([
    ['first', (id: number, pad: string) => `{"jsonrpc":"2.0","id":${id},"method":"ping","params":{"pad":"${pad}"}}`],
    ['after the method', (id: number, pad: string) => `{"jsonrpc":"2.0","method":"ping","id":${id},"params":"${pad}"}`],
    [
      'before everything',
      (id: number, pad: string) => `{"id":${id},"jsonrpc":"2.0","method":"ping","params":{"p":"${pad}"}}`,
    ],
    ['last', (id: number, pad: string) => `{"method":"ping","params":{"pad":"${pad}"},"jsonrpc":"2.0","id":${id}}`],
  ])(
    '(over 10 MiB, with its id %s) is refused under its id, and the next request is served',
    async (place, message) => {
      const id = 9000 + place.length;
      server.write(`${message(id, 'x'.repeat(MAX_LINE_BYTES))}\n`);
      expect(await server.response(id)).toMatchObject({ error: { code: -32600, message: /longer than/ } });
      server.send({ id: `after ${id}`, method: 'ping' });
      expect(await server.response(`after ${id}`)).toMatchObject({ result: {} });
    },
  );
});

describe('a message', () => {
  it('of 9 MiB is served', async () => {
    const name = 'ü'.repeat(4.5 * 1024 * 1024);
    server.call('large', 'create_organization', { name });
    await server.toolResult('large');
    expect(api.requests.at(-1)?.body).toEqual({ name });
  });

  it('may arrive together with others, with CRLF and empty lines in between', async () => {
    const ping = (id: string) => `{"jsonrpc":"2.0","id":"${id}","method":"ping"}`;
    server.write(`${ping('one')}\r\n\r\n${ping('two')}\n\n  \n${ping('three')}\n`);
    for (const id of ['one', 'two', 'three']) expect(await server.response(id)).toMatchObject({ id, result: {} });
  });

  it('is reassembled no matter how its bytes are split', async () => {
    const message = fc.record({
      jsonrpc: fc.constant('2.0'),
      id: fc.integer(),
      method: fc.string({ unit: 'grapheme', minLength: 1 }),
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    const lineEnd = fc.constantFrom('\n', '\r\n');
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1 }), cuts, lineEnd, async (messages, lengths, end) => {
        const input = new PassThrough();
        const transport = new StdioTransport(input, new PassThrough());
        const received: JSONRPCMessage[] = [];
        transport.onmessage = (one) => received.push(one);
        await transport.start();
        const bytes = Buffer.from(messages.map((one) => `${JSON.stringify(one)}${end}`).join(''));
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const next = at + (lengths[turn % lengths.length] ?? 1);
          input.write(bytes.subarray(at, next));
          at = next;
        }
        input.end();
        await new Promise((resolve) => input.once('close', resolve));
        expect(received).toEqual(messages);
      }),
    );
  });
});

describe('tools/call', () => {
  it.each<[string, unknown]>([
    ['an unknown tool', { name: 'drop_all_tables', arguments: {} }],
    ['a prototype name', { name: '__proto__' }],
    ['no name', { arguments: {} }],
    ['a name that is not a string', { name: 7 }],
    ['a string as arguments', { name: 'list_organizations', arguments: 'limit=1' }],
    ['an array as arguments', { name: 'list_organizations', arguments: [1] }],
    ['no params', undefined],
  ])('with %s is a JSON-RPC error and sends nothing', async (what, params) => {
    const before = api.requests.length;
    server.send({ id: what, method: 'tools/call', params });
    expect(await server.response(what)).toMatchObject({ id: what, error: { code: -32602 } });
    expect(api.requests).toHaveLength(before);
  });

  it('without arguments uses an empty object', async () => {
    server.call('no arguments', 'list_organizations');
    expect(await server.toolResult('no arguments')).toMatchObject({ object: 'list' });
    expect(api.requests.at(-1)?.url).toBe('/organizations?order=desc');
  });

  it('runs calls concurrently and returns the faster one first', async () => {
    const holding = await holdingApi();
    const concurrent = await startServer(['--base-url', holding.url], env);
    concurrent.call('slow', 'get_organization', { organization_id: 'org_slow' });
    await holding.arrival('/organizations/org_slow');
    concurrent.call('quick', 'get_organization', { organization_id: 'org_quick' });
    await holding.arrival('/organizations/org_quick');
    holding.release('/organizations/org_quick');
    expect(await concurrent.toolResult('quick')).toEqual({ id: '/organizations/org_quick' });
    expect(concurrent.messages().some(({ id }) => id === 'slow')).toBe(false);
    holding.release('/organizations/org_slow');
    expect(await concurrent.toolResult('slow')).toEqual({ id: '/organizations/org_slow' });
    concurrent.kill();
    await holding.close();
  });

  it('that is cancelled aborts its request and gets no response', async () => {
    const holding = await holdingApi();
    const concurrent = await startServer(['--base-url', holding.url], env);
    concurrent.call(5, 'get_organization', { organization_id: 'org_1' });
    await holding.arrival('/organizations/org_1');
    concurrent.send({ method: 'notifications/cancelled', params: { requestId: 5, reason: 'changed my mind' } });
    await holding.aborted('/organizations/org_1');
    concurrent.send({ id: 6, method: 'ping' });
    await concurrent.response(6);
    expect(concurrent.messages().some(({ id }) => id === 5)).toBe(false);
    concurrent.kill();
    await holding.close();
  });

  it('that fails inside the server does not affect the next call', async () => {
    const deep = 100_000;
    api.respondWith(({ url }) =>
      url.includes('org_deep') ? { body: `{"a":${'['.repeat(deep)}${']'.repeat(deep)}}` } : undefined,
    );
    server.call('deep', 'get_organization', { organization_id: 'org_deep' });
    expect(await server.toolResult('deep')).toMatchObject({ error: { kind: 'api', tool: 'get_organization' } });
    server.call('next', 'list_organizations');
    expect(await server.toolResult('next')).toMatchObject({ object: 'list' });
  });
});

describe('the key', () => {
  it.each(['sk_test_a1B2c3D4e5F6g7H8', 'unusual-key-0123456789'])('%s is in no result and no log line', async (key) => {
    const echo = await recordingApi(({ url }) => {
      if (url.includes('org_ok')) return { body: { id: 'org_ok', name: `we know ${key}` } };
      if (url.includes('org_gone')) return { status: 302, headers: { location: `https://${key}.example/` }, body: '' };
      return {
        status: 400,
        body: { message: `bad key ${key}`, code: key, errors: [{ code: key, field: key }] },
        headers: { 'x-request-id': `req_${key}`, 'www-authenticate': `Bearer ${key}` },
      };
    });
    const verbose = await startServer(['--base-url', echo.url, '--log-level', 'trace'], { WORKOS_TOKEN: key });
    for (const id of ['org_ok', 'org_gone', 'org_bad', key]) {
      verbose.call(id, 'get_organization', { organization_id: id });
      await verbose.response(id);
    }
    verbose.call('check', 'check_connector');
    await verbose.response('check');
    expect(echo.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    verbose.child.stdin.end();
    const { out, err } = await verbose.ended;
    // A request id comes from the client and is returned unchanged.
    expect(out.replaceAll(`"id":"${key}"`, '')).not.toContain(key);
    expect(err).toContain('/organizations/{organization_id}');
    expect(err).not.toContain(key);
    await echo.close();
  });
});
