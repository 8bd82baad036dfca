import { EVENT_NAMES, keptSince } from '../events.ts';
import { isObject } from '../http/body-fields.ts';
import { apiError } from '../http/errors.ts';
import { listParam, paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { State } from '../state.ts';

export const eventRoutes: Route[] = [['GET /events', listEvents]];

function listEvents(request: ApiRequest, state: State): ApiResponse {
  const { query } = request;
  const names = listParam(query, 'events');
  const unknown = names.find((name) => !EVENT_NAMES.has(name));
  if (unknown !== undefined) throw invalidRequest(`'${unknown}' is not the name of an event.`);
  if (query.get('range_start') && query.get('after')) {
    throw invalidRequest('range_start cannot be combined with after.');
  }
  const start = Math.max(keptSince(state), parseDate(query, 'range_start') ?? Number.NEGATIVE_INFINITY);
  const end = parseDate(query, 'range_end') ?? Number.POSITIVE_INFINITY;
  const organizationId = query.get('organization_id');
  const found = state.where('events').filter(({ event, data, created_at }) => {
    const time = Date.parse(created_at);
    return (
      time >= start &&
      time <= end &&
      (names.length === 0 || names.includes(event)) &&
      (!organizationId || concerns(data, organizationId))
    );
  });
  const { object, data, list_metadata } = paginate(request, found, (event) => present(state, 'events', event)).body;
  return { body: { object, data, list_metadata: { after: list_metadata.after } } };
}

/** Whether an event's data refers to an organization, at any depth. Events about users do not. */
function concerns(data: unknown, organizationId: string): boolean {
  if (Array.isArray(data)) return data.some((item) => concerns(item, organizationId));
  if (!isObject(data)) return false;
  const isOrganization = data['object'] === 'organization' || data['type'] === 'organization';
  if (isOrganization && data['id'] === organizationId) return true;
  return Object.entries(data).some(
    ([field, value]) =>
      (/(^|_)organization_id$/.test(field) && value === organizationId) || concerns(value, organizationId),
  );
}

function parseDate(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (!text) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalidRequest(`${name} is not an ISO 8601 date.`);
  return time;
}

function invalidRequest(message: string) {
  return apiError(400, 'invalid_events_request', message);
}
