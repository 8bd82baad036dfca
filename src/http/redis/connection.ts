import { randomUUID } from 'node:crypto';
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import { ConfigError } from '../../errors/errors.ts';

/** A command that has not been answered for so long has failed, in milliseconds. */
const COMMAND_TIMEOUT_MS = 2_000;

/** How often this instance says that it is there, and finds out whether Redis is. */
const BEAT_MS = 1_000;

/** How long an instance counts after it was last heard of, in milliseconds. */
const INSTANCE_MS = 60_000;

/** Instances to reckon with where that is not known. */
const ASSUMED_INSTANCES = 4;

/** Commands that are waiting for an answer. */
const MAX_QUEUED = 10_000;

/** Redis did not do what it was asked to. The message is the rest of a sentence that begins with its address. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
}

/** What a command is made of. */
export type Word = string | Buffer;

/**
 * A connection to Redis that comes back by itself. While Redis does not answer, commands fail at once: none waits for it to come
 * back, and none is sent twice.
 */
export class Redis {
  /** Host and port, for messages. */
  readonly address: string;
  readonly #client: ReturnType<typeof newClient>;
  readonly #id = randomUUID();
  readonly #now: () => number;
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isUp = false;
  #problem = 'has not answered yet';
  #instances: number | undefined;
  #backAt = Number.NEGATIVE_INFINITY;

  private constructor(url: string, now: () => number) {
    this.address = new URL(url).host;
    this.#now = now;
    this.#client = newClient(url);
    this.#client.on('error', (error: unknown) => this.#down(reasonOf(error)));
    this.#client.on('ready', () => void this.#beat());
  }

  /**
   * Connects. Where Redis does not answer, it goes on trying. @throws {ConfigError} where Redis answers that it does not let
   * this server in.
   */
  static async open(url: string, now: () => number = Date.now): Promise<Redis> {
    const redis = new Redis(url, now);
    const first = new Promise<unknown>((resolve) => {
      redis.#client.once('error', resolve);
      redis.onChange(() => resolve(undefined));
      setTimeout(resolve, COMMAND_TIMEOUT_MS).unref();
    });
    redis.#client.connect().catch(() => {});
    const problem = await first;
    if (problem instanceof ErrorReply && /^(?:WRONGPASS|NOAUTH|NOPERM|ERR)\b/.test(problem.message)) {
      redis.close();
      const hint = 'Correct the name, password or number of the database in --state.';
      throw new ConfigError(`Redis at ${redis.address} refuses this server: ${problem.message}`, hint);
    }
    redis.#timer = setInterval(() => void redis.#beat(), BEAT_MS);
    return redis;
  }

  /** Whether Redis answered when it was last asked, not long ago. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why it does not, as the rest of a sentence: `does not answer`. Undefined where it does. */
  get problem(): string | undefined {
    return this.#isUp ? undefined : `Redis at ${this.address} ${this.#problem}`;
  }

  /** How many instances use this Redis, or did in the last minute. */
  get instances(): number {
    return this.#instances ?? ASSUMED_INSTANCES;
  }

  /** Tells of it each time that Redis is lost or back. */
  onChange(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** Runs one command. What is not text comes back as bytes. @throws {RedisError} */
  async run(...words: readonly Word[]): Promise<unknown> {
    if (!this.#isUp) throw new RedisError(this.problem);
    return this.#send(words);
  }

  /** Runs a Lua script, which is one step to everybody else. @throws {RedisError} */
  script(text: string, keys: readonly string[], values: readonly Word[]): Promise<unknown> {
    return this.run('EVAL', text, String(keys.length), ...keys, ...values);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#listeners.length = 0;
    this.#client.destroy();
  }

  async #beat(): Promise<void> {
    try {
      const words = ['EVAL', BEAT, '1', 'workos-mcp:instances', this.#id, String(INSTANCE_MS)];
      const count = Number(await this.#send(words));
      if (!this.#isUp) this.#backAt = this.#now();
      // After a restart, Redis knows those of which it has heard since.
      const known = this.#now() < this.#backAt + INSTANCE_MS ? (this.#instances ?? 0) : 0;
      this.#instances = Math.max(known, count);
      this.#change(true);
    } catch (error) {
      this.#down(reasonOf(error));
    }
  }

  async #send(words: readonly Word[]): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#down('does not answer');
        reject(new RedisError(this.problem));
      }, COMMAND_TIMEOUT_MS);
    });
    try {
      return await Promise.race([this.#client.sendCommand(words), late]);
    } catch (error) {
      throw error instanceof RedisError ? error : new RedisError(`Redis at ${this.address} ${reasonOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #down(problem: string): void {
    this.#problem = problem;
    this.#change(false);
  }

  #change(isUp: boolean): void {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    for (const listener of this.#listeners) listener(isUp);
  }
}

function newClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    maintNotifications: 'disabled',
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    socket: {
      connectTimeout: COMMAND_TIMEOUT_MS,
      // There is a beat every second, so a silent connection is dead.
      socketTimeout: 2 * COMMAND_TIMEOUT_MS,
      reconnectStrategy: (attempts) => Math.min(100 * 2 ** attempts, BEAT_MS),
    },
  });
}

/** In words of this server's own where the error could hold more than its reason. */
function reasonOf(error: unknown): string {
  if (error instanceof ErrorReply) return `answers: ${error.message.slice(0, 200)}`;
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return `does not answer${code}`;
}

const BEAT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])`;
