/** Counts something per owner and in total. Owners with a count of zero are forgotten. */
export class CountByOwner {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(owner: string): number {
    return this.#counts.get(owner) ?? 0;
  }

  add(owner: string, more: number): void {
    this.#total += more;
    const own = this.of(owner) + more;
    if (own > 0) this.#counts.set(owner, own);
    else this.#counts.delete(owner);
  }
}
