import type { State } from './state.ts';
import { isPast } from './timestamps.ts';

/** Forgets the records of a table that nobody can use or read any more, so that the table does not grow. */
export function forgetExpired(
  state: State,
  name: 'pending_authentications' | 'authorization_codes' | 'idempotency_keys',
): void {
  const stored = state.table(name);
  for (const [id, { expires_at }] of stored) {
    if (isPast(expires_at, state)) stored.delete(id);
  }
}
