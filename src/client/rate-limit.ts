import type { RequestPlan } from './request-plan.ts';

type Request = Pick<RequestPlan, 'method' | 'path' | 'query'>;

/**
 * Spaces requests so that a published limit is never hit. One per client; keys unused for a whole window are forgotten.
 */
export class RateLimiter {
  readonly #starts = new Map<string, number[]>();

  /** Reserves the next slot under the request's limit. Returns the milliseconds to wait for it. */
  reserve(request: Request, now: number): number {
    const limit = publishedLimit(request);
    if (!limit) return 0;
    for (const [key, starts] of this.#starts)
      if ((starts.at(-1) ?? 0) + LONGEST_WINDOW_MS < now) this.#starts.delete(key);
    const starts = (this.#starts.get(limit.key) ?? []).filter((start) => start + limit.windowMs > now);
    const oldest = starts.at(-limit.count);
    const start = oldest === undefined ? now : Math.max(now, oldest + limit.windowMs);
    this.#starts.set(limit.key, [...starts, start]);
    return start - now;
  }
}

/** At most `count` requests with the same `key` in any window of `windowMs`. */
interface Limit {
  key: string;
  count: number;
  windowMs: number;
}

const LONGEST_WINDOW_MS = 60_000;

/** The published limits that one client can hit by itself. https://workos.com/docs/reference/rate-limits */
export function publishedLimit({ method, path, query }: Request): Limit | undefined {
  if (method === 'GET' && path === '/directory_users') {
    const directory = /(?:^|&)directory=([^&]*)/.exec(query)?.[1] ?? '';
    return { key: `directory_users ${directory}`, count: 4, windowMs: 1_000 };
  }
  if (method === 'DELETE' && /^\/organizations\/[^/]+$/.test(path)) {
    return { key: 'delete organizations', count: 50, windowMs: LONGEST_WINDOW_MS };
  }
  return undefined;
}
