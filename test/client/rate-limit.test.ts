import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishedLimits, RateLimiter } from '../../src/client/rate-limit.ts';
import { planRequest, type RequestPlan, type Route } from '../../src/client/request-plan.ts';
import type { Sleep } from '../../src/client/retry.ts';
import { CancelledError } from '../../src/errors/errors.ts';

type Request = Pick<RequestPlan, 'method' | 'path' | 'query'>;

const directoryUsers = (directory: string, rest = ''): Request => ({
  method: 'GET',
  path: '/directory_users',
  query: `${rest}directory=${directory}`,
});
const deletion: Request = { method: 'DELETE', path: '/organizations/org_1', query: '' };

/** How long another request has to wait. */
const waitOf = (limiter: RateLimiter, request: Request, now: number) =>
  (limiter.reserve(request, now)?.start ?? now) - now;

/** The waits of `count` requests that all come at the same moment. */
const burst = (limiter: RateLimiter, request: Request, count: number, now: number) =>
  Array.from({ length: count }, () => waitOf(limiter, request, now));

/** True if any window has more than `count` starts. */
const exceeded = (starts: readonly number[], count: number, windowMs: number) =>
  starts.some((start) => starts.filter((other) => other >= start && other < start + windowMs).length > count);

describe('requests for the users of one directory', () => {
  it('start at most four per second', () => {
    expect(burst(new RateLimiter(), directoryUsers('d1'), 9, 10_000)).toEqual([
      0, 0, 0, 0, 1000, 1000, 1000, 1000, 2000,
    ]);
  });

  it('start at once again after a second', () => {
    const limiter = new RateLimiter();
    burst(limiter, directoryUsers('d1'), 4, 0);
    expect(waitOf(limiter, directoryUsers('d1'), 999)).toBe(1);
    expect(burst(limiter, directoryUsers('d1'), 3, 1_000)).toEqual([0, 0, 0]);
    expect(waitOf(limiter, directoryUsers('d1'), 1_000)).toBe(1_000);
  });

  it('never delay another directory, whatever the order of the query', () => {
    const limiter = new RateLimiter();
    burst(limiter, directoryUsers('d1', 'limit=100&'), 8, 0);
    expect(burst(limiter, directoryUsers('d2'), 4, 0)).toEqual([0, 0, 0, 0]);
    expect(waitOf(limiter, directoryUsers('d1'), 0)).toBe(2_000);
  });

  it('stay under the limit over a long stream of requests', () => {
    const limiter = new RateLimiter();
    const starts = Array.from({ length: 200 }, (_, index) => {
      const now = index * 37;
      return now + waitOf(limiter, directoryUsers('d1'), now);
    });
    expect(exceeded(starts, 4, 1_000)).toBe(false);
    // No request waits longer than needed: 200 requests take 50 seconds.
    expect(starts.at(-1)).toBeLessThan(50_000);
  });
});

describe('deletions of organizations', () => {
  it('start at most fifty a minute', () => {
    const limiter = new RateLimiter();
    expect(burst(limiter, deletion, 50, 0)).toEqual(Array(50).fill(0));
    expect(waitOf(limiter, { ...deletion, path: '/organizations/org_2' }, 20_000)).toBe(40_000);
    expect(burst(limiter, deletion, 50, 20_000).at(-1)).toBe(100_000);
  });

  it('stay under the limit over a long stream of requests', () => {
    const limiter = new RateLimiter();
    const starts = Array.from({ length: 300 }, (_, index) => index * 101 + waitOf(limiter, deletion, index * 101));
    expect(exceeded(starts, 50, 60_000)).toBe(false);
  });
});

describe('requests for users, memberships and invitations', () => {
  const read: Request = { method: 'GET', path: '/user_management/users', query: 'email=a' };
  const write: Request = { method: 'POST', path: '/user_management/users', query: '' };

  it.each([
    { what: 'writes', request: write, count: 500 },
    { what: 'reads', request: read, count: 1_000 },
  ])('start at most $count in ten seconds: $what', ({ request, count }) => {
    const starts = burst(new RateLimiter(), request, count * 3, 0);
    expect(exceeded(starts, count, 10_000)).toBe(false);
    expect(starts.at(-1)).toBeLessThan(2 * 10_000 * 1.02);
  });

  it('start at most 6,000 a minute, reads and writes together', () => {
    const limiter = new RateLimiter();
    const starts = Array.from({ length: 12_000 }, (_, index) => waitOf(limiter, index % 3 === 0 ? write : read, 0));
    const inOrder = starts.sort((a, b) => a - b);
    expect(inOrder.every((start, at) => at < 6_000 || start - (inOrder[at - 6_000] ?? 0) >= 60_000)).toBe(true);
  });

  it('are not delayed by requests that wait for another limit', () => {
    const limiter = new RateLimiter();
    burst(limiter, write, 700, 0);
    expect(burst(limiter, read, 1_000, 0)).toEqual(Array(1_000).fill(0));
    expect(waitOf(limiter, read, 0)).toBeGreaterThan(10_000);
  });
});

