import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawServer } from '../harness.ts';
import { type Session, startServer } from '../process.ts';

const MIB = 1024 * 1024;
const MAX_PING_MS = 250;
const MAX_QUERY_MS = 5_000;
/** A busy machine is slow to start and end a process. */
const MARGIN_MS = 1_500;
const MAX_MEMORY = 512 * MIB;

const user = (at: number) => ({
  object: 'user',
  id: `user_${at}`,
  email: `person${at}@example.com`,
  first_name: 'Ann',
  created_at: '2026-01-01T00:00:00.000Z',
  metadata: { team: `team ${at % 7}` },
});
const users = (count: number) => JSON.stringify(Array.from({ length: count }, (_, at) => user(at))).slice(1, -1);

/** A list of about `bytes` that repeats `items`. */
function list(items: string, bytes: number): Buffer {
  const [start, end] = [Buffer.from('{"object":"list","data":['), Buffer.from('0],"list_metadata":{"after":null}}')];
  const pattern = Buffer.from(`${items},`);
  const repeated = Buffer.alloc(Math.floor(bytes / pattern.length) * pattern.length, pattern);
  return Buffer.concat([start, repeated, end]);
}

/** The API's responses by the searched name, generated on request because they are large. */
const RESPONSES: Readonly<Record<string, () => Buffer>> = {
  small: () => Buffer.from(`{"object":"list","data":[${users(100)}],"list_metadata":{"after":null}}`),
  users: () => list(users(1_000), 40 * MIB),
  empty_lists: () => list('[],{}', 60 * MIB),
  long_strings: () => list(`"${'é'.repeat(500_000)}"`, 60 * MIB),
  deep: () => Buffer.alloc(60 * MIB, '{"a":['),
  a_page: () => Buffer.alloc(60 * MIB, '<html><title>'),
  many_items: () => list('{"id":"x_1"}', 300_000 * 13),
};

let api: Awaited<ReturnType<typeof rawServer>>;
let server: Session;
/** A process that echoes every line, to measure how slow the machine is. */
let echo: ChildProcessWithoutNullStreams;
let rest = 0;
beforeAll(async () => {
  api = await rawServer(({ url = '' }, response) => {
    const name = new URL(url, 'http://host').searchParams.get('search') ?? '';
    const body = RESPONSES[name]?.() ?? Buffer.from('{}');
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
  server = await startServer(['--base-url', api.url], { WORKOS_TOKEN: 'sk_test_large_responses' });
  echo = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)']);
  server.call('first', 'list_organizations', { search: 'small', query: 'length(data)' });
  await server.toolResult('first');
  rest = memoryOf(server.child.pid, 'VmRSS');
});
afterAll(async () => {
  server.kill();
  echo.kill();
  await api.close();
});

let calls = 0;

interface Observed {
  value: Record<string, unknown>;
  /** Time from the start of the process for the expression to the answer, or 0 without such a process. */
  ms: number;
  /** The slowest ping during the call, less the time that the server waited for a processor. */
  slowestPing: number;
  /** Memory above the idle level, including all processes that the server started. */
  memory: number;
}

/** Makes a call and pings the server until the call is answered. */
async function observe(input: Record<string, unknown>): Promise<Observed> {
  const id = `call ${++calls}`;
  let started: number | undefined;
  server.call(id, 'list_organizations', input);
  let done = false;
  const answered = server.toolResult(id).finally(() => {
    done = true;
  });
  let [pings, slowest, helpers] = [0, 0, 0];
  while (!done) {
    const sent = performance.now();
    const since = () => performance.now() - sent;
    const workedBefore = workOf(server.child.pid);
    const ping = `${id} ping ${++pings}`;
    server.send({ id: ping, method: 'ping' });
    echo.stdin.write('\n');
    const echoed = new Promise<number>((resolve) => echo.stdout.once('data', () => resolve(since())));
    const [pinged, machine] = await Promise.all([server.response(ping).then(since), echoed]);
    const worked = workOf(server.child.pid) - workedBefore;
    slowest = Math.max(slowest, Math.min(pinged - machine, worked));
    const now = childrenOf(server.child.pid).map((pid) => memoryOf(pid, 'VmHWM'));
    if (now.length > 0) started ??= performance.now();
    helpers = Math.max(
      helpers,
      now.reduce((sum, bytes) => sum + bytes, 0),
    );
    await delay(10);
  }
  const value = await answered;
  const memory = memoryOf(server.child.pid, 'VmRSS') - rest + helpers;
  const ms = started === undefined ? 0 : performance.now() - started;
  return { value, ms, slowestPing: slowest, memory };
}

/** How many milliseconds the main thread of a process has run, or Infinity if the system does not report it. */
function workOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The memory of a process, or 0 if the system does not report it. */
function memoryOf(pid: number | string | undefined, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number | undefined): string[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    );
  } catch {
    return [];
  }
}

