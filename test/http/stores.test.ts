import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CODE_LIFETIME_MS, ConfirmationCodes } from '../../src/call/confirmation/codes.ts';
import { type Pacing, RateLimiter } from '../../src/client/rate-limit.ts';
import { sleep } from '../../src/client/retry.ts';
import { CancelledError } from '../../src/errors/errors.ts';
import { DiskFiles, FILE_LIFETIME_MS, type FileStore } from '../../src/http/files.ts';
import { openSharedState, type SharedState } from '../../src/http/redis/shared-state.ts';
import { CodeFiles } from '../../src/results/private-files.ts';
import { HAS_REDIS, type RedisServer, redisServer } from '../redis.ts';

const KEY = Buffer.alloc(32, 7);
const PUBLIC = 'https://mcp.example.com/mcp';

let redis: RedisServer;
const states: SharedState[] = [];
beforeAll(async () => {
  if (HAS_REDIS) redis = await redisServer();
});
afterAll(() => redis?.close());
afterEach(async () => {
  for (const state of states.splice(0)) state.close();
  if (HAS_REDIS) await redis.run('FLUSHALL');
});

/** The state of one of several instances. */
async function instance(changes: { key?: Buffer | undefined; publicUrl?: string } = {}): Promise<SharedState> {
  const about = { url: redis.url, publicUrl: PUBLIC, baseUrl: 'https://api.workos.com', key: KEY, ...changes };
  const state = await openSharedState(about);
  states.push(state);
  return state;
}

/** Two servers that should know of each other, or one twice where nothing is shared. */
interface Pair<T> {
  one: T;
  other: T;
  /** Lets time go by. */
  later(ms: number): Promise<void>;
  now(): number;
}

let clock: number;
const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'workos-mcp-stores-'));
  folders.push(made);
  return made;
};
beforeEach(() => {
  clock = Date.now();
});
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});
const later = async (ms: number) => {
  clock += ms;
};
const now = () => clock;

const codeStores: [string, boolean, () => Promise<Pair<ConfirmationCodes>>][] = [
  [
    'in memory',
    true,
    async () => {
      const codes = new ConfirmationCodes();
      return { one: codes, other: codes, later, now };
    },
  ],
  [
    'in files',
    true,
    async () => {
      const made = folder();
      const [one, other] = [new CodeFiles(made), new CodeFiles(made)].map((store) => new ConfirmationCodes(store));
      return { one: one as ConfirmationCodes, other: other as ConfirmationCodes, later, now };
    },
  ],
  [
    'in Redis',
    HAS_REDIS,
    async () => {
      const [one, other] = await Promise.all([instance(), instance()]);
      return {
        one: new ConfirmationCodes(one.codes),
        other: new ConfirmationCodes(other.codes),
        later: (ms) => redis.age(ms),
        now: Date.now,
      };
    },
  ],
];

