import { CancelledError } from '../errors/errors.ts';
import type { RequestPlan } from './request-plan.ts';
import type { Sleep } from './retry.ts';

type Request = Pick<RequestPlan, 'method' | 'path' | 'query'>;

/** A request, and the WorkOS key that it counts for. */
export interface KeyedRequest extends Request {
  bearer?: string | undefined;
}

/** A request's place under its limits. */
export interface Slot {
  /**
   * When the request may start, in milliseconds since the epoch. It gets earlier when a slot before it is given back. After the
   * answer, the time of the answer.
   */
  start: number;
  /** How many slots were reserved before it. */
  readonly order: number;
  readonly limits: readonly Limit[];
  /** Wakes the request that waits for the slot. */
  wake?: (() => void) | undefined;
}

/** Options for waiting for a slot. */
export interface Waiting {
  now(): number;
  sleep: Sleep;
  signal: AbortSignal;
  /** Called once, before the wait. */
  onWait(ms: number): void;
}

/** Keeps the requests of one or several clients below the published limits. */
export interface RequestLimits {
  /**
   * Waits until the request may start. A call that is cancelled while it waits gives its slot back, and those behind it
   * move up. Resolves to undefined if no limit applies.
   * @throws {CancelledError}
   */
  waitForSlot(request: KeyedRequest, waiting: Waiting): Promise<Answered | undefined>;
}

/**
 * Records that a request was answered or failed. WorkOS counted it at some earlier moment, so counting it from this moment is
 * safe, however long it took.
 */
export type Answered = (now: number) => void;

/** Spaces the requests of one client. Keys unused for a whole window are forgotten. */
export class RateLimiter implements RequestLimits {
  /** By the key of the limit, sorted by start. */
  readonly #slots = new Map<string, Slot[]>();
  #reserved = 0;

  async waitForSlot(request: Request, { now, sleep, signal, onWait }: Waiting): Promise<Answered | undefined> {
    if (signal.aborted) throw new CancelledError();
    const slot = this.reserve(request, now());
    if (!slot) return undefined;
    const answered = (moment: number) => this.answered(slot, moment);
    if (slot.start <= now()) return answered;
    try {
      onWait(slot.start - now());
      for (let waitMs = slot.start - now(); waitMs > 0; ) {
        const due = slot.start;
        const moved = await sleepUntilMoved(slot, waitMs, sleep, signal);
        if (!moved) this.#postpone(slot);
        waitMs = slot.start - (moved ? now() : due);
      }
      return answered;
    } catch (error) {
      this.release(slot, now());
      throw error;
    }
  }

