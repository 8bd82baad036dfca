import type { Kinds, Row } from './kind.ts';

export type AuditLogMetadata = Record<string, string | number | boolean>;

/** The actor or a target of an event. */
export interface AuditLogEntity {
  id: string;
  type: string;
  name?: string;
  metadata?: AuditLogMetadata;
}

/** Never sent: the API only exports events. */
export interface AuditLogEvent extends Row {
  organization_id: string;
  action: string;
  occurred_at: string;
  version: number;
  actor: AuditLogEntity;
  targets: AuditLogEntity[];
  context: { location: string; user_agent?: string };
  metadata: AuditLogMetadata;
}

/** The API also returns a `state` and a `url`. */
export interface AuditLogExport extends Row {
  object: 'audit_log_export';
  _organization_id: string;
  /** How many times the export was fetched before it became ready. */
  _polls: number;
  /** The ids of the events that matched when the export was created. */
  _event_ids: string[];
}

/** An action that events may have. The API returns its latest schema as `schema`, and no id. */
export interface AuditLogAction extends Row {
  object: 'audit_log_action';
  name: string;
}

/** The schema that an action's events must match. The API returns no id. */
export interface AuditLogSchema extends Row {
  object: 'audit_log_schema';
  version: number;
  /** Each `metadata` (of the actor, a target, and the event itself) is a JSON Schema. */
  actor?: { metadata: Record<string, unknown> };
  targets: { type: string; metadata?: Record<string, unknown> }[];
  metadata?: Record<string, unknown>;
  _action: string;
}

/** The Idempotency-Key of an event, which is its id. */
export interface IdempotencyKey extends Row {
  expires_at: string;
}

export interface AuditLogTables {
  audit_log_actions: AuditLogAction;
  audit_log_schemas: AuditLogSchema;
  audit_log_events: AuditLogEvent;
  audit_log_exports: AuditLogExport;
  idempotency_keys: IdempotencyKey;
}

export const auditLogKinds: Kinds<AuditLogTables> = {
  audit_log_actions: { object: 'audit_log_action', prefix: 'ala', noun: 'Audit Log Action' },
  audit_log_schemas: { object: 'audit_log_schema', prefix: 'als', noun: 'Audit Log Schema' },
  audit_log_events: { prefix: 'audit_log_event', noun: 'Audit Log Event' },
  audit_log_exports: { object: 'audit_log_export', prefix: 'audit_log_export', noun: 'Audit Log Export' },
  idempotency_keys: { prefix: 'idempotency_key', noun: 'Idempotency Key' },
};
