import type { LookupAddress } from 'node:dns';
import type { LookupFunction, Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkedTarget, type DownloadOptions, download } from '../../src/client/download.ts';
import { isPrivateAddress } from '../../src/client/private-network.ts';
import { CancelledError, InputError, LinkExpiredError, NetworkError, RefusedError } from '../../src/errors/errors.ts';
import { rawServer, recordingApi } from '../harness.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function server(handler: Parameters<typeof rawServer>[0]) {
  const created = await rawServer(handler);
  open.push(created.close);
  return created;
}

/** Resolves when the server's first connection is closed. */
const closing = (target: Server) =>
  new Promise<unknown>((resolve) => target.once('connection', (socket) => socket.once('close', resolve)));

/** A DNS lookup that resolves every name to these addresses. */
const resolvesTo =
  (...addresses: string[]): LookupFunction =>
  (_, options, callback) => {
    const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };

interface Fetched {
  bytes: number;
  text: string;
}

async function fetched(url: string, options: Partial<DownloadOptions> = {}): Promise<Fetched> {
  const chunks: Buffer[] = [];
  const bytes = await download(url, {
    allowLoopback: true,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    write: async (chunk) => void chunks.push(chunk),
    ...options,
  });
  return { bytes, text: Buffer.concat(chunks).toString('utf8') };
}

/** Starts a download that must fail. Returns its error. */
async function failure(url: string, options: Partial<DownloadOptions> = {}): Promise<unknown> {
  return fetched(url, options).then(
    () => new Error('the download succeeded'),
    (reason: unknown) => reason,
  );
}

describe('a download', () => {
  it('sends nothing that could identify the caller', async () => {
    const api = await recordingApi(() => ({ body: 'a,b\n1,ü\n', headers: { 'content-type': 'text/csv' } }));
    open.push(api.close);
    expect(await fetched(`${api.url}/e.csv?X-Amz-Signature=abc%2F1`)).toEqual({ bytes: 9, text: 'a,b\n1,ü\n' });
    expect(api.requests).toHaveLength(1);
    expect(api.requests[0]).toMatchObject({ method: 'GET', url: '/e.csv?X-Amz-Signature=abc%2F1' });
    expect(Object.keys(api.requests[0]?.headers ?? {}).sort()).toEqual(['accept', 'connection', 'host']);
  });

  it('reads no faster than the file is written', async () => {
    const { url } = await server((_, response) => response.end('x'.repeat(1_000_000)));
    let writing = 0;
    let maxWriting = 0;
    const bytes = await download(url, {
      allowLoopback: true,
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      write: async () => {
        maxWriting = Math.max(maxWriting, ++writing);
        await new Promise((resolve) => setImmediate(resolve));
        writing--;
      },
    });
    expect(bytes).toBe(1_000_000);
    expect(maxWriting).toBe(1);
  });

  it('may use localhost if the API is on loopback too', async () => {
    const { url } = await server((_, response) => response.end('a'));
    expect(await fetched(url.replace('127.0.0.1', 'localhost'))).toEqual({ bytes: 1, text: 'a' });
  });
});

describe('an export link', () => {
  it.each<[url: string, onLoopback: boolean, elsewhere: boolean]>([
    ['https://exports.audit-logs.com/e.csv?sig=x', true, true],
    ['https://1.1.1.1/e.csv', true, true],
    ['https://[2606:4700::1111]/e.csv', true, true],
    ['http://exports.audit-logs.com/e.csv', false, false],
    ['http://127.0.0.1:8080/e.csv', true, false],
    ['https://127.0.0.1/e.csv', true, false],
    ['http://localhost/e.csv', true, false],
    ['https://localhost./e.csv', true, false],
    ['http://[::1]/e.csv', true, false],
    ['http://127.255.0.9/e.csv', true, false],
    ['http://2130706433/e.csv', true, false],
    ['http://0x7f.1/e.csv', true, false],
    ['http://[::ffff:127.0.0.1]/e.csv', true, false],
    ['https://0.0.0.0/e.csv', false, false],
    ['https://10.0.0.1/e.csv', false, false],
    ['https://172.16.0.1/e.csv', false, false],
    ['https://192.168.1.1/e.csv', false, false],
    ['https://169.254.169.254/latest/meta-data', false, false],
    ['https://100.64.0.1/e.csv', false, false],
    ['https://[fe80::1]/e.csv', false, false],
    ['https://[fd00::1]/e.csv', false, false],
    ['https://[::ffff:10.0.0.1]/e.csv', false, false],
    ['https://[64:ff9b::7f00:1]/e.csv', false, false],
    ['https://[::]/e.csv', false, false],
    ['ftp://exports.audit-logs.com/e.csv', false, false],
    ['file:///etc/passwd', false, false],
    ['ftp://localhost/e.csv', false, false],
    ['data:text/csv,a', false, false],
    ['javascript:1', false, false],
  ])('%s is opened: %s with an API on loopback, %s otherwise', (url, onLoopback, elsewhere) => {
    for (const [allowLoopback, allowed] of [
      [true, onLoopback],
      [false, elsewhere],
    ] as const) {
      if (allowed) expect(checkedTarget(url, allowLoopback).href).toBe(new URL(url).href);
      else expect(() => checkedTarget(url, allowLoopback)).toThrow(RefusedError);
    }
  });

  it.each(['', 'null', '/e.csv', 'https://'])('that is %j is invalid', (url) => {
    expect(() => checkedTarget(url, true)).toThrow(InputError);
  });

  it('that is refused is not repeated in the error', () => {
    expect(() => checkedTarget('https://10.0.0.1/e.csv?sig=s3cret', false)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    );
  });

  it.each([
    ['127.0.0.1', true],
    ['172.15.255.255', false],
    ['172.31.255.255', true],
    ['172.32.0.0', false],
    ['100.127.255.255', true],
    ['100.128.0.0', false],
    ['192.0.0.1', true],
    ['198.19.0.1', true],
    ['224.0.0.1', true],
    ['255.255.255.255', true],
    ['8.8.8.8', false],
    ['::1', true],
    ['::ffff:192.168.0.1', true],
    ['::ffff:8.8.8.8', false],
    ['fc00::1', true],
    ['febf::1', true],
    ['ff02::1', true],
    ['2001:4860:4860::8888', false],
  ])('%s is private: %s', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected);
  });
});

