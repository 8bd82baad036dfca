import type { AuditLogEvent } from '../resources/audit-logs.ts';

/** The columns of an export, in order, each with its cell's value. */
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

/** Formats audit log events as RFC 4180 CSV with a header row, newest event first. */
export function auditLogCsv(events: AuditLogEvent[]): string {
  const newestFirst = [...events].sort((a, b) => b.occurred_at.localeCompare(a.occurred_at));
  const rows = newestFirst.map((event) => Object.values(COLUMNS).map((cell) => cell(event)));
  return [Object.keys(COLUMNS), ...rows].map((cells) => `${cells.map(escapeCell).join(',')}\r\n`).join('');
}

function escapeCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