it('any mix of requests stays under every limit', () => {
  const requests = [directoryUsers('d1'), directoryUsers('d2'), deletion];
  const step = fc.record({ which: fc.nat(2), wait: fc.nat(700) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const limiter = new RateLimiter();
      const starts = new Map<number, number[]>();
      let now = 0;
      for (const { which, wait } of steps) {
        now += wait;
        const request = requests[which] ?? deletion;
        starts.set(which, [...(starts.get(which) ?? []), now + waitOf(limiter, request, now)]);
      }
      expect(exceeded(starts.get(0) ?? [], 4, 1_000)).toBe(false);
      expect(exceeded(starts.get(1) ?? [], 4, 1_000)).toBe(false);
      expect(exceeded(starts.get(2) ?? [], 50, 60_000)).toBe(false);
    }),
  );
});

/** A clock that advances only when told to, and wakes its sleepers in order. */
class Clock {
  time = 0;
  #sleepers: { at: number; wake: () => void }[] = [];
  readonly now = () => this.time;

  readonly sleep: Sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      const sleeper = { at: this.time + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(new CancelledError());
      });
    });

  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      // Sleepers that were just woken may go to sleep again first.
      await setImmediate();
      const next = this.#sleepers.reduce<number>((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
      if (next > end) break;
      this.time = next;
      for (const { wake } of this.#sleepers.filter(({ at }) => at <= next)) wake();
      this.#sleepers = this.#sleepers.filter(({ at }) => at > next);
    }
    this.time = end;
  }
}

describe('requests in a long queue', () => {
  /** Sends requests that arrive and take this many milliseconds each. Resolves to when each started and ended. */
  async function send(requests: readonly { comes: number; takes: number }[]) {
    const clock = new Clock();
    const limiter = new RateLimiter();
    const sent: { start: number; end: number }[] = [];
    for (const { comes, takes } of requests) {
      await clock.advance(comes);
      const waiting = { ...clock, signal: new AbortController().signal, onWait: () => {} };
      void limiter.waitForSlot(directoryUsers('d1'), waiting).then(async (answered) => {
        sent.push({ start: clock.time, end: clock.time + takes });
        await clock.sleep(takes, waiting.signal);
        answered?.(clock.time);
      });
    }
    await clock.advance(600_000);
    return sent;
  }

  it('start at the pace of the limit if each answer takes a moment', async () => {
    const sent = await send(Array.from({ length: 60 }, () => ({ comes: 0, takes: 5 })));
    expect(sent.map(({ start }) => start)).toEqual(Array.from({ length: 60 }, (_, at) => 1_005 * Math.floor(at / 4)));
  });

  it('stay under the limit however long answers take', async () => {
    const request = fc.record({ comes: fc.nat(400), takes: fc.nat(1_500) });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 60 }), async (requests) => {
        const sent = await send(requests);
        expect(sent).toHaveLength(requests.length);
        for (const [at, { start }] of sent.entries()) {
          const counted = sent.slice(0, at).map((one) => (one.end <= start ? one.end : one.start));
          expect(counted.filter((moment) => moment > start - 1_000).length).toBeLessThan(4);
        }
      }),
    );
  });
});

