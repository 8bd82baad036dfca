import { newUser } from '../factories.ts';
import { isEmail } from '../http/body-fields.ts';
import { apiError, HttpError, notFound } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Handler, Route } from '../http/route.ts';
import { sendMessage } from '../messages.ts';
import { type CodeProblem, newCode, useCode } from '../one-time-codes.ts';
import { checkStrength, hashed } from '../passwords.ts';
import { present } from '../present.ts';
import type { PasswordReset } from '../resources/authentication.ts';
import type { User } from '../resources/users.ts';
import { failed, oauthError, startEmailVerification, succeeded } from '../sign-in.ts';
import type { State } from '../state.ts';
import { isPast, timestamp } from '../timestamps.ts';
import { isPending } from './invitations.ts';
import { endSession } from './sessions.ts';
import { requiredEmail, userByEmail } from './users.ts';

const ROOT = '/user_management';

/** Everything sent by email: sign-in codes, verifications, changes of address, and password resets. */
export const emailCodeRoutes: Route[] = [
  [`POST ${ROOT}/magic_auth`, createMagicAuth],
  [`GET ${ROOT}/magic_auth/{id}`, getWithCode('magic_auths')],
  [`GET ${ROOT}/email_verification/{id}`, getWithCode('email_verifications')],
  [`GET ${ROOT}/radar_challenges/{id}`, getWithCode('radar_challenges')],
  [`POST ${ROOT}/users/{id}/email_verification/send`, sendVerification],
  [`POST ${ROOT}/users/{id}/email_verification/confirm`, confirmVerification],
  [`POST ${ROOT}/users/{id}/email_change/send`, sendChange],
  [`POST ${ROOT}/users/{id}/email_change/confirm`, confirmChange],
  [`POST ${ROOT}/password_reset`, createReset],
  [
    `GET ${ROOT}/password_reset/{id}`,
    (request, state) => ({ body: shownReset(state, state.find('password_resets', request.id)) }),
  ],
  [`POST ${ROOT}/password_reset/confirm`, confirmReset],
];

const RESET_LIFETIME_MS = 3_600_000;

/** A person who signs in for the first time becomes a user. */
function createMagicAuth({ body }: ApiRequest, state: State): ApiResponse {
  const email = requiredEmail(body, 'email');
  if (body['invitation_token'] !== undefined) {
    const [invitation] = state.where('invitations', { token: String(body['invitation_token']) });
    if (!invitation || !isPending(state, invitation)) {
      throw oauthError('invitation_invalid', 'The invitation is invalid or not pending.');
    }
  }
  const user = userByEmail(state, email) ?? state.add('users', newUser({ email }));
  const magicAuth = state.add('magic_auths', { ...newCode(state), user_id: user.id, email: user.email });
  sendMessage(state, { to: user.email, kind: 'magic_auth', code: magicAuth._code });
  return { body: { ...present(state, 'magic_auths', magicAuth), code: magicAuth._code } };
}

function getWithCode(table: 'magic_auths' | 'email_verifications' | 'radar_challenges'): Handler {
  return ({ id }, state) => {
    const record = state.find(table, id);
    if ('type' in record && record.type === 'sms') throw notFound('Radar Challenge', id);
    return { body: { ...present(state, table, record), code: record._code } };
  };
}

function sendVerification({ id }: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', id);
  if (user.email_verified) {
    throw apiError(400, 'email_already_verified', `The email '${user.email}' has already been verified.`);
  }
  startEmailVerification(state, user);
  return userResponse(state, user);
}

function confirmVerification(request: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', request.id);
  if (user.email_verified) throw apiError(400, 'email_previously_verified', 'The email has already been verified.');
  const code = state.where('email_verifications', { user_id: user.id }).at(-1);
  const problem = useCode(state, code, request.body['code']);
  if (problem) {
    const error = codeError(400, `email_verification_code_${known(problem)}`, problem);
    return failed(request, state, 'email_verification', user, error);
  }
  state.change('users', user, { email_verified: true });
  succeeded(request, state, 'email_verification', user);
  return userResponse(state, user);
}

