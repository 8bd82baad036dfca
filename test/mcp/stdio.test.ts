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
import { COMMAND, cleanEnvironment, initialize, runCommand, type Session, startServer } from '../process.ts';

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
  ])('that asks for protocol %s gets %s', async (asked, agreed) => {
    const fresh = await startServer([], env, { handshake: false });
    fresh.send({ id: 1, method: 'initialize', params: initialize(asked) });
    expect(await fresh.answer(1)).toMatchObject({
      result: { protocolVersion: agreed, serverInfo: { name: 'workos' }, capabilities: { tools: {} } },
    });
    fresh.kill();
  });

  it('is listed exactly what the declarations say, though the build wrote it down', async () => {
    const written: unknown = JSON.parse(readFileSync(new URL('../../dist/tools.json', import.meta.url), 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(catalogEntries())));
    const all = await startServer(['--toolsets', 'all'], env);
    all.send({ id: 'list', method: 'tools/list' });
    expect(await all.answer('list')).toMatchObject({
      result: {
        tools: exposedTools(catalogEntries(), configured(['--toolsets', 'all'])).map(({ definition }) => definition),
      },
    });
    all.kill();
  });

  it('of the SDK lists the 32 core tools and calls one', async () => {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [COMMAND, '--base-url', api.url],
        env: cleanEnvironment(env),
      }),
    );
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(32);
    const result = await client.callTool({ name: 'list_organizations', arguments: { limit: 2 } });
    expect(result.structuredContent).toMatchObject({ object: 'list', data: [] });
    expect(api.requests.at(-1)).toMatchObject({
      url: '/organizations?order=desc&limit=2',
      headers: { authorization: `Bearer ${KEY}` },
    });
    await client.close();
  });

  it('at log level trace finds nothing but JSON-RPC on stdout, and JSON lines on stderr', async () => {
    const loud = await startServer(['--base-url', api.url, '--log-level', 'trace'], env);
    loud.call(1, 'list_organizations');
    loud.call(2, 'list_organizations', { nonsense: true });
    loud.write('no JSON\n');
    await Promise.all([loud.answer(1), loud.answer(2), loud.answer(null)]);
    loud.child.stdin.end();
    const { out, err } = await loud.ended;
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
  ])('(%s) starts, lists its tools, and says in each call what to set', async (_, environment) => {
    const keyless = await startServer(['--base-url', api.url], environment);
    const before = api.requests.length;
    keyless.send({ id: 1, method: 'tools/list' });
    expect((await keyless.answer(1)).result?.['tools']).toHaveLength(32);
    for (const tool of ['list_organizations', 'list_users']) {
      keyless.call(tool, tool);
      const answer = await keyless.toolAnswer(tool);
      expect(answer).toMatchObject({ error: { kind: 'config', hint: expect.stringContaining('WORKOS_TOKEN') } });
    }
    expect(api.requests).toHaveLength(before);
    keyless.kill();
  });
});

describe('bad settings end the start with code 2 and one line each', () => {
  it.each<[string[], Record<string, string>, string[]]>([
    [['--nonsense'], {}, ['Unknown flag --nonsense']],
    [['--read-onyl'], {}, ['--read-only']],
    [['--toolsets', 'organisations'], {}, ['organizations']],
    [['--tools', 'list_organization'], {}, ['list_organizations']],
    [['--base-url', 'http://api.workos.com'], {}, ['must be https']],
    [['--timeout-ms', 'soon'], {}, ['--timeout-ms']],
    [['--log-level'], {}, ['--log-level needs a value']],
    [[], { WORKOS_MCP_READONLY: '1' }, ['WORKOS_MCP_READ_ONLY']],
    [['--confirm', 'maybe', '--secrets', 'all'], { WORKOS_MCP_TOOLSET: 'x' }, ['--confirm', '--secrets', 'TOOLSET']],
  ])('%j %j', async (args, variables, expected) => {
    const { code, out, err } = await runCommand(args, { ...env, ...variables });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(expected.length);
    for (const [at, text] of expected.entries()) expect(lines[at]).toContain(text);
  });
});

describe('a line that is no request', () => {
  it.each<[string, string, number, string | number | null]>([
    ['broken JSON', '{"jsonrpc":"2.0","id":1,', -32700, null],
    ['plain text', 'hello?', -32700, null],
    ['no envelope', '{"id":"bare","method":"ping"}', -32600, 'bare'],
    ['an old envelope', '{"jsonrpc":"1.0","id":71,"method":"ping"}', -32600, 71],
    ['a batch', '[{"jsonrpc":"2.0","id":72,"method":"ping"}]', -32600, null],
    ['a number', '42', -32600, null],
    ['a method that is no text', '{"jsonrpc":"2.0","id":73,"method":5}', -32600, 73],
    ['an unknown method', '{"jsonrpc":"2.0","id":74,"method":"tools/destroy"}', -32601, 74],
  ])('(%s) is answered as an error and the next one is served', async (_, line, code, id) => {
    const from = server.messages().length;
    server.write(`${line}\n`);
    server.send({ id: `after ${line}`, method: 'ping' });
    await server.answer(`after ${line}`);
    const answers = server.messages().slice(from);
    expect(answers).toContainEqual(
      expect.objectContaining({ jsonrpc: '2.0', id, error: expect.objectContaining({ code }) }),
    );
  });

  it.each([
    ['first', (id: number, pad: string) => `{"jsonrpc":"2.0","id":${id},"method":"ping","params":{"pad":"${pad}"}}`],
    ['after the method', (id: number, pad: string) => `{"jsonrpc":"2.0","method":"ping","id":${id},"params":"${pad}"}`],
    ['before all', (id: number, pad: string) => `{"id":${id},"jsonrpc":"2.0","method":"ping","params":{"p":"${pad}"}}`],
    ['last', (id: number, pad: string) => `{"method":"ping","params":{"pad":"${pad}"},"jsonrpc":"2.0","id":${id}}`],
  ])('(over 10 MiB, its id %s) is refused under its id and the next one is served', async (place, message) => {
    const id = 9000 + place.length;
    server.write(`${message(id, 'x'.repeat(MAX_LINE_BYTES))}\n`);
    expect(await server.answer(id)).toMatchObject({ error: { code: -32600, message: /longer than/ } });
    server.send({ id: `after ${id}`, method: 'ping' });
    expect(await server.answer(`after ${id}`)).toMatchObject({ result: {} });
  });
});

