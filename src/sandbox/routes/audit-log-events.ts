import { forgetExpired } from '../expiry.ts';
import { isObject } from '../http/body-fields.ts';
import { HttpError } from '../http/errors.ts';
import { mismatches } from '../http/json-schema.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { AuditLogEvent, AuditLogSchema } from '../resources/audit-logs.ts';
import type { State } from '../state.ts';
import { isPast, timestamp } from '../timestamps.ts';

export const auditLogEventRoutes: Route[] = [['POST /audit_logs/events', createEvent]];

const KEY_LIFETIME_MS = 24 * 3_600_000;

/** An event that has been validated against the document, except for the contents of metadata. */
type EventInput = Pick<AuditLogEvent, 'action' | 'occurred_at' | 'actor' | 'targets' | 'context'> &
  Partial<Pick<AuditLogEvent, 'metadata' | 'version'>>;

/** Stores an event. The only endpoint for which WorkOS documents the Idempotency-Key header. */
function createEvent({ body, idempotencyKey }: ApiRequest, state: State): ApiResponse {
  const used = state.table('idempotency_keys').get(idempotencyKey ?? '');
  if (used && !isPast(used.expires_at, state)) return { body: { success: true } };
  // Validated against the document, as above.
  const { organization_id, event } = body as { organization_id: string; event: EventInput };
  checkEvent(event, state);
  state.find('organizations', organization_id);
  const { action, occurred_at, version = 1, actor, targets, context, metadata = {} } = event;
  state.add('audit_log_events', {
    organization_id,
    action,
    occurred_at: timestamp(Date.parse(occurred_at)),
    version,
    actor,
    targets,
    context,
    metadata,
  });
  if (idempotencyKey !== undefined) {
    forgetExpired(state, 'idempotency_keys');
    state.add('idempotency_keys', { id: idempotencyKey, expires_at: timestamp(state.now() + KEY_LIFETIME_MS) });
  }
  return { body: { success: true } };
}

/**
 * Checks what the document cannot express, and that the event matches its action's schema. An action without a schema accepts no
 * events.
 */
function checkEvent(event: EventInput, state: State): void {
  const { action, version = 1, actor, targets, metadata } = event;
  const schemas = state.where('audit_log_schemas', { _action: action });
  const schema = schemas.find((candidate) => candidate.version === version);
  const problems = [
    ...(schema ? [] : [schemas.length === 0 ? '/action' : '/version']),
    ...(Number.isNaN(Date.parse(event.occurred_at)) ? ['/occurred_at'] : []),
    ...metadataProblems('/actor/metadata', actor.metadata, schema?.actor?.metadata),
    ...(targets.length === 0 ? ['/targets'] : targetProblems(targets, schema)),
    ...metadataProblems('/metadata', metadata, schema?.metadata),
  ];
  if (problems.length === 0) return;
  const errors = problems.map((instancePath) => ({ instancePath }));
  throw new HttpError(400, { message: 'Invalid Audit Log event.', code: 'invalid_audit_log_event', errors });
}

function targetProblems(targets: AuditLogEvent['targets'], schema: AuditLogSchema | undefined): string[] {
  return targets.flatMap(({ type, metadata }, index) => {
    const known = schema?.targets.find((target) => target.type === type);
    return schema && !known
      ? [`/targets/${index}/type`]
      : metadataProblems(`/targets/${index}/metadata`, metadata, known?.metadata);
  });
}

/**
 * The paths of invalid metadata: at most 50 short strings, numbers, and booleans are allowed, and they must match the schema, if
 * any.
 */
function metadataProblems(path: string, metadata: unknown = {}, schema?: Record<string, unknown>): string[] {
  if (!isObject(metadata) || Object.keys(metadata).length > 50) return [path];
  const wrong = Object.entries(metadata).filter(
    ([key, value]) =>
      !/^[a-zA-Z0-9_-]{0,40}$/.test(key) ||
      !(['number', 'boolean'].includes(typeof value) || (typeof value === 'string' && value.length <= 500)),
  );
  const problems = wrong.map(([key]) => `${path}/${key}`);
  return problems.length > 0 || !schema ? problems : mismatches(schema, metadata).map((inner) => path + inner);
}
