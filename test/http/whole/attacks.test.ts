import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../free-ports.ts';
import { type Issuer, startIssuer } from '../issuer.ts';
import { ALL } from '../team.ts';
import { type Running, teamServer } from './processes.ts';

let issuer: Issuer;
let team: Running & { url: string };
let port: number;
let token: string;
beforeAll(async () => {
  [port = 0] = await freePorts(1);
  issuer = await startIssuer(`http://127.0.0.1:${port}/mcp`);
  team = await teamServer(port, '--authkit-domain', issuer.url);
  token = await issuer.token({ permissions: ALL, exp: Math.floor(Date.now() / 1000) + 3_600 });
});
afterAll(() => Promise.all([team?.stop(), issuer?.close()]));

const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'list_users', arguments: { limit: 1 } },
});

/** Makes a permitted call, and resolves to how long it took in milliseconds. */
async function served(): Promise<number> {
  const begun = performance.now();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, connection: 'close' };
  const response = await fetch(team.url, { method: 'POST', headers, body: CALL });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('"object\\":\\"list');
  return performance.now() - begun;
}

/** Sends these bytes, and resolves to everything that comes back before the connection closes or time runs out. */
async function raw(bytes: string, ms = 3_000): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes, 'latin1');
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  const timer = setTimeout(() => socket.destroy(), ms);
  await closed(socket);
  clearTimeout(timer);
  return text;
}

/** Resolves when a connection is closed, by either side. */
function closed(socket: Socket): Promise<unknown> {
  return socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once('close', resolve));
}

const statuses = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
const head = (...lines: string[]) => [`POST /mcp HTTP/1.1`, 'Host: 127.0.0.1', ...lines].join('\r\n');
const AUTHORIZED = () => [
  `Authorization: Bearer ${token}`,
  'Content-Type: application/json',
  'Accept: application/json',
];

describe('requests that a proxy and this server could read differently', () => {
  const inner = () =>
    `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n${AUTHORIZED().join('\r\n')}\r\nContent-Length: ${CALL.length}\r\n\r\n${CALL}`;
  const cases: [string, () => string][] = [
    [
      'a length and chunks',
      () => `${head('Content-Length: 4', 'Transfer-Encoding: chunked')}\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    ['two lengths', () => `${head('Content-Length: 0', `Content-Length: ${inner().length}`)}\r\n\r\n${inner()}`],
    ['a list of lengths', () => `${head('Content-Length: 0, 10')}\r\n\r\n${inner()}`],
    ['a length with a sign', () => `${head('Content-Length: +0')}\r\n\r\n${inner()}`],
    ['a space after a header name', () => `${head('Transfer-Encoding : chunked')}\r\n\r\n0\r\n\r\n${inner()}`],
    ['an unknown transfer encoding', () => `${head('Transfer-Encoding: xchunked')}\r\n\r\n0\r\n\r\n${inner()}`],
    [
      'another encoding after chunked',
      () => `${head('Transfer-Encoding: chunked, identity')}\r\n\r\n0\r\n\r\n${inner()}`,
    ],
    ['a folded line', () => `${head('Content-Length: 0', 'X: a', ' Transfer-Encoding: chunked')}\r\n\r\n${inner()}`],
    ['lines that end in a bare LF', () => `POST /mcp HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 0\n\n${inner()}`],
    ['a line that ends in a bare CR', () => `${head('X: a\rContent-Length: 0')}\r\n\r\n${inner()}`],
    ['a NUL in a header', () => `${head('X: a\u0000b', 'Content-Length: 0')}\r\n\r\n${inner()}`],
    [
      'a malformed chunk size',
      () => `${head('Transfer-Encoding: chunked')}\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n${inner()}`,
    ],
    ['no Host', () => `POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n${inner()}`],
    ['an empty Host', () => `POST /mcp HTTP/1.1\r\nHost:\r\nContent-Length: 0\r\n\r\n${inner()}`],
    ['an HTTP/2 preface', () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${inner()}`],
    ['a CONNECT tunnel', () => `CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${inner()}`],
  ];
  it.each(cases)('with %s are refused, and a request hidden behind them is not answered', async (_, bytes) => {
    const text = await raw(bytes(), 1_500);
    // The hidden request is a valid call, so it would have been answered with 200.
    expect(statuses(text).filter((status) => status < 400)).toEqual([]);
    expect(text).not.toContain('object');
    await served();
  });

  it('with too many or too large headers are refused', async () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `X-${at}: 1`);
    expect(statuses(await raw(`${head(...many)}\r\n\r\n`))).toEqual([431]);
    expect(statuses(await raw(`${head(`X: ${'a'.repeat(20_000)}`)}\r\n\r\n`))).toEqual([431]);
  });
});

