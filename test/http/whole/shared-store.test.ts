import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ConfirmationCodes } from '../../../src/call/confirmation/codes.ts';
import { RateLimiter, type RequestLimits } from '../../../src/client/rate-limit.ts';
import { sleep } from '../../../src/client/retry.ts';
import { CancelledError } from '../../../src/errors/errors.ts';
import { FILE_LIFETIME_MS } from '../../../src/http/files.ts';
import { offlineLimit } from '../../../src/http/redis/limits.ts';
import { type SharedStoreOptions, sharedStore } from '../../../src/http/redis/shared-store.ts';
import type { TeamStore } from '../../../src/http/store.ts';
import { privateFolder } from '../../../src/results/private-files.ts';
import { HAS_REDIS, type RedisServer, redisServer, until } from '../../redis.ts';
import { describeStore } from '../store-contract.ts';

const KEY = Buffer.alloc(32, 7);
const PUBLIC = 'https://mcp.example.com/mcp';

let redis: RedisServer;
const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-stores-'));
const stores: TeamStore[] = [];
beforeAll(async () => {
  if (HAS_REDIS) redis = await redisServer();
});
beforeEach(async () => {
  if (HAS_REDIS) await redis.run('FLUSHALL');
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await redis?.close();
});

const options = () => {
  return {
    outputDir: folder,
    now: Date.now,
    url: redis.url,
    deployment: PUBLIC,
    baseUrl: 'https://api.workos.com',
    key: KEY,
  };
};

/** Opens the store of one of several instances. */
async function instance(changes: Partial<SharedStoreOptions> = {}): Promise<TeamStore> {
  const store = await sharedStore({ ...options(), ...changes });
  stores.push(store);
  return store;
}

function write({ files }: TeamStore, name: string, text: string): string {
  const path = join(files.folder, name);
  writeFileSync(path, text);
  return path;
}

const uri = (name: string) => `workos://files/${name}`;

if (HAS_REDIS) {
  describeStore('the store that instances share in Redis', async (given) => {
    await redis.run('FLUSHALL');
    return sharedStore({ ...options(), ...given });
  });
}

describe.skipIf(!HAS_REDIS)('the stores of two instances with one Redis', () => {
  const outcome = (redeemed: Promise<void>) =>
    redeemed.then(
      () => 'redeemed',
      (error: unknown) => (error instanceof Error ? error.message : 'not an error'),
    );

  it("redeem each other's codes, and only one of twenty concurrent attempts succeeds", async () => {
    const both = await Promise.all([instance(), instance()]);
    const [one, other] = both.map(({ codes }) => new ConfirmationCodes(codes));
    if (!one || !other) throw new Error('no instances');
    const code = await one.issue('delete org_1', Date.now());
    expect(await outcome(other.redeem(code, 'delete org_2', Date.now(), 'live'))).toMatch(/belongs to other arguments/);
    const racing = Array.from({ length: 20 }, (_, at) =>
      outcome((at % 2 ? one : other).redeem(code, 'delete org_1', Date.now(), 'live')),
    );
    const outcomes = await Promise.all(racing);
    expect(outcomes.filter((text) => text === 'redeemed')).toHaveLength(1);
    expect(outcomes.filter((text) => /unknown or already used|just been used/.test(text))).toHaveLength(19);
  });

  it('drop what has expired in both instances', async () => {
    const [one, other] = await Promise.all([instance(), instance()]);
    const code = await new ConfirmationCodes(one.codes).issue('delete org_1', Date.now());
    await one.files.keep('ada', write(one, 'a.csv', 'one'));
    await redis.age(600_000);
    expect(await other.codes.get(code)).toBeUndefined();
    expect(await other.files.find('ada', uri('a.csv'))).toBeDefined();
    await redis.age(3_000_000);
    expect(await other.files.find('ada', uri('a.csv'))).toBeUndefined();
    expect(await other.files.list('ada')).toEqual([]);
  });

  it("read any range of each other's files", async () => {
    const [one, other] = await Promise.all([instance(), instance()]);
    const text = Array.from({ length: 100_000 }, (_, at) => `line ${at}\n`).join('');
    await one.files.keep('ada', write(one, 'a.jsonl', text));
    expect(await other.files.find('bob', uri('a.jsonl'))).toBeUndefined();
    for (const [from, to] of [
      [0, 10],
      [262_140, 262_150],
      [262_144, 524_288],
      [100_000, 900_000],
      [text.length - 5, text.length],
    ] as const) {
      expect(String(await other.files.read('ada', uri('a.jsonl'), from, to))).toBe(text.slice(from, to));
    }
  });

  it.each(['files', 'sizes'])('keep new files after Redis has evicted the %s', async (evicted) => {
    const files = { maxAllBytes: 100 };
    const [one, other] = await Promise.all([instance({ files }), instance({ files })]);
    await one.files.keep('ada', write(one, 'old.csv', 'x'.repeat(90)));
    const [key = ''] = (await redis.keys()).filter((name) => name.endsWith(`:${evicted}`));
    await redis.run('DEL', key);
    await one.files.keep('ada', write(one, 'new.csv', 'y'.repeat(60)));
    expect(String(await other.files.read('ada', uri('new.csv'), 0, 3))).toBe('yyy');
    await one.files.keep('ada', write(one, 'newer.csv', 'z'.repeat(60)));
    expect((await other.files.list('ada')).map(({ name }) => name)).toContain('newer.csv');
    expect(await other.files.find('ada', uri('new.csv'))).toBeUndefined();
  });

  it('count the files of both when they make room', async () => {
    const [one, other] = await Promise.all([
      instance({ files: { maxAllBytes: 10 } }),
      instance({ files: { maxAllBytes: 10 } }),
    ]);
    for (const [at, store] of [one, other, one].entries())
      await store.files.keep('ada', write(store, `${at}.csv`, 'four'));
    expect((await other.files.list('ada')).map(({ name }) => name)).toEqual(['1.csv', '2.csv']);
    expect((await redis.keys()).filter((key) => key.includes(':part:'))).toHaveLength(2);
  });
});

