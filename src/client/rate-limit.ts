import { CancelledError } from '../errors/errors.ts';
import type { RequestPlan } from './request-plan.ts';
import type { Sleep } from './retry.ts';

type Request = Pick<RequestPlan, 'method' | 'path' | 'query'>;

/** A request with the key that it is counted for. */
export interface KeyedRequest extends Request {
  bearer?: string | undefined;
}

/** A request's place under a limit. */
export interface Slot {
  /** When the request may start, in milliseconds since the epoch. It gets earlier when a slot before it is given back. */
  start: number;
  /** Wakes whoever waits for the slot. */
  wake?: (() => void) | undefined;
}

/** What waiting for a slot takes. */
export interface Waiting {
  now(): number;
  sleep: Sleep;
  signal: AbortSignal;
  /** Called once, before the wait. */
  onWait(ms: number): void;
}

/** Keeps requests below the published limits, of one client or of all that share it. */
export interface RequestLimits {
  /**
   * Waits until the request may start. A call that is cancelled while it waits gives its slot back, and those behind it
   * move up. Resolves to undefined where no limit holds.
   * @throws {CancelledError}
   */
  waitForSlot(request: KeyedRequest, waiting: Waiting): Promise<Slot | undefined>;
  /** Notes that the request was answered, or that it failed. */
  answered?(slot: Slot): void;
}

/** Spaces the requests of one client. Keys unused for a whole window are forgotten. */
export class RateLimiter implements RequestLimits {
  readonly #slots = new Map<string, Slot[]>();

  async waitForSlot(request: Request, { now, sleep, signal, onWait }: Waiting): Promise<Slot | undefined> {
    if (signal.aborted) throw new CancelledError();
    const slot = this.reserve(request, now());
    let waitMs = slot ? slot.start - now() : 0;
    if (!slot || waitMs <= 0) return slot;
    try {
      onWait(waitMs);
      while (waitMs > 0 && (await sleepUntilMoved(slot, waitMs, sleep, signal))) waitMs = slot.start - now();
      return slot;
    } catch (error) {
      this.release(request, slot, now());
      throw error;
    }
  }

  /** Reserves the next slot under the request's limit, if it has one. */
  reserve(request: Request, now: number): Slot | undefined {
    const limit = publishedLimit(request);
    if (!limit) return undefined;
    for (const [key, slots] of this.#slots)
      if ((slots.at(-1)?.start ?? 0) + LONGEST_WINDOW_MS < now) this.#slots.delete(key);
    const slots = (this.#slots.get(limit.key) ?? []).filter(({ start }) => start + limit.windowMs > now);
    const slot = { start: earliestStart(slots.at(-limit.count), limit, now) };
    this.#slots.set(limit.key, [...slots, slot]);
    return slot;
  }

  /** Gives back a slot whose request was not sent. */
  release(request: Request, slot: Slot, now: number): void {
    const limit = publishedLimit(request);
    const slots = limit && this.#slots.get(limit.key);
    const place = slots?.indexOf(slot) ?? -1;
    if (!limit || !slots || place < 0) return;
    slots.splice(place, 1);
    for (const [at, later] of slots.entries()) {
      if (at < place || later.start <= now) continue;
      const start = earliestStart(slots[at - limit.count], limit, now);
      if (start >= later.start) continue;
      later.start = start;
      later.wake?.();
    }
  }
}

/** The first moment at which one more request fits behind the one that is `limit.count` places before it. */
function earliestStart(before: Slot | undefined, limit: Limit, now: number): number {
  return before === undefined ? now : Math.max(now, before.start + limit.windowMs);
}

/** Resolves to true as soon as the slot moves, and to false after the wait. @throws {CancelledError} */
async function sleepUntilMoved(slot: Slot, ms: number, sleep: Sleep, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) throw new CancelledError();
  const woken = new AbortController();
  const wake = () => woken.abort();
  slot.wake = wake;
  signal.addEventListener('abort', wake, { once: true });
  try {
    await sleep(ms, woken.signal);
    return false;
  } catch (error) {
    if (signal.aborted || !woken.signal.aborted) throw error;
    return true;
  } finally {
    slot.wake = undefined;
    signal.removeEventListener('abort', wake);
  }
}

/** At most `count` requests with the same `key` in any window of `windowMs`. */
export interface Limit {
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
