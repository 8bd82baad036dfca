/** What a client is told about how far a call is. */
export interface Progress {
  progress: number;
  total?: number;
}

/**
 * Turns what a call reports into whole numbers that grow with each message, as the protocol wants, also while all that there is
 * to report is a wait. https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress
 */
export class ProgressCounter {
  #last = -1;
  /** What waits have added. It is added to totals too, so that a call ends at its total. */
  #added = 0;

  next(done: number, total: number | undefined): Progress {
    const whole = Math.floor(done);
    if (total === undefined) {
      this.#last = Math.max(whole, this.#last + 1);
      return { progress: this.#last };
    }
    if (whole + this.#added <= this.#last) this.#added = this.#last + 1 - whole;
    this.#last = whole + this.#added;
    return { progress: this.#last, total: Math.max(this.#last, Math.ceil(total) + this.#added) };
  }
}