function expectHarmless({ slowestPing, memory }: Observed): void {
  expect(slowestPing).toBeLessThan(MAX_PING_MS);
  expect(memory).toBeLessThan(MAX_MEMORY);
  expect(server.child.exitCode).toBeNull();
}

/** A search whose time is the product of two lengths: four million characters, and twice `half`. */
const searchOf = (half: number) =>
  `let $a = pad_left('', \`4000000\`) in contains($a, join('b', [$a[:${half}], $a[:${half}]]))`;
const NESTED = 'let $d = data in $d[*].[$d[*].[$d[*].[$d[*].id]]]';

describe('an expression that exceeds a limit fails with the reason while the server responds', () => {
  it.each([
    // Which limit it hits first depends on the machine.
    ['nested projections', 'small', NESTED, /did not finish within 5 s|more than 360 MiB/],
    ['a search that cannot be interrupted', 'small', searchOf(30_000), /did not finish within 5 s/],
    ['a string of a gigabyte', 'small', "pad_left('x', `1000000000`)", /more than 360 MiB/],
    ['a text that doubles', 'small', `let $x = data in ${'let $x = [$x, $x] in '.repeat(60)}to_string($x)`, /360 MiB/],
    ['a large list of small lists', 'empty_lists', 'length(data)', /more than 360 MiB|within 5 s/],
    ['a deeply nested response', 'deep', 'length(a)', /nested too deeply|within 5 s/],
  ])('%s', async (_, search, query, reason) => {
    const observed = await observe({ search, query });
    expect(observed.value['error']).toMatchObject({
      kind: 'input',
      message: expect.stringMatching(/^query /),
      hint: expect.stringMatching(/^Narrow the expression: .* Or narrow the list: /),
    });
    expect(observed.value['error']).toMatchObject({ message: expect.stringMatching(reason) });
    expect(observed.ms).toBeLessThan(MAX_QUERY_MS + MARGIN_MS);
    expectHarmless(observed);
  });
});

describe('a large response is read while the server responds', () => {
  it.each<[what: string, input: Record<string, unknown>, result: object]>([
    ['users, cut to size', { search: 'users' }, { omitted: expect.any(Number), hint: expect.any(String) }],
    ['long strings, cut to size', { search: 'long_strings' }, { hint: expect.any(String) }],
    ['a list of many items', { search: 'many_items', query: 'length(data)' }, { result: 300_001 }],
    [
      'all pages, up to max_items',
      { search: 'many_items', all_pages: true, max_items: 200_000, query: "data[?id!='x_1'] | length(@)" },
      { result: 0, items: 200_000, stopped: 'max_items' },
    ],
    [
      'a page that is not JSON',
      { search: 'a_page' },
      { error: { kind: 'api', message: expect.stringMatching(/cannot be read/) } },
    ],
    [
      'lists of lists',
      { search: 'empty_lists' },
      { error: { kind: 'input', message: expect.stringMatching(/360 MiB/) } },
    ],
  ])('%s', async (_, input, result) => {
    const observed = await observe(input);
    expect(observed.value).toMatchObject(result);
    expectHarmless(observed);
  });
});

// Counting the children of a process needs /proc.
it('a search that would take hours is refused before it starts, because nothing could end it without the server', async () => {
  const { value, ms } = await observe({ search: 'small', query: searchOf(1_500_000) });
  expect(value['error']).toMatchObject({ message: expect.stringMatching(/did not finish within 5 s/) });
  expect(ms).toBeLessThan(MAX_QUERY_MS - 1_000);
});

it.skipIf(process.platform !== 'linux')('a cancelled expression ends at once, and the next one runs', async () => {
  for (const id of ['one', 'two', 'waiting']) {
    server.call(id, 'list_organizations', { search: 'small', query: NESTED });
  }
  await expect.poll(() => childrenOf(server.child.pid).length, { timeout: 5_000 }).toBe(2);
  for (const requestId of ['one', 'two', 'waiting'])
    server.send({ method: 'notifications/cancelled', params: { requestId } });
  await expect.poll(() => childrenOf(server.child.pid).length, { timeout: 1_000 }).toBe(0);
  const { value } = await observe({ search: 'many_items', query: 'data[0].id' });
  expect(value).toMatchObject({ result: 'x_1' });
});
