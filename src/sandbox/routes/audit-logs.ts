import { isObject, isString, isStringArray, requiredString } from '../http/body-fields.ts';
import { HttpError } from '../http/errors.ts';
import { signedExportUrl } from '../http/export-files.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { AuditLogEntity, AuditLogEvent, AuditLogExport, AuditLogMetadata } from '../resources/audit-logs.ts';
import type { New, State } from '../state.ts';
import { timestamp } from '../timestamps.ts';

export const auditLogRoutes: Route[] = [
  ['POST /audit_logs/events', createEvent],
  ['POST /audit_logs/exports', createExport],
  ['GET /audit_logs/exports/{auditLogExportId}', getExport],
];

type Body = Record<string, unknown>;

const IDEMPOTENCY_KEY_LIFETIME_MS = 24 * 3_600_000;

const REQUIRED_EVENT_FIELDS = ['action', 'occurred_at', 'actor.id', 'actor.type', 'targets', 'context.location'];

/** Stores an event. The only endpoint for which WorkOS documents the Idempotency-Key header. */
function createEvent({ body, idempotencyKey }: ApiRequest, state: State): ApiResponse {
  const now = state.now();
  const firstUse = idempotencyKey === undefined ? undefined : state.idempotencyKeys.get(idempotencyKey);
  if (firstUse !== undefined && now - firstUse < IDEMPOTENCY_KEY_LIFETIME_MS)
    return { status: 200, body: { success: true } };
  const event = parseEvent(body);
  state.find('organizations', event.organization_id);
  state.add('audit_log_events', event);
  if (idempotencyKey !== undefined) state.idempotencyKeys.set(idempotencyKey, now);
  return { status: 200, body: { success: true } };
}

function parseEvent(body: Body): New<AuditLogEvent> {
  const event = isObject(body['event']) ? body['event'] : {};
  const missing = [
    ...(isPresent(body['organization_id']) ? [] : ['organization_id']),
    ...REQUIRED_EVENT_FIELDS.filter((path) => !isPresent(valueAt(event, path))).map((path) => `event.${path}`),
  ];
  if (missing.length > 0) {
    const errors = missing.map((field) => ({ code: 'required', field }));
    throw new HttpError(422, { message: 'Validation failed.', errors });
  }
  const occurred = Date.parse(String(event['occurred_at']));
  if (!isDate(event['occurred_at'])) throw invalidEvent('/occurred_at');
  const targets = event['targets'];
  if (!Array.isArray(targets) || targets.length === 0) throw invalidEvent('/targets');
  const context = isObject(event['context']) ? event['context'] : {};
  const userAgent = context['user_agent'];
  return {
    organization_id: String(body['organization_id']),
    action: String(event['action']),
    occurred_at: timestamp(occurred),
    version: typeof event['version'] === 'number' ? event['version'] : 1,
    actor: parseEntity(event['actor'], '/actor'),
    targets: targets.map((target, index) => parseEntity(target, `/targets/${index}`)),
    context: { location: String(context['location']), ...(isString(userAgent) ? { user_agent: userAgent } : {}) },
    metadata: parseMetadata(event['metadata'], '/metadata'),
  };
}

function parseEntity(value: unknown, path: string): AuditLogEntity {
  if (!isObject(value)) throw invalidEvent(path);
  const { id, type, name, metadata } = value;
  if (!isString(id)) throw invalidEvent(`${path}/id`);
  if (!isString(type)) throw invalidEvent(`${path}/type`);
  return {
    id,
    type,
    ...(isString(name) ? { name } : {}),
    ...(metadata === undefined ? {} : { metadata: parseMetadata(metadata, `${path}/metadata`) }),
  };
}

function parseMetadata(value: unknown, path: string): AuditLogMetadata {
  if (value === undefined) return {};
  if (!isObject(value) || Object.keys(value).length > 50) throw invalidEvent(path);
  const metadata: AuditLogMetadata = {};
  for (const [key, entry] of Object.entries(value)) {
    const isShort = typeof entry === 'string' && entry.length <= 500;
    if (!/^[a-zA-Z0-9_-]{0,40}$/.test(key)) throw invalidEvent(`${path}/${key}`);
    if (!isShort && typeof entry !== 'number' && typeof entry !== 'boolean') throw invalidEvent(`${path}/${key}`);
    metadata[key] = entry;
  }
  return metadata;
}

function createExport({ body }: ApiRequest, state: State): ApiResponse {
  const problems = [
    ...(isPresent(body['organization_id']) ? [] : ['organization_id must be a string']),
    ...['range_start', 'range_end']
      .filter((name) => !isDate(body[name]))
      .map((name) => `${name} must be a valid ISO 8601 date string`),
    ...['actions', 'actors', 'actor_names', 'actor_ids', 'targets']
      .filter((name) => body[name] !== undefined && !isStringArray(body[name]))
      .map((name) => `each value in ${name} must be a string`),
  ];
  if (problems.length > 0) throw badRequest(problems);
  const start = Date.parse(requiredString(body, 'range_start'));
  const end = Date.parse(requiredString(body, 'range_end'));
  if (start > end) throw badRequest(['Invalid date range']);
  const organizationId = requiredString(body, 'organization_id');
  state.find('organizations', organizationId);

  const actions = filterValues(body, 'actions');
  const actorNames = [...filterValues(body, 'actor_names'), ...filterValues(body, 'actors')];
  const actorIds = filterValues(body, 'actor_ids');
  const targetTypes = filterValues(body, 'targets');
  const matchesFilter = (values: string[], value: string) => values.length === 0 || values.includes(value);
  const events = state
    .where('audit_log_events', { organization_id: organizationId })
    .filter(
      ({ action, actor, targets, occurred_at }) =>
        Date.parse(occurred_at) >= start &&
        Date.parse(occurred_at) <= end &&
        matchesFilter(actions, action) &&
        matchesFilter(actorNames, actor.name ?? '') &&
        matchesFilter(actorIds, actor.id) &&
        (targetTypes.length === 0 || targets.some(({ type }) => targetTypes.includes(type))),
    );
  const auditLogExport = state.add('audit_log_exports', {
    _organization_id: organizationId,
    _polls: 0,
    _event_ids: events.map(({ id }) => id),
  });
  return { body: shown(state, auditLogExport, null) };
}

/** Reports the export as pending the first few times, and from then on as ready with a newly signed URL. */
function getExport({ id, filesOrigin }: ApiRequest, state: State): ApiResponse {
  const auditLogExport = state.find('audit_log_exports', id);
  if (auditLogExport._polls < state.exportPolls) {
    const { _polls, updated_at } = auditLogExport;
    state.change('audit_log_exports', auditLogExport, { _polls: _polls + 1, updated_at });
    return { body: shown(state, auditLogExport, null) };
  }
  if (auditLogExport.updated_at === auditLogExport.created_at) state.change('audit_log_exports', auditLogExport, {});
  return { body: shown(state, auditLogExport, signedExportUrl(filesOrigin, id, state)) };
}

function shown(state: State, auditLogExport: AuditLogExport, url: string | null): object {
  return { ...present(state, 'audit_log_exports', auditLogExport), state: url === null ? 'pending' : 'ready', url };
}

function filterValues(body: Body, name: string): string[] {
  const value = body[name];
  return isStringArray(value) ? value : [];
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value));
}

function badRequest(message: string[]): HttpError {
  return new HttpError(400, { message, error: 'Bad Request' });
}

function invalidEvent(instancePath: string): HttpError {
  const message = 'Invalid Audit Log event.';
  return new HttpError(400, { message, code: 'invalid_audit_log_event', errors: [{ instancePath }] });
}
