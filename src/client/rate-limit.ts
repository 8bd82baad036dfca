import type { RequestPlan } from './request-plan.ts';

/** At most `count` requests in any `windowMs`, for all requests with the same `key`. */
interface Limit {
  key: string;
  count: number;
  windowMs: number;
}

/** The published limits that a client can hit by itself. https://workos.com/docs/reference/rate-limits */
export function publishedLimit({
  method,
  path,
  query,
}: Pick<RequestPlan, 'method' | 'path' | 'query'>): Limit | undefined {
  if (method === 'GET' && path === '/directory_users') {
    const directory = /(?:^|&)directory=([^&]*)/.exec(query)?.[1] ?? '';
    return { key: `directory_users ${directory}`, count: 4, windowMs: 1_000 };
  }
  if (method === 'DELETE' && /^\/organizations\/[^/]+$/.test(path)) {
    return { key: 'delete organizations', count: 50, windowMs: 60_000 };
  }
  return undefined;
}

/**
 * Hands out the times at which requests may start, so that a known limit is never hit. One per client; keys that rest
 * for a whole window are forgotten.
 */
export class RateLimiter {
  readonly #starts = new Map<string, number[]>();

  /** Takes the next free place under the request's limit and returns the milliseconds to wait for it. */
  reserve(request: Pick<RequestPlan, 'method' | 'path' | 'query'>, now: number): number {
    const limit = publishedLimit(request);
    if (!limit) return 0;
    for (const [key, starts] of this.#starts) if ((starts.at(-1) ?? 0) + 60_000 < now) this.#starts.delete(key);
    const starts = (this.#starts.get(limit.key) ?? []).filter((start) => start + limit.windowMs > now);
    const oldest = starts.at(-limit.count);
    const start = oldest === undefined ? now : Math.max(now, oldest + limit.windowMs);
    this.#starts.set(limit.key, [...starts, start]);
    return start - now;
  }
}
