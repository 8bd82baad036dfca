/** What a waiting call does when its turn comes. */
type Begin = () => void;

/**
 * Decides when a call may begin: while too many run or the client has left too much unread, calls wait in the order in
 * which they came. A call that runs cannot be held back any more, and its result takes memory until it is read.
 */
export class CallQueue {
  readonly #limit: number;
  readonly #isBlocked: () => boolean;
  readonly #waiting = new Set<Begin>();
  #running = 0;

  /** @param limit calls that run at the same time. `isBlocked` says whether nothing new should begin. */
  constructor(limit: number, isBlocked: () => boolean) {
    this.#limit = limit;
    this.#isBlocked = isBlocked;
  }

  /**
   * Resolves when the call may begin; whoever called must call leave() afterwards.
   * @returns false where the signal was aborted while the call waited, which has then not begun.
   */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      const begin = () => {
        signal.removeEventListener('abort', giveUp);
        this.#running++;
        resolve(true);
      };
      const giveUp = () => {
        this.#waiting.delete(begin);
        resolve(false);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(begin);
      this.wake();
    });
  }

  leave(): void {
    this.#running--;
    this.wake();
  }

  /** Begins as many waiting calls as may begin. To be called when isBlocked() may have changed. */
  wake(): void {
    for (const begin of this.#waiting) {
      if (this.#running >= this.#limit || this.#isBlocked()) return;
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
