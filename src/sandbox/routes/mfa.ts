import { encodeText, isString, optionalField } from '../http/body-fields.ts';
import { apiError, validationError } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { sendMessage } from '../messages.ts';
import { newCode, useCode } from '../one-time-codes.ts';
import { present } from '../present.ts';
import type { AuthChallenge, AuthFactor } from '../resources/authentication.ts';
import type { New, State } from '../state.ts';
import { isPast } from '../timestamps.ts';
import { totpMatches } from '../totp.ts';
import { get, remove } from './resource-routes.ts';

const OF_USER = '/user_management/users/{userlandUserId}/auth_factors';

export const mfaRoutes: Route[] = [
  ['POST /auth/factors/enroll', enroll],
  ['GET /auth/factors/{id}', get('auth_factors')],
  ['DELETE /auth/factors/{id}', remove('auth_factors')],
  ['POST /auth/factors/{id}/challenge', challenge],
  ['POST /auth/challenges/{id}/verify', verify],
  [`GET ${OF_USER}`, listOfUser],
  [`POST ${OF_USER}`, enrollUser],
];

/** An image of one pixel, instead of a QR code of the factor's URI. */
const QR_CODE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

function enroll({ body }: ApiRequest, state: State): ApiResponse {
  const userId = optionalField(body, 'user_id', isString);
  if (userId !== undefined) state.find('users', userId);
  const owner = userId === undefined ? {} : { user_id: userId };
  if (body['type'] === 'totp') {
    const issuer = required(body, 'totp_issuer');
    const user = required(body, 'totp_user');
    return { body: shownOnce(state, addTotp(state, owner, issuer, user)) };
  }
  const isSms = body['type'] === 'sms';
  const phone = isSms ? required(body, 'phone_number') : undefined;
  if (phone !== undefined && !/^\+[1-9][\d -]{6,18}$/.test(phone)) {
    throw validationError('phone_number', 'must be a phone number that starts with + and a country code');
  }
  const factor = state.add('auth_factors', {
    type: isSms ? 'sms' : 'generic_otp',
    ...owner,
    ...(phone === undefined ? {} : { sms: { phone_number: phone } }),
    _secret: '',
  });
  return { body: present(state, 'auth_factors', factor) };
}

/** A new factor comes with its first challenge. */
function enrollUser({ id, body }: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', id);
  const secret = optionalField(body, 'totp_secret', isString);
  if (secret !== undefined && !/^[A-Z2-7]{16,}=*$/i.test(secret)) {
    throw validationError('totp_secret', 'must be at least 16 characters of base 32');
  }
  const issuer = optionalField(body, 'totp_issuer', isString) ?? 'WorkOS Sandbox';
  const name = optionalField(body, 'totp_user', isString) ?? user.email;
  const factor = addTotp(state, { user_id: id }, issuer, name, secret);
  const authentication_challenge = present(state, 'auth_challenges', addChallenge(state, factor));
  return { body: { authentication_factor: shownOnce(state, factor), authentication_challenge } };
}

function listOfUser(request: ApiRequest, state: State): ApiResponse {
  state.find('users', request.id);
  const found = state.where('auth_factors', { user_id: request.id });
  return paginate(request, found, (factor) => present(state, 'auth_factors', factor));
}

function challenge({ id, body }: ApiRequest, state: State): ApiResponse {
  const factor = state.find('auth_factors', id);
  const template = optionalField(body, 'sms_template', isString);
  if (template !== undefined && !template.includes('{{code}}')) {
    throw validationError('sms_template', 'must contain {{code}}');
  }
  return { body: present(state, 'auth_challenges', addChallenge(state, factor)) };
}

/** A wrong code is not an error: the response says that it is not valid. */
function verify({ id, body }: ApiRequest, state: State): ApiResponse {
  const record = state.find('auth_challenges', id);
  const factor = state.find('auth_factors', record.authentication_factor_id);
  if (record._used) throw apiError(422, 'challenge_already_verified', 'The challenge has already been verified.');
  if (isPast(record.expires_at, state)) throw apiError(422, 'challenge_expired', 'The challenge has expired.');
  const code = String(body['code']);
  const problem = useCode(state, record, code, ({ _code }) =>
    factor.type === 'totp' ? totpMatches(factor._secret, code, state.now()) : _code === code,
  );
  if (problem === 'too_many_attempts') {
    throw apiError(400, 'one_time_code_too_many_attempts', 'Too many wrong codes were entered.');
  }
  return { body: { challenge: present(state, 'auth_challenges', record), valid: problem === undefined } };
}

function addTotp(
  state: State,
  owner: Pick<New<AuthFactor>, 'user_id'>,
  issuer: string,
  user: string,
  secret = state.ids.totpSecret(),
): AuthFactor {
  return state.add('auth_factors', { type: 'totp', ...owner, totp: { issuer, user }, _secret: secret });
}

/**
 * Adds a challenge, which expires after ten minutes. Unless the factor is TOTP, its code is sent as one of the sandbox's
 * messages.
 */
function addChallenge(state: State, factor: AuthFactor): AuthChallenge {
  const record = state.add('auth_challenges', { ...newCode(state), authentication_factor_id: factor.id });
  if (factor.type === 'totp') return record;
  const user = state.table('users').get(factor.user_id ?? '');
  const to = factor.sms?.phone_number ?? user?.email ?? factor.id;
  sendMessage(state, { to, kind: 'mfa', code: record._code });
  return record;
}

/** A TOTP factor with its secret, which is returned only on enrollment. */
function shownOnce(state: State, factor: AuthFactor): object {
  const { issuer = '', user = '' } = factor.totp ?? {};
  const label = `${encodeText(issuer)}:${encodeText(user)}`;
  const uri = `otpauth://totp/${label}?secret=${factor._secret}&issuer=${encodeText(issuer)}`;
  return {
    ...present(state, 'auth_factors', factor),
    totp: { issuer, user, secret: factor._secret, qr_code: QR_CODE, uri },
  };
}

function required(body: Record<string, unknown>, field: string): string {
  const value = optionalField(body, field, isString);
  if (!value) throw validationError(field, `is required for a factor of type ${body['type']}`, 'required');
  return value;
}
