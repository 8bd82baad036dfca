/**
 * The writes that one call has sent and that were not certainly refused. Whatever the call fails with afterwards, they may
 * have succeeded.
 */
export class SentWrites {
  readonly #whole: SentWrites | undefined;
  readonly #sent = new Set<{ tool: string }>();
  readonly #partOf = new WeakMap<object, SentWrites>();

  /** @param whole The record of the call that this one is a part of; it counts what this one counts. */
  constructor(whole?: SentWrites) {
    this.#whole = whole;
  }

  /** Notes that a write goes out. Returns what takes the note back, for a write that was certainly not carried out. */
  add(tool: string): () => void {
    const write = { tool };
    const takeBack = this.#whole?.add(tool);
    this.#sent.add(write);
    return () => {
      takeBack?.();
      this.#sent.delete(write);
    };
  }

  /** The names of the tools that wrote, each once. */
  get tools(): string[] {
    return [...new Set([...this.#sent].map(({ tool }) => tool))];
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
