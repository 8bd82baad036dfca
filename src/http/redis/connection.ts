import { randomUUID } from 'node:crypto';
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import { ConfigError } from '../../errors/errors.ts';
import { escapeInvisible } from '../../text/quote-untrusted.ts';

/** A command without an answer after this many milliseconds has failed. */
const COMMAND_TIMEOUT_MS = 2_000;

/** How often this instance registers itself and checks that Redis answers, in milliseconds. */
const BEAT_MS = 1_000;

/** How long an instance counts after its last heartbeat, in milliseconds. */
const INSTANCE_MS = 60_000;

/** An instance without a heartbeat for this many milliseconds may have ended. */
const RUNNING_MS = 3 * BEAT_MS;

/** The number of instances to assume until it is known. */
const ASSUMED_INSTANCES = 4;

/** The most commands that may wait for an answer. */
const MAX_QUEUED = 10_000;

/** Redis failed to run a command. The message is a clause, such as `Redis at localhost:6379 does not answer`. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
}

/** The name or an argument of a command. */
export type Word = string | Buffer;

/**
 * A connection to Redis that reconnects by itself. While Redis does not answer, commands fail at once: none waits for the
 * connection to return, and none is sent twice.
 */
export class Redis {
  /** Host and port, for messages. */
  readonly address: string;
  readonly #url: string;
  #client: ReturnType<typeof newClient>;
  readonly #member: string;
  readonly #now: () => number;
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  readonly #peerListeners: ((labels: readonly string[]) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #onFailure: (error: unknown) => void = () => {};
  #isUp = false;
  #problem = 'has not answered yet';
  #instances: number | undefined;
  #backAt = Number.NEGATIVE_INFINITY;

  private constructor(url: string, label: string, now: () => number) {
    this.#member = `${randomUUID()} ${label}`;
    this.address = new URL(url).host;
    this.#url = url;
    this.#now = now;
    this.#client = this.#connect();
  }

  /**
   * Connects, and keeps trying if Redis does not answer. `label` is a word that the other instances see.
   * @throws {ConfigError} if Redis refuses this server, for example because the password is wrong.
   */
  static async open(url: string, label: string, now: () => number = Date.now): Promise<Redis> {
    const redis = new Redis(url, label, now);
    const problem = await new Promise<unknown>((resolve) => {
      redis.#onFailure = resolve;
      redis.onChange(() => resolve(undefined));
      setTimeout(resolve, COMMAND_TIMEOUT_MS).unref();
    });
    if (problem instanceof ErrorReply && /^(?:WRONGPASS|NOAUTH|NOPERM|ERR)\b/.test(problem.message)) {
      redis.close();
      const hint = 'Correct the user, password, or database number in --state, or the permissions of the user.';
      throw new ConfigError(`Redis at ${redis.address} refuses this server: ${redis.#wordsOf(problem)}`, hint);
    }
    redis.#timer = setInterval(() => void redis.#beat(), BEAT_MS);
    return redis;
  }

  /** Whether Redis answers, as of the last heartbeat or command. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Why Redis is unreachable, such as `Redis at localhost:6379 does not answer`, or undefined. */
  get problem(): string | undefined {
    return this.#isUp ? undefined : `Redis at ${this.address} ${this.#problem}`;
  }

  /** How many instances use this Redis, or did in the last minute. */
  get instances(): number {
    return this.#instances ?? ASSUMED_INSTANCES;
  }

  /** Calls the listener whenever Redis is lost or back. */
  onChange(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls the listener every second with the labels of all running instances, including this one. */
  onPeers(listener: (labels: readonly string[]) => void): void {
    this.#peerListeners.push(listener);
  }

  /** Runs one command. Resolves to its reply, with bulk strings as Buffers. @throws {RedisError} */
  async run(...words: readonly Word[]): Promise<unknown> {
    if (!this.#isUp) throw new RedisError(this.problem);
    try {
      return await this.#ask(words);
    } catch (error) {
      throw new RedisError(`Redis at ${this.address} ${this.#reasonOf(error)}`);
    }
  }

  /** Runs a Lua script, which is atomic. @throws {RedisError} */
  script(text: string, keys: readonly string[], values: readonly Word[]): Promise<unknown> {
    return this.run('EVAL', text, String(keys.length), ...keys, ...values);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#listeners.length = 0;
    this.#peerListeners.length = 0;
    this.#client.destroy();
  }

  #connect(): ReturnType<typeof newClient> {
    const client = newClient(this.#url);
    client.on('error', (error: unknown) => {
      if (client === this.#client) this.#failed(error);
    });
    client.on('ready', () => void this.#beat());
    client.connect().catch(() => {});
    return client;
  }

  async #beat(): Promise<void> {
    try {
      const words = ['EVAL', BEAT, '1', 'workos-mcp:instances', this.#member, String(INSTANCE_MS), String(RUNNING_MS)];
      const [count, ...running] = [await this.#ask(words)].flat();
      if (!this.#isUp) this.#backAt = this.#now();
      // After a restart, Redis knows only the instances that have reported since.
      const known = this.#now() < this.#backAt + INSTANCE_MS ? (this.#instances ?? 0) : 0;
      this.#instances = Math.max(known, Number(count));
      this.#change(true);
      const labels = running.map((member) => String(member).split(' ')[1] ?? '');
      for (const listener of this.#peerListeners) listener(labels);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #ask(words: readonly Word[]): Promise<unknown> {
    const client = this.#client;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error('no answer in time');
        // The client counts its own writes as activity, so it would never give up a connection that has gone silent.
        if (client === this.#client) {
          this.#failed(error);
          this.#client = this.#connect();
          client.destroy();
        }
        reject(error);
      }, COMMAND_TIMEOUT_MS);
    });
    try {
      return await Promise.race([client.sendCommand(words), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #failed(error: unknown): void {
    this.#problem = this.#reasonOf(error);
    this.#change(false);
    this.#onFailure(error);
  }

  /** Why a command failed. Messages of errors that are not replies are left out, because they could hold more than the reason. */
  #reasonOf(error: unknown): string {
    if (error instanceof ErrorReply) return `answers: ${this.#wordsOf(error)}`;
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return `does not answer${code}`;
  }

  /** The reply without the password: Redis repeats the arguments of a command that it does not know. */
  #wordsOf({ message }: ErrorReply): string {
    const { password } = new URL(this.#url);
    const shown = [password, decodeURIComponent(password)].reduce(
      (text, secret) => (secret === '' ? text : text.replaceAll(secret, '***')),
      message,
    );
    return escapeInvisible(shown.slice(0, 200));
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
      // Ends a handshake that is never answered.
      socketTimeout: 2 * COMMAND_TIMEOUT_MS,
      reconnectStrategy: (attempts) => Math.min(100 * 2 ** attempts, BEAT_MS),
    },
  });
}

const BEAT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {redis.call('ZCARD', KEYS[1]), unpack(redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[3], '+inf'))}`;
