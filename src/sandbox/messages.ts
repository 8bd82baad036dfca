import type { Message } from './resources/authentication.ts';
import type { New, State } from './state.ts';

/** How many messages are kept. */
const MOST_MESSAGES = 200;

/** Stores an email or SMS that WorkOS would send, so that a person or a test can read its code or link. */
export function sendMessage(state: State, message: New<Message>): void {
  state.add('messages', message);
  const stored = state.table('messages');
  for (const id of stored.keys()) {
    if (stored.size <= MOST_MESSAGES) break;
    stored.delete(id);
  }
}
