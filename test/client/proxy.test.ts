import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientOptions } from '../../src/client/client.ts';
import { type Api, recordingApi } from '../harness.ts';
import { type Calling, calling, KEY } from './calling.ts';

interface Proxy {
  url: string;
  /** The CONNECT requests, as `host:port`. */
  asked: string[];
  heads: IncomingMessage['headers'][];
  /** What the client sent through the tunnels. */
  sent: Buffer[];
  /** What the proxy answers to CONNECT; 200 leads to the API, whatever name was asked for. */
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
    proxy.asked.push(request.url ?? '');
    proxy.heads.push(request.headers);
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
  proxy = { url: `http://127.0.0.1:${port}`, asked: [], heads: [], sent: [], status: 200 };
  open.push(api.close, () => {
    for (const socket of live) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of open.splice(0).reverse()) await close();
});

function through(baseUrl: string, settings: ClientOptions['proxy']): Calling {
  const made = calling(baseUrl, { proxy: settings, maxRetries: 1 });
  open.push(() => made.client.close());
  return made;
}

describe('with a proxy', () => {
  it('requests go through it, to a name that only the proxy knows', async () => {
    const { send } = through('http://workos.invalid', { http: proxy.url });
    expect(await send('POST')).toMatchObject({ status: 200, attempts: 1 });
    expect(proxy.asked).toEqual(['workos.invalid:80']);
    expect(api.requests).toMatchObject([{ method: 'POST', url: '/things/thing_1', body: { name: 'n' } }]);
    expect(api.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, host: 'workos.invalid' });
  });

  it('the key is not shown to the proxy where the API is https', async () => {
    const { fail } = through('https://workos.invalid', { https: proxy.url });
    // What the tunnel leads to speaks no TLS, so nothing can have been asked.
    expect(await fail('POST')).toMatchObject({ mayHaveSucceeded: false, request: { attempts: 2 } });
    expect(proxy.asked).toEqual(['workos.invalid:443', 'workos.invalid:443']);
    expect(proxy.heads[0]).not.toHaveProperty('authorization');
    expect(proxy.sent.length).toBeGreaterThan(0);
    expect(Buffer.concat(proxy.sent).includes(KEY)).toBe(false);
    expect(api.requests).toEqual([]);
  });

  it('its name and password go to the proxy only, and into no error', async () => {
    const url = proxy.url.replace('//', '//me:pass%20word@');
    await through('http://workos.invalid', { http: url }).send('GET');
    expect(proxy.heads[0]?.['proxy-authorization']).toBe(`Basic ${btoa('me:pass word')}`);
    expect(api.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
    proxy.status = 407;
    const error = await through('http://workos.invalid', { http: url }).fail('GET');
    expect(error.message).toContain('407');
    expect(`${error.message} ${error.stack} ${error.cause}`).not.toMatch(/pass|me:/);
  });

  it.each([407, 403, 502])(
    'a refusal by the proxy with %i is no answer of WorkOS; nothing happened',
    async (status) => {
      proxy.status = status;
      const error = await through('http://workos.invalid', { http: proxy.url }).fail('POST');
      expect(error).toMatchObject({ mayHaveSucceeded: false, request: { attempts: 2 } });
      expect(error.message).toContain(`Proxy response (${status})`);
      expect(api.requests).toEqual([]);
    },
  );

  it('that nobody runs, nothing happened', async () => {
    const { port } = new URL(proxy.url);
    await open.pop()?.();
    const error = await through('http://workos.invalid', { http: `http://127.0.0.1:${port}` }).fail('POST');
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
  ])('naming %s (%s): direct is %s', async (_, no, direct) => {
    await through(api.url, { http: proxy.url, no }).send('GET');
    expect(proxy.asked).toHaveLength(direct ? 0 : 1);
    expect(api.requests).toHaveLength(1);
  });

  it.each(['workos.invalid', '.invalid', '*.invalid'])('with %s keeps subdomains from the proxy', async (no) => {
    const error = await through('http://api.workos.invalid', { http: proxy.url, no }).fail('GET');
    expect(error).toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
    expect(proxy.asked).toEqual([]);
  });
});

describe('no proxy is used', () => {
  it.each<[string, () => ClientOptions['proxy']]>([
    ['none is set', () => undefined],
    ['nothing is in the settings', () => ({})],
    ['it is for https only', () => ({ https: proxy.url })],
  ])('for http where %s', async (_, settings) => {
    vi.stubEnv('HTTP_PROXY', proxy.url);
    await through(api.url, settings()).send('GET');
    expect(proxy.asked).toEqual([]);
    expect(api.requests).toHaveLength(1);
  });

  it('for https where it is for http only', async () => {
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    await through(api.url.replace('http:', 'https:'), { http: proxy.url }).fail('GET');
    expect(proxy.asked).toEqual([]);
  });
});

it('the settings count, not what the environment says besides', async () => {
  vi.stubEnv('NO_PROXY', '*');
  await through('http://workos.invalid', { http: proxy.url }).send('GET');
  expect(proxy.asked).toEqual(['workos.invalid:80']);
});
