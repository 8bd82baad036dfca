/** One call that has not ended. */
interface RunningCall {
  owner: string;
  requestId: string | number;
  reads: boolean;
  controller: AbortController;
  done: Promise<void>;
}

/** A call that is about to begin. */
interface BeginningCall {
  /** As returned by ownerOf(). */
  owner: string;
  /** The id of its message, which other clients of the same owner may use too. */
  requestId: string | number;
  /** True if the call changes nothing. */
  reads: boolean;
  signal: AbortSignal;
}

/** A call that has begun. */
interface BegunCall {
  /** Aborted when the call is cancelled, or when the client hangs up, unless the call is a write that has started. */
  signal: AbortSignal;
  /** Must be called when the call no longer waits in the queue. */
  started(): void;
  end(): void;
}

/** Tracks the calls that have not ended, so that no write is cut off. */
export class InFlight {
  readonly #calls = new Set<RunningCall>();

  /** @param gone Aborted when the client has hung up. */
  begin({ signal, ...about }: BeginningCall, gone: AbortSignal): BegunCall {
    const controller = new AbortController();
    const abort = () => controller.abort();
    let finish = () => {};
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const call = { ...about, controller, done };
    const signals = [signal, gone];
    for (const one of signals) {
      one.addEventListener('abort', abort, { once: true });
      if (one.aborted) abort();
    }
    this.#calls.add(call);
    return {
      signal: controller.signal,
      started: () => {
        if (!about.reads) gone.removeEventListener('abort', abort);
      },
      end: () => {
        for (const one of signals) one.removeEventListener('abort', abort);
        this.#calls.delete(call);
        finish();
      },
    };
  }

  /**
   * Cancels a call when the client asks for it in a separate message. Every client counts its ids up from zero, so if the same
   * person has two calls with this id, it is unclear which is meant, and both continue.
   */
  cancel(owner: string, requestId: unknown): void {
    const [call, ...others] = [...this.#calls].filter((one) => one.owner === owner && one.requestId === requestId);
    if (others.length === 0) call?.controller.abort();
  }

  /** Resolves when all calls have ended. Calls that only read are aborted after `readsEndAfterMs`. */
  async drained(readsEndAfterMs: number): Promise<void> {
    const timer = setTimeout(() => {
      for (const { reads, controller } of this.#calls) if (reads) controller.abort();
    }, readsEndAfterMs);
    while (this.#calls.size > 0) await Promise.all([...this.#calls].map(({ done }) => done));
    clearTimeout(timer);
  }

  get size(): number {
    return this.#calls.size;
  }
}
