import { createHash, randomUUID } from 'node:crypto';
import {
  type Answered,
  type KeyedRequest,
  type Limit,
  publishedLimits,
  type RequestLimits,
  type Waiting,
} from '../../client/rate-limit.ts';
import { CancelledError } from '../../errors/errors.ts';
import { type Redis, RedisError } from './connection.ts';

/** How long a request counts if its instance ended before reporting the answer, in milliseconds. */
const UNANSWERED_MS = 5_000;

/** The longest time between two checks whether a request may start, in milliseconds. */
const POLL_MS = 100;

/** How much later than another instance this one may notice that Redis is lost or back, in milliseconds. */
const NOTICE_MS = 4_000;

/** The place that a request takes under each of its limits. */
interface Taken {
  keys: readonly string[];
  member: string;
}

/**
 * The published limits, shared by all instances that use the same WorkOS key. A request counts from its start until a window
 * after its answer. The requests of one instance wait in line, and only the first in line asks Redis.
 *
 * While Redis is lost, each instance keeps to half of an equal share. It starts once earlier requests have left the window, and
 * continues for a window after Redis is back, because Redis may have forgotten everything.
 */
export class RedisLimits implements RequestLimits {
  readonly #redis: Redis;
  readonly #baseUrl: string;
  readonly #now: () => number;
  readonly #lines = new Map<string, { tail: Promise<void>; length: number }>();
  /** Start times of requests that Redis may not know about, by the key of the limit. */
  readonly #offlineStarts = new Map<string, number[]>();
  #lostAt = Number.NEGATIVE_INFINITY;
  /** When Redis came back. In the future if Redis is up but has just failed to count a request. */
  #backAt = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, baseUrl: string, now: () => number = Date.now) {
    this.#redis = redis;
    this.#baseUrl = baseUrl;
    this.#now = now;
    if (!redis.isUp) this.#lostAt = now();
    redis.onChange((isUp) => {
      if (isUp) this.#backAt = now();
      else this.#lostAt = now();
    });
  }

  async waitForSlot(request: KeyedRequest, waiting: Waiting): Promise<Answered | undefined> {
    const limits = publishedLimits(request);
    const [first] = limits;
    if (!first) return undefined;
    const { signal } = waiting;
    if (signal.aborted) throw new CancelledError();
    let told = false;
    const tell = (ms: number) => {
      if (!told && ms > 0) waiting.onWait(ms);
      told ||= ms > 0;
    };
    const leave = await this.#enter(first, signal, tell);
    try {
      for (;;) {
        const taken = { keys: limits.map((limit) => this.#key(limit, request.bearer)), member: randomUUID() };
        const waitMs = await this.#take(limits, taken);
        if (waitMs <= 0) return () => this.#answered(taken);
        tell(waitMs);
        await waiting.sleep(Math.min(waitMs, POLL_MS), signal);
        if (signal.aborted) throw new CancelledError();
      }
    } finally {
      leave();
    }
  }

  /** Records the time of the answer, by the clock of Redis. */
  #answered({ keys, member }: Taken): void {
    this.#redis.script(ANSWERED, keys, [member]).catch(() => {});
  }

  /** Waits for the earlier requests of this instance. Resolves to a function that leaves the line. @throws {CancelledError} */
  async #enter(limit: Limit, signal: AbortSignal, tell: (ms: number) => void): Promise<() => void> {
    const line = this.#lines.get(limit.key) ?? { tail: Promise.resolve(), length: 0 };
    this.#lines.set(limit.key, line);
    tell(Math.floor(line.length / limit.count) * limit.windowMs);
    const before = line.tail;
    let done = () => {};
    const own = new Promise<void>((resolve) => {
      done = resolve;
    });
    line.tail = before.then(() => own);
    line.length++;
    const leave = () => {
      done();
      if (--line.length === 0) this.#lines.delete(limit.key);
    };
    let cancel = () => {};
    const cancelled = new Promise<never>((_, reject) => {
      cancel = () => reject(new CancelledError());
    });
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await Promise.race([before, cancelled]);
      return leave;
    } catch (error) {
      leave();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Takes a place under every limit and resolves to 0, or resolves to the milliseconds until there may be one. */
  async #take(limits: readonly Limit[], { keys, member }: Taken): Promise<number> {
    const longest = limits.reduce((most, { windowMs }) => Math.max(most, windowMs), 0);
    const isOffline = !this.#redis.isUp || this.#now() < this.#backAt + longest + NOTICE_MS;
    if (isOffline) {
      const waitMs = limits.reduce((most, limit) => Math.max(most, this.#waitOffline(limit)), 0);
      if (waitMs > 0) return waitMs;
    }
    if (this.#redis.isUp) {
      try {
        const values = limits.flatMap(({ count, windowMs }) => [String(count), String(windowMs)]);
        const waitMs = Number(await this.#redis.script(TAKE, keys, [member, String(UNANSWERED_MS), ...values]));
        if (!(waitMs <= longest + UNANSWERED_MS)) throw new RedisError('Redis returned an unexpected value');
        if (waitMs > 0) return waitMs;
      } catch (error) {
        if (!(error instanceof RedisError)) throw error;
        // Whether or not the request was counted, Redis is unreliable now: it may refuse this and still run other commands.
        this.#backAt = this.#now() + longest + NOTICE_MS;
        if (!isOffline) {
          this.#lostAt = this.#now();
          return POLL_MS;
        }
      }
    }
    for (const { key } of limits) {
      if (isOffline) this.#offlineStarts.set(key, [...(this.#offlineStarts.get(key) ?? []), this.#now()]);
      else this.#offlineStarts.delete(key);
    }
    return 0;
  }

  #waitOffline(limit: Limit): number {
    const now = this.#now();
    const { count, windowMs, pauseMs } = offlineLimit(limit, this.#redis.instances);
    const starts = (this.#offlineStarts.get(limit.key) ?? []).filter((start) => start + windowMs > now);
    this.#offlineStarts.set(limit.key, starts);
    const next = (starts.at(-count) ?? Number.NEGATIVE_INFINITY) + windowMs;
    return Math.max(0, next - now, this.#lostAt + pauseMs - now);
  }

  /** The Redis key of a limit. A WorkOS key is long and random, so its hash reveals nothing. */
  #key({ key }: Limit, bearer = ''): string {
    const text = JSON.stringify([this.#baseUrl, bearer, key]);
    return `workos-mcp:limit:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  }
}

/** Under limits above this count, requests do not pause for a window when Redis is lost: no client reaches them by chance. */
const LARGE = 100;

/**
 * What each of several instances may send while they cannot coordinate: half of an equal share, because requests that are sent
 * together do not arrive together. `pauseMs` is how long an instance sends nothing at first.
 */
export function offlineLimit({ count, windowMs }: Limit, instances: number): Omit<Limit, 'key'> & { pauseMs: number } {
  return {
    count: Math.max(1, Math.floor(count / instances)),
    windowMs: 2 * windowMs * Math.ceil(instances / count),
    pauseMs: count > LARGE ? 0 : windowMs + NOTICE_MS,
  };
}

const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)`;

const TAKE = `${NOW}
local wait = 0
for at, key in ipairs(KEYS) do
  local count, window = tonumber(ARGV[2 * at + 1]), tonumber(ARGV[2 * at + 2])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  local last = redis.call('ZRANGE', key, -count, -count, 'WITHSCORES')[2]
  if last then wait = math.max(wait, last + window - now) end
end
if wait > 0 then return wait end
for at, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', key, ARGV[2 * at + 2] + ARGV[2])
end
return 0`;

const ANSWERED = `${NOW}
for _, key in ipairs(KEYS) do redis.call('ZADD', key, 'XX', now, ARGV[1]) end`;
