import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientOptions } from '../../src/client/client.ts';
import { CancelledError } from '../../src/errors/errors.ts';
import { type Api, recordingApi } from '../harness.ts';
import { KEY, type TestClient, testClient } from './test-client.ts';

interface Proxy {
  url: string;
  /** The targets of the CONNECT requests, as `host:port`. */
  targets: string[];
  headers: IncomingMessage['headers'][];
  /** What the client sent through the tunnels. */
  sent: Buffer[];
  /** The response to CONNECT. 200 opens a tunnel to the test API, whatever the target. */
  status: number;
}

let api: Api;
let proxy: Proxy;
const open: (() => unknown)[] = [];

beforeEach(async () => {
  vi.unstubAllEnvs();
  api = await recordingApi();
  const live = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(500).end());
  server.on('connect', (request, socket: Socket) => {
    live.add(socket.on('error', () => {}));
    proxy.targets.push(request.url ?? '');
    proxy.headers.push(request.headers);
    if (proxy.status !== 200) return socket.end(`HTTP/1.1 ${proxy.status} No\r\ncontent-length: 0\r\n\r\n`);
    const target = connect(Number(new URL(api.url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.on('data', (data) => proxy.sent.push(data));
      socket.pipe(target).pipe(socket);
    });
    live.add(target.on('error', () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  proxy = { url: `http://127.0.0.1:${port}`, targets: [], headers: [], sent: [], status: 200 };
  open.push(api.close, () => {
    for (const socket of live) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of open.splice(0).reverse()) await close();
});

function clientFor(baseUrl: string, settings: ClientOptions['proxy']): TestClient {
  const created = testClient(baseUrl, { proxy: settings, maxRetries: 1 });
  open.push(() => created.client.close());
  return created;
}

describe('with a proxy', () => {
  it('requests go through it, even to a host that only the proxy can resolve', async () => {
    const { send } = clientFor('http://workos.invalid', { http: proxy.url });
    expect(await send('POST')).toMatchObject({ status: 200, attempts: 1 });
    expect(proxy.targets).toEqual(['workos.invalid:80']);
    expect(api.requests).toMatchObject([{ method: 'POST', url: '/things/thing_1', body: { name: 'n' } }]);
    expect(api.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, host: 'workos.invalid' });
  });

  it('the proxy does not see the key if the API uses https', async () => {
    const { fail } = clientFor('https://workos.invalid', { https: proxy.url });
    // The server behind the tunnel does not speak TLS, so no request can have been sent.
    expect(await fail('POST')).toMatchObject({ mayHaveSucceeded: false, request: { attempts: 2 } });
    expect(proxy.targets).toEqual(['workos.invalid:443', 'workos.invalid:443']);
    expect(proxy.headers[0]).not.toHaveProperty('authorization');
    expect(proxy.sent.length).toBeGreaterThan(0);
    expect(Buffer.concat(proxy.sent).includes(KEY)).toBe(false);
    expect(api.requests).toEqual([]);
  });

  it('its credentials are sent only to the proxy, and appear in no error', async () => {
    const url = proxy.url.replace('//', '//me:pass%20word@');
    await clientFor('http://workos.invalid', { http: url }).send('GET');
    expect(proxy.headers[0]?.['proxy-authorization']).toBe(`Basic ${btoa('me:pass word')}`);
    expect(api.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    proxy.status = 407;
    const error = await clientFor('http://workos.invalid', { http: url }).fail('GET');
    expect(error.message).toContain('407');
    expect(`${error.message} ${error.stack} ${error.cause}`).not.toMatch(/pass|me:/);
  });

  it.each([407, 403, 502])(
    'a %i from the proxy is reported as a proxy error, and nothing was sent to WorkOS',
    async (status) => {
      proxy.status = status;
      const error = await clientFor('http://workos.invalid', { http: proxy.url }).fail('POST');
      expect(error).toMatchObject({ mayHaveSucceeded: false, request: { attempts: 2 } });
      expect(error.message).toContain(`Proxy response (${status})`);
      expect(api.requests).toEqual([]);
    },
  );

  it('that is down, a request fails and nothing was sent to WorkOS', async () => {
    const { port } = new URL(proxy.url);
    await open.pop()?.();
    const error = await clientFor('http://workos.invalid', { http: `http://127.0.0.1:${port}` }).fail('POST');
    expect(error).toMatchObject({ code: 'ECONNREFUSED', mayHaveSucceeded: false, request: { attempts: 2 } });
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['the host', '127.0.0.1', true],
    ['the host among others', 'a.example, 127.0.0.1', true],
    ['everything', '*', true],
    ['another host', 'a.example', false],
    ['the host on another port', '127.0.0.1:1', false],
    ['nothing', undefined, false],
  ])('with %s (%s) connects directly: %s', async (_, no, direct) => {
    await clientFor(api.url, { http: proxy.url, no }).send('GET');
    expect(proxy.targets).toHaveLength(direct ? 0 : 1);
    expect(api.requests).toHaveLength(1);
  });

  it.each(['workos.invalid', '.invalid', '*.invalid'])('with %s also bypasses the proxy for subdomains', async (no) => {
    const error = await clientFor('http://api.workos.invalid', { http: proxy.url, no }).fail('GET');
    expect(error).toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
    expect(proxy.targets).toEqual([]);
  });
});

describe('no proxy is used', () => {
  it.each<[string, () => ClientOptions['proxy']]>([
    ['no proxy is set', () => undefined],
    ['the proxy settings are empty', () => ({})],
    ['the proxy is for https only', () => ({ https: proxy.url })],
  ])('for http if %s', async (_, settings) => {
    vi.stubEnv('HTTP_PROXY', proxy.url);
    await clientFor(api.url, settings()).send('GET');
    expect(proxy.targets).toEqual([]);
    expect(api.requests).toHaveLength(1);
  });

  it('for https if the proxy is for http only', async () => {
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    await clientFor(api.url.replace('http:', 'https:'), { http: proxy.url }).fail('GET');
    expect(proxy.targets).toEqual([]);
  });
});

describe('a proxy that never opens its tunnel', () => {
  let url: string;
  beforeEach(async () => {
    const live = new Set<Socket>();
    const holding = createNetServer((socket) => void live.add(socket.on('error', () => {}).resume()));
    await new Promise<void>((resolve) => holding.listen(0, '127.0.0.1', resolve));
    // A TCP server's address is never a string.
    url = `http://127.0.0.1:${(holding.address() as AddressInfo).port}`;
    open.push(() => {
      for (const socket of live) socket.destroy();
      return new Promise((resolve) => holding.close(resolve));
    });
  });

  it.each(['http://workos.invalid', 'https://workos.invalid'])('makes the call to %s time out', async (target) => {
    const { client, fail } = testClient(target, { proxy: { http: url, https: url }, maxRetries: 0, timeoutMs: 300 });
    open.push(() => client.close());
    expect(await fail('GET')).toMatchObject({ timedOut: true, message: expect.stringContaining('300 ms') });
  });

  it('means that nothing was sent, even after the connect timeout', async () => {
    const { client, fail } = testClient('http://workos.invalid', {
      proxy: { http: url },
      maxRetries: 0,
      timeoutMs: 2_500,
    });
    open.push(() => client.close());
    expect(await fail('POST')).toMatchObject({ timedOut: true, mayHaveSucceeded: false });
  });

  it('does not delay a cancellation', async () => {
    const { client, send } = testClient('http://workos.invalid', { proxy: { http: url }, maxRetries: 0 });
    open.push(() => client.close());
    const controller = new AbortController();
    const sent = send('GET', { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(sent).rejects.toBeInstanceOf(CancelledError);
  });
});

it('the environment is ignored, only the settings count', async () => {
  vi.stubEnv('NO_PROXY', '*');
  await clientFor('http://workos.invalid', { http: proxy.url }).send('GET');
  expect(proxy.targets).toEqual(['workos.invalid:80']);
});
