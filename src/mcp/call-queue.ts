import { CountByOwner } from './count-by-owner.ts';

/** What a waiting call does when its turn comes. */
type Begin = () => void;

/**
 * Decides when a call may begin: while too many run or the client has left too much unread, calls wait in the order in
 * which they came. A call that runs cannot be held back any more, and its result takes memory until it is read.
 */
export class CallQueue {
  readonly #limit: number;
  readonly #isBlocked: () => boolean;
  readonly #limitPerOwner: number;
  /** Each with its owner. */
  readonly #waiting = new Map<Begin, string>();
  readonly #running = new CountByOwner();

  /**
   * @param limit calls that run at the same time. `isBlocked` says whether nothing new should begin. `limitPerOwner`: how many of
   * them may belong to one owner; further calls of that owner let others pass.
   */
  constructor(limit: number, isBlocked: () => boolean, limitPerOwner = limit) {
    this.#limit = limit;
    this.#isBlocked = isBlocked;
    this.#limitPerOwner = limitPerOwner;
  }

  /**
   * Resolves when the call may begin; whoever called must call leave() afterwards.
   * @returns false where the signal was aborted while the call waited, which has then not begun.
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

  /** Begins as many waiting calls as may begin. To be called when isBlocked() may have changed. */
  wake(): void {
    for (const [begin, owner] of this.#waiting) {
      if (this.#running.total >= this.#limit || this.#isBlocked()) return;
      if (this.#running.of(owner) >= this.#limitPerOwner) continue;
      this.#waiting.delete(begin);
      begin();
    }
  }
}

/** Results of this many bytes may be under way at the same time, besides what is unread. */
const MAX_RUNNING_BYTES = 16 * 1024 * 1024;

/** How many calls may run at the same time. A result stands in its message twice, once escaped. */
export function runningLimit(maxResultChars: number): number {
  return Math.max(32, Math.floor(MAX_RUNNING_BYTES / (3 * maxResultChars)));
}
