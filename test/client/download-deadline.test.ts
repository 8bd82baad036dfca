import type { ServerResponse } from 'node:http';
import { createServer, type LookupFunction, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DownloadOptions, download } from '../../src/client/download.ts';
import { DownloadDeadline } from '../../src/client/download-deadline.ts';
import { CancelledError } from '../../src/errors/errors.ts';
import { rawServer } from '../harness.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function http(handler: (response: ServerResponse) => void): Promise<string> {
  const made = await rawServer((_, response) => handler(response));
  open.push(made.close);
  return made.url;
}

/** A TCP server that passes each connection to `handler`. */
async function tcp(handler: (socket: Socket) => void): Promise<string> {
  const live = new Set<Socket>();
  const server: Server = createServer((socket) => {
    live.add(socket.on('error', () => {}));
    handler(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    for (const socket of live) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

/** Sends some bytes over and over until the connection closes, so that no idle timer ever fires. */
function drip(send: (bytes: string) => void, bytes: string, closed: () => boolean): void {
  const timer = setInterval(() => (closed() ? clearInterval(timer) : send(bytes)), 20);
  open.push(async () => clearInterval(timer));
}

const TIMEOUT_MS = 250;

const fetching = (url: string, options: Partial<DownloadOptions> = {}) =>
  download(url, {
    allowLoopback: true,
    timeoutMs: TIMEOUT_MS,
    signal: new AbortController().signal,
    write: async () => {},
    ...options,
  });

async function expectTimeout(url: string, options: Partial<DownloadOptions> = {}): Promise<void> {
  const started = performance.now();
  const error = await fetching(url, options).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'NetworkError', timedOut: true, code: 'ETIMEDOUT', mayHaveSucceeded: false });
  expect(String(error)).toContain('--timeout-ms');
  expect(performance.now() - started).toBeLessThan(2_000);
}

const never: LookupFunction = () => {};

describe('--timeout-ms ends a download', () => {
  it('whose name is never resolved', () =>
    expectTimeout('https://exports.audit-logs.com/e.csv', { allowLoopback: false, resolve: never }));

  it('whose TLS handshake never ends', async () => expectTimeout(`https://${await tcp(() => {})}/e.csv`));

  it('whose proxy never connects', async () =>
    expectTimeout('https://exports.audit-logs.com/e.csv', {
      allowLoopback: false,
      proxy: { https: `http://${await tcp(() => {})}` },
    }));

  it('whose headers never end', async () => {
    const host = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      drip(
        (bytes) => socket.write(bytes),
        'x-filler: 1\r\n',
        () => socket.destroyed,
      );
    });
    await expectTimeout(`http://${host}/e.csv`);
  });

  it('whose file trickles in', async () => {
    const url = await http((response) =>
      drip(
        (bytes) => response.write(bytes),
        'a,b\n',
        () => response.destroyed,
      ),
    );
    await expectTimeout(url);
  });
});

describe('a cancellation ends a download', () => {
  async function expectCancelled(url: string, options: Partial<DownloadOptions>): Promise<void> {
    const cancel = new AbortController();
    const started = performance.now();
    const ended = fetching(url, { allowLoopback: false, timeoutMs: 60_000, signal: cancel.signal, ...options });
    setImmediate(() => cancel.abort());
    await expect(ended).rejects.toThrow(CancelledError);
    expect(performance.now() - started).toBeLessThan(2_000);
  }

  it('whose name is not resolved yet', () => expectCancelled('https://exports.audit-logs.com/', { resolve: never }));

  it('whose TLS handshake has not ended yet', async () =>
    expectCancelled(`https://${await tcp(() => {})}/`, { allowLoopback: true }));

  it('whose proxy has not connected yet', async () =>
    expectCancelled('https://exports.audit-logs.com/', { proxy: { https: `http://${await tcp(() => {})}` } }));
});

describe('the body of an error response is not read', () => {
  it.each([302, 400, 403, 404, 410, 500, 503])('even if it trickles in: %i', async (status) => {
    const url = await http((response) => {
      response.writeHead(status);
      drip(
        (bytes) => response.write(bytes),
        '<Error>',
        () => response.destroyed,
      );
    });
    const started = performance.now();
    const error = await fetching(url, { timeoutMs: 60_000 }).catch((reason: unknown) => reason);
    expect(String(error)).toContain(`returned ${status}`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('the deadline', () => {
  const MIB = 1024 * 1024;
  let deadline: DownloadDeadline;
  beforeEach(() => {
    vi.useFakeTimers();
    deadline = new DownloadDeadline(1_000, new AbortController().signal);
  });
  afterEach(() => {
    deadline.close();
    vi.useRealTimers();
  });

  it('is extended by each 4 MiB, so a large file may take longer', () => {
    for (let received = 0; received < 400; received += 4) {
      vi.advanceTimersByTime(900);
      deadline.received(4 * MIB);
    }
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(deadline.signal.aborted).toBe(true);
    expect(deadline.missed).toContain('too slow: 419430400 bytes so far');
  });

  it('is not extended by less', () => {
    vi.advanceTimersByTime(900);
    deadline.received(4 * MIB - 1);
    vi.advanceTimersByTime(100);
    expect(deadline.missed).toContain('too slow');
  });

  it('is not extended by less after the first 4 MiB', () => {
    deadline.received(4 * MIB);
    vi.advanceTimersByTime(900);
    deadline.received(4 * MIB - 1);
    vi.advanceTimersByTime(100);
    expect(deadline.missed).toContain('too slow');
  });

  it('is never extended beyond 15 minutes', () => {
    for (let second = 0; second < 15 * 60; second++) {
      expect(deadline.missed).toBeUndefined();
      vi.advanceTimersByTime(999);
      deadline.received(4 * MIB);
    }
    vi.advanceTimersByTime(900);
    expect(deadline.missed).toBe('not complete after 15 minutes');
  });

  it('does not count as missed if the caller cancels', () => {
    const caller = new AbortController();
    const other = new DownloadDeadline(1_000, caller.signal);
    caller.abort();
    expect(other.signal.aborted).toBe(true);
    expect(other.missed).toBeUndefined();
    other.close();
  });

  it('leaves no timer behind', () => {
    deadline.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