describe('a message', () => {
  it('of 9 MiB is served', async () => {
    const name = 'ü'.repeat(4.5 * 1024 * 1024);
    server.call('large', 'create_organization', { name });
    await server.toolAnswer('large');
    expect(api.requests.at(-1)?.body).toEqual({ name });
  });

  it('may come with others in one piece, with CRLF and with empty lines between', async () => {
    const ping = (id: string) => `{"jsonrpc":"2.0","id":"${id}","method":"ping"}`;
    server.write(`${ping('one')}\r\n\r\n${ping('two')}\n\n  \n${ping('three')}\n`);
    for (const id of ['one', 'two', 'three']) expect(await server.answer(id)).toMatchObject({ id, result: {} });
  });

  it('arrives whole wherever its bytes are cut', async () => {
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
    ['a name that is no text', { name: 7 }],
    ['arguments that are text', { name: 'list_organizations', arguments: 'limit=1' }],
    ['arguments that are a list', { name: 'list_organizations', arguments: [1] }],
    ['no params', undefined],
  ])('with %s is a JSON-RPC error and sends nothing', async (what, params) => {
    const before = api.requests.length;
    server.send({ id: what, method: 'tools/call', params });
    expect(await server.answer(what)).toMatchObject({ id: what, error: { code: -32602 } });
    expect(api.requests).toHaveLength(before);
  });

  it('without arguments means an empty object', async () => {
    server.call('no arguments', 'list_organizations');
    expect(await server.toolAnswer('no arguments')).toMatchObject({ object: 'list' });
    expect(api.requests.at(-1)?.url).toBe('/organizations?order=desc');
  });

  it('answers each call by itself, the later one first where it is done first', async () => {
    const held = await holdingApi();
    const patient = await startServer(['--base-url', held.url], env);
    patient.call('slow', 'get_organization', { organization_id: 'org_slow' });
    await held.arrival('/organizations/org_slow');
    patient.call('quick', 'get_organization', { organization_id: 'org_quick' });
    await held.arrival('/organizations/org_quick');
    held.release('/organizations/org_quick');
    expect(await patient.toolAnswer('quick')).toEqual({ id: '/organizations/org_quick' });
    expect(patient.messages().some(({ id }) => id === 'slow')).toBe(false);
    held.release('/organizations/org_slow');
    expect(await patient.toolAnswer('slow')).toEqual({ id: '/organizations/org_slow' });
    patient.kill();
    await held.close();
  });

  it('that is cancelled aborts its request and gets no answer', async () => {
    const held = await holdingApi();
    const patient = await startServer(['--base-url', held.url], env);
    patient.call(5, 'get_organization', { organization_id: 'org_1' });
    await held.arrival('/organizations/org_1');
    patient.send({ method: 'notifications/cancelled', params: { requestId: 5, reason: 'changed my mind' } });
    await held.cut('/organizations/org_1');
    patient.send({ id: 6, method: 'ping' });
    await patient.answer(6);
    expect(patient.messages().some(({ id }) => id === 5)).toBe(false);
    patient.kill();
    await held.close();
  });

  it('that fails inside the server ends that call only', async () => {
    const deep = 100_000;
    api.answer(({ url }) =>
      url.includes('org_deep') ? { body: `{"a":${'['.repeat(deep)}${']'.repeat(deep)}}` } : undefined,
    );
    server.call('deep', 'get_organization', { organization_id: 'org_deep' });
    expect(await server.toolAnswer('deep')).toMatchObject({ error: { kind: 'api', tool: 'get_organization' } });
    server.call('next', 'list_organizations');
    expect(await server.toolAnswer('next')).toMatchObject({ object: 'list' });
  });
});

describe('the key', () => {
  it.each(['sk_test_a1B2c3D4e5F6g7H8', 'unusual-key-0123456789'])('%s is in no answer and no log line', async (key) => {
    const echo = await recordingApi(({ url }) => {
      if (url.includes('org_ok')) return { body: { id: 'org_ok', name: `we know ${key}` } };
      if (url.includes('org_gone')) return { status: 302, headers: { location: `https://${key}.example/` }, body: '' };
      return {
        status: 400,
        body: { message: `bad key ${key}`, code: key, errors: [{ code: key, field: key }] },
        headers: { 'x-request-id': `req_${key}`, 'www-authenticate': `Bearer ${key}` },
      };
    });
    const loud = await startServer(['--base-url', echo.url, '--log-level', 'trace'], { WORKOS_TOKEN: key });
    for (const id of ['org_ok', 'org_gone', 'org_bad', key]) {
      loud.call(id, 'get_organization', { organization_id: id });
      await loud.answer(id);
    }
    loud.call('check', 'check_connector');
    await loud.answer('check');
    expect(echo.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    loud.child.stdin.end();
    const { out, err } = await loud.ended;
    // The id of a request is the client's own and comes back as it was.
    expect(out.replaceAll(`"id":"${key}"`, '')).not.toContain(key);
    expect(err).toContain('/organizations/{organization_id}');
    expect(err).not.toContain(key);
    await echo.close();
  });
});