describe.each(codeStores)('codes that are kept %s', (_, isThere, open) => {
  const outcome = (redeemed: Promise<void>) =>
    redeemed.then(
      () => 'redeemed',
      (error: unknown) => (error instanceof Error ? error.message : 'not an error'),
    );
  it.skipIf(!isThere)('work once, wherever they are redeemed', async () => {
    const { one, other, now } = await open();
    const code = await one.issue('delete org_1', now());
    expect(await outcome(other.redeem(code, 'delete org_1', now(), 'live'))).toBe('redeemed');
    for (const codes of [one, other]) {
      expect(await outcome(codes.redeem(code, 'delete org_1', now(), 'live'))).toMatch(/unknown or already used/);
    }
  });

  it.skipIf(!isThere)('work for one of twenty who redeem them at the same time', async () => {
    const { one, other, now } = await open();
    const code = await one.issue('delete org_1', now());
    const racing = Array.from({ length: 20 }, (_, at) =>
      outcome((at % 2 ? one : other).redeem(code, 'delete org_1', now(), 'live')),
    );
    const outcomes = await Promise.all(racing);
    expect(outcomes.filter((one) => one === 'redeemed')).toHaveLength(1);
    expect(outcomes.filter((one) => /unknown or already used|just been used/.test(one))).toHaveLength(19);
  });

  it.skipIf(!isThere)('work only for what they were issued for, and are then still good', async () => {
    const { one, other, now } = await open();
    const code = await one.issue('delete org_1', now());
    expect(await outcome(other.redeem(code, 'delete org_2', now(), 'live'))).toMatch(/belongs to other arguments/);
    expect(await outcome(other.redeem(code, 'delete org_1', now(), 'live'))).toBe('redeemed');
  });

  it.skipIf(!isThere)('work for ten minutes', async () => {
    const { one, other, later, now } = await open();
    const [early, late] = await Promise.all([one.issue('a', now()), one.issue('b', now())]);
    await later(CODE_LIFETIME_MS - 5_000);
    expect(await outcome(other.redeem(early, 'a', now(), 'live'))).toBe('redeemed');
    await later(5_001);
    expect(await outcome(other.redeem(late, 'b', now(), 'live'))).toMatch(/expired|unknown/);
  });
});

interface Files {
  store: FileStore;
  write(name: string, text: string): string;
}

const fileStores: [string, boolean, (limits?: object) => Promise<Pair<Files>>][] = [
  [
    'on the disk',
    true,
    async (limits) => {
      const files = filesIn(new DiskFiles(folder(), now, limits));
      return { one: files, other: files, later, now };
    },
  ],
  [
    'in Redis',
    HAS_REDIS,
    async (limits) => {
      const made = await Promise.all([instance(), instance()]);
      const [one, other] = made.map((state) => filesIn(sharedFiles(state, limits)));
      return { one: one as Files, other: other as Files, later: (ms) => redis.age(ms), now: Date.now };
    },
  ],
];

function sharedFiles(state: SharedState, limits = {}): FileStore {
  const store = state.files(new DiskFiles(folder(), now, limits), limits);
  if (!store) throw new Error('files are off');
  return store;
}

function filesIn(store: FileStore): Files {
  return {
    store,
    write(name, text) {
      const path = join(store.folder, name);
      writeFileSync(path, text);
      return path;
    },
  };
}

