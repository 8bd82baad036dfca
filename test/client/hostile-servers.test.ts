import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connected, connect, rawServer, recordingApi } from '../harness.ts';

const TIMEOUT_MS = 400;
const MIB = 1024 * 1024;

/** 50 MiB of spaces, compressed. */
const BOMB = gzipSync(Buffer.alloc(50 * MIB, 0x20));

type Handler = (response: ServerResponse, request: IncomingMessage) => void;

let handler: Handler;
let server: Connected;
/** A server with a short timeout. */
let impatient: Connected;
let close: () => Promise<void>;

beforeAll(async () => {
  const api = await rawServer((request, response) => {
    response.on('error', () => {});
    if (request.url?.startsWith('/user_management/users/')) {
      response.setHeader('content-type', 'application/json');
      response.end('{"id":"user_1"}');
    } else handler(response, request);
  });
  close = api.close;
  const connectWith = (timeoutMs: number) =>
    connect({
      baseUrl: api.url,
      flags: ['--toolsets', 'all', '--timeout-ms', `${timeoutMs}`, '--max-retries', '1'],
    });
  [server, impatient] = await Promise.all([connectWith(20_000), connectWith(TIMEOUT_MS)]);
});
afterAll(async () => {
  await server.close();
  await impatient.close();
  await close();
});

const getOrganization = (from = server) => from.call('get_organization', { organization_id: 'org_1' });

/** Checks that the server still works after a misbehaving response. */
async function expectServing(): Promise<void> {
  const { value } = await server.call('get_user', { user_id: 'user_1' });
  expect(value).toEqual({ id: 'user_1' });
}

