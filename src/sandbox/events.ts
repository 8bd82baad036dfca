import EVENT_NAMES from './document/events.json' with { type: 'json' };
import { present } from './present.ts';
import type { WebhookEndpoint, WorkOSEvent } from './resources/events.ts';
import type { Change, State } from './state.ts';
import { KINDS } from './tables.ts';

/** How many events are kept. WorkOS keeps those of 30 days. */
const MOST_EVENTS = 1_000;

/** An event on its way to a webhook endpoint. */
export interface Delivery {
  endpoint: WebhookEndpoint;
  event: WorkOSEvent;
}

/**
 * Stores the events that follow from what a request changed, and returns the webhook deliveries that follow from these.
 * A change whose event the API does not have is none.
 */
export function recordEvents(state: State): Delivery[] {
  const changes = state.changes;
  state.changes = [];
  const events = changes.flatMap((change) => {
    const [event, data] =
      'event' in change
        ? [change.event, change.data]
        : [`${KINDS[change.table].events}.${change.verb}`, presentRecord(state, change)];
    const context = 'context' in change ? { context: change.context } : {};
    return EVENT_NAMES.includes(event) ? [state.add('events', { event, data, ...context })] : [];
  });
  state.changes = [];
  const stored = state.table('events');
  for (const id of stored.keys()) {
    if (stored.size <= MOST_EVENTS) break;
    stored.delete(id);
  }
  const endpoints = state.where('webhook_endpoints', { status: 'enabled' });
  return events.flatMap((event) =>
    endpoints.filter(({ events: wanted }) => wanted.includes(event.event)).map((endpoint) => ({ endpoint, event })),
  );
}

function presentRecord(state: State, { table, record }: Extract<Change, { record: unknown }>): object {
  // State pairs each record with its own table, which the list of changes cannot express.
  return present(state, table, record as never);
}
