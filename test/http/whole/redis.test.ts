import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox } from '../../../src/sandbox/server.ts';
import { HAS_REDIS, type RedisServer, redisServer, until, wireTo } from '../../redis.ts';
import { ALL, callOf, PUBLIC, request, type TeamOptions, type TestTeam, testTeam } from '../team.ts';

const STATE_KEY = Buffer.alloc(32, 7).toString('base64');
const DELETE = { tool: 'delete_user', arguments: { user_id: 'user_1' } };
const users = Array.from({ length: 100 }, (_, at) => ({ id: `user_${at}`, name: 'x'.repeat(600) }));

describe.skipIf(!HAS_REDIS)('two instances with one Redis', () => {
  let redis: RedisServer;
  let one: TestTeam;
  let other: TestTeam;
  let ada: string;
  beforeAll(async () => {
    redis = await redisServer();
  });
  afterAll(() => redis?.close());
  afterEach(async () => {
    await other?.close();
    await one?.close();
    await redis.start();
    await redis.run('FLUSHALL');
  });
  const start = async ({ flags = [], env = { WORKOS_MCP_STATE_KEY: STATE_KEY } }: TeamOptions = {}) => {
    const options = { flags: ['--state', redis.url, ...flags], env };
    one = await testTeam(options);
    other = await testTeam({ ...options, beside: one });
    ada = await one.issuer.token({ permissions: ALL });
    one.api.respondWith(({ method, url }) => {
      if (method === 'DELETE') return { status: 204, body: undefined };
      if (method === 'POST') return { body: { id: 'key_1', value: 'sk_once_0123456789abcdef' } };
      if (url === '/user_management/users/user_1') return { body: { object: 'user', id: 'user_1' } };
      if (url.startsWith('/user_management/users')) return { body: { object: 'list', data: users, list_metadata: {} } };
      if (url === '/organizations/org_1') return { body: { object: 'organization', id: 'org_1', name: 'Acme' } };
      return undefined;
    });
  };
  const writes = () => one.api.requests.filter(({ method }) => method !== 'GET').length;
  const ready = async ({ team }: TestTeam) => {
    const response = await fetch(`http://${team.address}/readyz`);
    return [response.status, (await response.text()).trim()];
  };
  const lost = () => until(() => [one, other].every(({ team }) => team.stateProblem() !== undefined));
  const back = () => until(() => [one, other].every(({ team }) => team.stateProblem() === undefined));
  const timed = async <T>(action: Promise<T>): Promise<[T, number]> => {
    const begun = performance.now();
    return [await action, performance.now() - begun];
  };

  it("redeem each other's codes, and only one of twenty concurrent attempts succeeds", async () => {
    await start();
    const { confirmation } = await one.call(ada, 'call_destructive_tool', DELETE);
    const racing = Array.from({ length: 20 }, (_, at) =>
      (at % 2 ? one : other).call(ada, 'call_destructive_tool', { ...DELETE, confirmation }),
    );
    const answers = await Promise.all(racing);
    expect(answers.filter(({ error }) => !error)).toEqual([expect.objectContaining({ ok: true })]);
    const refused = answers.flatMap(({ error }) => (error ? [error] : []));
    expect(refused).toHaveLength(19);
    for (const error of refused) {
      expect(error).toMatchObject({ kind: 'refused', message: expect.stringMatching(/used/) });
    }
    expect(writes()).toBe(1);
  });

  it("never redeem another person's code", async () => {
    await start();
    const { confirmation } = await one.call(ada, 'call_destructive_tool', DELETE);
    const bob = await one.issuer.token({ sub: 'user_bob', permissions: ALL });
    const { error } = await other.call(bob, 'call_destructive_tool', { ...DELETE, confirmation });
    expect(error?.message).toContain('belongs to other arguments');
    expect(writes()).toBe(0);
  });

  it("read each other's files, only for their owner", async () => {
    await start();
    const { uri } = await one.call(ada, 'list_users', { all_pages: true });
    const read = async (team: TestTeam, token: string) =>
      (await team.post(request('resources/read', { uri }), token)).message;
    expect((await read(other, ada)).result?.contents?.[0]?.text).toContain('user_99');
    const bob = await one.issuer.token({ sub: 'user_bob', permissions: ALL });
    expect((await read(other, bob)).error).toMatchObject({ code: -32002 });
    expect((await other.post(request('resources/list'), ada)).text).toContain(String(uri));
  });

  it('keep reading without Redis, refuse what needs it, and recover automatically', async () => {
    await start();
    const { confirmation } = await one.call(ada, 'call_destructive_tool', DELETE);
    const { uri } = await one.call(ada, 'list_users', { all_pages: true });
    await redis.stop();
    await lost();
    expect(await ready(one)).toEqual([200, 'ready for reads only: the shared state is unavailable']);
    expect(await one.call(ada, 'get_organization', { organization_id: 'org_1' })).toMatchObject({ name: 'Acme' });
    for (const input of [DELETE, { ...DELETE, confirmation }]) {
      const [{ error }, ms] = await timed(other.call(ada, 'call_destructive_tool', input));
      expect(error).toMatchObject({
        kind: 'refused',
        message: expect.stringMatching(/confirmation code cannot be \w+: Redis at 127\.0\.0\.1:\d+ does not answer/),
        hint: expect.stringMatching(/^Nothing was changed.*tell the server's operator/),
      });
      expect(ms).toBeLessThan(1_000);
    }
    const { error } = await other.call(ada, 'list_users', { all_pages: true });
    expect(error).toMatchObject({
      kind: 'config',
      message: expect.stringContaining('files cannot be kept at the moment'),
    });
    const { message } = await other.post(request('resources/read', { uri }), ada);
    expect(message.error).toMatchObject({ message: expect.stringContaining('cannot be read at the moment') });
    expect((await other.post(request('resources/list'), ada)).status).toBe(200);
    expect(writes()).toBe(0);

    await redis.start();
    await back();
    expect(await ready(one)).toEqual([200, 'ready']);
    // Redis has forgotten what it held.
    const old = await other.call(ada, 'call_destructive_tool', { ...DELETE, confirmation });
    expect(old.error?.message).toContain('unknown or already used');
    const { confirmation: code } = await one.call(ada, 'call_destructive_tool', DELETE);
    expect(await other.call(ada, 'call_destructive_tool', { ...DELETE, confirmation: code })).toMatchObject({
      ok: true,
    });
  });

  it('wait at most two seconds for a Redis that does not answer, then fail fast', async () => {
    await start();
    redis.pause();
    const calls = Array.from({ length: 10 }, () => timed(one.call(ada, 'call_destructive_tool', DELETE)));
    for (const [{ error }, ms] of await Promise.all(calls)) {
      expect(error?.message).toContain('does not answer');
      expect(ms).toBeLessThan(3_000);
    }
    const [{ error }, ms] = await timed(one.call(ada, 'call_destructive_tool', DELETE));
    expect([error?.kind, ms < 500]).toEqual(['refused', true]);
    redis.resume();
    await back();
    const { confirmation } = await one.call(ada, 'call_destructive_tool', DELETE);
    expect(await other.call(ada, 'call_destructive_tool', { ...DELETE, confirmation })).toMatchObject({ ok: true });
  });

  it('lose no secret if Redis goes away between the call and the writing of its file', async () => {
    await start({ flags: ['--confirm', 'never'] });
    one.api.respondWith(() => {
      redis.pause();
      return { body: { id: 'key_1', value: 'sk_once_0123456789abcdef' } };
    });
    const input = { tool: 'create_organization_api_key', arguments: { organization_id: 'org_1', name: 'CI' } };
    const { message } = await one.post(callOf('call_write_tool', input), ada);
    const { uri } = message.result?.content?.find(({ type }) => type === 'resource_link') ?? {};
    const read = async (team: TestTeam) => (await team.post(request('resources/read', { uri }), ada)).message;
    expect((await read(one)).result?.contents?.[0]?.text).toContain('sk_once_0123456789abcdef');
    redis.resume();
    await back();
    await until(async () => (await read(other)).result !== undefined);
    expect((await read(other)).result?.contents?.[0]?.text).toContain('sk_once_0123456789abcdef');
    await until(() => readdirSync(one.outputDir, { recursive: true }).length === 1);
  });

  it('refuse a call that needs a file before sending anything if there is no key to encrypt files', async () => {
    await start({ flags: ['--confirm', 'never'], env: {} });
    const input = { tool: 'create_organization_api_key', arguments: { organization_id: 'org_1', name: 'CI' } };
    const { error } = await one.call(ada, 'call_write_tool', input);
    expect(error).toMatchObject({
      kind: 'config',
      message: expect.stringContaining('files are off'),
      hint: expect.stringContaining('WORKOS_MCP_STATE_KEY'),
    });
    expect(writes()).toBe(0);
    const long = await one.call(ada, 'list_users', { all_pages: true });
    expect(long.error).toMatchObject({ kind: 'config', hint: expect.stringContaining('query or max_items') });
    expect(await one.call(ada, 'list_users', { all_pages: true, query: 'length(data)' })).toMatchObject({
      result: 100,
    });
  });

  it.each([
    ['another key', { WORKOS_MCP_STATE_KEY: Buffer.alloc(32, 8).toString('base64') }],
    ['none', {}],
  ])('log a warning while one encrypts files with a different key (here: %s)', async (_, env) => {
    const flags = ['--state', redis.url];
    const log: string[] = [];
    const write = (line: unknown) => log.push(String(line)) > 0;
    const runtime = { log: { writableLength: 0, write } };
    const common = { WORKOS_MCP_STATE_KEY: STATE_KEY, WORKOS_MCP_LOG_LEVEL: 'warn' };
    one = await testTeam({ flags, env: common, runtime });
    const stranger = await testTeam({ flags, open: true, beside: one });
    other = await testTeam({ flags, env, beside: one });
    await until(() => log.length === 1);
    await other.close();
    await until(() => log.length === 2);
    expect(log).toEqual([
      expect.stringContaining('an instance has a different WORKOS_MCP_STATE_KEY'),
      expect.stringContaining('all instances have the same WORKOS_MCP_STATE_KEY again'),
    ]);
    await stranger.close();
  });

  it('show an event once to each person who follows it, no matter which instance is asked', async () => {
    await start();
    const created_at = new Date().toISOString();
    const events = ['event_1', 'event_2'].map((id) => ({
      object: 'event',
      id,
      event: 'user.created',
      created_at,
      data: {},
    }));
    one.api.respondWith(({ url }) => {
      if (!url.startsWith('/events')) return undefined;
      return { body: { object: 'list', data: url.includes('after=event_2') ? [] : events, list_metadata: {} } };
    });
    const bob = await one.issuer.token({ sub: 'user_bob', permissions: ALL });
    const follow = (team: TestTeam, token: string, more = {}) => {
      const input = { events: ['user.created'], name: 'daily', ...more };
      return team.call(token, 'call_read_tool', { tool: 'follow_events', arguments: input });
    };
    const racing = await Promise.all(Array.from({ length: 10 }, (_, at) => follow(at % 2 ? one : other, ada)));
    expect(racing.filter((answer) => answer['events'] === 2)).toHaveLength(1);
    for (const { error } of racing) if (error) expect(error.message).toContain('has just shown these events');
    expect(await follow(other, ada)).toMatchObject({ events: 0 });
    expect(await follow(one, ada)).toMatchObject({ events: 0 });
    expect(await follow(other, bob)).toMatchObject({ events: 2 });
    expect(await follow(one, ada, { again: true })).toMatchObject({ events: 2, again: true });
    const kept = String(await redis.run('KEYS', '*'));
    expect(kept).not.toMatch(/daily|user_/);
    await redis.stop();
    await lost();
    expect((await follow(one, ada)).error).toMatchObject({ kind: 'config', message: expect.stringContaining('Redis') });
    await redis.start();
    await back();
  });

  it('create nobody twice when one resumes an import that the other did not finish', async () => {
    const sandbox = await startSandbox();
    const flags = ['--state', redis.url, '--toolsets', 'all'];
    const options = { flags, env: { WORKOS_MCP_STATE_KEY: STATE_KEY }, baseUrl: sandbox.url, key: sandbox.key };
    one = await testTeam(options);
    other = await testTeam({ ...options, beside: one });
    ada = await one.issuer.token({ permissions: ALL });
    const rows = Array.from({ length: 400 }, (_, at) => ({ email: `person${at}@moved.example` }));
    const people = async (): Promise<unknown> => {
      const query = "length(data[?ends_with(email, '@moved.example')])";
      return (await other.call(ada, 'list_users', { all_pages: true, query }))['result'];
    };
    const message = callOf('import_users', { rows });
    const cut = one.post(message, ada);
    await until(async () => Number(await people()) > 20);
    await one.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: message.id } }, ada);
    await cut;
    expect(await people()).toBeLessThan(400);
    const done = await other.call(ada, 'import_users', { rows });
    expect(done).toMatchObject({ rows: 400, failed: 0, stopped: 'end' });
    expect(done['unchanged']).toBeGreaterThan(20);
    expect(await people()).toBe(400);
    await sandbox.close();
  });

  it('start without Redis and connect once it is available', async () => {
    await redis.stop();
    await start();
    expect(one.team.stateProblem()).toMatch(/^Redis at 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)$/);
    expect(await one.call(ada, 'get_organization', { organization_id: 'org_1' })).toMatchObject({ name: 'Acme' });
    await redis.start();
    await back();
    expect(await one.call(ada, 'call_destructive_tool', DELETE)).toHaveProperty('confirmation');
  });
});

