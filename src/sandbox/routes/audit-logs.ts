import { isStringArray } from '../http/body-fields.ts';
import { HttpError } from '../http/errors.ts';
import { signedExportUrl } from '../http/export-files.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { AuditLogExport } from '../resources/audit-logs.ts';
import type { State } from '../state.ts';

export const auditLogRoutes: Route[] = [
  ['POST /audit_logs/exports', createExport],
  ['GET /audit_logs/exports/{auditLogExportId}', getExport],
];

type Body = Record<string, unknown>;

const DAY_MS = 86_400_000;

function createExport({ body }: ApiRequest, state: State): ApiResponse {
  const start = Date.parse(String(body['range_start']));
  const end = Date.parse(String(body['range_end']));
  // A text in the format of a date may still be invalid. Then this comparison is false.
  if (!(start <= end)) throw badRequest(['Invalid date range']);
  if (start < threeMonthsBefore(state.now())) {
    throw badRequest(['range_start must be within the last three months']);
  }
  const organizationId = String(body['organization_id']);
  const { _retention_period_in_days: days } = state.find('organizations', organizationId);
  const kept = days === null ? start : Math.max(start, state.now() - days * DAY_MS);

  const actions = filterValues(body, 'actions');
  const actorNames = [...filterValues(body, 'actor_names'), ...filterValues(body, 'actors')];
  const actorIds = filterValues(body, 'actor_ids');
  const targetTypes = filterValues(body, 'targets');
  const matchesFilter = (values: string[], value: string) => values.length === 0 || values.includes(value);
  const events = state
    .where('audit_log_events', { organization_id: organizationId })
    .filter(
      ({ action, actor, targets, occurred_at }) =>
        Date.parse(occurred_at) >= kept &&
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

/** Reports the export as pending the first few times, and then as ready with a newly signed URL. */
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

/** The start of the day three months before, in milliseconds. */
function threeMonthsBefore(now: number): number {
  const date = new Date(now);
  const month = date.getUTCMonth() - 3;
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return Date.UTC(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastDay));
}

function badRequest(message: string[]): HttpError {
  return new HttpError(400, { message, error: 'Bad Request' });
}
