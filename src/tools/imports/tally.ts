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

/** The rows that share a cause: their number, and the first of their lines. */
interface Cause {
  rows: number;
  lines: number[];
}

const MAX_CAUSES = 10;
const MAX_LINES = 10;
/** A message is shown for each cause, and stored for each row. */
const MAX_MESSAGE = 300;

/** Counts the outcomes of rows for an answer, and groups failed and skipped rows by cause. */
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
    // The message often names the person, so it distinguishes causes only if there is no code.
    const cause = JSON.stringify([tool, kind, status, code ?? failure.message]);
    note(this.#failures, cause, line, () => ({ rows: 0, lines: [], failure }));
  }

  /** The counts of the outcomes that occurred, and the causes, those with the most rows first. */
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
  // Rows of further causes only count in the totals.
  if (!isKnown && causes.size === MAX_CAUSES) return;
  const cause = causes.get(key) ?? made();
  cause.rows += 1;
  if (cause.lines.length < MAX_LINES) cause.lines.push(line);
  causes.set(key, cause);
}

/** The parts of a failure that are stored and shown. */
export function failureOf({ tool, kind, status, code, message }: Explanation): RowFailure {
  return {
    tool,
    kind,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code: truncate(code, 80) }),
    message: truncate(message, MAX_MESSAGE),
  };
}
