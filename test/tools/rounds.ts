/** Counts the rounds of requests in a call, which decide how long it takes: requests sent together are one round. */
export class Rounds {
  #sent = 0;
  #answered = 0;

  get count(): number {
    return this.#sent;
  }

  /** Records a request. Call the returned function when it is answered. */
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
