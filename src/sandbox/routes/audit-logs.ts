import { isObject, isText, isTexts, requiredText } from '../http/body.ts';
import { existing, Problem, type Reply, type Route, type SandboxRequest } from '../http/reply.ts';
import {
  type AuditLogActor,
  type AuditLogEvent,
  type AuditLogExport,
  type EventMetadata,
  stamps,
  timestamp,
} from '../records.ts';
import type { State } from '../state.ts';

export const auditLogRoutes: Route[] = [
  ['POST', '/audit_logs/events', createEvent],
  ['POST', '/audit_logs/exports', createExport],
  ['GET', '/audit_logs/exports/{id}', getExport],
];

type Body = Record<string, unknown>;

const KEY_LIFETIME = 24 * 3_600_000;

const REQUIRED_IN_EVENT = ['action', 'occurred_at', 'actor.id', 'actor.type', 'targets', 'context.location'];

/** The one endpoint that promises to take the same Idempotency-Key only once. */
function createEvent({ body, idempotencyKey }: SandboxRequest, state: State): Reply {
  const now = state.now();
  const seen = idempotencyKey === undefined ? undefined : state.idempotencyKeys.get(idempotencyKey);
  if (seen !== undefined && now - seen < KEY_LIFETIME) return { status: 200, body: { success: true } };
  const event = readEvent(body);
  existing(state.organizations, 'Organization', event.organization_id);
  state.auditLogEvents.push({ id: state.mint.next('audit_log_event', now), ...event });
  if (idempotencyKey !== undefined) state.idempotencyKeys.set(idempotencyKey, now);
  return { status: 200, body: { success: true } };
}

function readEvent(body: Body): Omit<AuditLogEvent, 'id'> {
  const event = isObject(body['event']) ? body['event'] : {};
  const missing = [
    ...(isFilled(body['organization_id']) ? [] : ['organization_id']),
    ...REQUIRED_IN_EVENT.filter((path) => !isFilled(valueAt(event, path))).map((path) => `event.${path}`),
  ];
  if (missing.length > 0) {
    const errors = missing.map((field) => ({ code: 'required', field }));
    throw new Problem(422, { message: 'Validation failed.', errors });
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
    actor: readActor(event['actor'], '/actor'),
    targets: targets.map((target, index) => readActor(target, `/targets/${index}`)),
    context: { location: String(context['location']), ...(isText(userAgent) ? { user_agent: userAgent } : {}) },
    metadata: readMetadata(event['metadata'], '/metadata'),
  };
}

function readActor(value: unknown, path: string): AuditLogActor {
  if (!isObject(value)) throw invalidEvent(path);
  const { id, type, name, metadata } = value;
  if (!isText(id)) throw invalidEvent(`${path}/id`);
  if (!isText(type)) throw invalidEvent(`${path}/type`);
  return {
    id,
    type,
    ...(isText(name) ? { name } : {}),
    ...(metadata === undefined ? {} : { metadata: readMetadata(metadata, `${path}/metadata`) }),
  };
}

function readMetadata(value: unknown, path: string): EventMetadata {
  if (value === undefined) return {};
  if (!isObject(value) || Object.keys(value).length > 50) throw invalidEvent(path);
  const metadata: EventMetadata = {};
  for (const [key, entry] of Object.entries(value)) {
    const isShort = typeof entry === 'string' && entry.length <= 500;
    if (!/^[a-zA-Z0-9_-]{0,40}$/.test(key)) throw invalidEvent(`${path}/${key}`);
    if (!isShort && typeof entry !== 'number' && typeof entry !== 'boolean') throw invalidEvent(`${path}/${key}`);
    metadata[key] = entry;
  }
  return metadata;
}

function createExport({ body }: SandboxRequest, state: State): Reply {
  const faults = [
    ...(isFilled(body['organization_id']) ? [] : ['organization_id must be a string']),
    ...['range_start', 'range_end']
      .filter((name) => !isDate(body[name]))
      .map((name) => `${name} must be a valid ISO 8601 date string`),
    ...['actions', 'actors', 'actor_names', 'actor_ids', 'targets']
      .filter((name) => body[name] !== undefined && !isTexts(body[name]))
      .map((name) => `each value in ${name} must be a string`),
  ];
  if (faults.length > 0) throw badRequest(faults);
  const start = Date.parse(requiredText(body, 'range_start'));
  const end = Date.parse(requiredText(body, 'range_end'));
  if (start > end) throw badRequest(['Invalid date range']);
  const organizationId = requiredText(body, 'organization_id');
  existing(state.organizations, 'Organization', organizationId);

  const actions = filter(body, 'actions');
  const actorNames = [...filter(body, 'actor_names'), ...filter(body, 'actors')];
  const actorIds = filter(body, 'actor_ids');
  const targetTypes = filter(body, 'targets');
  const allows = (wanted: string[], value: string) => wanted.length === 0 || wanted.includes(value);
  const events = state.auditLogEvents.filter(
    ({ organization_id, action, actor, targets, occurred_at }) =>
      organization_id === organizationId &&
      Date.parse(occurred_at) >= start &&
      Date.parse(occurred_at) <= end &&
      allows(actions, action) &&
      allows(actorNames, actor.name ?? '') &&
      allows(actorIds, actor.id) &&
      (targetTypes.length === 0 || targets.some(({ type }) => targetTypes.includes(type))),
  );
  const now = state.now();
  const id = state.mint.next('audit_log_export', now);
  const made: AuditLogExport = { object: 'audit_log_export', id, looks: 0, events, ...stamps(now) };
  state.auditLogExports.set(id, made);
  return { status: 201, body: shown(made, 'pending', null) };
}

/** Pending for the first few looks; from then on each look signs a new link. */
function getExport({ id }: SandboxRequest, state: State): Reply {
  const made = existing(state.auditLogExports, 'Audit Log Export', id);
  if (made.looks < state.exportPolls) {
    made.looks += 1;
    return { status: 200, body: shown(made, 'pending', null) };
  }
  if (made.updated_at === made.created_at) made.updated_at = timestamp(state.now());
  return { status: 200, body: shown(made, 'ready', state.exportLink(id)) };
}

function shown({ looks: _, events: __, ...made }: AuditLogExport, state: 'pending' | 'ready', url: string | null) {
  return { ...made, state, url };
}

function filter(body: Body, name: string): string[] {
  const value = body[name];
  return isTexts(value) ? value : [];
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value));
}

function badRequest(message: string[]): Problem {
  return new Problem(400, { message, error: 'Bad Request' });
}

function invalidEvent(instancePath: string): Problem {
  const message = 'Invalid Audit Log event.';
  return new Problem(400, { message, code: 'invalid_audit_log_event', errors: [{ instancePath }] });
}
