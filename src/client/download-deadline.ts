/** The bytes that must arrive within one timeout. At the default of 30 s, a line of about 1 Mbit/s is fast enough. */
const STEP_BYTES = 4 * 1024 * 1024;

/** A link is valid for ten minutes; a download that takes longer will not finish. */
const MAX_MS = 15 * 60 * 1000;

/**
 * The deadline of a whole download, from the DNS lookup to the last byte. It is extended only while the file keeps arriving, so a
 * server that drips bytes or never answers cannot outlast the timeout, but a large file still has enough time.
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

  /** @param caller Also ends the download, but does not count as a missed deadline. */
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

  /** Why the deadline was missed; undefined if it was not. */
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
      () => this.#miss(`too slow: ${this.#bytes} bytes so far; --timeout-ms ${this.#timeoutMs} is too short`),
      this.#timeoutMs,
    );
  }

  #miss(why: string): void {
    this.#missed = why;
    this.#abort();
  }
}
