import { apiError, HttpError, notFound } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { sendMessage } from '../messages.ts';
import { newCode } from '../one-time-codes.ts';
import type { RadarListEntry } from '../resources/authkit.ts';
import type { State } from '../state.ts';
import { isPast } from '../timestamps.ts';

export const radarRoutes: Route[] = [
  ['POST /radar/attempts', createAttempt],
  ['PUT /radar/attempts/{id}', updateAttempt],
  ['POST /radar/lists/{type}/{action}', addEntry],
  ['DELETE /radar/lists/{type}/{action}', removeEntry],
  ['POST /user_management/radar_challenges', sendChallenge],
];

const TYPES = ['ip_address', 'domain', 'email', 'device', 'user_agent', 'device_fingerprint', 'country'];
const ACTIONS = ['allow', 'block'];

/** The verdict depends only on the lists: blocked if on a block list, unless on an allow list too. */
function createAttempt({ body }: ApiRequest, state: State): ApiResponse {
  const { email, ip_address, user_agent } = body;
  const domain = String(email).split('@')[1];
  const values = new Map(Object.entries({ email, domain, ip_address, user_agent }));
  const isListed = ({ type, entry }: RadarListEntry) => String(values.get(type)).toLowerCase() === entry.toLowerCase();
  const allowed = state.where('radar_list_entries', { action: 'allow' }).find(isListed);
  const blocked = allowed ? undefined : state.where('radar_list_entries', { action: 'block' }).find(isListed);
  const { id } = state.add('radar_attempts', {
    email: String(email),
    ip_address: String(ip_address),
    succeeded: false,
  });
  const verdict = blocked
    ? {
        verdict: 'block',
        reason: `The ${blocked.type} is on a block list.`,
        control: 'restriction',
        blocklist_type: blocked.type,
      }
    : { verdict: 'allow', reason: allowed ? `The ${allowed.type} is on an allow list.` : 'No risk was detected.' };
  return { body: { ...verdict, attempt_id: id } };
}

function updateAttempt({ id, body }: ApiRequest, state: State): ApiResponse {
  const attempt = state.find('radar_attempts', id);
  if (body['attempt_status'] === 'success') state.change('radar_attempts', attempt, { succeeded: true });
  return {};
}

function addEntry(request: ApiRequest, state: State): ApiResponse {
  const entry = listEntry(request);
  if (state.where('radar_list_entries', entry).length > 0) {
    return { status: 200, body: { message: 'Entry already present in the list.' } };
  }
  state.add('radar_list_entries', entry);
  return {};
}

function removeEntry(request: ApiRequest, state: State): ApiResponse {
  const entry = listEntry(request);
  const [record] = state.where('radar_list_entries', entry);
  if (!record) throw notFound('Radar List Entry', entry.entry);
  state.remove('radar_list_entries', record.id);
  return {};
}

/** Sends the code for the grant type of Radar challenges by SMS. */
function sendChallenge({ body }: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', String(body['user_id']));
  const token = String(body['pending_authentication_token']);
  const [pending] = state.where('pending_authentications', { token, user_id: user.id });
  if (!pending || isPast(pending.expires_at, state)) {
    const message = 'The pending authentication token is invalid or expired.';
    throw apiError(400, 'invalid_pending_authentication_token', message);
  }
  const phone = String(body['phone_number']);
  const challenge = state.add('radar_challenges', {
    ...newCode(state),
    type: 'sms',
    user_id: user.id,
    email: user.email,
    _phone_number: phone,
  });
  sendMessage(state, { to: phone, kind: 'radar_challenge', code: challenge._code });
  return { body: { verification_id: challenge.id, phone_number: phone } };
}

function listEntry({ params, body }: ApiRequest): Pick<RadarListEntry, 'type' | 'action' | 'entry'> {
  const { type = '', action = '' } = params;
  if (!TYPES.includes(type)) throw new HttpError(400, { message: `Invalid Radar list type: '${type}'.` });
  if (!ACTIONS.includes(action)) throw new HttpError(400, { message: `Invalid Radar list action: '${action}'.` });
  return { type, action, entry: String(body['entry']) };
}
