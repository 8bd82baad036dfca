/** Many clients give up on a call that is silent for a minute; people lose patience sooner. */
const REPORT_EVERY_S = 5;

/** Reports the waits of one request to the client: the expected length at the start, then the time waited every few seconds. */
export class WaitReports {
  readonly #report: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(report: (message: string) => void) {
    this.#report = report;
  }

  /** @param reason The reason for the wait: `before attempt 2: status 429`. */
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
