import { describe, expect, it } from 'vitest';
import { publishedLimit, RateLimiter } from '../../src/client/rate-limit.ts';
import { planRequest, type RequestPlan, type Route } from '../../src/client/request-plan.ts';

type Request = Pick<RequestPlan, 'method' | 'path' | 'query'>;

const directoryUsers = (directory: string, rest = ''): Request => ({
  method: 'GET',
  path: '/directory_users',
  query: `${rest}directory=${directory}`,
});
const deletion: Request = { method: 'DELETE', path: '/organizations/org_1', query: '' };

/** The waits of `count` simultaneous requests. */
const burst = (limiter: RateLimiter, request: Request, count: number, now: number) =>
  Array.from({ length: count }, () => limiter.reserve(request, now));

/** True if any window has more than `count` starts. */
const exceeded = (starts: readonly number[], count: number, windowMs: number) =>
  starts.some((start) => starts.filter((other) => other >= start && other < start + windowMs).length > count);

describe('requests for the users of one directory', () => {
  it('start at most four per second', () => {
    expect(burst(new RateLimiter(), directoryUsers('d1'), 9, 10_000)).toEqual([
      0, 0, 0, 0, 1000, 1000, 1000, 1000, 2000,
    ]);
  });

  it('start immediately again after a second', () => {
    const limiter = new RateLimiter();
    burst(limiter, directoryUsers('d1'), 4, 0);
    expect(limiter.reserve(directoryUsers('d1'), 999)).toBe(1);
    expect(burst(limiter, directoryUsers('d1'), 3, 1_000)).toEqual([0, 0, 0]);
    expect(limiter.reserve(directoryUsers('d1'), 1_000)).toBe(1_000);
  });

  it('never delay another directory, whatever the order of the query string', () => {
    const limiter = new RateLimiter();
    burst(limiter, directoryUsers('d1', 'limit=100&'), 8, 0);
    expect(burst(limiter, directoryUsers('d2'), 4, 0)).toEqual([0, 0, 0, 0]);
    expect(limiter.reserve(directoryUsers('d1'), 0)).toBe(2_000);
  });

  it('keep the limit over a long stream of requests', () => {
    const limiter = new RateLimiter();
    const starts = Array.from({ length: 200 }, (_, index) => {
      const now = index * 37;
      return now + limiter.reserve(directoryUsers('d1'), now);
    });
    expect(exceeded(starts, 4, 1_000)).toBe(false);
    // No request waits longer than needed: 200 requests take 50 seconds.
    expect(starts.at(-1)).toBeLessThan(50_000);
  });
});

describe('deletions of organizations', () => {
  it('start at most fifty per minute', () => {
    const limiter = new RateLimiter();
    expect(burst(limiter, deletion, 50, 0)).toEqual(Array(50).fill(0));
    expect(limiter.reserve({ ...deletion, path: '/organizations/org_2' }, 20_000)).toBe(40_000);
    expect(burst(limiter, deletion, 50, 20_000).at(-1)).toBe(100_000);
  });

  it('keep the limit over a long stream of requests', () => {
    const limiter = new RateLimiter();
    const starts = Array.from({ length: 300 }, (_, index) => index * 101 + limiter.reserve(deletion, index * 101));
    expect(exceeded(starts, 50, 60_000)).toBe(false);
  });
});

describe('there is no limit for', () => {
  it.each<[Route, Record<string, unknown>]>([
    ['GET /organizations', {}],
    ['GET /organizations/{organization_id}', { organization_id: 'org_1' }],
    ['DELETE /organizations/{organization_id}/roles/{slug}', { organization_id: 'org_1', slug: 'a' }],
    ['DELETE /user_management/users/{user_id}', { user_id: 'user_1' }],
    ['GET /directory_users/{directory_user_id}', { directory_user_id: 'directory_user_1' }],
    ['GET /directory_groups', { directory: 'directory_1' }],
  ])('%s', (route, input) => {
    const request = planRequest(route, input, { send: 'query', hasBody: false });
    expect(publishedLimit(request)).toBeUndefined();
    expect(Math.max(...burst(new RateLimiter(), request, 500, 0))).toBe(0);
  });
});