const limiters: [string, boolean, () => Promise<{ one: RequestLimits; other: RequestLimits }>][] = [
  [
    'by one server',
    true,
    async () => {
      const pacing: RequestLimits = new RateLimiter();
      return { one: pacing, other: pacing };
    },
  ],
  [
    'by two servers together',
    HAS_REDIS,
    async () => {
      const [one, other] = await Promise.all([instance(), instance()]);
      return { one: one.limits, other: other.limits };
    },
  ],
];

describe.each(limiters)('a published limit enforced %s', (_, isThere, open) => {
  const request = (directory: string, bearer = 'sk_test_1') => {
    return { method: 'GET' as const, path: '/directory_users', query: `directory=${directory}`, bearer };
  };
  const waiting = (signal = new AbortController().signal, onWait = (_: number) => {}) => {
    return { now: Date.now, sleep, signal, onWait };
  };
  const send = async (pacing: RequestLimits, directory: string, signal?: AbortSignal) => {
    const answered = await pacing.waitForSlot(request(directory), waiting(signal));
    const at = performance.now();
    answered?.(Date.now());
    return at;
  };

  it.skipIf(!isThere)('starts at most four requests a second, in order of arrival', async () => {
    const { one, other } = await open();
    const sent = Array.from({ length: 10 }, (_, at) => send(at % 2 ? one : other, 'd1'));
    const starts = (await Promise.all(sent)).sort((a, b) => a - b);
    for (let at = 4; at < starts.length; at++) {
      expect((starts[at] ?? 0) - (starts[at - 4] ?? 0)).toBeGreaterThan(900);
    }
    // No slower than necessary.
    expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeLessThan(4_000);
  });

  it.skipIf(!isThere)('delays neither other directories nor requests without a limit', async () => {
    const { one, other } = await open();
    const begun = performance.now();
    await Promise.all([1, 2, 3, 4].map(() => send(one, 'd1')));
    await send(other, 'd2');
    expect(await other.waitForSlot({ method: 'GET', path: '/users', query: '' }, waiting())).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(900);
  });

  it.skipIf(!isThere)('reports how long a request will wait, and lets it be cancelled', async () => {
    const { one, other } = await open();
    await Promise.all([1, 2, 3, 4].map(() => send(one, 'd1')));
    const cancel = new AbortController();
    const told = new Promise<number>((resolve) => {
      other.waitForSlot(request('d1'), waiting(cancel.signal, resolve)).catch(() => {});
    });
    expect(await told).toBeGreaterThan(500);
    const behind = send(other, 'd1', cancel.signal);
    cancel.abort();
    await expect(behind).rejects.toBeInstanceOf(CancelledError);
    // The next request gets its slot.
    const begun = performance.now();
    await send(other, 'd1');
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe.skipIf(!HAS_REDIS)('a published limit while Redis is gone', () => {
  it('is enforced by each instance at half its share, after one window', async () => {
    let clock = Date.now();
    const now = () => clock;
    const [one] = await Promise.all([instance({ now }), instance()]);
    // Each instance announces itself every second and learns how many there are.
    const begun = Date.now();
    await until(async () => Number(await redis.run('ZCOUNT', 'workos-mcp:instances', `(${begun}`, '+inf')) === 2);
    // Redis answers in order: once this is answered, the count of instances has arrived.
    await one.codes.get('none');
    const told: number[] = [];
    const request = { method: 'GET' as const, path: '/directory_users', query: 'directory=d1' };
    const send = () =>
      one.limits.waitForSlot(request, {
        now,
        signal: new AbortController().signal,
        onWait: (ms) => void told.push(ms),
        sleep: async (ms) => {
          clock += ms;
        },
      });
    await redis.stop();
    onTestFinished(() => redis.start());
    await until(() => one.problem?.() !== undefined);
    const starts: number[] = [];
    for (let at = 0; at < 5; at++) {
      await send();
      starts.push(clock);
    }
    const after = starts.map((start) => start - (starts[0] ?? 0));
    // One second for the window and four for the others to notice, then two requests every two seconds.
    expect(told[0]).toBe(5_000);
    expect(after).toEqual([0, 0, 2_000, 2_000, 4_000]);
  });

  const broken: [string, (key: string) => readonly string[]][] = [
    ['has the wrong type', (key) => ['SET', key, 'of another version']],
    [
      'never has a free slot',
      (key) => ['ZADD', key, ...Array.from({ length: 4 }, (_, at) => `${4e15} ${at}`.split(' ')).flat()],
    ],
  ];
  it.each(broken)(
    'is enforced the same way if its entry in Redis %s, and no request waits forever',
    async (_, words) => {
      let clock = Date.now();
      const now = () => clock;
      const one = await instance({ now });
      const send = () =>
        one.limits.waitForSlot(
          { method: 'GET', path: '/directory_users', query: 'directory=d1' },
          {
            now,
            signal: new AbortController().signal,
            onWait: () => {},
            sleep: async (ms) => {
              clock += ms;
              if (clock > begun + 60_000) throw new Error('waits for ever');
            },
          },
        );
      const begun = clock;
      await send();
      const [key = ''] = (await redis.keys()).filter((name) => name.startsWith('workos-mcp:limit:'));
      await redis.run('DEL', key);
      await redis.run(...words(key));
      await send();
      expect(clock - begun).toBeGreaterThanOrEqual(5_000);
      expect(clock - begun).toBeLessThan(6_000);
      expect(one.problem?.()).toBeUndefined();
    },
  );
});

it.each([
  [{ count: 4, windowMs: 1_000 }, 2, { count: 2, windowMs: 2_000, pauseMs: 5_000 }],
  [{ count: 4, windowMs: 1_000 }, 3, { count: 1, windowMs: 2_000, pauseMs: 5_000 }],
  [{ count: 4, windowMs: 1_000 }, 9, { count: 1, windowMs: 6_000, pauseMs: 5_000 }],
  [{ count: 50, windowMs: 60_000 }, 2, { count: 25, windowMs: 120_000, pauseMs: 64_000 }],
  [{ count: 1_000, windowMs: 10_000 }, 2, { count: 500, windowMs: 20_000, pauseMs: 0 }],
])('without Redis, the limit %j gives each of %i instances %j', (limit, instances, expected) => {
  const rules = offlineLimit({ ...limit, key: 'k' }, instances);
  expect(rules).toEqual(expected);
  expect((instances * rules.count) / rules.windowMs).toBeLessThanOrEqual(limit.count / limit.windowMs / 2);
});

describe.skipIf(!HAS_REDIS)('the data in Redis', () => {
  it('contains no code, no secret and no owner, and all of it expires', async () => {
    const state = await instance();
    const codes = new ConfirmationCodes(state.codes);
    const code = await codes.issue('binding', Date.now());
    await state.files.keep(
      '["user_ada","org_team"]',
      write(state, 'secret-0123.json', '{"value": "sk_once_0123456789"}'),
    );
    const paced = {
      method: 'GET' as const,
      path: '/directory_users',
      query: 'directory=directory_1',
      bearer: 'sk_live_1',
    };
    await state.limits.waitForSlot(paced, {
      now: Date.now,
      sleep,
      signal: new AbortController().signal,
      onWait: () => {},
    });
    const keys = await redis.keys();
    expect(keys.length).toBeGreaterThanOrEqual(6);
    const dump = [];
    for (const key of keys) {
      expect(Number(await redis.run('PTTL', key))).toBeGreaterThan(0);
      expect(Number(await redis.run('PTTL', key))).toBeLessThanOrEqual(FILE_LIFETIME_MS);
      expect(key).toMatch(/^workos-mcp:/);
      dump.push(key, String(await redis.run('DUMP', key)));
    }
    for (const secret of [code, 'sk_once', 'secret-0123', 'user_ada', 'org_team', 'sk_live_1', 'directory_1']) {
      expect(dump.join('\n')).not.toContain(secret);
    }
  });

  it('can be read only by the same deployment with the same key', async () => {
    const [one, other, key] = await Promise.all([
      instance(),
      instance({ deployment: 'https://other.example.com/mcp' }),
      instance({ key: Buffer.alloc(32, 8) }),
    ]);
    const code = await new ConfirmationCodes(one.codes).issue('binding', Date.now());
    const redeemed = new ConfirmationCodes(other.codes).redeem(code, 'binding', Date.now(), 'live');
    await expect(redeemed).rejects.toThrow(/unknown/);
    await one.files.keep('ada', write(one, 'a.csv', 'one'));
    for (const stranger of [other, key]) {
      expect(await stranger.files.find('ada', 'workos://files/a.csv')).toBeUndefined();
    }
  });

  it('is accessible to a Redis user with only the permissions in docs/teams.md', async () => {
    const docs = readFileSync('docs/teams.md', 'utf8');
    const [, rules = ''] = /ACL SETUSER workos-mcp on '>PASSWORD' (.*)$/m.exec(docs) ?? [];
    await redis.run('ACL', 'SETUSER', 'workos-mcp', 'on', '>password', ...rules.split(' '));
    onTestFinished(() => redis.run('ACL', 'DELUSER', 'workos-mcp').then(() => {}));
    const store = await instance({ url: redis.url.replace('://', '://workos-mcp:password@') });
    const codes = new ConfirmationCodes(store.codes);
    await codes.redeem(await codes.issue('binding', Date.now()), 'binding', Date.now(), 'live');
    for (const name of ['a.csv', 'b.csv']) await store.files.keep('ada', write(store, name, 'one'));
    expect(String(await store.files.read('ada', uri('a.csv'), 0, 3))).toBe('one');
    expect(await store.files.list('ada')).toHaveLength(2);
    await store.files.sweep();
    expect(await store.texts.replace('ada', 'position', undefined, 'event_1')).toBe(true);
    expect(await store.texts.read('ada', 'position')).toBe('event_1');
    const slot = { now: Date.now, sleep, signal: new AbortController().signal, onWait: () => {} };
    const answered = await store.limits.waitForSlot(
      { method: 'GET', path: '/directory_users', query: 'directory=d1' },
      slot,
    );
    answered?.(Date.now());
    await store.codes.get('none');
    expect(store.problem?.()).toBeUndefined();
    expect(await redis.run('ACL', 'LOG')).toEqual([]);
  });

  it('includes no files if there is no key', async () => {
    const { files } = await instance({ key: undefined });
    expect(() => privateFolder(files.folder)).toThrow(/files are off/);
    expect(await files.list('ada')).toEqual([]);
  });

  const changes: [string, (keys: string[]) => Promise<unknown>][] = [
    ['changed', async ([, part = '']) => redis.run('SETRANGE', part, '20', 'x')],
    ['truncated', async ([, part = '']) => redis.run('SET', part, 'x', 'KEEPTTL')],
    ["replaced with another file's", async ([, part = '', other = '']) => redis.run('COPY', other, part, 'REPLACE')],
    ['gone', async ([, part = '']) => redis.run('DEL', part)],
  ];
  it.each(changes)('is not served if a part of the file is %s', async (_, change) => {
    const store = await instance();
    await store.files.keep('ada', write(store, 'a.csv', 'one'));
    const mine = (await redis.keys()).filter((key) => /:(?:file|part):/.test(key)).sort();
    await store.files.keep('ada', write(store, 'b.csv', 'two'));
    const others = (await redis.keys()).filter((key) => key.includes(':part:') && !mine.includes(key));
    await change([...mine, ...others]);
    await expect(store.files.read('ada', 'workos://files/a.csv', 0, 3)).rejects.toThrow(
      'The file does not exist or has expired',
    );
    expect(String(await store.files.read('ada', 'workos://files/b.csv', 0, 3))).toBe('two');
  });

  it('is not left on the disk of the instance', async () => {
    const store = await instance();
    await store.files.keep('ada', write(store, 'a.csv', 'one'));
    expect(readdirSync(store.files.folder)).toEqual([]);
  });
});

it.skipIf(HAS_REDIS)('the store in Redis is untested: redis-server is not installed', () => {});