describe('a public name that resolves to a private address is refused', () => {
  it.each([
    [['127.0.0.1'], false],
    [['10.0.0.7'], false],
    [['169.254.169.254'], false],
    [['::1'], false],
    [['::ffff:127.0.0.1'], false],
    [['1.1.1.1', '10.0.0.7'], false],
    [['10.0.0.7'], true],
    [['169.254.169.254'], true],
  ])('%j, with an API on loopback: %s', async (addresses, allowLoopback) => {
    const error = await failure('https://exports.audit-logs.com/e.csv?sig=s3cret', {
      allowLoopback,
      resolve: resolvesTo(...addresses),
    });
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ message: expect.stringContaining('resolves to a private address') });
    expect(String(error)).not.toContain('s3cret');
  });

  it('even if the connection looks up a single address', async () => {
    let lookups = 0;
    const resolve: LookupFunction = (name, options, callback) => {
      lookups++;
      resolvesTo('192.168.0.1')(name, { ...options, all: false }, callback);
    };
    expect(await failure('https://exports.audit-logs.com/', { allowLoopback: false, resolve })).toBeInstanceOf(
      RefusedError,
    );
    expect(lookups).toBe(1);
  });

  it('but a name that does not resolve is a network error', async () => {
    const resolve: LookupFunction = (name, _, callback) => {
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), '');
    };
    const error = await failure('https://exports.audit-logs.com/e.csv?sig=s3cret', { allowLoopback: false, resolve });
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ code: 'ENOTFOUND', timedOut: false, mayHaveSucceeded: false });
    expect(JSON.stringify([String(error), error])).not.toContain('s3cret');
  });
});

describe('a response other than the file', () => {
  it.each([400, 401, 403, 410])('with status %i means that the link has expired', async (status) => {
    const { url } = await server((_, response) => response.writeHead(status).end('<Error>Expired</Error>'));
    const error = await failure(`${url}/e.csv?sig=s3cret`);
    expect(error).toBeInstanceOf(LinkExpiredError);
    expect(String(error)).toContain(`returned ${status}`);
    expect(String(error)).not.toContain('s3cret');
  });

  it.each([204, 206, 404, 429, 500, 503])('with status %i is an error', async (status) => {
    const { url } = await server((_, response) => response.writeHead(status).end());
    expect(await failure(`${url}/e.csv?sig=s3cret`)).toMatchObject({
      name: 'ApiError',
      status,
      message: expect.stringMatching(new RegExp(`returned ${status} instead of the file$`)),
      request: { path: expect.not.stringContaining('s3cret') },
    });
  });

  it.each([301, 302, 307])('with status %i is not followed', async (status) => {
    const other = await recordingApi();
    open.push(other.close);
    const { url } = await server((_, response) => response.writeHead(status, { location: other.url }).end());
    expect(await failure(url)).toMatchObject({ name: 'ApiError', status });
    expect(other.requests).toEqual([]);
  });

  it('with an endless body is read only in part', async () => {
    const source = await server((_, response) => {
      response.writeHead(404);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(await failure(source.url)).toMatchObject({ status: 404 });
  });
});

describe('a download that fails', () => {
  it('stops at the size limit and closes the connection', async () => {
    const source = await server((_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    const closed = closing(source.server);
    let written = 0;
    const error = await failure(source.url, {
      maxBytes: 200_000,
      write: async ({ length }) => {
        written += length;
      },
    });
    expect(error).toBeInstanceOf(RefusedError);
    expect(String(error)).toContain('larger than 200000 bytes');
    expect(written).toBeLessThanOrEqual(200_000);
    await closed;
  });

  it('accepts a file of exactly the maximum size', async () => {
    const { url } = await server((_, response) => response.end('x'.repeat(1_000)));
    expect((await fetched(url, { maxBytes: 1_000 })).bytes).toBe(1_000);
    expect(await failure(url, { maxBytes: 999 })).toBeInstanceOf(RefusedError);
  });

  it('reports a network error if the connection breaks', async () => {
    const { url } = await server((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
    });
    expect(await failure(url)).toBeInstanceOf(NetworkError);
  });

  it('reports a timeout', async () => {
    const { url } = await server(() => {});
    expect(await failure(url, { timeoutMs: 50 })).toMatchObject({ name: 'NetworkError', timedOut: true });
  });

  it('ends when cancelled, and the server sees the connection close', async () => {
    const controller = new AbortController();
    const source = await server((_, response) => response.write('a'));
    const closed = closing(source.server);
    const error = await failure(source.url, { signal: controller.signal, write: async () => controller.abort() });
    expect(error).toBeInstanceOf(CancelledError);
    await closed;
  });

  it('does not start if it was already cancelled', async () => {
    expect(await failure('http://127.0.0.1:1/', { signal: AbortSignal.abort() })).toBeInstanceOf(CancelledError);
  });
});
