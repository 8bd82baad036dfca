/** The numbers of a progress notification. */
export interface Progress {
  progress: number;
  total?: number;
}

/**
 * Turns the progress that a call reports into whole numbers that grow with each message, as the protocol requires, even while the
 * call only waits. https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress
 */
export class ProgressCounter {
  #last = -1;
  /** The increments made during waits. They are added to totals too, so that a call ends at its total. */
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
