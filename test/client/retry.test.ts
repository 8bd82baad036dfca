import { describe, expect, it } from 'vitest';
import {
  decideRetry,
  isAmbiguous,
  type Outcome,
  type RetryDecision,
  retryAfterSeconds,
  sleep,
} from '../../src/client/retry.ts';
import { CancelledError } from '../../src/errors/errors.ts';

const response = (status: number, code?: string, retryAfter?: number): Outcome => ({
  kind: 'response',
  status,
  code,
  retryAfter,
});
const NEVER_ARRIVED: Outcome = { kind: 'no-response', mayHaveArrived: false };
const MAYBE_ARRIVED: Outcome = { kind: 'no-response', mayHaveArrived: true };

type Call = 'repeatable' | 'once';
const REPEATABLE: Call[] = ['repeatable'];
const ALL: Call[] = ['repeatable', 'once'];

function decided(call: Call, outcome: Outcome, attempt = 1, maxRetries = 3, random = 1): RetryDecision {
  return decideRetry(call === 'repeatable', outcome, attempt, maxRetries, random);
}

describe('which calls are retried after', () => {
  it.each<[string, Outcome, Call[]]>([
    ['a request that never arrived', NEVER_ARRIVED, ALL],
    ['a connection that broke', MAYBE_ARRIVED, REPEATABLE],
    ['408', response(408), REPEATABLE],
    ['429', response(429), ALL],
    ['429 rate_limit_exceeded', response(429, 'rate_limit_exceeded'), ALL],
    ['500', response(500), REPEATABLE],
    ['502', response(502), REPEATABLE],
    ['503', response(503), REPEATABLE],
    ['504', response(504), REPEATABLE],
    ['400 lock_timeout', response(400, 'lock_timeout'), ALL],
    ['409 resource_type_update_in_progress', response(409, 'resource_type_update_in_progress'), ALL],
    ['500 lock_timeout', response(500, 'lock_timeout'), REPEATABLE],
    ['503 lock_timeout', response(503, 'lock_timeout'), REPEATABLE],
    ['504 resource_type_update_in_progress', response(504, 'resource_type_update_in_progress'), REPEATABLE],
    ['408 resource_type_update_in_progress', response(408, 'resource_type_update_in_progress'), REPEATABLE],
    ['409 lock_timeout', response(409, 'lock_timeout'), []],
    ['400 resource_type_update_in_progress', response(400, 'resource_type_update_in_progress'), []],
    ['422 lock_timeout', response(422, 'lock_timeout'), []],
    ['400 toString', response(400, 'toString'), []],
    ['429 daily_quota_exceeded', response(429, 'daily_quota_exceeded'), []],
    ['429 email_change_too_many_attempts', response(429, 'email_change_too_many_attempts'), []],
    ['503 too_many_attempts', response(503, 'too_many_attempts'), []],
    ['429 daily_quota_exceeded with Retry-After', response(429, 'daily_quota_exceeded', 1), []],
    ['302', response(302), []],
    ['400', response(400), []],
    ['401', response(401), []],
    ['403', response(403), []],
    ['404', response(404), []],
    ['409', response(409), []],
    ['409 domain_already_exists', response(409, 'domain_already_exists'), []],
    ['422', response(422), []],
    ['501', response(501), []],
    ['505', response(505), []],
  ])('%s', (_, outcome, calls) => {
    expect(ALL.filter((call) => decided(call, outcome).retry).sort()).toEqual([...calls].sort());
  });

  it.each(ALL)('%s gives up after the last permitted attempt', (call) => {
    expect([1, 2, 3, 4].map((attempt) => decided(call, response(429), attempt).retry)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(decided(call, response(429), 1, 0)).toEqual({ retry: false });
    expect(decided(call, NEVER_ARRIVED, 1, 0)).toEqual({ retry: false });
  });
});

describe('the wait', () => {
  it.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [4, 4_000],
    [5, 8_000],
    [6, 8_000],
    [20, 8_000],
  ])('before the retry after attempt %i: anything from 0 to %i ms', (attempt, most) => {
    const waits = [0, 0.25, 0.5, 0.999999].map((random) => decided('repeatable', response(503), attempt, 20, random));
    expect(waits).toEqual([0, most / 4, most / 2, most].map((waitMs) => ({ retry: true, waitMs })));
  });

  it.each<[string, number, RetryDecision]>([
    ['zero', 0, { retry: true, waitMs: 0 }],
    ['fractions', 1.5, { retry: true, waitMs: 1_500 }],
    ['seconds', 7, { retry: true, waitMs: 7_000 }],
    ['the maximum', 60, { retry: true, waitMs: 60_000 }],
    ['more than the maximum', 60.001, { retry: false }],
    ['an hour', 3_600, { retry: false }],
  ])('follows Retry-After without jitter: %s', (_, seconds, decision) => {
    for (const random of [0, 0.5]) {
      expect(decided('once', response(429, undefined, seconds), 1, 3, random)).toEqual(decision);
      expect(decided('repeatable', response(503, undefined, seconds), 1, 3, random)).toEqual(decision);
    }
  });
});

describe('the Retry-After header', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['  ', undefined],
    ['0', 0],
    ['5', 5],
    [' 12 ', 12],
    ['0.5', 0.5],
    ['3600', 3_600],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
    ['Sunday, 01-Mar-26 12:00:30 GMT', 30],
    ['2026-03-01T12:01:00Z', 60],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['5s', undefined],
    ['in 5', undefined],
    ['5, 5', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['1e3', undefined],
    ['Sun, 99 Mar 2026 12:00:30 GMT', undefined],
  ])('%j means %j s', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });
});

describe('whether the request may have succeeded after', () => {
  it.each<[string, Outcome, boolean]>([
    ['a broken connection', MAYBE_ARRIVED, true],
    ['a request that never arrived', NEVER_ARRIVED, false],
    ['408', response(408), true],
    ['500', response(500), true],
    ['502', response(502), true],
    ['503', response(503), true],
    ['504', response(504), true],
    ['599', response(599), true],
    ['501', response(501), false],
    ['429', response(429), false],
    ['400', response(400), false],
    ['404', response(404), false],
    ['409', response(409), false],
    ['302', response(302), true],
    ['303', response(303), true],
  ])('%s: %j %s', (_, outcome, expected) => {
    expect(isAmbiguous(outcome)).toBe(expected);
  });
});

describe('sleep', () => {
  const HOUR = 3_600_000;

  it('resolves after the given time', async () => {
    await expect(sleep(1, new AbortController().signal)).resolves.toBeUndefined();
  });

  it('rejects at once when cancelled', async () => {
    const controller = new AbortController();
    const waiting = sleep(HOUR, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow(CancelledError);
  });

  it('rejects at once if already cancelled', async () => {
    await expect(sleep(HOUR, AbortSignal.abort())).rejects.toThrow(CancelledError);
  });
});
