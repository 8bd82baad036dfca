import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { MockAgent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientOptions, OutgoingRequest } from '../../src/client/client.ts';
import { sleep } from '../../src/client/retry.ts';
import { NetworkError } from '../../src/errors/errors.ts';
import { SELF_SIGNED } from '../fixtures/self-signed.ts';
import { rawServer } from '../harness.ts';
import { cancelled, KEY, type TestClient, testClient } from './test-client.ts';

/** What to close after each test. */
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface TcpServer {
  url: string;
  port: number;
  /** Connections so far. */
  count: number;
}

/** A plain TCP server that passes each connection to `handle`. */
async function tcpServer(handle: (socket: Socket, nth: number) => void): Promise<TcpServer> {
  const live = new Set<Socket>();
  const server = createServer((socket) => {
    live.add(socket.on('error', () => {}));
    found.count++;
    handle(socket, found.count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const found = { url: `http://127.0.0.1:${port}`, port, count: 0 };
  open.push(() => {
    for (const socket of live) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return found;
}

function client(url: string, options: Partial<ClientOptions> = {}): TestClient {
  const created = testClient(url, options);
  open.push(() => created.client.close());
  return created;
}

async function server(handler: Parameters<typeof rawServer>[0]) {
  const created = await rawServer(handler);
  open.push(created.close);
  return created;
}

/** Resolves when the connection is closed, for any reason. */
const closing = (socket: Socket) => new Promise<unknown>((resolve) => socket.once('close', resolve));

/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
  const { port } = await tcpServer(() => {});
  await open.pop()?.();
  return port;
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const REPEATABLE: OutgoingRequest['method'][] = ['GET', 'PUT', 'PATCH', 'DELETE'];
const AUDIT_EVENT = ['POST', { repeatable: true }] as const;

/** Ways to lose a connection without a response, although the request may have arrived. */
const BREAKS: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['is reset when the request arrives', (socket) => void socket.once('readable', () => socket.resetAndDestroy())],
  ['is reset after the request was read', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
  ['is closed after the request was read', (socket) => void socket.once('data', () => socket.end())],
  ['is closed within the headers', (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nconte'))],
  [
    'is closed within the body',
    (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"id":')),
  ],
  ['does not speak HTTP', (socket) => void socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))],
];

describe.each(BREAKS)('a connection that %s', (_, breaks) => {
  it.each([...REPEATABLE.map((method) => [method, {}] as const), AUDIT_EVENT])(
    'is retried by %s %j',
    async (method, more) => {
      const remote = await tcpServer((socket, nth) =>
        nth < 3 ? breaks(socket) : socket.once('data', () => socket.end(OK)),
      );
      const { send, waits } = client(remote.url);
      expect(await send(method, more)).toMatchObject({ status: 200, body: {}, attempts: 3 });
      expect(waits).toEqual([500, 1_000]);
    },
  );

  it('fails a POST, and the error says that it may have succeeded', async () => {
    const remote = await tcpServer(breaks);
    const error = await client(remote.url).fail('POST');
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ timedOut: false, mayHaveSucceeded: true, request: { attempts: 1 } });
    expect(error.message).not.toBe('');
    expect(remote.count).toBe(1);
  });

  it('is an error after the last attempt', async () => {
    const remote = await tcpServer(breaks);
    const { fail, attempts } = client(remote.url, { maxRetries: 2 });
    expect(await fail('GET')).toMatchObject({ request: { method: 'GET', path: '/things/thing_1', attempts: 3 } });
    expect(attempts.map(({ status, error }) => [status, typeof error])).toEqual(Array(3).fill([undefined, 'string']));
  });
});

it('a DELETE whose first response was lost succeeds if the retry gets a 404', async () => {
  const notFound = 'HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}';
  const remote = await tcpServer((socket, nth) => {
    socket.once('data', () => (nth === 1 ? socket.resetAndDestroy() : socket.end(notFound)));
  });
  expect(await client(remote.url).send('DELETE')).toMatchObject({ status: 204, attempts: 2 });
});

describe('a response that takes too long', () => {
  const TIMEOUT = { timeoutMs: 100, maxRetries: 1 };
  it.each<[string, (socket: Socket) => void]>([
    ['nothing arrives', () => {}],
    ['the headers never end', (socket) => void socket.write('HTTP/1.1 200 OK\r\n')],
    ['the body never ends', (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"a":')],
    [
      'the body trickles in',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n');
        const timer = setInterval(() => socket.write(' '), 20);
        socket.once('close', () => clearInterval(timer));
      },
    ],
  ])('times out and its connection is closed if %s', async (_, handle) => {
    const closes: Promise<unknown>[] = [];
    const remote = await tcpServer((socket) => {
      socket.once('data', () => {
        closes.push(closing(socket));
        handle(socket);
      });
    });
    const { fail } = client(remote.url, TIMEOUT);
    const read = await fail('GET');
    expect(read).toMatchObject({ timedOut: true, code: 'ETIMEDOUT', request: { attempts: 2 } });
    expect(read.message).toContain('no complete response within 100 ms');
    expect(await fail('POST')).toMatchObject({ timedOut: true, mayHaveSucceeded: true, request: { attempts: 1 } });
    await Promise.all(closes);
    expect(closes).toHaveLength(3);
  });

  it('is retried, and the call succeeds if the next attempt is fast', async () => {
    const remote = await tcpServer((socket, nth) => void socket.once('data', () => nth > 1 && socket.end(OK)));
    expect(await client(remote.url, TIMEOUT).send('PUT')).toMatchObject({ status: 200, attempts: 2 });
  });
});

describe('a request that never arrived is retried by every method', () => {
  const ALL: OutgoingRequest['method'][] = [...REPEATABLE, 'POST'];
  const notSent = { timedOut: false, mayHaveSucceeded: false, request: { attempts: 3 } };

  it.each(ALL)('%s: nothing listens on the port', async (method) => {
    const { fail, waits } = client(`http://127.0.0.1:${await closedPort()}`, { maxRetries: 2 });
    expect(await fail(method)).toMatchObject({ ...notSent, code: 'ECONNREFUSED' });
    expect(waits).toEqual([500, 1_000]);
  });

  it.each(ALL)('%s: the name does not resolve', async (method) => {
    const error = await client('https://x.invalid', { maxRetries: 2 }).fail(method);
    expect(error).toMatchObject({ ...notSent, code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
    expect(error.message).toContain('x.invalid');
  });

  it.each(ALL)('%s: the server does not speak TLS', async (method) => {
    const plain = await server((_, response) => response.end('{}'));
    const error = await client(plain.url.replace('http:', 'https:'), { maxRetries: 2 }).fail(method);
    expect(error).toMatchObject({ ...notSent, code: expect.stringMatching(/^(ERR_SSL_|EPROTO)/) });
  });

  it.each(ALL)('%s: the server hangs up during the TLS handshake', async (method) => {
    const seen: Buffer[] = [];
    const remote = await tcpServer((socket) => void socket.once('data', (data) => seen.push(data) && socket.end()));
    expect(await client(`https://127.0.0.1:${remote.port}`, { maxRetries: 2 }).fail(method)).toMatchObject(notSent);
    expect(Buffer.concat(seen).includes(KEY)).toBe(false);
  });

  it('and succeeds once the server is up', async () => {
    const port = await closedPort();
    const keys: unknown[] = [];
    const { send } = client(`http://127.0.0.1:${port}`, {
      sleep: async () => {
        const late = await rawServer((request, response) => {
          keys.push(request.headers['idempotency-key']);
          response.end('{"id":"thing_1"}');
        });
        await new Promise<void>((resolve) => void late.server.close(() => resolve()));
        await new Promise<void>((resolve) => void late.server.listen(port, '127.0.0.1', resolve));
        open.push(late.close);
      },
    });
    expect(await send('POST')).toMatchObject({ body: { id: 'thing_1' }, attempts: 2 });
    expect(keys).toHaveLength(1);
  });
});

it('a POST retries a connection that is reset on accept only if nothing was sent', async () => {
  const peer = await tcpServer((socket) => void socket.resetAndDestroy());
  const { mayHaveSucceeded, request } = await client(peer.url).fail('POST');
  expect(peer.count).toBe(request.attempts);
  expect(request.attempts === 4).toBe(!mayHaveSucceeded);
});

describe('a connection that is lost after the request has arrived, by', () => {
  afterEach(() => vi.unstubAllEnvs());

  /** A TLS server behind a proxy that forwards bytes until `handle` writes other bytes to the client. */
  async function middleman(
    handle: (response: TLSSocket, wire: Socket, nth: number) => void,
  ): Promise<{ url: string; requests: string[] }> {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const requests: string[] = [];
    const wires: Socket[] = [];
    const inner = await tcpServer((socket, nth) => {
      const response = new TLSSocket(socket, { isServer: true, ...SELF_SIGNED }).on('error', () => {});
      response.once('data', (data) => {
        requests.push(data.toString());
        const wire = wires[nth - 1];
        if (wire) handle(response, wire, nth);
      });
    });
    const outer = await tcpServer((wire) => {
      wires.push(wire);
      const upstream = connect(inner.port, '127.0.0.1').on('error', () => {});
      wire.pipe(upstream).pipe(wire);
    });
    return { url: outer.url.replace('http:', 'https:'), requests };
  }

  it.each<[string, (response: TLSSocket, wire: Socket) => void]>([
    ['plain text instead of a response', (_, wire) => void wire.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')],
    [
      'plain text in the middle of a response',
      (response, wire) => {
        response.write('HTTP/1.1 201 Created\r\ncontent-length: 90\r\n\r\n{"id":', () => wire.end('504 timeout'));
      },
    ],
    [
      'a TLS record that was altered in transit',
      (_, wire) => void wire.end(Buffer.from([0x17, 3, 3, 0, 32, ...Array(32).fill(7)])),
    ],
    ['a TCP reset below TLS', (_, wire) => void wire.resetAndDestroy()],
  ])('%s: a POST is sent once and may have succeeded', async (_, handle) => {
    const peer = await middleman(handle);
    const error = await client(peer.url).fail('POST');
    expect(error).toMatchObject({ mayHaveSucceeded: true, request: { attempts: 1 } });
    expect(peer.requests).toHaveLength(1);
  });

  it('plain text instead of a response: a GET is retried', async () => {
    const peer = await middleman((response, wire, nth) => {
      if (nth <= 2) wire.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      else response.end(OK);
    });
    expect(await client(peer.url).send('GET')).toMatchObject({ status: 200, attempts: 3 });
  });

  it.each(
    [
      'EHOSTUNREACH',
      'ENETUNREACH',
      'EHOSTDOWN',
      'ENETDOWN',
      'EADDRNOTAVAIL',
      'EPROTO',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'CERT_HAS_EXPIRED',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'UND_ERR_SOCKET',
    ].map((code) => [code]),
  )('%s: a POST is sent once and may have succeeded', async (code) => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    open.push(() => agent.close());
    const pool = agent.get('http://workos.test');
    const lost = Object.assign(new Error(`read ${code}`), { code, syscall: 'read' });
    pool.intercept({ path: '/things/thing_1', method: 'POST' }).replyWithError(lost).persist();
    const error = await testClient('http://workos.test', { dispatcher: agent }).fail('POST');
    expect(error).toMatchObject({ code, mayHaveSucceeded: true, request: { attempts: 1 } });
  });
});

describe('an endless body', () => {
  const endless = (headers: Record<string, string>) =>
    server((_, response) => {
      response.writeHead(200, headers);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    });

  it.each<[string, Record<string, string>, RegExp]>([
    ['fails at the size limit', {}, /^a body of more than 1000000 bytes$/],
    [
      'fails at once if it is compressed',
      { 'content-encoding': 'gzip' },
      /^a body encoded with gzip, which the request did not accept$/,
    ],
  ])('%s, and its connection is closed', async (_, headers, expected) => {
    const source = await endless(headers);
    const closed = new Promise((resolve) =>
      source.server.once('connection', (socket) => socket.once('close', resolve)),
    );
    // The timeout is too long to be what closes it.
    const error = await client(source.url, { maxBodyBytes: 1_000_000, timeoutMs: 600_000 }).fail('DELETE');
    expect(error.message).toMatch(expected);
    expect(error).toMatchObject({ status: 200, mayHaveSucceeded: true, request: { attempts: 1 } });
    await closed;
  });

  it('of an error response is read only as far as needed, and the request is retried', async () => {
    let requests = 0;
    const source = await server((_, response) => {
      if (++requests > 2) return void response.end('{"id":"thing_1"}');
      response.writeHead(503, { 'content-type': 'text/html' });
      const pour = () => {
        while (!response.destroyed && response.write('<title'.repeat(10_000)));
      };
      response.on('drain', pour);
      pour();
    });
    const { send } = client(source.url, { timeoutMs: 600_000 });
    expect(await send('GET')).toMatchObject({ body: { id: 'thing_1' }, attempts: 3 });
  });

  it('is distinguished from one of exactly the maximum size', async () => {
    const exact = await server((_, response) => response.end(`"${'x'.repeat(998)}"`));
    expect((await client(exact.url, { maxBodyBytes: 1_000 }).send('GET')).body).toHaveLength(998);
    const tooLong = await server((_, response) => response.end(`"${'x'.repeat(999)}"`));
    expect((await client(tooLong.url, { maxBodyBytes: 1_000 }).fail('GET')).message).toContain('more than 1000 bytes');
  });
});

describe('a cancelled call', () => {
  it('aborts its request, and the server sees the connection close', async () => {
    const controller = new AbortController();
    const closes: Promise<unknown>[] = [];
    const remote = await server(({ socket }) => {
      closes.push(closing(socket));
      controller.abort();
    });
    await cancelled(client(remote.url).send('POST', { signal: controller.signal }));
    expect(closes).toHaveLength(1);
    await Promise.all(closes);
  });

  it.each(['headers', 'body'])('does not count as a failed attempt while it waits for the %s', async (part) => {
    const controller = new AbortController();
    const remote = await server((_, response) => {
      if (part === 'body') response.write('{"a":');
      setTimeout(() => controller.abort(), 10);
    });
    const { send, attempts } = client(remote.url);
    await cancelled(send('GET', { signal: controller.signal }));
    expect(attempts).toEqual([]);
  });

  it('stops waiting for a retry at once', async () => {
    let requests = 0;
    const remote = await server((_, response) => {
      requests++;
      response.writeHead(429, { 'retry-after': '60' }).end();
    });
    const controller = new AbortController();
    const { send } = client(remote.url, { sleep });
    // Aborts once the wait has started.
    const onWait = () => void setTimeout(() => controller.abort(), 1);
    await cancelled(send('GET', { signal: controller.signal, onWait }));
    expect(requests).toBe(1);
  });

  it('stops waiting for a rate limit at once', async () => {
    let requests = 0;
    const remote = await server((_, response) => {
      requests++;
      response.end('{}');
    });
    const { send } = client(remote.url, { sleep, now: () => 0 });
    const users = { path: '/directory_users', query: 'directory=d1' };
    await Promise.all([1, 2, 3, 4].map(() => send('GET', users)));
    const controller = new AbortController();
    const waits: [number, string][] = [];
    const onWait = (ms: number, why: string) => {
      waits.push([ms, why]);
      setTimeout(() => controller.abort(), 1);
    };
    await cancelled(send('GET', { ...users, signal: controller.signal, onWait }));
    expect(waits).toEqual([[1_000, 'to stay under the rate limit']]);
    expect(requests).toBe(4);
  });

  it('gives back its slot under the rate limit', async () => {
    const peer = await server((_, response) => response.end('{}'));
    const { send } = client(peer.url, { sleep, now: () => 0 });
    const users = { path: '/directory_users', query: 'directory=d1' };
    await Promise.all([1, 2, 3, 4].map(() => send('GET', users)));
    const controller = new AbortController();
    const given = Array.from({ length: 200 }, () => send('GET', { ...users, signal: controller.signal }));
    controller.abort();
    await Promise.all(given.map(cancelled));
    const last = new AbortController();
    const waits: number[] = [];
    const onWait = (ms: number) => {
      waits.push(ms);
      last.abort();
    };
    await cancelled(send('GET', { ...users, signal: last.signal, onWait }));
    expect(waits).toEqual([1_000]);
  });

  it('sends nothing if it was already cancelled', async () => {
    const peer = await tcpServer(() => {});
    await cancelled(client(peer.url).send('POST', { signal: AbortSignal.abort() }));
    expect(peer.count).toBe(0);
  });
});

it('a probe without a response says why', async () => {
  const { client: prober } = client(`http://127.0.0.1:${await closedPort()}`);
  const error: unknown = await prober
    .probe('HEAD', '/organizations?limit=1', KEY, new AbortController().signal)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(NetworkError);
  expect(error).toMatchObject({
    code: 'ECONNREFUSED',
    mayHaveSucceeded: false,
    request: { method: 'HEAD', path: '/organizations', attempts: 1 },
  });
});

it('a client that was never used can be closed', async () => {
  await expect(testClient('https://x.invalid').client.close()).resolves.toBeUndefined();
});
