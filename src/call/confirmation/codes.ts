import { createHash, randomBytes } from 'node:crypto';
import { RefusedError } from '../../errors/errors.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Target } from './targets.ts';

/** How long a code can be redeemed, in milliseconds. */
export const CODE_LIFETIME_MS = 10 * 60 * 1000;

/** Characters of a code, which are base64url: four for three random bytes. */
export const CODE_LENGTH = 8;

/** An issued code's binding and expiry. */
export interface IssuedCode {
  binding: string;
  /** Milliseconds since the epoch. */
  expires: number;
}

/** Where issued codes are kept: in memory, in files for a shell of which every call is a process of its own, or where servers share them. */
export interface CodeStore {
  get(code: string): Promise<IssuedCode | undefined>;
  /** Keeps a code at least until it expires. `now`: milliseconds since the epoch. */
  set(code: string, issued: IssuedCode, now: number): Promise<void>;
  /** Removes a code, in one step. True for the one caller that removed it, whoever else tries at the same time. */
  delete(code: string): Promise<boolean>;
}

/** The confirmation codes in circulation. Each is bound to one call and its targets as read, and works once. */
export class ConfirmationCodes {
  readonly #store: CodeStore;

  constructor(store: CodeStore = new MemoryCodes()) {
    this.#store = store;
  }

  async issue(binding: string, now: number): Promise<string> {
    const code = randomBytes((CODE_LENGTH * 3) / 4).toString('base64url');
    await this.#store.set(code, { binding, expires: now + CODE_LIFETIME_MS }, now);
    return code;
  }

  /** Uses a code up. @throws {RefusedError} where it is not a valid code for this very call. */
  async redeem(code: string, binding: string, now: number, environment: string): Promise<void> {
    const hint = `Nothing was changed (${environment}). Call again without confirmation for a new preview and code.`;
    const issued = await this.#store.get(code);
    if (!issued) throw new RefusedError('The confirmation code is unknown or already used', hint);
    if (issued.expires <= now) {
      await this.#store.delete(code);
      throw new RefusedError('The confirmation code has expired after ten minutes', hint);
    }
    if (issued.binding !== binding) {
      throw new RefusedError(
        'The confirmation code belongs to other arguments, or the target has changed since the preview',
        hint,
      );
    }
    if (!(await this.#store.delete(code))) throw new RefusedError('The confirmation code has just been used', hint);
  }
}

/** Codes of this process. */
export class MemoryCodes implements CodeStore {
  readonly #codes = new Map<string, IssuedCode>();

  async get(code: string): Promise<IssuedCode | undefined> {
    return this.#codes.get(code);
  }

  async set(code: string, issued: IssuedCode, now: number): Promise<void> {
    for (const [old, { expires }] of this.#codes) if (expires <= now) this.#codes.delete(old);
    this.#codes.set(code, issued);
  }

  async delete(code: string): Promise<boolean> {
    return this.#codes.delete(code);
  }
}

/**
 * Ties a code to the call, to its targets as they were read, and to what goes with them. `circumstances` are the base URL, the
 * key and who asks, so that a code is worthless for the same call in another environment, or of another person.
 */
export function bindingOf(
  circumstances: readonly unknown[],
  tool: string,
  input: Record<string, unknown>,
  targets: readonly Target[],
): string {
  const { confirmation: _, ...rest } = input;
  // Only whether a target could be read: two failures rarely have the same words.
  const states = targets.map(({ state, dependents, unread }) => [state, dependents, unread !== undefined]);
  return createHash('sha256')
    .update(canonicalJson([circumstances, tool, rest, states]))
    .digest('hex');
}