/** Keeps writing chunks as long as the client reads them. */
function pour(response: ServerResponse, chunk: Buffer): void {
  const more = () => {
    while (!response.destroyed && response.write(chunk)) {
      if (response.writableLength > 8 * MIB) break;
    }
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

/** Writes a little text every 50 ms until the connection closes. */
function drip(response: ServerResponse, text: string): void {
  const timer = setInterval(() => response.write(text), 50);
  response.on('close', () => clearInterval(timer));
}

/** Like drip(), but for headers that never end. */
function dripHeaders(response: ServerResponse): void {
  const { socket } = response;
  socket?.write('HTTP/1.1 200 OK\r\n');
  const timer = setInterval(() => socket?.write('x-more: yes\r\n'), 50);
  socket?.on('close', () => clearInterval(timer));
}

describe('a read from a server that', () => {
  it.each<[string, Handler, string, RegExp]>([
    [
      'never ends its body',
      (response) => pour(response.writeHead(200, { 'content-type': 'application/json' }), Buffer.alloc(MIB, 0x20)),
      'api',
      /a body of more than 67108864 bytes/,
    ],
    [
      'sends a gzip bomb',
      (response) =>
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(BOMB),
      'api',
      /a body encoded with gzip, which the request did not accept/,
    ],
    [
      'sends an HTML page',
      (response) => response.setHeader('content-type', 'text/html').end('<html><title>Please log in</title></html>'),
      'api',
      /a response that cannot be read: status 200 with text\/html .*Please log in/,
    ],
    [
      'sends text',
      (response) => response.setHeader('content-type', 'text/plain').end('OK'),
      'api',
      /a response that cannot be read: status 200 with text\/plain .*OK/,
    ],
    [
      'sends binary data',
      (response) => response.setHeader('content-type', 'application/json').end(Buffer.from([0xff, 0xfe, 0, 0x80])),
      'api',
      /a response that cannot be read/,
    ],
    [
      'closes the connection within the body',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"id":');
        setImmediate(() => response.destroy());
      },
      'network',
      /got no response/,
    ],
    [
      'sends more than its content-length',
      (response) => void response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"id":"org_1"}'),
      'api|network',
      /\S/,
    ],
    [
      'does not speak HTTP',
      (response) => void response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'),
      'network',
      /got no response: .*HTTP/i,
    ],
    [
      'sends huge headers',
      (response) => {
        // Node's own server refuses to send them, so they are written to the socket.
        response.socket?.end(`HTTP/1.1 200 OK\r\nx-pad: ${'x'.repeat(MIB)}\r\ncontent-length: 2\r\n\r\n{}`);
      },
      'network',
      /got no response: .*header/i,
    ],
    [
      'sends an error with an empty body',
      (response) => response.writeHead(403).end(),
      'permission',
      /returned 403: .*empty body/,
    ],
    [
      'sends deeply nested JSON',
      (response) => response.end(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
      'api',
      /a response that cannot be read: status 200 with a body nested deeper than 200 levels/,
    ],
    [
      'sends a huge error message',
      (response) => response.writeHead(422).end(JSON.stringify({ message: 'no '.repeat(MIB) })),
      'input',
      /returned 422/,
    ],
  ])('%s ends with a clear error, and the next call works', async (_, next, kinds, message) => {
    handler = next;
    const { error, text } = await getOrganization();
    expect(kinds.split('|')).toContain(error?.kind);
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(/GET \/organizations\/org_1|get_organization/);
    expect(error?.hint).toMatch(/\S/);
    expect(text.length).toBeLessThan(2_500);
    await expectServing();
  });

  it.each<[string, Handler]>([
    ['trickles its body', (response) => drip(response.writeHead(200), ' ')],
    ['trickles its headers', (response) => dripHeaders(response)],
    ['never responds', () => {}],
  ])('%s times out, and the next call works', async (_, next) => {
    handler = next;
    const { error } = await getOrganization(impatient);
    expect(error).toMatchObject({ kind: 'timeout', attempts: 2 });
    expect(error?.message).toBe(
      `GET /organizations/org_1 got no response: no complete response within ${TIMEOUT_MS} ms`,
    );
    await expectServing();
  });

  it('sends JSON that is not an object returns it unchanged', async () => {
    handler = (response) => response.end('"just text"');
    expect((await getOrganization()).value).toEqual({ result: 'just text' });
  });

  it('keeps sending compressed bodies does not exhaust the connections', async () => {
    const api = await rawServer((request, response) => {
      if (request.url === '/organizations/org_good') return void response.end('{"id":"org_good"}');
      response.writeHead(200, { 'content-encoding': 'gzip' });
      pour(response, Buffer.alloc(64 * 1024));
    });
    const patient = await connect({ baseUrl: api.url, flags: ['--timeout-ms', '20000'] });
    const get = (organization_id: string) => patient.call('get_organization', { organization_id });
    // More calls than the client has connections.
    const errors = await Promise.all(Array.from({ length: 80 }, () => get('org_compressed')));
    for (const { error } of errors) expect(error?.message).toContain('a body encoded with gzip');
    expect((await get('org_good')).value).toEqual({ id: 'org_good' });
    await patient.close();
    await api.close();
  }, 10_000);
});

describe('a write to a server that', () => {
  it.each<[string, Handler]>([
    ['never responds', () => {}],
    ['trickles its body', (response) => drip(response.writeHead(201), ' ')],
    [
      'sends an HTML page as success',
      (response) => response.setHeader('content-type', 'text/html').end('<html></html>'),
    ],
    ['sends a gzip bomb', (response) => response.writeHead(201, { 'content-encoding': 'gzip' }).end(gzipSync('{}'))],
  ])('%s is sent once, and the error says that it may have succeeded', async (_, next) => {
    let requests = 0;
    handler = (response, request) => {
      requests++;
      next(response, request);
    };
    const { error } = await impatient.call('create_organization', { name: 'Acme' });
    expect(requests).toBe(1);
    expect(error?.hint).toContain('The write may have succeeded. Check with list_organizations');
    await expectServing();
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('with status %i is not followed', async (status) => {
    const other = await recordingApi();
    handler = (response) => response.writeHead(status, { location: `${other.url}/organizations/org_1` }).end();
    const { error } = await getOrganization();
    expect(error).toMatchObject({ kind: 'api', status });
    expect(error?.message).toContain(`a redirect to ${new URL(other.url).host}. It was not followed`);
    expect(other.requests).toEqual([]);
    await other.close();
  });
});

describe('all_pages of a server whose cursor', () => {
  const page = (data: unknown[], after: unknown) =>
    JSON.stringify({ object: 'list', data, list_metadata: { before: null, after } });

  it('never changes stops with the items so far and says why', async () => {
    let requests = 0;
    handler = (response) => response.end(page([{ id: `org_${++requests}` }], 'org_same'));
    const { value } = await server.call('list_organizations', { all_pages: true });
    expect(requests).toBeLessThanOrEqual(3);
    expect(value).toMatchObject({ stopped: 'error', error: { message: expect.stringContaining('a cursor repeated') } });
    await expectServing();
  });

  it('runs in a circle stops with the items so far and says why', async () => {
    let requests = 0;
    handler = (response) => response.end(page([{ id: `org_${requests}` }], `org_${requests++ % 3}`));
    const { value } = await server.call('list_organizations', { all_pages: true });
    expect(value).toMatchObject({ stopped: 'error', items: 3 });
    expect(requests).toBe(4);
  });

  it('leads to endless empty pages stops', async () => {
    let requests = 0;
    const tooMany = 1_000;
    handler = (response) => response.end(page([], requests++ < tooMany ? `org_${requests}` : null));
    await server.call('list_organizations', { all_pages: true, max_items: 5 });
    expect(requests).toBeLessThan(tooMany);
  });

  it('leads to endless full pages stops at max_items', async () => {
    let requests = 0;
    handler = (response) => response.end(page([{ id: `org_${requests}` }], `org_${requests++}`));
    const { value } = await server.call('list_organizations', { all_pages: true, max_items: 5 });
    expect(value).toMatchObject({ stopped: 'max_items', items: 5 });
    expect(requests).toBe(5);
  });

  it('is not a string stops at the end', async () => {
    handler = (response) => response.end(page([{ id: 'org_1' }], { $ne: null }));
    const { value } = await server.call('list_organizations', { all_pages: true });
    expect(value).toMatchObject({ stopped: 'end', items: 1 });
  });
});