describe.skipIf(!HAS_REDIS)('a faulty Redis', () => {
  it('gets a new connection when the old one stays open but stops answering', {
    timeout: 30_000,
  }, async () => {
    const redis = await redisServer();
    const wire = await wireTo(redis.port);
    const { team, ...test } = await testTeam({ flags: ['--state', wire.url] });
    expect([team.stateProblem(), wire.connections()]).toEqual([undefined, 1]);
    wire.stall();
    await until(() => wire.connections() === 2);
    await until(() => team.stateProblem() === undefined);
    await test.close();
    await wire.close();
    await redis.close();
  });

  it('is reported with the reason, such as being a read-only replica', async () => {
    const redis = await redisServer();
    const { team, ...test } = await testTeam({ flags: ['--state', redis.url] });
    await redis.run('REPLICAOF', '127.0.0.1', '1');
    await until(() => team.stateProblem() !== undefined);
    expect(team.stateProblem()).toMatch(/^Redis at 127\.0\.0\.1:\d+ answers: READONLY You can't write/);
    await redis.run('REPLICAOF', 'NO', 'ONE');
    await until(() => team.stateProblem() === undefined);
    await test.close();
    await redis.close();
  });

  it('never gets its password shown, even if it echoes what it was sent', async () => {
    const wire = await wireTo(
      0,
      (request) => `-ERR unknown command, with args: ${request.replace(/[\r\n]+/g, ' ')}\u001b[31m\r\n`,
    );
    const flags = ['--state', wire.url.replace('://', '://:p%2Fw-0123456789@')];
    const start = testTeam({ flags });
    await expect(start).rejects.toThrow(/refuses this server: ERR unknown command, with args: .*\*\*\*.*\\u\{1b\}/);
    await expect(start).rejects.not.toThrow(/w-0123456789/);
    await wire.close();
  });
});

describe.skipIf(!HAS_REDIS)('a Redis with a password', () => {
  it('prevents the start if the password is wrong, and shows neither password', async () => {
    const redis = await redisServer(['--requirepass', 'hunter2-and-more']);
    const url = (password: string) => redis.url.replace('://', `://:${password}@`);
    const wrong = testTeam({ flags: ['--state', url('wrong-password')] });
    await expect(wrong).rejects.toThrow(/^Redis at 127\.0\.0\.1:\d+ refuses this server: WRONGPASS/);
    await expect(wrong).rejects.not.toThrow(/wrong-password|hunter2/);
    await expect(testTeam({ flags: ['--state', redis.url] })).rejects.toThrow(/refuses this server: NOAUTH/);
    const team = await testTeam({ flags: ['--state', url('hunter2-and-more')] });
    expect([team.team.stateProblem(), team.team.publicUrl]).toEqual([undefined, PUBLIC]);
    await team.close();
    await redis.close();
  });
});

it.skipIf(HAS_REDIS)('two instances with one Redis are untested: redis-server is not installed', () => {});
