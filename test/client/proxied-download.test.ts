import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { download } from '../../src/client/download.ts';
import { RefusedError } from '../../src/errors/errors.ts';

/** What the proxy was asked to connect to. It connects to nothing. */
const asked: string[] = [];
let proxy: string;
let close: () => Promise<void>;

beforeAll(async () => {
  const server = createServer();
  server.on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    socket.on('error', () => {});
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is never a string.
  proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => new Promise((resolve) => server.close(() => resolve()));
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(() => close());

/** The error of a download with the proxy configured. All of these downloads fail. */
const failure = (url: string, no?: string) =>
  download(url, {
    allowLoopback: false,
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    write: async () => {},
    proxy: { https: proxy, no },
    resolve: (_name, { all }, callback) =>
      all ? callback(null, [{ address: '10.0.0.7', family: 4 }]) : callback(null, '10.0.0.7', 4),
  }).catch((error: unknown) => error);

describe('behind a proxy, a link', () => {
  it.each([
    'printer.local',
    'metadata.google.internal',
    'wiki.intranet',
    'git.corp',
    'nas.home',
    'router.lan',
    'db.private',
    'mx.mail',
    'camera.home.arpa',
    '1.0.0.10.in-addr.arpa',
    'app.localhost',
    'api.test',
    'api.invalid',
    'api.example',
    'hidden.onion',
    'name.alt',
    'host.localdomain',
    'pc.domain',
    'kubernetes.default.svc',
    'deep.down.under.a.corp',
  ])('to %s is refused, and so are its other spellings', async (name) => {
    for (const host of [
      name,
      `${name}.`,
      `${name}..`,
      name.toUpperCase(),
      name.replaceAll('.', '\u3002'),
      name.replaceAll('l', '%6c').replaceAll('a', '%61'),
      Array.from(name, (letter) => (letter === 'o' ? '\uff4f' : letter)).join(''),
      `${name.slice(0, -1)}\u00ad${name.slice(-1)}`,
      `${name}:8443`,
    ]) {
      const error = await failure(`https://${host}/e.csv?sig=s3cret`);
      expect(error, host).toBeInstanceOf(RefusedError);
      expect(String(error)).not.toContain('s3cret');
    }
    expect(asked).toEqual([]);
  });

  it.each(['intranet', 'localhost', 'localhost.', 'com', 'db01.', 'XN--FIQS8S'])(
    'to the single label %s is refused',
    async (host) => {
      expect(await failure(`https://${host}/e.csv`)).toBeInstanceOf(RefusedError);
      expect(asked).toEqual([]);
    },
  );

  it.each(['10.1.1.1', '10.1.1.1.', '10.1.1.1..', '0xac100001', '[fd12::9]', '[2002:a01:101::]', '127.0.0.9'])(
    'to the private address %s is refused',
    async (host) => {
      expect(await failure(`https://${host}/e.csv`)).toBeInstanceOf(RefusedError);
      expect(asked).toEqual([]);
    },
  );

  it.each([
    'exports.audit-logs.com',
    'workos-exports.s3.us-east-1.amazonaws.com',
    'corp.example.com',
    'local.example.org',
    'internal-exports.example.net',
    'notlocal.co',
    'home.arpanet.io',
    'xn--bcher-kva.example.com',
    '93.184.216.34',
    '[2620:fe::fe]',
  ])('to %s goes through the proxy', async (host) => {
    expect(await failure(`https://${host}/e.csv`)).toMatchObject({ name: 'NetworkError' });
    expect(asked).toEqual([`${host}:443`]);
  });

  it('that bypasses it because of NO_PROXY is checked by the address of its host', async () => {
    expect(await failure('https://exports.audit-logs.com/e.csv', 'audit-logs.com')).toMatchObject({
      name: 'RefusedError',
      message: expect.stringContaining('resolves to a private address'),
    });
    expect(asked).toEqual([]);
  });
});
