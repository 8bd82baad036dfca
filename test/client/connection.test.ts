import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { MockAgent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientOptions, OutgoingRequest } from '../../src/client/client.ts';
import { sleep } from '../../src/client/retry.ts';
import { NetworkError } from '../../src/errors/errors.ts';
import { SELF_SIGNED } from '../fixtures/self-signed.ts';
import { rawServer } from '../harness.ts';
import { type Calling, calling, cancelled, KEY } from './calling.ts';

/** What a test opened, closed after it. */
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Sockets {
  url: string;
  port: number;
  count: number;
}

/** A server that speaks TCP only: each connection is handed over as it comes. */
async function sockets(handle: (socket: Socket, nth: number) => void): Promise<Sockets> {
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

function client(url: string, options: Partial<ClientOptions> = {}): Calling {
  const made = calling(url, options);
  open.push(() => made.client.close());
  return made;
}

async function server(handler: Parameters<typeof rawServer>[0]) {
  const made = await rawServer(handler);
  open.push(made.close);
  return made;
}

/** Resolves when the connection is gone, however it ended. */
const closing = (socket: Socket) => new Promise<unknown>((resolve) => socket.once('close', resolve));

/** A port that nobody listens on. */
async function deadPort(): Promise<number> {
  const { port } = await sockets(() => {});
  await open.pop()?.();
  return port;
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const HARMLESS: OutgoingRequest['method'][] = ['GET', 'PUT', 'PATCH', 'DELETE'];
const AUDIT_EVENT = ['POST', { repeatable: true }] as const;

/** Ways in which a connection breaks without an answer although the request may have arrived. */
const BREAKS: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['reset when the request arrives', (socket) => void socket.once('readable', () => socket.resetAndDestroy())],
  ['reset after the request was read', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
  ['closed after the request was read', (socket) => void socket.once('data', () => socket.end())],
  ['closed within the headers', (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nconte'))],
  [
    'closed within the body',
    (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"id":')),
  ],
  ['answered in no HTTP at all', (socket) => void socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))],
];

describe.each(BREAKS)('a connection that is %s', (_, breaks) => {
  it.each([...HARMLESS.map((method) => [method, {}] as const), AUDIT_EVENT])(
    'is tried again by %s %j',
    async (method, more) => {
      const peer = await sockets((socket, nth) =>
        nth < 3 ? breaks(socket) : socket.once('data', () => socket.end(OK)),
      );
      const { send, waits } = client(peer.url);
      expect(await send(method, more)).toMatchObject({ status: 200, body: {}, attempts: 3 });
      expect(waits).toEqual([500, 1_000]);
    },
  );

  it('is an error of POST, which says that it may have happened', async () => {
    const peer = await sockets(breaks);
    const error = await client(peer.url).fail('POST');
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ timedOut: false, mayHaveSucceeded: true, request: { attempts: 1 } });
    expect(error.message).not.toBe('');
    expect(peer.count).toBe(1);
  });

  it('ends in an error after the last attempt', async () => {
    const peer = await sockets(breaks);
    const { fail, attempts } = client(peer.url, { maxRetries: 2 });
    expect(await fail('GET')).toMatchObject({ request: { method: 'GET', path: '/things/thing_1', attempts: 3 } });
    expect(attempts.map(({ status, error }) => [status, typeof error])).toEqual(Array(3).fill([undefined, 'string']));
  });
});

it('a DELETE whose first answer was lost finds nothing and has succeeded', async () => {
  const notFound = 'HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}';
  const peer = await sockets((socket, nth) => {
    socket.once('data', () => (nth === 1 ? socket.resetAndDestroy() : socket.end(notFound)));
  });
  expect(await client(peer.url).send('DELETE')).toMatchObject({ status: 204, attempts: 2 });
});

describe('an answer that takes too long', () => {
  const TIMEOUT = { timeoutMs: 100, maxRetries: 1 };
  it.each<[string, (socket: Socket) => void]>([
    ['nothing comes', () => {}],
    ['the headers never end', (socket) => void socket.write('HTTP/1.1 200 OK\r\n')],
    ['the body never ends', (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"a":')],
    [
      'the body comes in drops',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n');
        const drops = setInterval(() => socket.write(' '), 20);
        socket.once('close', () => clearInterval(drops));
      },
    ],
  ])('is given up and its connection closed where %s', async (_, handle) => {
    const closes: Promise<unknown>[] = [];
    const peer = await sockets((socket) => {
      socket.once('data', () => {
        closes.push(closing(socket));
        handle(socket);
      });
    });
    const { fail } = client(peer.url, TIMEOUT);
    const read = await fail('GET');
    expect(read).toMatchObject({ timedOut: true, code: 'ETIMEDOUT', request: { attempts: 2 } });
    expect(read.message).toContain('no complete response within 100 ms');
    expect(await fail('POST')).toMatchObject({ timedOut: true, mayHaveSucceeded: true, request: { attempts: 1 } });
    await Promise.all(closes);
    expect(closes).toHaveLength(3);
  });

  it('is no matter once the next attempt is quick', async () => {
    const peer = await sockets((socket, nth) => void socket.once('data', () => nth > 1 && socket.end(OK)));
    expect(await client(peer.url, TIMEOUT).send('PUT')).toMatchObject({ status: 200, attempts: 2 });
  });
});

describe('a request that never arrived is tried again by every method', () => {
  const ALL: OutgoingRequest['method'][] = [...HARMLESS, 'POST'];
  const certainlyNot = { timedOut: false, mayHaveSucceeded: false, request: { attempts: 3 } };

  it.each(ALL)('%s: nobody listens', async (method) => {
    const { fail, waits } = client(`http://127.0.0.1:${await deadPort()}`, { maxRetries: 2 });
    expect(await fail(method)).toMatchObject({ ...certainlyNot, code: 'ECONNREFUSED' });
    expect(waits).toEqual([500, 1_000]);
  });

  it.each(ALL)('%s: the name does not resolve', async (method) => {
    const error = await client('https://x.invalid', { maxRetries: 2 }).fail(method);
    expect(error).toMatchObject({ ...certainlyNot, code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
    expect(error.message).toContain('x.invalid');
  });

  it.each(ALL)('%s: the server speaks no TLS', async (method) => {
    const plain = await server((_, response) => response.end('{}'));
    const error = await client(plain.url.replace('http:', 'https:'), { maxRetries: 2 }).fail(method);
    expect(error).toMatchObject({ ...certainlyNot, code: expect.stringMatching(/^(ERR_SSL_|EPROTO)/) });
  });

  it.each(ALL)('%s: the server hangs up during the TLS handshake', async (method) => {
    const seen: Buffer[] = [];
    const peer = await sockets((socket) => void socket.once('data', (data) => seen.push(data) && socket.end()));
    expect(await client(`https://127.0.0.1:${peer.port}`, { maxRetries: 2 }).fail(method)).toMatchObject(certainlyNot);
    expect(Buffer.concat(seen).includes(KEY)).toBe(false);
  });

  it('and succeeds once it arrives', async () => {
    const port = await deadPort();
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

it('a connection that is reset as soon as it is accepted is tried again by POST only where nothing was sent', async () => {
  const peer = await sockets((socket) => void socket.resetAndDestroy());
  const { mayHaveSucceeded, request } = await client(peer.url).fail('POST');
  expect(peer.count).toBe(request.attempts);
  expect(request.attempts === 4).toBe(!mayHaveSucceeded);
});

describe('a connection that is lost after the request has arrived, by', () => {
  afterEach(() => vi.unstubAllEnvs());

  /** A TLS server behind a middleman, who forwards bytes until `handle` puts his own on the wire to the client. */
  async function middleman(
    handle: (response: TLSSocket, wire: Socket, nth: number) => void,
  ): Promise<{ url: string; requests: string[] }> {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const requests: string[] = [];
    const wires: Socket[] = [];
    const inner = await sockets((socket, nth) => {
      const response = new TLSSocket(socket, { isServer: true, ...SELF_SIGNED }).on('error', () => {});
      response.once('data', (data) => {
        requests.push(data.toString());
        const wire = wires[nth - 1];
        if (wire) handle(response, wire, nth);
      });
    });
    const outer = await sockets((wire) => {
      wires.push(wire);
      const upstream = connect(inner.port, '127.0.0.1').on('error', () => {});
      wire.pipe(upstream).pipe(wire);
    });
    return { url: outer.url.replace('http:', 'https:'), requests };
  }

  it.each<[string, (response: TLSSocket, wire: Socket) => void]>([
    ['no TLS instead of a response', (_, wire) => void wire.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')],
    [
      'no TLS in the middle of a response',
      (response, wire) => {
        response.write('HTTP/1.1 201 Created\r\ncontent-length: 90\r\n\r\n{"id":', () => wire.end('504 timeout'));
      },
    ],
    [
      'a TLS record that was changed on the way',
      (_, wire) => void wire.end(Buffer.from([0x17, 3, 3, 0, 32, ...Array(32).fill(7)])),
    ],
    ['a reset below the TLS', (_, wire) => void wire.resetAndDestroy()],
  ])('%s: a POST is sent once, and may have happened', async (_, handle) => {
    const peer = await middleman(handle);
    const error = await client(peer.url).fail('POST');
    expect(error).toMatchObject({ mayHaveSucceeded: true, request: { attempts: 1 } });
    expect(peer.requests).toHaveLength(1);
  });

  it('no TLS instead of a response: a GET is tried again', async () => {
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
  )('%s: a POST is sent once, and may have happened', async (code) => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    open.push(() => agent.close());
    const pool = agent.get('http://workos.test');
    const lost = Object.assign(new Error(`read ${code}`), { code, syscall: 'read' });
    pool.intercept({ path: '/things/thing_1', method: 'POST' }).replyWithError(lost).persist();
    const error = await calling('http://workos.test', { dispatcher: agent }).fail('POST');
    expect(error).toMatchObject({ code, mayHaveSucceeded: true, request: { attempts: 1 } });
  });
});

describe('a body without end', () => {
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
    ['stops at the limit', {}, /^a body of more than 1000000 bytes$/],
    [
      'stops at once where it is packed',
      { 'content-encoding': 'gzip' },
      /^a body encoded with gzip, which was not accepted$/,
    ],
  ])('%s, and its connection is closed', async (_, headers, wants) => {
    const source = await endless(headers);
    const closed = new Promise((resolve) =>
      source.server.once('connection', (socket) => socket.once('close', resolve)),
    );
    // No deadline of the attempt closes it instead.
    const error = await client(source.url, { maxBodyBytes: 1_000_000, timeoutMs: 600_000 }).fail('DELETE');
    expect(error.message).toMatch(wants);
    expect(error).toMatchObject({ status: 200, mayHaveSucceeded: true, request: { attempts: 1 } });
    await closed;
  });

  it('of a failure is left after what an error needs, and the request is retried', async () => {
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

  it('is told from one of just the right size', async () => {
    const exact = await server((_, response) => response.end(`"${'x'.repeat(998)}"`));
    expect((await client(exact.url, { maxBodyBytes: 1_000 }).send('GET')).body).toHaveLength(998);
    const tooLong = await server((_, response) => response.end(`"${'x'.repeat(999)}"`));
    expect((await client(tooLong.url, { maxBodyBytes: 1_000 }).fail('GET')).message).toContain('more than 1000 bytes');
  });
});

describe('a cancelled call', () => {
  it('aborts its request: the server sees the connection close', async () => {
    const controller = new AbortController();
    const gone: Promise<unknown>[] = [];
    const peer = await server(({ socket }) => {
      gone.push(closing(socket));
      controller.abort();
    });
    await cancelled(client(peer.url).send('POST', { signal: controller.signal }));
    expect(gone).toHaveLength(1);
    await Promise.all(gone);
  });

  it.each(['headers', 'body'])('is told from a failure while it waits for the %s', async (part) => {
    const controller = new AbortController();
    const peer = await server((_, response) => {
      if (part === 'body') response.write('{"a":');
      setTimeout(() => controller.abort(), 10);
    });
    const { send, attempts } = client(peer.url);
    await cancelled(send('GET', { signal: controller.signal }));
    expect(attempts).toEqual([]);
  });

  it('ends its wait for another attempt at once', async () => {
    let requests = 0;
    const peer = await server((_, response) => {
      requests++;
      response.writeHead(429, { 'retry-after': '60' }).end();
    });
    const controller = new AbortController();
    const { send } = client(peer.url, { sleep });
    // The signal is given once the wait has begun.
    const onWait = () => void setTimeout(() => controller.abort(), 1);
    await cancelled(send('GET', { signal: controller.signal, onWait }));
    expect(requests).toBe(1);
  });

  it('ends its wait for a rate limit at once', async () => {
    let requests = 0;
    const peer = await server((_, response) => {
      requests++;
      response.end('{}');
    });
    const { send } = client(peer.url, { sleep, now: () => 0 });
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

  it('gives its place under the rate limit back', async () => {
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

  it('sends nothing where it was cancelled before', async () => {
    const peer = await sockets(() => {});
    await cancelled(client(peer.url).send('POST', { signal: AbortSignal.abort() }));
    expect(peer.count).toBe(0);
  });
});

it('a probe that gets no response says why', async () => {
  const { client: looking } = client(`http://127.0.0.1:${await deadPort()}`);
  const error: unknown = await looking
    .probe('HEAD', '/organizations?limit=1', KEY, new AbortController().signal)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(NetworkError);
  expect(error).toMatchObject({
    code: 'ECONNREFUSED',
    mayHaveSucceeded: false,
    request: { method: 'HEAD', path: '/organizations', attempts: 1 },
  });
});

it('a client that was never used closes', async () => {
  await expect(calling('https://x.invalid').client.close()).resolves.toBeUndefined();
});
