import type { AuditLogEvent } from '../records.ts';

/** How each column of an export reads its cell from an event. */
const COLUMNS: Record<string, (event: AuditLogEvent) => string> = {
  id: ({ id }) => id,
  action: ({ action }) => action,
  occurred_at: ({ occurred_at }) => occurred_at,
  actor_id: ({ actor }) => actor.id,
  actor_name: ({ actor }) => actor.name ?? '',
  actor_type: ({ actor }) => actor.type,
  actor_metadata: ({ actor }) => JSON.stringify(actor.metadata ?? {}),
  targets: ({ targets }) => JSON.stringify(targets),
  context_location: ({ context }) => context.location,
  context_user_agent: ({ context }) => context.user_agent ?? '',
  version: ({ version }) => `${version}`,
  metadata: ({ metadata }) => JSON.stringify(metadata),
};

/** Events as CSV after RFC 4180, newest first. */
export function eventsAsCsv(events: AuditLogEvent[]): string {
  const newestFirst = [...events].sort((a, b) => b.occurred_at.localeCompare(a.occurred_at));
  const rows = newestFirst.map((event) => Object.values(COLUMNS).map((read) => read(event)));
  return [Object.keys(COLUMNS), ...rows].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
