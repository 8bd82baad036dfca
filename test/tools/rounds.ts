/** How many requests of a call follow one another, which decides how long it takes: those that are sent together count once. */
export class Rounds {
  #sent = 0;
  #answered = 0;

  get count(): number {
    return this.#sent;
  }

  /** Notes a request. Call the result when it is answered. */
  sent(): () => void {
    const round = this.#answered + 1;
    this.#sent = Math.max(this.#sent, round);
    return () => {
      this.#answered = Math.max(this.#answered, round);
    };
  }

  reset(): void {
    this.#sent = 0;
    this.#answered = 0;
  }
}