describe('a server under attack still serves others', () => {
  it('during a thousand concurrent calls with wrong tokens', async () => {
    const wrong = [
      'a.b.c',
      'A'.repeat(8_000),
      `${token.slice(0, -4)}AAAA`,
      await issuer.token({ aud: 'https://x.example' }),
      await issuer.token({}, { kid: 'x' }),
    ];
    const answers = Array.from({ length: 1_000 }, async (_, at) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${wrong[at % wrong.length]}` };
      // There are more of them than connections, so some are closed to make room.
      const answer = await fetch(team.url, { method: 'POST', headers, body: CALL }).catch(() => undefined);
      return answer?.status ?? 'closed';
    });
    expect(await served()).toBeLessThan(10_000);
    const outcomes = new Set(await Promise.all(answers));
    expect(outcomes).toContain(401);
    outcomes.delete('closed');
    expect([...outcomes]).toEqual([401]);
  });

  it('while bodies never end, and cuts them off', { timeout: 60_000 }, async () => {
    const sockets = Array.from({ length: 100 }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`${head(...AUTHORIZED(), 'Content-Length: 1000')}\r\n\r\n{`);
      const drip = setInterval(() => socket.writable && socket.write(' '), 500);
      socket.once('close', () => clearInterval(drip));
      return socket;
    });
    // They are all from one person, who may have 64 messages in flight; another person is not locked out.
    const begun = performance.now();
    const other = await issuer.token({ sub: 'user_bob', permissions: ALL });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${other}` };
    expect((await fetch(team.url, { method: 'POST', headers, body: CALL })).status).toBe(200);
    await Promise.all(sockets.map(closed));
    expect(performance.now() - begun).toBeLessThan(45_000);
    await served();
  });

  it('without reading a body that comes without a token', async () => {
    const text = await raw(`${head('Content-Type: application/json', 'Content-Length: 3000000')}\r\n\r\n{`, 2_000);
    expect(statuses(text)).toEqual([401]);
    expect(text.toLowerCase()).toContain('connection: close');
  });

  it('while headers never end, and cuts them off', { timeout: 40_000 }, async () => {
    const sockets = Array.from({ length: 100 }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write('POST /mcp HTTP/1.1\r\nX: ');
      const drip = setInterval(() => socket.writable && socket.write('a'), 500);
      socket.once('close', () => clearInterval(drip));
      return socket;
    });
    expect(await served()).toBeLessThan(2_000);
    await Promise.all(sockets.map(closed));
  });

  it('during 10,000 idle connections', { timeout: 90_000 }, async (context) => {
    const files = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (Number(files) < 11_000) return context.skip(`this machine lets a process open only ${files} files`);
    const open: Socket[] = [];
    const slowest: number[] = [];
    for (let batch = 0; batch < 20; batch++) {
      const connected = Array.from({ length: 500 }, async () => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        open.push(socket);
        await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
      });
      await Promise.all(connected);
      slowest.push(await served());
    }
    expect(Math.max(...slowest)).toBeLessThan(5_000);
    // The server stays within its connection limit.
    const held = readFileSync(`/proc/${team.child.pid}/status`, 'utf8');
    expect(Number(/^FDSize:\s+(\d+)/m.exec(held)?.[1])).toBeLessThanOrEqual(1_024);
    for (const socket of open) socket.destroy();
  });

  it('and afterwards responds quickly and uses little memory', async () => {
    expect(await served()).toBeLessThan(2_000);
    const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${team.child.pid}/status`, 'utf8'))?.[1]) / 1024;
    expect(rss).toBeLessThan(400);
    expect(await team.stop('SIGINT')).toBe(0);
  });
});
