import type { State } from './state.ts';
import { isPast } from './timestamps.ts';

/** Deletes a table's expired records, so that the table does not grow. Nothing can use or read them anymore. */
export function forgetExpired(
  state: State,
  name: 'pending_authentications' | 'authorization_codes' | 'idempotency_keys',
): void {
  const stored = state.table(name);
  for (const [id, { expires_at }] of stored) {
    if (isPast(expires_at, state)) stored.delete(id);
  }
}
