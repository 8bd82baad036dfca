import { createHash, randomBytes } from 'node:crypto';
import { RefusedError } from '../../errors/errors.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Target } from './targets.ts';

/** How long a code can be redeemed, in milliseconds. */
export const CODE_LIFETIME_MS = 10 * 60 * 1000;

/** The length of a code in base64url characters: four for three random bytes. */
export const CODE_LENGTH = 8;

/** An issued code's binding and expiry. */
export interface IssuedCode {
  binding: string;
  /** Milliseconds since the epoch. */
  expires: number;
}

/** Stores issued codes: in memory, in files for a shell that starts a process for each call, or in a store that servers share. */
export interface CodeStore {
  get(code: string): Promise<IssuedCode | undefined>;
  /** Keeps a code at least until it expires. `now` is in milliseconds since the epoch. */
  set(code: string, issued: IssuedCode, now: number): Promise<void>;
  /** Removes a code atomically. Resolves to true only for the one caller that removed it, even if several try at once. */
  delete(code: string): Promise<boolean>;
}

/** Issues and redeems confirmation codes. Each is bound to one call and the state of its targets, and works once. */
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

  /** Redeems a code, which cannot be used again. @throws {RefusedError} if it is not a valid code for this call. */
  async redeem(code: string, binding: string, now: number, environment: string): Promise<void> {
    const hint = `Nothing was changed (${environment}). Call again without confirmation for a new preview and code.`;
    const issued = await this.#store.get(code);
    if (!issued) throw new RefusedError('The confirmation code is unknown or already used', hint);
    if (issued.expires <= now) {
      await this.#store.delete(code);
      throw new RefusedError('The confirmation code expired after ten minutes', hint);
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

/** Keeps codes in this process. */
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
 * A hash of the call, its targets as read, and their dependents, which binds a code to them. `circumstances` are the base URL,
 * the key, and the person, so that a code is not valid for the same call in another environment or by another person.
 */
export function bindingOf(
  circumstances: readonly unknown[],
  tool: string,
  input: Record<string, unknown>,
  targets: readonly Target[],
): string {
  const { confirmation: _, ...rest } = input;
  // Only whether a target could be read, because the wording of failures varies.
  const states = targets.map(({ state, dependents, unread }) => [state, dependents, unread !== undefined]);
  return createHash('sha256')
    .update(canonicalJson([circumstances, tool, rest, states]))
    .digest('hex');
}
