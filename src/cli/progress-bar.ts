import type { Caller } from '../call/caller.ts';
import { escapeInvisible } from '../text/quote-untrusted.ts';
import type { Streams } from './setup.ts';
import { fitted, widthOf } from './terminal.ts';

/** The width of the bar, in characters. */
const BAR = 24;
/** The interval between lines if stderr is not a terminal. */
const LINE_EVERY_MS = 10_000;

/** Shows progress as a bar on a terminal, and as an occasional line elsewhere. */
export function progressBar(
  { err, status, errTerminal }: Pick<Streams, 'err' | 'status' | 'errTerminal'>,
  now: () => number = Date.now,
): { report: Caller['progress']; end(): void } {
  let last = now();
  return {
    report(done, total, message) {
      const text = escapeInvisible(message);
      if (errTerminal) {
        status(fitted(barLine(done, total, text), Math.min(errTerminal.columns - 1, 100)).trimEnd());
        return;
      }
      if (now() - last < LINE_EVERY_MS) return;
      last = now();
      err(text);
    },
    end() {
      if (errTerminal) status('');
    },
  };
}

function barLine(done: number, total: number | undefined, text: string): string {
  if (!total) return text;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${`${Math.floor(share * 100)}`.padStart(3)} %  `;
  return widthOf(text) === 0 ? bar : `${bar}${text}`;
}
