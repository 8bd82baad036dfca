/** One call that has not ended. */
interface RunningCall {
  owner: string;
  requestId: string | number;
  reads: boolean;
  controller: AbortController;
  done: Promise<void>;
}

/** What is known of a call when it begins. */
interface BeginningCall {
  /** Whose it is. */
  owner: string;
  /** The id of its message, which other clients of the same owner may use too. */
  requestId: string | number;
  /** It changes nothing. */
  reads: boolean;
  signal: AbortSignal;
}

/** A call that has begun. */
interface BegunCall {
  /** Aborted where the call is cancelled, and where whoever called hangs up, except for a write that has started. */
  signal: AbortSignal;
  /** To be called when the call no longer waits. */
  started(): void;
  end(): void;
}

/** The calls that have not ended, so that none that writes is cut off. */
export class InFlight {
  readonly #calls = new Set<RunningCall>();

  /** @param gone aborted when whoever called has hung up. */
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
   * Cancels a call as a client asks for it in a message of its own. Ids count up from zero in each client, so where the same
   * person has two calls with this id, it cannot be told which is meant, and both go on.
   */
  cancel(owner: string, requestId: unknown): void {
    const [call, ...others] = [...this.#calls].filter((one) => one.owner === owner && one.requestId === requestId);
    if (others.length === 0) call?.controller.abort();
  }

  /** Resolves when all calls have ended. Those that only read are aborted after a time. */
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
