import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../free-ports.ts';
import { COMMAND } from '../../process.ts';
import { HAS_REDIS, type RedisServer, redisServer, until } from '../../redis.ts';
import { type Issuer, startIssuer } from '../issuer.ts';
import { ALL, callOf, type RpcAnswer } from '../team.ts';
import { crowd, differences, mostInASecond, type NotingApi, notingApi, type Seen } from './crowd.ts';
import { type Running, startProcess } from './processes.ts';

/** `npm run test:instances` runs the full size and stores the figures. */
const FULL = process.env['TEST_INSTANCES'] === 'full';
const SIZE = FULL ? { people: 200, calls: 20_000 } : { people: 40, calls: 1_500 };

const HAS_HAPROXY = spawnSync('haproxy', ['-v']).status === 0;
const STATE_KEY = Buffer.alloc(32, 7).toString('base64');

describe.skipIf(!HAS_REDIS || !HAS_HAPROXY)('instances behind a round-robin proxy', () => {
  let folder: string;
  let ports: number[];
  let redis: RedisServer;
  let api: NotingApi;
  let issuer: Issuer;
  let url: string;
  const tokens = new Map<string, Promise<string>>();
  const results: Record<string, unknown> = {};
  const ended: (() => unknown)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'workos-mcp-instances-'));
    ports = await freePorts(3);
    url = `http://127.0.0.1:${ports[2]}/mcp`;
    [redis, api, issuer] = await Promise.all([redisServer(), notingApi(), startIssuer(url)]);
  });
  afterEach(async () => {
    for (const end of ended.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await Promise.all([redis?.close(), api?.close(), issuer?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const instance = async (at: number): Promise<Running> => {
    const flags = [
      '--port',
      String(ports[at]),
      '--public-url',
      url,
      '--authkit-domain',
      issuer.url,
      '--state',
      redis.url,
    ];
    const running = await startProcess(
      [COMMAND, 'http', ...flags, '--base-url', api.url, '--output-dir', join(folder, String(at))],
      /WorkOS over MCP at/,
      { WORKOS_TOKEN: 'sk_live_0123456789abcdefWXYZ', WORKOS_MCP_STATE_KEY: STATE_KEY },
    );
    ended.push(() => running.stop());
    return running;
  };
  const proxy = async (...instances: number[]): Promise<void> => {
    const file = join(folder, 'haproxy.cfg');
    const servers = instances.map((at) => `  server s${at} 127.0.0.1:${ports[at]} check inter 1s fall 3 rise 1`);
    writeFileSync(file, [...PROXY, `  bind 127.0.0.1:${ports[2]}`, ...BACKEND, ...servers, ''].join('\n'));
    const child = spawn('haproxy', ['-f', file, '-db'], { stdio: 'ignore' });
    ended.push(() => stop(child));
    await until(() => isOpen(ports[2] ?? 0));
    await until(async () => (await fetch(new URL('/readyz', url))).status === 200);
  };
  const token = (sub: string) => {
    const exp = Math.floor(Date.now() / 1000) + 3_600;
    const signed = tokens.get(sub) ?? issuer.token({ sub, permissions: ALL, exp });
    tokens.set(sub, signed);
    return signed;
  };
  const stop = async (child: ChildProcess) => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await exited;
  };
  const post = async (message: unknown, sub: string): Promise<RpcAnswer> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await token(sub)}` };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(message) })).json() as Promise<RpcAnswer>;
  };
  const note = (name: string, seen: Seen) => {
    const { perSecond, p50, p99, calls, busy } = seen;
    results[name] = { calls, perSecond, p50, p99, busy, inASecond: mostInASecond(api) };
  };
  const sum = (map: Map<string, number>) => [...map.values()].reduce((all, one) => all + one, 0);

  it('serve everyone with a single instance', { timeout: 300_000 }, async () => {
    await instance(0);
    await proxy(0);
    await crowd({ url, people: 10, calls: 300, token });
    const seen = await crowd({ url, ...SIZE, token });
    note('one', seen);
    expect([...seen.wrong, ...differences(seen, api)]).toEqual([]);
    expect([Object.fromEntries(seen.broken), mostInASecond(api)]).toEqual([{}, 4]);
  });

  it('share codes, files and the published limit', { timeout: 300_000 }, async () => {
    await Promise.all([instance(0), instance(1)]);
    await proxy(0, 1);
    await crowd({ url, people: 10, calls: 300, token });
    const seen = await crowd({ url, ...SIZE, token });
    note('two', seen);
    expect([...seen.wrong, ...differences(seen, api)]).toEqual([]);
    expect([Object.fromEntries(seen.broken), mostInASecond(api)]).toEqual([{}, 4]);
    expect([...seen.errors.keys()].filter((message) => !/used|other arguments/.test(message))).toEqual([]);
  });

  it('delete once for twenty calls with one code', async () => {
    await Promise.all([instance(0), instance(1)]);
    await proxy(0, 1);
    const input = { tool: 'delete_connection', arguments: { connection_id: 'conn_raced' } };
    const textOf = ({ result }: RpcAnswer) => JSON.parse(result?.content?.[0]?.text ?? '{}');
    const { confirmation } = textOf(await post(callOf('call_destructive_tool', input), 'user_ada'));
    const racing = Array.from({ length: 20 }, () =>
      post(callOf('call_destructive_tool', { ...input, confirmation }), 'user_ada'),
    );
    const answers = (await Promise.all(racing)).map(textOf);
    expect(answers.filter(({ error }) => !error)).toHaveLength(1);
    expect(api.deleted.get('conn_raced')).toBe(1);
  });

  it('do nothing twice and lose nothing when one is killed and Redis forgets everything', {
    timeout: 600_000,
  }, async () => {
    const [one] = await Promise.all([instance(0), instance(1)]);
    await proxy(0, 1);
    const { people, calls } = SIZE;
    let events: Promise<unknown> = Promise.resolve();
    const happens = new Map<number, () => Promise<unknown>>([
      [Math.floor(calls * 0.3), () => one.stop('SIGKILL')],
      [Math.floor(calls * 0.45), () => instance(0)],
      [Math.floor(calls * 0.6), () => redis.stop()],
      [Math.floor(calls * 0.75), () => redis.start()],
    ]);
    const progress = (ended: number) => {
      const next = happens.get(ended);
      if (next) events = events.then(next);
    };
    const seen = await crowd({ url, people, calls, token, progress });
    await events;
    note('faults', seen);
    const outcomes = [...seen.creations.values(), ...seen.deletions.values()];
    const counted = (outcome: string) => outcomes.filter((one) => one === outcome).length;
    const words = { done: counted('done'), refused: counted('refused'), unknown: counted('unknown') };
    results['outcomes'] = { ...words, broken: sum(seen.broken), errors: Object.fromEntries(seen.errors) };
    process.stdout.write(`${JSON.stringify({ ...results, broken: Object.fromEntries(seen.broken) }, null, 1)}\n`);
    expect([...seen.wrong, ...differences(seen, api)]).toEqual([]);
    expect(mostInASecond(api)).toBeLessThanOrEqual(4);
    // Only calls to the killed instance may have failed.
    expect(sum(seen.broken)).toBeLessThanOrEqual(2 * people);
    const expected = /used|other arguments|confirmation code cannot be|files cannot be kept/;
    expect([...seen.errors.keys()].filter((message) => !expected.test(message))).toEqual([]);
    if (FULL) {
      const all = { node: process.version, cores: availableParallelism(), people, ...results };
      writeFileSync('bench/instances.json', `${JSON.stringify(all, null, 1)}\n`);
    }
  });
});

const PROXY = [
  'defaults',
  '  mode http',
  '  timeout connect 2s',
  '  timeout client 300s',
  '  timeout server 300s',
  '  timeout check 20s',
  '  option redispatch 1',
  'frontend people',
  '  default_backend instances',
];
const BACKEND = ['backend instances', '  balance roundrobin', '  option httpchk GET /readyz'];

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

it.skipIf(HAS_REDIS && HAS_HAPROXY)(
  'instances behind a proxy are untested: redis-server or haproxy is not installed',
  () => {},
);
