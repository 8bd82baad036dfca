import { CountByOwner } from './count-by-owner.ts';

/** Called when it is the turn of a waiting call. */
type Begin = () => void;

/**
 * Decides when a call may begin. While too many calls run or the client has left too much output unread, calls wait in order of
 * arrival. A running call cannot be held back, and its result takes memory until it is read.
 */
export class CallQueue {
  readonly #limit: number;
  readonly #isBlocked: () => boolean;
  readonly #limitPerOwner: number;
  /** The waiting calls in order of arrival, each with its owner. */
  readonly #waiting = new Map<Begin, string>();
  readonly #running = new CountByOwner();

  /**
   * @param limit The most calls that run at the same time.
   * @param isBlocked Whether nothing new should begin.
   * @param limitPerOwner The most running calls of one owner. Further calls of that owner wait while others pass them.
   */
  constructor(limit: number, isBlocked: () => boolean, limitPerOwner = limit) {
    this.#limit = limit;
    this.#isBlocked = isBlocked;
    this.#limitPerOwner = limitPerOwner;
  }

  /**
   * Resolves to true when the call may begin; the caller must call leave() when it has ended.
   * @returns false if the signal was aborted while the call waited; the call must not begin then.
   */
  async enter(signal: AbortSignal, owner = ''): Promise<boolean> {
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      const begin = () => {
        signal.removeEventListener('abort', giveUp);
        this.#running.add(owner, 1);
        resolve(true);
      };
      const giveUp = () => {
        this.#waiting.delete(begin);
        resolve(false);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.set(begin, owner);
      this.wake();
    });
  }

  leave(owner = ''): void {
    this.#running.add(owner, -1);
    this.wake();
  }

  /** Begins as many waiting calls as possible. Must be called when isBlocked() may have changed. */
  wake(): void {
    for (const [begin, owner] of this.#waiting) {
      if (this.#running.total >= this.#limit || this.#isBlocked()) return;
      if (this.#running.of(owner) >= this.#limitPerOwner) continue;
      this.#waiting.delete(begin);
      begin();
    }
  }
}

/** The most bytes of results from running calls, besides unread output. */
const MAX_RUNNING_BYTES = 16 * 1024 * 1024;

/** How many calls may run at the same time. A message contains its result twice, once escaped. */
export function runningLimit(maxResultChars: number): number {
  return Math.max(32, Math.floor(MAX_RUNNING_BYTES / (3 * maxResultChars)));
}