  /** Reserves the next slot under the request's limits, if it has any. */
  reserve(request: Request, now: number): Slot | undefined {
    const limits = publishedLimits(request);
    if (limits.length === 0) return undefined;
    for (const [key, slots] of this.#slots)
      if ((slots.at(-1)?.start ?? 0) + LONGEST_WINDOW_MS < now) this.#slots.delete(key);
    for (const { key, windowMs } of limits) {
      const slots = this.#slots.get(key) ?? [];
      slots.splice(0, placeIn(slots, now - windowMs));
      this.#slots.set(key, slots);
    }
    const slot = { start: this.#earliest(limits, now), order: this.#reserved++, limits };
    this.#insert(slot);
    return slot;
  }

  /** @see {@link Answered} */
  answered(slot: Slot, now: number): void {
    // The slot is inserted even if it is gone, because an answer can take longer than a window, after which slots are dropped.
    this.#remove(slot);
    slot.start = Math.max(slot.start, now);
    this.#insert(slot);
  }

  /**
   * Moves a slot that is due to a later start if it no longer fits, because earlier requests were answered later than expected.
   * Slots behind it are ignored, because each is checked again when it is due.
   */
  #postpone(slot: Slot): void {
    if (!this.#remove(slot)) return;
    const { order, start, limits } = slot;
    slot.start = this.#earliest(limits, start, (other) => other.order < order || other.start <= start);
    this.#insert(slot);
  }

  /** Gives back a slot whose request was not sent. */
  release(slot: Slot, now: number): void {
    if (!this.#remove(slot)) return;
    const keys = slot.limits.map(({ key }) => this.#slots.get(key) ?? []);
    const later = [...new Set(keys.flat())].filter(({ start }) => start > now && start >= slot.start);
    for (const other of later.sort((a, b) => a.start - b.start)) {
      this.#remove(other);
      const start = Math.min(other.start, this.#earliest(other.limits, now));
      const moved = start < other.start;
      other.start = start;
      this.#insert(other);
      if (moved) other.wake?.();
    }
  }

  /** The first moment at which one more request fits under all limits. Considers the slots for which `counts` is true, or all. */
  #earliest(limits: readonly Limit[], now: number, counts?: (slot: Slot) => boolean): number {
    const slots = limits.map(({ key }) => {
      const all = this.#slots.get(key) ?? [];
      return counts ? all.filter(counts) : all;
    });
    let start = now;
    for (let before = Number.NaN; before !== start; ) {
      before = start;
      for (const [at, limit] of limits.entries()) start = earliestStart(slots[at] ?? [], limit, start);
    }
    return start;
  }

  #insert(slot: Slot): void {
    for (const { key } of slot.limits) {
      const slots = this.#slots.get(key) ?? [];
      slots.splice(placeIn(slots, slot.start), 0, slot);
      this.#slots.set(key, slots);
    }
  }

  /** Returns false if the slot is no longer kept. */
  #remove(slot: Slot): boolean {
    const places = slot.limits.map(({ key }) => {
      const slots = this.#slots.get(key) ?? [];
      return { slots, at: slots.lastIndexOf(slot) };
    });
    for (const { slots, at } of places) if (at >= 0) slots.splice(at, 1);
    return places.some(({ at }) => at >= 0);
  }
}

/** How many slots start at this moment or before. */
function placeIn(slots: readonly Slot[], moment: number): number {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((slots[middle]?.start ?? 0) <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The first moment from `now` on at which one more request fits among these slots, so that no window exceeds the limit. Slots
 * reserved for later stay where they are.
 */
function earliestStart(slots: readonly Slot[], { count, windowMs }: Limit, now: number): number {
  const startOf = (at: number) => slots[at]?.start ?? (at < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  for (let start = now; ; ) {
    const place = placeIn(slots, start);
    // Check the windows that end with the new slot, contain it, and begin with it.
    let next = startOf(place - count) + windowMs;
    for (let first = Math.max(0, place - count + 1); first < place && first + count - 1 < slots.length; first++) {
      if (startOf(first + count - 1) - startOf(first) < windowMs) next = Math.max(next, startOf(first) + windowMs);
    }
    if (startOf(place + count - 1) - start < windowMs) next = Math.max(next, startOf(place));
    if (next <= start) return start;
    start = next;
  }
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

const LONGEST_WINDOW_MS = 61_000;

/** Added to each window, because clocks do not run equally fast. */
const CLOCK_MS = 50;

const USER_MANAGEMENT = {
  reads: { key: 'user management reads', count: 1_000, windowMs: 10_000 + CLOCK_MS },
  writes: { key: 'user management writes', count: 500, windowMs: 10_000 + CLOCK_MS },
  // Applies to all requests, but only user management requests can be sent fast enough to come near it.
  all: { key: 'everything', count: 6_000, windowMs: 60_000 + CLOCK_MS },
};

/** The published limits that one client can hit by itself. https://workos.com/docs/reference/rate-limits */
export function publishedLimits({ method, path, query }: Request): readonly Limit[] {
  if (method === 'GET' && path === '/directory_users') {
    const directory = /(?:^|&)directory=([^&]*)/.exec(query)?.[1] ?? '';
    return [{ key: `directory_users ${directory}`, count: 4, windowMs: 1_000 }];
  }
  if (method === 'DELETE' && /^\/organizations\/[^/]+$/.test(path)) {
    return [{ key: 'delete organizations', count: 50, windowMs: 60_000 }];
  }
  if (path.startsWith('/user_management/')) {
    return [method === 'GET' ? USER_MANAGEMENT.reads : USER_MANAGEMENT.writes, USER_MANAGEMENT.all];
  }
  return [];
}
