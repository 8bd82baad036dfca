import { createHash } from 'node:crypto';
import type { CodeStore, IssuedCode } from '../../call/confirmation/codes.ts';
import { RefusedError } from '../../errors/errors.ts';
import { type Redis, RedisError, type Word } from './connection.ts';

/** Confirmation codes that any instance can redeem, but only once. Redis holds neither the code nor what it is for. */
export class RedisCodes implements CodeStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async get(code: string): Promise<IssuedCode | undefined> {
    const kept = await this.#run('checked', 'GET', this.#key(code));
    const [, expires, binding] = /^(\d+) (.*)$/s.exec(String(kept)) ?? [];
    return binding === undefined ? undefined : { binding, expires: Number(expires) };
  }

  async set(code: string, { binding, expires }: IssuedCode, now: number): Promise<void> {
    await this.#run('kept', 'SET', this.#key(code), `${expires} ${binding}`, 'NX', 'PX', String(expires - now));
  }

  /** Redis runs commands one at a time, so only one caller gets true. */
  async delete(code: string): Promise<boolean> {
    return (await this.#run('used', 'DEL', this.#key(code))) === 1;
  }

  async #run(what: string, ...words: readonly Word[]): Promise<unknown> {
    try {
      return await this.#redis.run(...words);
    } catch (error) {
      if (!(error instanceof RedisError)) throw error;
      throw new RefusedError(
        `The confirmation code cannot be ${what}: ${error.message}`,
        "Nothing was changed. Calls that only read still work. Call again without confirmation in a moment, for a new preview and code; if this continues, tell the server's operator.",
      );
    }
  }

  #key(code: string): string {
    return `${this.#prefix}code:${createHash('sha256').update(code).digest('hex')}`;
  }
}
