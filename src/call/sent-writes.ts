/**
 * The writes that one call has sent and that were not certainly refused. Whatever the call fails with afterwards, they may
 * have succeeded.
 */
export class SentWrites {
  readonly #whole: SentWrites | undefined;
  /** How many, by tool: a call can send very many. */
  readonly #sent = new Map<string, number>();
  readonly #partOf = new WeakMap<object, SentWrites>();

  /** @param whole The record of the call that this one is a part of; it counts what this one counts. */
  constructor(whole?: SentWrites) {
    this.#whole = whole;
  }

  /** Notes that a write goes out. Returns what takes the note back, for a write that was certainly not carried out. */
  add(tool: string): () => void {
    const takeBack = this.#whole?.add(tool);
    this.#sent.set(tool, (this.#sent.get(tool) ?? 0) + 1);
    let counted = true;
    return () => {
      takeBack?.();
      if (counted) this.#sent.set(tool, (this.#sent.get(tool) ?? 1) - 1);
      counted = false;
    };
  }

  /** The names of the tools that wrote, each once. */
  get tools(): string[] {
    return [...this.#sent].flatMap(([tool, count]) => (count > 0 ? [tool] : []));
  }

  /** Runs a part of the call with a record of its own. */
  async part<T>(run: (writes: SentWrites) => Promise<T>): Promise<T> {
    const writes = new SentWrites(this);
    try {
      return await run(writes);
    } catch (error) {
      if (typeof error === 'object' && error !== null) this.#partOf.set(error, writes);
      throw error;
    }
  }

  /** The record of the part that failed with this error; the whole one where no part did. */
  before(error: unknown): SentWrites {
    return (typeof error === 'object' && error !== null && this.#partOf.get(error)) || this;
  }
}
