import { validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { State } from '../state.ts';

const RETENTION = '/organizations/{id}/audit_logs_retention';

export const auditLogSettingRoutes: Route[] = [
  [`GET ${RETENTION}`, getRetention],
  [`PUT ${RETENTION}`, setRetention],
  ['GET /organizations/{id}/audit_log_configuration', getConfiguration],
];

/** What the configuration shows until a retention is set. */
const DEFAULT_RETENTION_DAYS = 365;

function getRetention({ id }: ApiRequest, state: State): ApiResponse {
  const { _retention_period_in_days } = state.find('organizations', id);
  return { body: { retention_period_in_days: _retention_period_in_days } };
}

/** Exports omit older events. These are not deleted, so a longer retention brings them back. */
function setRetention(request: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', request.id);
  // Without state.change(), because the organization's public fields do not change.
  organization._retention_period_in_days = retentionDays(request.body);
  return getRetention(request, state);
}

/** Months count 30 days and years 365. */
function retentionDays({ retention_period: period, retention_period_in_days: days }: Record<string, unknown>): number {
  if (typeof period === 'string') return Number.parseInt(period, 10) * (period.includes('MONTH') ? 30 : 365);
  const count = Number(days);
  const isValid =
    (count % 30 === 0 && count >= 30 && count <= 330) || (count % 365 === 0 && count >= 365 && count <= 3650);
  if (!isValid) {
    throw validationError('retention_period_in_days', 'must be a multiple of 30 up to 330, or of 365 up to 3650');
  }
  return count;
}

/** In the sandbox, no organization streams its audit log. */
function getConfiguration({ id }: ApiRequest, state: State): ApiResponse {
  const { _retention_period_in_days: days } = state.find('organizations', id);
  const isUsed = days !== null || state.where('audit_log_events', { organization_id: id }).length > 0;
  return {
    body: {
      organization_id: id,
      retention_period_in_days: days ?? DEFAULT_RETENTION_DAYS,
      state: isUsed ? 'active' : 'inactive',
    },
  };
}
