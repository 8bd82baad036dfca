/** Why an expression was stopped. */
export type LimitReason = 'time' | 'memory';

/** An expression used up its budget. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
  readonly reason: LimitReason;
  constructor(reason: LimitReason) {
    super(`the budget for ${reason} is used up`);
    this.reason = reason;
  }
}

/** The limits of an expression. */
export interface BudgetOptions {
  /** Steps of about 50 ns: a visit of a node, an element of a list, or eight characters of a string. */
  steps: number;
  /** The most elements of a list, and characters of a string, that may be made. */
  maxLength: number;
  /** Called from time to time while steps are spent. @throws {BudgetError} to stop the expression. */
  check?: () => void;
}

const STEPS_BETWEEN_CHECKS = 5_000;

/** Counts what an expression uses, and stops it if that exceeds the limits. */
export class Budget {
  /** The most elements of a list, and characters of a string, that may be made. */
  readonly maxLength: number;
  readonly #check: (() => void) | undefined;
  #left: number;
  #unchecked = 0;

  constructor({ steps, maxLength, check }: BudgetOptions) {
    this.maxLength = maxLength;
    this.#check = check;
    this.#left = steps;
  }

  /** @throws {BudgetError} if not enough steps are left. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetError('time');
    this.#unchecked += steps;
    if (this.#unchecked < STEPS_BETWEEN_CHECKS) return;
    this.#unchecked = 0;
    this.#check?.();
  }

  /** Must be called before a list or a string of this length is made. @throws {BudgetError} if it is too long. */
  reserve(length: number): void {
    if (length > this.maxLength) throw new BudgetError('memory');
    this.spend(length / 8);
  }
}