describe.each(fileStores)('files that are kept %s', (_, isThere, open) => {
  const uris = async ({ store }: Files, owner: string) => (await store.list(owner)).map(({ uri }) => uri).sort();
  const uri = (name: string) => `workos://files/${name}`;

  it.skipIf(!isThere)('are shown to their owner alone', async () => {
    const { one, other } = await open();
    await one.store.keep('ada', one.write('a.csv', 'one'));
    expect(await uris(other, 'ada')).toEqual([uri('a.csv')]);
    expect(await other.store.find('ada', uri('a.csv'))).toMatchObject({
      name: 'a.csv',
      bytes: 3,
      mimeType: 'text/csv',
    });
    expect(String(await other.store.read('ada', uri('a.csv'), 1, 3))).toBe('ne');
    expect(await uris(other, 'bob')).toEqual([]);
    expect(await other.store.find('bob', uri('a.csv'))).toBeUndefined();
    await expect(other.store.read('bob', uri('a.csv'), 1, 3)).rejects.toThrow('There is no such file');
  });

  it.skipIf(!isThere)('cannot be given to another by naming them again', async () => {
    const { one, other } = await open();
    const path = one.write('a.csv', 'one');
    await one.store.keep('ada', path);
    expect(await one.store.keep('bob', path)).toBeUndefined();
    expect([await uris(other, 'ada'), await uris(other, 'bob')]).toEqual([[uri('a.csv')], []]);
  });

  it.skipIf(!isThere)('are there for an hour', async () => {
    const { one, other, later } = await open();
    await one.store.keep('ada', one.write('a.csv', 'one'));
    await later(FILE_LIFETIME_MS - 5_000);
    expect(await uris(other, 'ada')).toHaveLength(1);
    await later(5_000);
    expect(await uris(other, 'ada')).toEqual([]);
    expect(await other.store.find('ada', uri('a.csv'))).toBeUndefined();
    await expect(other.store.read('ada', uri('a.csv'), 0, 1)).rejects.toThrow('There is no such file');
  });

  it.skipIf(!isThere)('are not kept where they are too large', async () => {
    const { one, other } = await open({ maxFileBytes: 3 });
    expect(await one.store.keep('ada', one.write('a.csv', 'four'))).toBeUndefined();
    expect(await one.store.keep('ada', one.write('b.csv', 'two'))).toMatchObject({ bytes: 3 });
    expect(await uris(other, 'ada')).toEqual([uri('b.csv')]);
  });

  it.skipIf(!isThere)('make room for newer ones, the oldest first, whoever they belong to', async () => {
    const { one, other } = await open({ maxAllBytes: 10 });
    for (const [at, owner] of ['ada', 'bob', 'ada'].entries()) {
      const files = at === 1 ? other : one;
      await files.store.keep(owner, files.write(`${at}.csv`, 'four'));
    }
    expect(await uris(other, 'ada')).toEqual([uri('2.csv')]);
    expect(await uris(one, 'bob')).toEqual([uri('1.csv')]);
  });

  it.skipIf(!isThere)('make room where there are too many', async () => {
    const { one, other } = await open({ maxFiles: 2 });
    for (const name of ['0.csv', '1.csv', '2.csv']) await one.store.keep('ada', one.write(name, ''));
    expect(await uris(other, 'ada')).toEqual([uri('1.csv'), uri('2.csv')]);
  });

  it.skipIf(!isThere)('are read from any place to any other', async () => {
    const { one, other } = await open();
    const text = Array.from({ length: 100_000 }, (_, at) => `line ${at}\n`).join('');
    await one.store.keep('ada', one.write('a.jsonl', text));
    for (const [from, to] of [
      [0, 10],
      [262_140, 262_150],
      [262_144, 524_288],
      [100_000, 900_000],
      [text.length - 5, text.length],
    ] as const) {
      expect(String(await other.store.read('ada', uri('a.jsonl'), from, to))).toBe(text.slice(from, to));
    }
  });
});

const limiters: [string, boolean, () => Promise<Pair<Pacing>>][] = [
  [
    'by one server',
    true,
    async () => {
      const pacing = new RateLimiter();
      return { one: pacing, other: pacing, later, now };
    },
  ],
  [
    'by two servers together',
    HAS_REDIS,
    async () => {
      const [one, other] = await Promise.all([instance(), instance()]);
      return { one: one.pacing, other: other.pacing, later, now };
    },
  ],
];

describe.each(limiters)('a published limit that is kept %s', (_, isThere, open) => {
  const request = (directory: string, bearer = 'sk_test_1') => {
    return { method: 'GET' as const, path: '/directory_users', query: `directory=${directory}`, bearer };
  };
  const waiting = (signal = new AbortController().signal, onWait = (_: number) => {}) => {
    return { now: Date.now, sleep, signal, onWait };
  };
  const send = async (pacing: Pacing, directory: string, signal?: AbortSignal) => {
    const slot = await pacing.waitForSlot(request(directory), waiting(signal));
    const at = performance.now();
    if (slot) pacing.answered?.(slot);
    return at;
  };

  it.skipIf(!isThere)('lets four requests of a second start, and no more, in the order of their coming', async () => {
    const { one, other } = await open();
    const sent = Array.from({ length: 10 }, (_, at) => send(at % 2 ? one : other, 'd1'));
    const starts = (await Promise.all(sent)).sort((a, b) => a - b);
    for (let at = 4; at < starts.length; at++) {
      expect((starts[at] ?? 0) - (starts[at - 4] ?? 0)).toBeGreaterThan(990);
    }
    // No slower than it has to be.
    expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeLessThan(2_800);
  });

  it.skipIf(!isThere)('holds up no other directory, and nothing without a limit', async () => {
    const { one, other } = await open();
    const begun = performance.now();
    await Promise.all([1, 2, 3, 4].map(() => send(one, 'd1')));
    await send(other, 'd2');
    expect(await other.waitForSlot({ method: 'GET', path: '/users', query: '' }, waiting())).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(900);
  });

  it.skipIf(!isThere)('says how long a request waits, and lets it give up', async () => {
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
    // Whoever comes next has the place.
    const begun = performance.now();
    await send(other, 'd1');
    expect(performance.now() - begun).toBeLessThan(1_300);
  });
});

