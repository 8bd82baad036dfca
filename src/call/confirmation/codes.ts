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

/** Where issued codes are kept: a Map for a server, files for a shell of which every call is a process of its own. */
export interface CodeStore {
  get(code: string): IssuedCode | undefined;
  set(code: string, issued: IssuedCode): unknown;
  /** True for the one caller that removed it. */
  delete(code: string): boolean;
  entries(): Iterable<[string, IssuedCode]>;
}

/** The confirmation codes in circulation. Each is bound to one call and its targets as read, and works once. */
export class ConfirmationCodes {
  readonly #store: CodeStore;

  constructor(store: CodeStore = new Map()) {
    this.#store = store;
  }

  issue(binding: string, now: number): string {
    for (const [code, { expires }] of this.#store.entries()) if (expires <= now) this.#store.delete(code);
    const code = randomBytes((CODE_LENGTH * 3) / 4).toString('base64url');
    this.#store.set(code, { binding, expires: now + CODE_LIFETIME_MS });
    return code;
  }

  /** Uses a code up. @throws {RefusedError} where it is not a valid code for this very call. */
  redeem(code: string, binding: string, now: number, environment: string): void {
    const hint = `Nothing was changed (${environment}). Call again without confirmation for a new preview and code.`;
    const issued = this.#store.get(code);
    if (!issued) throw new RefusedError('The confirmation code is unknown or already used', hint);
    if (issued.expires <= now) {
      this.#store.delete(code);
      throw new RefusedError('The confirmation code has expired after ten minutes', hint);
    }
    if (issued.binding !== binding) {
      throw new RefusedError(
        'The confirmation code belongs to other arguments, or the target has changed since the preview',
        hint,
      );
    }
    if (!this.#store.delete(code)) throw new RefusedError('The confirmation code has just been used', hint);
  }
}

/**
 * Ties a code to the call, to its targets as they were read, and to what goes with them. `environment` is the base URL
 * and key, so that a code is worthless for the same call in another environment.
 */
export function bindingOf(
  environment: readonly unknown[],
  tool: string,
  input: Record<string, unknown>,
  targets: readonly Target[],
): string {
  const { confirmation: _, ...rest } = input;
  // Only whether a target could be read: two failures rarely have the same words.
  const states = targets.map(({ state, dependents, unread }) => [state, dependents, unread !== undefined]);
  return createHash('sha256')
    .update(canonicalJson([environment, tool, rest, states]))
    .digest('hex');
}
