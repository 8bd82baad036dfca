import { isBoolean, isString, optionalField } from '../http/body-fields.ts';
import { validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { Fault, State } from '../state.ts';

/** The sandbox's own endpoints, which WorkOS does not have. */
export const controlRoutes: Route[] = [
  ['GET /_sandbox', countRecords],
  ['POST /_sandbox/faults', addFault],
  ['GET /_sandbox/messages', listMessages],
  ['PUT /_sandbox/settings', updateSettings],
];

/** Counts the records of each table. */
function countRecords(_request: ApiRequest, state: State): ApiResponse {
  return { body: Object.fromEntries(Object.entries(state.save().tables).map(([name, rows]) => [name, rows.length])) };
}

/** Lists the emails and SMS that WorkOS would have sent, newest first. */
function listMessages(_request: ApiRequest, state: State): ApiResponse {
  const messages = state.where('messages').reverse();
  return { body: messages.map(({ id: _id, updated_at: _updated, ...message }) => message) };
}

/** Changes settings that WorkOS has only in its dashboard: whether everyone needs a second factor. */
function updateSettings({ body }: ApiRequest, state: State): ApiResponse {
  const required = optionalField(body, 'mfa_required', isBoolean) ?? false;
  const [settings] = state.where('environment_settings');
  if (settings) state.change('environment_settings', settings, { mfa_required: required });
  else state.add('environment_settings', { mfa_required: required });
  return { body: { mfa_required: required } };
}

function addFault({ body }: ApiRequest, state: State): ApiResponse {
  const status = optionalField(body, 'status', isNonNegativeInteger);
  const times = optionalField(body, 'times', isNonNegativeInteger) ?? 1;
  const retryAfter = optionalField(body, 'retry_after', isNonNegativeInteger);
  const method = optionalField(body, 'method', isString);
  const path = optionalField(body, 'path', isString);
  if (status === undefined || status < 400 || status > 599) {
    throw validationError('status', 'must be an integer from 400 to 599');
  }
  if (times < 1) throw validationError('times', 'must be at least 1');
  const fault: Fault = {
    status,
    times,
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    ...(method === undefined ? {} : { method: method.toUpperCase() }),
    ...(path === undefined ? {} : { path }),
  };
  state.faults.push(fault);
  return { status: 201, body: { ...fault } };
}

function isNonNegativeInteger(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}