function sendChange({ id, body }: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', id);
  const email = changedEmail(String(body['new_email']));
  if (email.toLowerCase() === user.email.toLowerCase()) {
    throw apiError(409, 'email_change_not_needed', 'The user has this email already.');
  }
  checkAvailable(state, email);
  const change = state.add('email_changes', { ...newCode(state), user_id: id, new_email: email });
  sendMessage(state, { to: email, kind: 'email_change', code: change._code });
  const { new_email, expires_at, created_at } = change;
  return {
    body: { object: 'email_change', user: present(state, 'users', user), new_email, expires_at, created_at },
  };
}

function confirmChange({ id, body }: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', id);
  const change = state.where('email_changes', { user_id: id }).at(-1);
  if (!change) throw apiError(409, 'no_pending_email_change', 'The user has no pending email change.');
  if (!change._used) checkAvailable(state, change.new_email);
  const problem = useCode(state, change, body['code']);
  // Returned, not thrown, so that the attempt counts.
  if (problem === 'too_many_attempts') return codeError(429, 'email_change_too_many_attempts', problem).response;
  if (problem) {
    return codeError(problem === 'previously_used' ? 409 : 400, `email_change_code_${problem}`, problem).response;
  }
  state.change('users', user, { email: change.new_email, email_verified: true });
  return { body: { object: 'email_change_confirmation', user: present(state, 'users', user) } };
}

function changedEmail(email: string): string {
  if (isEmail(email)) return email;
  throw apiError(422, 'invalid_email', `'${email}' is not an email address.`);
}

function checkAvailable(state: State, email: string): void {
  if (userByEmail(state, email)) throw apiError(409, 'email_not_available', `The email '${email}' is not available.`);
}

function createReset({ body }: ApiRequest, state: State): ApiResponse {
  const email = requiredEmail(body, 'email');
  const user = userByEmail(state, email);
  if (!user) throw notFound('User', email);
  const reset = state.add('password_resets', {
    user_id: user.id,
    email: user.email,
    expires_at: timestamp(state.now() + RESET_LIFETIME_MS),
    _token: state.ids.token(25),
    _used: false,
  });
  sendMessage(state, { to: user.email, kind: 'password_reset', url: resetUrl(reset) });
  return { body: shownReset(state, reset) };
}

/** Sets the new password, verifies the address, and ends the user's sessions. */
function confirmReset({ body }: ApiRequest, state: State): ApiResponse {
  const [reset] = state.where('password_resets', { _token: String(body['token']) });
  const user = state.table('users').get(reset?.user_id ?? '');
  if (!reset || !user) throw notFound('Password Reset Token', String(body['token']));
  if (reset._used) throw resetError('password_reset_token_used', 'The password reset token has already been used.');
  if (isPast(reset.expires_at, state)) {
    throw resetError('password_reset_token_expired', 'The password reset token has expired.');
  }
  checkStrength(String(body['new_password']), 'password_reset_error');
  const password = hashed(String(body['new_password']), state);
  state.change('password_resets', reset, { _used: true });
  state.change('users', user, { email_verified: true, _password: password });
  state.emit('password_reset.succeeded', reset);
  for (const session of state.where('sessions', { user_id: user.id, status: 'active' })) endSession(state, session);
  return userResponse(state, user);
}

function resetError(code: string, message: string): HttpError {
  const errors = [{ code, message }];
  return new HttpError(400, { code: 'password_reset_error', message: 'The password could not be reset.', errors });
}

function shownReset(state: State, reset: PasswordReset): object {
  return {
    ...present(state, 'password_resets', reset),
    password_reset_token: reset._token,
    password_reset_url: resetUrl(reset),
  };
}

function resetUrl({ _token }: PasswordReset): string {
  return `https://app.sandbox.example/reset-password?token=${_token}`;
}

/** The document has no error code for too many attempts to verify an address. */
function known(problem: CodeProblem): string {
  return problem === 'too_many_attempts' ? 'incorrect' : problem;
}

function codeError(status: number, code: string, problem: CodeProblem): HttpError {
  return apiError(status, code, `The code cannot be used: ${problem.replaceAll('_', ' ')}.`);
}

function userResponse(state: State, user: User): ApiResponse {
  return { body: { user: present(state, 'users', user) } };
}
