import EVENT_FIELDS from './document/events.json' with { type: 'json' };
import { present, withoutHidden } from './present.ts';
import type { WebhookEndpoint, WorkOSEvent } from './resources/events.ts';
import type { Row } from './resources/kind.ts';
import type { Change, State } from './state.ts';
import { KINDS, type TableName } from './tables.ts';

/** How long the API keeps events. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** The maximum number of events that the sandbox keeps. */
const MOST_EVENTS = 1_000;

/** The document's events by name, each with the fields of its data. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(EVENT_FIELDS));

/** The names of all events. */
export const EVENT_NAMES: ReadonlySet<string> = new Set(FIELDS.keys());

/** The states of a directory that have a different name in events than in the API. */
const DIRECTORY_STATES: Readonly<Record<string, string>> = { linked: 'active', unlinked: 'inactive' };

/** An event on its way to a webhook endpoint. */
export interface Delivery {
  endpoint: WebhookEndpoint;
  event: WorkOSEvent;
}

/**
 * Stores the events for a request's changes, and returns the webhook deliveries for these events. A change without an event in
 * the API is skipped.
 */
export function recordEvents(state: State): Delivery[] {
  const changes = state.changes;
  state.changes = [];
  const events = changes.flatMap((change) => {
    if (goesWithOwner(state, change)) return [];
    const [event, data] = 'event' in change ? [change.event, change.data] : changeEvent(state, change);
    const fields = FIELDS.get(event);
    const context = 'context' in change ? { context: change.context } : {};
    return fields ? [state.add('events', { event, data: picked(data, fields), ...context })] : [];
  });
  state.changes = [];
  if (events.length > 0) forgetOld(state);
  const endpoints = state.where('webhook_endpoints', { status: 'enabled' });
  return events.flatMap((event) =>
    endpoints.filter(({ events: wanted }) => wanted.includes(event.event)).map((endpoint) => ({ endpoint, event })),
  );
}

/** The time before which events are deleted, in milliseconds. */
export function keptSince(state: State): number {
  return state.now() - KEPT_MS;
}

/** The name and the data of the event for a changed record. */
function changeEvent(
  state: State,
  { table, verb, record }: Extract<Change, { table: TableName }>,
): [event: string, data: object] {
  // State pairs each record with its own table, which the list of changes cannot express.
  const data = present(state, table, record as never);
  const { events, deletedEvent } = KINDS[table];
  const name = verb === 'deleted' && deletedEvent !== undefined ? deletedEvent : `${events}.${verb}`;
  const { _organization_id: owner, state: current }: Row & { _organization_id?: unknown; state?: unknown } = record;
  if (table === 'directories') return [name, { ...data, state: DIRECTORY_STATES[String(current)] ?? current }];
  if (table === 'roles' && owner) {
    return [`organization_${name}`, { ...data, object: 'organization_role', organization_id: owner }];
  }
  return [name, data];
}

/** Whether a record was deleted with its directory or group, which is a single event: `dsync.deleted` or `group.deleted`. */
function goesWithOwner(state: State, change: Change): boolean {
  if ('event' in change || change.verb !== 'deleted') return false;
  const { directory_id, group_id }: Row & { directory_id?: unknown; group_id?: unknown } = change.record;
  return (
    (typeof directory_id === 'string' && !state.table('directories').has(directory_id)) ||
    (typeof group_id === 'string' && !state.table('groups').has(group_id))
  );
}

/** A copy with only the event's fields. Others, such as an invitation's token, must not reach its readers. */
function picked(data: object, fields: readonly string[]): object {
  return withoutHidden(Object.fromEntries(Object.entries(data).filter(([field]) => fields.includes(field))));
}

function forgetOld(state: State): void {
  const stored = state.table('events');
  const since = keptSince(state);
  for (const [id, { created_at }] of stored) {
    if (stored.size <= MOST_EVENTS && Date.parse(created_at) >= since) break;
    stored.delete(id);
  }
}
