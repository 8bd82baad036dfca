/** The bytes that have to arrive within one timeout; at the default of 30 s that is a slow 1 Mbit/s line. */
const STEP_BYTES = 4 * 1024 * 1024;

/** A link is valid for ten minutes; a download that takes longer is not going to finish. */
const MAX_MS = 15 * 60 * 1000;

/**
 * The one deadline of a download, from the name look-up to the last byte. It moves on only while the file keeps coming, so
 * neither a server that drips nor one that never answers outlasts the timeout, and a large file still gets its time.
 */
export class DownloadDeadline {
  readonly #controller = new AbortController();
  readonly #abort = () => this.#controller.abort();
  readonly #timeoutMs: number;
  readonly #caller: AbortSignal;
  readonly #end: NodeJS.Timeout;
  #step: NodeJS.Timeout;
  #bytes = 0;
  #due = STEP_BYTES;
  #missed: string | undefined;

  /** @param caller Ends the download too, but is not a missed deadline. */
  constructor(timeoutMs: number, caller: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.#caller = caller;
    this.#end = setTimeout(() => this.#miss(`not complete after ${MAX_MS / 60_000} minutes`), MAX_MS);
    this.#step = this.#startStep();
    caller.addEventListener('abort', this.#abort, { once: true });
    if (caller.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What was too slow; undefined where it is not over. */
  get missed(): string | undefined {
    return this.#missed;
  }

  /** Counts bytes of the file. */
  received(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#due) return;
    this.#due = this.#bytes + STEP_BYTES;
    clearTimeout(this.#step);
    this.#step = this.#startStep();
  }

  close(): void {
    clearTimeout(this.#step);
    clearTimeout(this.#end);
    this.#caller.removeEventListener('abort', this.#abort);
  }

  #startStep(): NodeJS.Timeout {
    return setTimeout(
      () => this.#miss(`too slow: ${this.#bytes} bytes so far; --timeout-ms ${this.#timeoutMs} allows too little time`),
      this.#timeoutMs,
    );
  }

  #miss(why: string): void {
    this.#missed = why;
    this.#abort();
  }
}
