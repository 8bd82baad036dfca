/**
 * The writes that a call has sent, except those that were certainly not carried out. If the call fails later, these may still
 * have succeeded.
 */
export class SentWrites {
  readonly #whole: SentWrites | undefined;
  /** The number of writes by tool, because a call can send very many. */
  readonly #sent = new Map<string, number>();
  readonly #partOf = new WeakMap<object, SentWrites>();

  /** @param whole The record of the containing call, which also counts these writes. */
  constructor(whole?: SentWrites) {
    this.#whole = whole;
  }

  /** Counts a write before it is sent. Returns a function that undoes this, for a write that was certainly not carried out. */
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

  /** Runs a part of the call with a separate record. */
  async part<T>(run: (writes: SentWrites) => Promise<T>): Promise<T> {
    const writes = new SentWrites(this);
    try {
      return await run(writes);
    } catch (error) {
      if (typeof error === 'object' && error !== null) this.#partOf.set(error, writes);
      throw error;
    }
  }

  /** The record of the part that threw this error, or this record if no part did. */
  before(error: unknown): SentWrites {
    return (typeof error === 'object' && error !== null && this.#partOf.get(error)) || this;
  }
}
