import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { CallQueue } from '../../src/mcp/call-queue.ts';
import { rawServer } from '../harness.ts';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment } from '../process.ts';

const CALLS = 1_000;
/** A line of output contains a result twice. */
const RESULT_BYTES = 100_000;
/** The server takes about 55 MB and unread output up to 32 MiB; the rest is uncollected garbage. */
const MAX_MEGABYTES = 200;
const SLOW = 120_000;

const body = JSON.stringify({ id: 'org_1', name: 'n'.repeat(RESULT_BYTES) });

interface Unread {
  child: ChildProcessWithoutNullStreams;
  api: Awaited<ReturnType<typeof rawServer>>;
  /** Requests that reached the API. */
  requests: () => number;
  send(message: Record<string, unknown>): void;
  /** The peak size in MB so far. */
  peak: () => number;
  exited: Promise<number | null>;
}

const SIGTERM: [string, (server: Unread) => void][] = WINDOWS
  ? []
  : [['SIGTERM', ({ child }) => child.kill('SIGTERM')]];

const running: Unread[] = [];
afterEach(async () => {
  for (const { child, api } of running.splice(0)) {
    child.kill('SIGKILL');
    await api.close();
  }
});

/** A server whose stdout is not read. */
async function unread(respond = (response: ServerResponse) => void response.end(body)): Promise<Unread> {
  let requests = 0;
  const api = await rawServer((request, response) => {
    requests++;
    request.resume();
    response.setHeader('content-type', 'application/json');
    respond(response);
  });
  const flags = ['--base-url', api.url, '--max-result-chars', '400000', '--toolsets', 'all'];
  const child = spawn(process.execPath, [COMMAND, ...flags], {
    env: cleanEnvironment({ WORKOS_TOKEN: 'sk_test_unread' }),
  });
  child.stdin.on('error', () => {});
  child.stderr.resume();
  let peak = 0;
  const measure = setInterval(() => {
    peak = Math.max(peak, megabytes(child));
  }, 100);
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  void exited.then(() => clearInterval(measure));
  const server: Unread = {
    child,
    api,
    requests: () => requests,
    send: (message) => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    peak: () => peak,
    exited,
  };
  running.push(server);
  return server;
}

function megabytes({ pid }: ChildProcessWithoutNullStreams): number {
  try {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
  } catch {
    return 0;
  }
}

/** Resolves when this number is positive and has not changed for a second. */
async function settled(value: () => number): Promise<number> {
  let last = Number.NaN;
  let same = 0;
  await expect
    .poll(
      () => {
        same = value() > 0 && value() === last ? same + 1 : 0;
        last = value();
        return same;
      },
      { interval: 100, timeout: SLOW },
    )
    .toBeGreaterThan(10);
  return last;
}

/** Reads stdout until this many ids were answered. Returns how often each was. */
function readResponses({ child }: Unread, ids: number): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  let rest = '';
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const id = /"id":("\w+"|\d+)\}$/.exec(line)?.[1] ?? `no id: ${line.slice(0, 80)}`;
        seen.set(id, (seen.get(id) ?? 0) + 1);
      }
      if (seen.size >= ids) resolve(seen);
    });
  });
}

const getOrganization = { name: 'get_organization', arguments: { organization_id: 'org_1' } };

describe('a client that sends calls and reads nothing', { timeout: SLOW }, () => {
  it('makes new calls wait, in bounded memory, and gets every answer exactly once when it reads', async () => {
    const server = await unread();
    for (let id = 0; id < CALLS; id++) server.send({ id, method: 'tools/call', params: getOrganization });
    const begun = await settled(server.requests);
    expect(begun).toBeGreaterThan(100);
    expect(begun).toBeLessThan(CALLS / 3);
    expect(server.peak()).toBeLessThan(MAX_MEGABYTES);
    const answers = await readResponses(server, CALLS);
    expect(answers.size).toBe(CALLS);
    expect([...answers.values()].every((times) => times === 1)).toBe(true);
    expect(server.requests()).toBe(CALLS);
  });

  // Windows has no ps to measure a process.
  it.skipIf(WINDOWS)('cannot fill the memory with tools/list requests and pings either', async () => {
    const server = await unread();
    const count = 2_000;
    for (let id = 0; id < count; id++) server.send({ id, method: id % 2 ? 'tools/list' : 'ping' });
    await settled(server.peak);
    expect(server.peak()).toBeLessThan(MAX_MEGABYTES);
    const answers = await readResponses(server, count);
    expect([...answers.values()].every((times) => times === 1)).toBe(true);
  });

  it.each<[string, (server: Unread) => void]>([
    ['the end of input', ({ child }) => child.stdin.end()],
    ...SIGTERM,
    ['a closed stdout', ({ child }) => child.stdout.destroy()],
  ])('does not keep the server alive after %s', async (_, leave) => {
    const server = await unread();
    for (let id = 0; id < 300; id++) server.send({ id, method: 'tools/call', params: getOrganization });
    expect(await settled(server.requests)).toBeLessThan(300);
    leave(server);
    expect(await server.exited).toBe(0);
  });
});

describe('more calls than may run at once', () => {
  it('do not delay a ping', async () => {
    const held: ServerResponse[] = [];
    const server = await unread((response) => void held.push(response));
    const { child } = server;
    const poll = {
      name: 'poll_audit_export',
      arguments: { audit_log_export_id: 'audit_log_export_1', wait_seconds: 60 },
    };
    for (let id = 0; id < 50; id++) server.send({ id, method: 'tools/call', params: poll });
    server.send({ id: 'ping', method: 'ping' });
    expect(await readResponses(server, 1)).toEqual(new Map([['"ping"', 1]]));
    expect(child.exitCode).toBeNull();
  });
});

describe('the queue of calls', () => {
  const signal = new AbortController().signal;

  it('starts calls in order of arrival, up to the limit at a time', async () => {
    const queue = new CallQueue(2, () => false);
    const begun: number[] = [];
    const calls = [1, 2, 3, 4].map((call) => queue.enter(signal).then(() => begun.push(call)));
    await Promise.all(calls.slice(0, 2));
    expect(begun).toEqual([1, 2]);
    queue.leave();
    await calls[2];
    expect(begun).toEqual([1, 2, 3]);
    queue.leave();
    await calls[3];
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('starts nothing while the output is blocked and continues when woken', async () => {
    let blocked = true;
    const queue = new CallQueue(5, () => blocked);
    const begun: string[] = [];
    const first = queue.enter(signal).then(() => begun.push('first'));
    queue.wake();
    await Promise.resolve();
    expect(begun).toEqual([]);
    blocked = false;
    queue.wake();
    await first;
    expect(begun).toEqual(['first']);
  });

  it('drops a call that is cancelled before or while it waits', async () => {
    const queue = new CallQueue(1, () => false);
    expect(await queue.enter(signal)).toBe(true);
    const cancelled = new AbortController();
    const waiting = queue.enter(cancelled.signal);
    const next = queue.enter(signal);
    cancelled.abort();
    expect(await waiting).toBe(false);
    expect(await queue.enter(cancelled.signal)).toBe(false);
    queue.leave();
    expect(await next).toBe(true);
  });
});