describe('a call that is cancelled while it waits gives its slot back', () => {
  /** Makes calls for the users of one directory, and records when each started. */
  function calls(clock: Clock, limiter = new RateLimiter()) {
    const starts = new Map<number, number>();
    let count = 0;
    const call = () => {
      const index = count++;
      const controller = new AbortController();
      const done = limiter
        .waitForSlot(directoryUsers('d1'), { ...clock, signal: controller.signal, onWait: () => {} })
        .then(() => starts.set(index, clock.time))
        .catch((error: unknown) => expect(error).toBeInstanceOf(CancelledError));
      return { cancel: () => controller.abort(), done };
    };
    return { call, starts };
  }

  it('so that after 200 cancellations the next call waits only for requests that were sent', async () => {
    const clock = new Clock();
    const { call, starts } = calls(clock);
    const many = Array.from({ length: 204 }, call);
    await clock.advance(300);
    for (const { cancel } of many.slice(4)) cancel();
    await Promise.all(many.map(({ done }) => done));
    expect([...starts.values()]).toEqual([0, 0, 0, 0]);
    call();
    await clock.advance(60_000);
    expect(starts.get(204)).toBe(1_000);
  });

  it('so that the calls behind it move up', async () => {
    const clock = new Clock();
    const { call, starts } = calls(clock);
    const many = Array.from({ length: 210 }, call);
    await clock.advance(500);
    for (const { cancel } of many.slice(5, 205)) cancel();
    await clock.advance(60_000);
    expect([4, 205, 206, 207, 208, 209].map((index) => starts.get(index))).toEqual([
      1_000, 1_000, 1_000, 1_000, 2_000, 2_000,
    ]);
  });

  it('but a slow answer delays the calls behind it, because WorkOS may have counted it at any time', async () => {
    const clock = new Clock();
    const limiter = new RateLimiter();
    const waiting = { ...clock, signal: new AbortController().signal, onWait: () => {} };
    const answered = await Promise.all([1, 2, 3, 4].map(() => limiter.waitForSlot(directoryUsers('d1'), waiting)));
    const starts: number[] = [];
    for (let more = 0; more < 5; more++) {
      void limiter.waitForSlot(directoryUsers('d1'), waiting).then(() => starts.push(clock.time));
    }
    await clock.advance(300);
    for (const one of answered.slice(0, 3)) one?.(clock.time);
    await clock.advance(5_000);
    expect(starts).toEqual([1_000, 1_300, 1_300, 1_300, 2_000]);
  });

  it('but not once its request was sent', async () => {
    const clock = new Clock();
    const { call, starts } = calls(clock);
    const many = Array.from({ length: 4 }, call);
    await clock.advance(10);
    for (const { cancel } of many) cancel();
    call();
    await clock.advance(5_000);
    expect(starts.get(4)).toBe(1_000);
  });

  it('and takes none if it was already cancelled', async () => {
    const clock = new Clock();
    const limiter = new RateLimiter();
    const waiting = { ...clock, signal: AbortSignal.abort(), onWait: () => {} };
    for (let count = 0; count < 9; count++) {
      await expect(limiter.waitForSlot(directoryUsers('d1'), waiting)).rejects.toThrow(CancelledError);
    }
    expect(waitOf(limiter, directoryUsers('d1'), 0)).toBe(0);
  });

  it('and the others start in order, under the limit and without delay, whichever calls are cancelled', async () => {
    const step = fc.record({ calls: fc.nat(12), cancels: fc.array(fc.nat(200), { maxLength: 8 }), ms: fc.nat(900) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const clock = new Clock();
        const { call, starts } = calls(clock);
        const all: ReturnType<typeof call>[] = [];
        const cancelled = new Set<number>();
        for (const { calls: more, cancels, ms } of steps) {
          for (let count = 0; count < more; count++) all.push(call());
          for (const index of cancels) {
            if (index >= all.length || starts.has(index)) continue;
            all[index]?.cancel();
            cancelled.add(index);
          }
          await clock.advance(ms);
        }
        const left = all.length - starts.size;
        const before = clock.time;
        await clock.advance(120_000);
        const times = [...starts].sort(([a], [b]) => a - b).map(([, time]) => time);
        expect(starts.size).toBeGreaterThanOrEqual(all.length - cancelled.size);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(exceeded(times, 4, 1_000)).toBe(false);
        expect((times.at(-1) ?? 0) - before).toBeLessThanOrEqual(1_000 * (1 + Math.floor(left / 4)));
      }),
    );
  });
});

describe('no limit applies to', () => {
  it.each<[Route, Record<string, unknown>]>([
    ['GET /organizations', {}],
    ['GET /organizations/{organization_id}', { organization_id: 'org_1' }],
    ['DELETE /organizations/{organization_id}/roles/{slug}', { organization_id: 'org_1', slug: 'a' }],
    ['GET /directory_users/{directory_user_id}', { directory_user_id: 'directory_user_1' }],
    ['GET /directory_groups', { directory: 'directory_1' }],
  ])('%s', (route, input) => {
    const request = planRequest(route, input, { send: 'query', hasBody: false });
    expect(publishedLimits(request)).toEqual([]);
    expect(Math.max(...burst(new RateLimiter(), request, 500, 0))).toBe(0);
  });
});
