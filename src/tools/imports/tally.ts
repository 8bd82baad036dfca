import type { Explanation } from '../../errors/explain.ts';
import { truncate } from '../../text/truncate.ts';
import { OUTCOMES, type Outcome } from './next-step.ts';

/** Why a row failed, without its secrets. */
export interface RowFailure {
  tool: string;
  kind: string;
  status?: number;
  code?: string;
  message: string;
}

/** Rows of one cause: how many, and the lines of the first. */
interface Cause {
  rows: number;
  lines: number[];
}

const MAX_CAUSES = 10;
const MAX_LINES = 10;
/** A message is shown for each cause, and stored for each row. */
const MAX_MESSAGE = 300;

/** What an answer says of the rows: how many ended how, and the first of each cause. */
export class Tally {
  readonly #counts = new Map<Outcome, number>();
  readonly #failures = new Map<string, Cause & { failure: RowFailure }>();
  readonly #skipped = new Map<string, Cause>();

  count(outcome: Outcome): number {
    return this.#counts.get(outcome) ?? 0;
  }

  /** Rows with an outcome, failed ones included. */
  get ended(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  add(outcome: Outcome): void {
    this.#counts.set(outcome, this.count(outcome) + 1);
  }

  skip(line: number, why: string): void {
    this.add('skipped');
    note(this.#skipped, why, line, () => ({ rows: 0, lines: [] }));
  }

  fail(line: number, failure: RowFailure): void {
    this.add('failed');
    const { tool, kind, status, code } = failure;
    // The message often names the person, so it tells no causes apart where there is a code.
    const cause = JSON.stringify([tool, kind, status, code ?? failure.message]);
    note(this.#failures, cause, line, () => ({ rows: 0, lines: [], failure }));
  }

  /** For the answer: every outcome that there is, and the causes with most rows first. */
  summary(unit: 'line' | 'row' = 'line'): Record<string, unknown> {
    const numbers = unit === 'row' ? 'row_numbers' : 'lines';
    const counts = OUTCOMES.flatMap((outcome) => {
      const count = this.count(outcome);
      return count > 0 || outcome === 'failed' ? [[outcome, count] as const] : [];
    });
    const byRows = (a: Cause, b: Cause) => b.rows - a.rows;
    const failures = [...this.#failures.values()]
      .sort(byRows)
      .map(({ failure, rows, lines }) => ({ rows, [numbers]: lines, ...failure }));
    const skipped = [...this.#skipped]
      .sort(([, a], [, b]) => byRows(a, b))
      .map(([why, { rows, lines }]) => ({ why, rows, [numbers]: lines }));
    return {
      ...Object.fromEntries(counts),
      ...(failures.length > 0 && { failures }),
      ...(skipped.length > 0 && { why_skipped: skipped }),
    };
  }
}

function note<C extends Cause>(causes: Map<string, C>, key: string, line: number, made: () => C): void {
  const isKnown = causes.has(key);
  // The rows of further causes are counted with the others that failed.
  if (!isKnown && causes.size === MAX_CAUSES) return;
  const cause = causes.get(key) ?? made();
  cause.rows += 1;
  if (cause.lines.length < MAX_LINES) cause.lines.push(line);
  causes.set(key, cause);
}

/** What is stored and shown of a failure. */
export function failureOf({ tool, kind, status, code, message }: Explanation): RowFailure {
  return {
    tool,
    kind,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code: truncate(code, 80) }),
    message: truncate(message, MAX_MESSAGE),
  };
}