describe.skipIf(!HAS_REDIS)('what is in Redis', () => {
  it('is neither a code nor a secret nor whose it is, and all of it expires', async () => {
    const state = await instance();
    const codes = new ConfirmationCodes(state.codes);
    const code = await codes.issue('binding', Date.now());
    const files = filesIn(sharedFiles(state));
    await files.store.keep(
      '["user_ada","org_team"]',
      files.write('secret-0123.json', '{"value": "sk_once_0123456789"}'),
    );
    const paced = {
      method: 'GET' as const,
      path: '/directory_users',
      query: 'directory=directory_1',
      bearer: 'sk_live_1',
    };
    await state.pacing.waitForSlot(paced, { now, sleep, signal: new AbortController().signal, onWait: () => {} });
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

  it('is read by the same deployment alone', async () => {
    const [one, other, key] = await Promise.all([
      instance(),
      instance({ publicUrl: 'https://other.example.com/mcp' }),
      instance({ key: Buffer.alloc(32, 8) }),
    ]);
    const code = await new ConfirmationCodes(one.codes).issue('binding', Date.now());
    const redeemed = new ConfirmationCodes(other.codes).redeem(code, 'binding', Date.now(), 'live');
    await expect(redeemed).rejects.toThrow(/unknown/);
    const files = filesIn(sharedFiles(one));
    await files.store.keep('ada', files.write('a.csv', 'one'));
    for (const stranger of [other, key]) {
      expect(await sharedFiles(stranger).find('ada', 'workos://files/a.csv')).toBeUndefined();
    }
  });

  it('holds no files without a key', async () => {
    const state = await instance({ key: undefined });
    expect(state.files(new DiskFiles(folder(), now))).toBeUndefined();
  });

  const changes: [string, (keys: string[]) => Promise<unknown>][] = [
    ['changed', async ([, part = '']) => redis.run('SETRANGE', part, '20', 'x')],
    ['cut off', async ([, part = '']) => redis.run('SET', part, 'x', 'KEEPTTL')],
    ['that was one of another file', async ([, part = '', other = '']) => redis.run('COPY', other, part, 'REPLACE')],
    ['that is gone', async ([, part = '']) => redis.run('DEL', part)],
  ];
  it.each(changes)('does not count where it is a part %s', async (_, change) => {
    const files = filesIn(sharedFiles(await instance()));
    await files.store.keep('ada', files.write('a.csv', 'one'));
    const mine = (await redis.keys()).filter((key) => /:(?:file|part):/.test(key)).sort();
    await files.store.keep('ada', files.write('b.csv', 'two'));
    const others = (await redis.keys()).filter((key) => key.includes(':part:') && !mine.includes(key));
    await change([...mine, ...others]);
    await expect(files.store.read('ada', 'workos://files/a.csv', 0, 3)).rejects.toThrow(
      'There is no such file any more',
    );
    expect(String(await files.store.read('ada', 'workos://files/b.csv', 0, 3))).toBe('two');
  });

  it('leaves nothing on the disk of the instance', async () => {
    const files = filesIn(sharedFiles(await instance()));
    await files.store.keep('ada', files.write('a.csv', 'one'));
    expect(readdirSync(files.store.folder)).toEqual([]);
  });
});

it.skipIf(HAS_REDIS)('Redis is not on this machine, so what is kept in it was not tried', () => {});
