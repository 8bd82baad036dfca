/** Many clients give up on a call that is silent for a minute; a person wonders earlier. */
const REPORT_EVERY_S = 5;

/** Tells a client about the waits of one request: how long one takes when it begins, and how long it has lasted every few seconds. */
export class WaitReports {
  readonly #report: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(report: (message: string) => void) {
    this.#report = report;
  }

  /** @param reason What the wait is for: `before attempt 2: status 429`. */
  begin(ms: number, reason: string): void {
    this.end();
    const seconds = Math.ceil(ms / 1000);
    this.#report(`waiting ${seconds} s ${reason}`);
    let waited = 0;
    this.#timer = setInterval(() => {
      waited += REPORT_EVERY_S;
      if (waited < seconds) this.#report(`waited ${waited} s of ${seconds} s ${reason}`);
    }, REPORT_EVERY_S * 1000);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
