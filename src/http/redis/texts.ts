import { RefusedError } from '../../errors/errors.ts';
import { MAX_TEXTS, type TextStore } from '../memory.ts';
import { type Redis, RedisError } from './connection.ts';
import { keyedHash, open, seal } from './sealing.ts';

/** WorkOS keeps events for 30 days, so an older position is useless. */
const LIFETIME_MS = 30 * 24 * 3_600_000;

/** Characters of the digest by which two sealed texts are compared. */
const DIGEST_CHARS = 32;

/** Texts that every instance can read and only one at a time can replace. Encrypted like files. */
export class RedisTexts implements TextStore {
  readonly #redis: Redis;
  readonly #key: Buffer;
  readonly #prefix: string;

  constructor(redis: Redis, { key, prefix }: { key: Buffer; prefix: string }) {
    this.#redis = redis;
    this.#key = key;
    // Each encryption key has its own prefix, because texts encrypted with another key cannot be read.
    this.#prefix = `${prefix}${keyedHash(key, 'texts')}:`;
  }

  async read(owner: string, name: string): Promise<string | undefined> {
    const kept = await orRefuse(() => this.#redis.run('GET', this.#place(owner) + keyedHash(this.#key, name)));
    const sealed = kept instanceof Buffer ? kept.subarray(DIGEST_CHARS) : undefined;
    return open(this.#key, sealed, [owner, name])?.toString();
  }

  async replace(owner: string, name: string, before: string | undefined, after: string): Promise<boolean> {
    const place = this.#place(owner);
    const digestOf = (text: string) => keyedHash(this.#key, JSON.stringify([owner, name, text]));
    const value = Buffer.concat([Buffer.from(digestOf(after)), seal(this.#key, Buffer.from(after), [owner, name])]);
    const expected = before === undefined ? '' : digestOf(before);
    const numbers = [DIGEST_CHARS, MAX_TEXTS, LIFETIME_MS].map(String);
    const values = [keyedHash(this.#key, name), expected, value, ...numbers];
    return (await orRefuse(() => this.#redis.script(REPLACE, [place], values))) === 1;
  }

  /** The key of the set of a person's text names, and the prefix of the keys of these texts. */
  #place(owner: string): string {
    return `${this.#prefix}${keyedHash(this.#key, owner)}:`;
  }
}

async function orRefuse<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    throw new RefusedError(
      `The saved position is not available: ${error.message}`,
      "Calls that only read still work, such as list_events. Try again in a moment; if this continues, tell the server's operator.",
    );
  }
}

const REPLACE = `
local place, id = KEYS[1], ARGV[1]
local kept = redis.call('GET', place .. id)
if string.sub(kept or '', 1, ARGV[4]) ~= ARGV[2] then return 0 end
redis.call('SET', place .. id, ARGV[3], 'PX', ARGV[6])
local t = redis.call('TIME')
redis.call('ZADD', place, t[1] * 1000000 + t[2], id)
redis.call('PEXPIRE', place, ARGV[6])
while redis.call('ZCARD', place) > tonumber(ARGV[5]) do redis.call('UNLINK', place .. redis.call('ZPOPMIN', place)[1]) end
return 1`;
