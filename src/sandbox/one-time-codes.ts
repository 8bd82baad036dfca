import type { OneTimeCode } from './resources/authentication.ts';
import type { New, State } from './state.ts';
import { isPast, timestamp } from './timestamps.ts';

const LIFETIME_MS = 600_000;
const MOST_ATTEMPTS = 10;

export type CodeProblem = 'incorrect' | 'expired' | 'previously_used' | 'too_many_attempts';

/** The fields of a new six-digit code, which expires after ten minutes. */
export function newCode(state: State): New<OneTimeCode> {
  return {
    expires_at: timestamp(state.now() + LIFETIME_MS),
    _code: state.ids.digits(6),
    _used: false,
    _attempts: 0,
  };
}

/**
 * Redeems a code, or returns the reason why it cannot be used. Wrong codes are counted.
 * @param isCorrect compares the entered code; by default, with the record's own code
 */
export function useCode(
  state: State,
  record: OneTimeCode | undefined,
  code: unknown,
  isCorrect: (record: OneTimeCode) => boolean = ({ _code }) => _code === code,
): CodeProblem | undefined {
  if (!record) return 'incorrect';
  if (record._attempts >= MOST_ATTEMPTS) return 'too_many_attempts';
  if (!isCorrect(record)) {
    record._attempts += 1;
    return 'incorrect';
  }
  if (record._used) return 'previously_used';
  if (isPast(record.expires_at, state)) return 'expired';
  record._used = true;
  return undefined;
}
