import { accessToken } from './access-tokens.ts';
import { forgetExpired } from './expiry.ts';
import { isString } from './http/body-fields.ts';
import { HttpError } from './http/errors.ts';
import type { ApiResponse } from './http/response.ts';
import type { ApiRequest } from './http/route.ts';
import { sendMessage } from './messages.ts';
import { newCode } from './one-time-codes.ts';
import { present } from './present.ts';
import type { EmailVerification, Session, SignIn } from './resources/authentication.ts';
import type { User } from './resources/users.ts';
import type { State } from './state.ts';
import { timestamp } from './timestamps.ts';

const SESSION_LIFETIME_MS = 30 * 86_400_000;
const PENDING_LIFETIME_MS = 600_000;

/** A new sign-in with a user and a method, and nothing else known yet. */
export function newSignIn(user: User, method: string, organizationId: string | null = null): SignIn {
  return { user_id: user.id, method, organization_id: organizationId, connection_id: null, mfa_passed: false };
}

/**
 * Continues a sign-in whose credentials were correct: answers with a session, or with the 403 that asks for the next step. A 403
 * is returned, not thrown, because it stores state for the next step.
 */
export function continueSignIn(request: ApiRequest, state: State, signIn: SignIn): ApiResponse {
  const user = state.find('users', signIn.user_id);
  if (!user.email_verified && signIn.method === 'Password') return askForEmailVerification(state, user, signIn);
  const byMail = signIn.method === 'Password' || signIn.method === 'MagicAuth';
  const factors = state.where('auth_factors', { user_id: user.id, type: 'totp' });
  if (factors.length > 0 && byMail && !signIn.mfa_passed) {
    const message = 'The user must complete an MFA challenge to finish authenticating.';
    const shown = factors.map(({ id, type }) => ({ id, type }));
    return nextStep(state, signIn, 'mfa_challenge', message, { authentication_factors: shown, user });
  }
  const isRequired = state.where('environment_settings', { mfa_required: true }).length > 0;
  if (factors.length === 0 && isRequired && byMail && !signIn.mfa_passed) {
    const message = 'The user must enroll in MFA to finish authenticating.';
    return nextStep(state, signIn, 'mfa_enrollment', message, { user });
  }
  const active = state.where('organization_memberships', { user_id: user.id, status: 'active' });
  const ids = active.map((membership) => membership.organization_id);
  if (signIn.organization_id !== null && !ids.includes(signIn.organization_id)) {
    throw oauthError('organization_membership_not_found', 'The user is not a member of the organization.');
  }
  if (signIn.organization_id === null && ids.length > 1) {
    const message = 'The user must choose an organization to finish their authentication.';
    const organizations = ids.map((id) => ({ id, name: state.find('organizations', id).name }));
    return nextStep(state, signIn, 'organization_selection_required', message, { organizations, user });
  }
  return startSession(request, state, user, { ...signIn, organization_id: signIn.organization_id ?? ids[0] ?? null });
}

/** The response to a successful sign-in: the user, and tokens for the session. */
export function sessionResponse(request: ApiRequest, state: State, session: Session): ApiResponse {
  const user = state.find('users', session.user_id);
  const { organization_id } = session;
  const body = {
    user: present(state, 'users', user),
    ...(organization_id === undefined ? {} : { organization_id }),
    access_token: accessToken(state, request.origin, user, session),
    refresh_token: session._refresh_token,
    authentication_method: session._method,
  };
  return { status: 200, body };
}

/** An error in the format of OAuth. */
export function oauthError(error: string, description: string): HttpError {
  return new HttpError(400, { error, error_description: description });
}

/** The IP address and the user agent of the person for whom a request is made. */
export function client({ body }: Pick<ApiRequest, 'body'>): { ip_address: string | null; user_agent: string | null } {
  const { ip_address, user_agent } = body;
  return {
    ip_address: isString(ip_address) ? ip_address : null,
    user_agent: isString(user_agent) ? user_agent : null,
  };
}

/**
 * Emits the failed event and returns the error's response. If the error were thrown, the event would be discarded.
 * @param type what was tried, such as `password`
 */
export function failed(
  request: ApiRequest,
  state: State,
  type: string,
  user: User | undefined,
  error: HttpError,
): ApiResponse {
  const { code, message } = errorOf(error);
  state.emit(`authentication.${type}_failed`, {
    type,
    status: 'failed',
    ...client(request),
    user_id: user?.id ?? null,
    email: user?.email ?? request.body['email'] ?? null,
    error: { code, message },
  });
  return error.response;
}

/** Emits the event for a step that succeeded. */
export function succeeded(request: ApiRequest, state: State, type: string, user: User, more: object = {}): void {
  const { id, email } = user;
  state.emit(`authentication.${type}_succeeded`, {
    type,
    status: 'succeeded',
    ...client(request),
    user_id: id,
    email,
    ...more,
  });
}

/** Stores a code for an unverified address and sends it. */
export function startEmailVerification(state: State, user: User): EmailVerification {
  const { id, email } = user;
  const verification = state.add('email_verifications', { ...newCode(state), user_id: id, email });
  sendMessage(state, { to: email, kind: 'email_verification', code: verification._code });
  return verification;
}

function askForEmailVerification(state: State, user: User, signIn: SignIn): ApiResponse {
  const { id } = startEmailVerification(state, user);
  const message = 'Email ownership must be verified before authentication.';
  const more = { email: user.email, email_verification_id: id };
  return nextStep(state, signIn, 'email_verification_required', message, more);
}

function nextStep(
  state: State,
  signIn: SignIn,
  code: string,
  message: string,
  { user, ...more }: { user?: User; [field: string]: unknown },
): ApiResponse {
  forgetExpired(state, 'pending_authentications');
  const { token } = state.add('pending_authentications', {
    ...signIn,
    token: state.ids.token(25),
    expires_at: timestamp(state.now() + PENDING_LIFETIME_MS),
  });
  const body = { code, message, pending_authentication_token: token, ...more };
  return { status: 403, body: user ? { ...body, user: present(state, 'users', user) } : body };
}

function startSession(request: ApiRequest, state: State, user: User, signIn: SignIn): ApiResponse {
  const { method, organization_id, connection_id } = signIn;
  const [type, authMethod] = METHODS.get(method) ?? (['oauth', 'oauth'] as const);
  const time = state.now();
  // Set directly, because a sign-in does not count as an update of the user.
  user.last_sign_in_at = timestamp(time);
  const session = state.add('sessions', {
    user_id: user.id,
    ...(organization_id === null ? {} : { organization_id }),
    ...client(request),
    auth_method: authMethod,
    status: 'active',
    expires_at: timestamp(time + SESSION_LIFETIME_MS),
    ended_at: null,
    _method: method,
    _refresh_token: state.ids.token(25),
  });
  const sso = { organization_id, connection_id, session_id: session.id };
  succeeded(request, state, type, user, type === 'sso' ? { sso } : {});
  return sessionResponse(request, state, session);
}

/** For each method, its name in events and the session's `auth_method`. Every other method is an OAuth provider. */
const METHODS = new Map<string, readonly [type: string, authMethod: Session['auth_method']]>([
  ['Password', ['password', 'password']],
  ['MagicAuth', ['magic_auth', 'magic_code']],
  ['SSO', ['sso', 'sso']],
]);

function errorOf({ response }: HttpError): { code: string; message: string } {
  // Each error here has one of the API's two forms.
  const body = response.body as { code?: string; message?: string; error?: string; error_description?: string };
  return { code: body.code ?? body.error ?? '', message: body.message ?? body.error_description ?? '' };
}
