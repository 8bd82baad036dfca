import { createHash } from 'node:crypto';
import { apiError, HttpError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Handler, Route } from '../http/route.ts';
import { type CodeProblem, useCode } from '../one-time-codes.ts';
import { passwordMatches } from '../passwords.ts';
import type { AuthorizationCode, OneTimeCode, PendingAuthentication, SignIn } from '../resources/authentication.ts';
import type { Invitation, User } from '../resources/users.ts';
import { continueSignIn, failed, newSignIn, oauthError, sessionResponse, succeeded } from '../sign-in.ts';
import type { State } from '../state.ts';
import { isPast } from '../timestamps.ts';
import { totpMatches } from '../totp.ts';
import { acceptInvitation, isPending } from './invitations.ts';
import { userByEmail } from './users.ts';

export const authenticateRoutes: Route[] = [['POST /user_management/authenticate', authenticate]];

const WORKOS = 'urn:workos:oauth:grant-type';

const GRANTS: Record<string, Handler> = {
  password: withPassword,
  authorization_code: withAuthorizationCode,
  refresh_token: withRefreshToken,
  'urn:ietf:params:oauth:grant-type:device_code': withDeviceCode,
  [`${WORKOS}:magic-auth:code`]: withMagicAuth,
  [`${WORKOS}:email-verification:code`]: withEmailVerification,
  [`${WORKOS}:mfa-totp`]: withMfa,
  [`${WORKOS}:organization-selection`]: withOrganization,
  [`${WORKOS}:radar-email-challenge:code`]: (request, state) =>
    withRadarChallenge(request, state, request.body['radar_challenge_id']),
  [`${WORKOS}:radar-sms-challenge:code`]: (request, state) =>
    withRadarChallenge(request, state, request.body['verification_id']),
};

function authenticate(request: ApiRequest, state: State): ApiResponse {
  const { client_id, client_secret, grant_type } = request.body;
  checkClient(client_id, client_secret, state);
  const grant = GRANTS[String(grant_type)];
  if (grant) return grant(request, state);
  throw new HttpError(501, {
    message: `The sandbox does not simulate the grant type ${grant_type}.`,
    code: 'not_simulated',
  });
}

/** Checks the client's id and secret, which a public client omits. @throws HttpError 400 if they are not this environment's */
export function checkClient(id: unknown, secret: unknown, { environment }: State): void {
  if (id !== environment.clientId) throw oauthError('invalid_client', 'Invalid client ID.');
  if (secret !== undefined && secret !== environment.key) throw oauthError('invalid_client', 'Invalid client secret.');
}

/**
 * The authorization code that a request redeems. The caller removes it.
 * @throws HttpError 400 if it is unknown or expired, or the request does not meet its PKCE challenge
 */
export function findCode({ body }: ApiRequest, state: State, kind: 'sign_in' | 'profile_id'): AuthorizationCode {
  const [record] = state.where('authorization_codes', { code: String(body['code']) });
  if (!record || record[kind] === null || isPast(record.expires_at, state)) {
    throw oauthError('invalid_grant', `The code '${body['code']}' has expired or is invalid.`);
  }
  const verifier = String(body['code_verifier'] ?? '');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (record.code_challenge === null && body['code_verifier'] !== undefined) {
    throw apiError(400, 'code_challenge_not_found', 'The code was requested without a code challenge.');
  }
  if (record.code_challenge === null && body['client_secret'] === undefined) {
    throw oauthError('invalid_client', 'A client secret is required for a code without a code challenge.');
  }
  if (record.code_challenge !== null && record.code_challenge !== challenge) {
    throw oauthError('invalid_grant', 'The code verifier does not match the code challenge.');
  }
  return record;
}

function withPassword(request: ApiRequest, state: State): ApiResponse {
  const user = userByEmail(state, String(request.body['email']));
  if (!user?._password || !passwordMatches(user._password, String(request.body['password']))) {
    return failed(request, state, 'password', user, apiError(400, 'invalid_credentials', 'Invalid credentials.'));
  }
  return invitedSignIn(request, state, newSignIn(user, 'Password'), findInvitation(request, state, user));
}

function withMagicAuth(request: ApiRequest, state: State): ApiResponse {
  const user = userByEmail(state, String(request.body['email']));
  const code = state.where('magic_auths', { user_id: user?.id ?? '' }).at(-1);
  const invitation = user && findInvitation(request, state, user);
  const problem = useCode(state, code, request.body['code']);
  if (problem || !user) return failed(request, state, 'magic_auth', user, codeError(problem));
  verifyEmail(state, user);
  return invitedSignIn(request, state, newSignIn(user, 'MagicAuth'), invitation);
}

function withAuthorizationCode(request: ApiRequest, state: State): ApiResponse {
  const { id, sign_in: signIn } = findCode(request, state, 'sign_in');
  const user = state.table('users').get(signIn?.user_id ?? '');
  if (!signIn || !user) throw oauthError('invalid_grant', 'The user of this code does not exist any more.');
  const response = invitedSignIn(request, state, signIn, findInvitation(request, state, user));
  state.remove('authorization_codes', id);
  return response;
}

function withRefreshToken(request: ApiRequest, state: State): ApiResponse {
  const [session] = state.where('sessions', {
    _refresh_token: String(request.body['refresh_token']),
    status: 'active',
  });
  if (!session || isPast(session.expires_at, state)) {
    throw oauthError('invalid_grant', 'The refresh token is invalid, was already used, or its session has ended.');
  }
  const organizationId = request.body['organization_id'];
  if (typeof organizationId === 'string') {
    if (!state.table('organizations').has(organizationId)) {
      throw oauthError('organization_not_found', `Organization not found: '${organizationId}'.`);
    }
    const wanted = { user_id: session.user_id, organization_id: organizationId, status: 'active' } as const;
    if (state.where('organization_memberships', wanted).length === 0) {
      throw oauthError('organization_membership_not_found', 'The user is not a member of the organization.');
    }
  }
  state.change('sessions', session, {
    _refresh_token: state.ids.token(25),
    ...(typeof organizationId === 'string' ? { organization_id: organizationId } : {}),
  });
  return sessionResponse(request, state, session);
}

function withDeviceCode(request: ApiRequest, state: State): ApiResponse {
  const [device] = state.where('device_authorizations', { device_code: String(request.body['device_code']) });
  if (!device) throw oauthError('invalid_grant', 'The device code is invalid.');
  if (isPast(device.expires_at, state)) throw oauthError('expired_token', 'The device code has expired.');
  if (device.status === 'denied') throw oauthError('access_denied', 'The user denied the request.');
  const user = state.table('users').get(device.user_id ?? '');
  if (device.status === 'pending' || !user) {
    throw oauthError('authorization_pending', 'The user has not approved the request yet.');
  }
  state.remove('device_authorizations', device.id);
  return continueSignIn(request, state, { ...newSignIn(user, 'Password'), mfa_passed: true });
}

function withEmailVerification(request: ApiRequest, state: State): ApiResponse {
  const { pending, user } = pendingSignIn(request, state);
  const code = state.where('email_verifications', { user_id: user.id }).at(-1);
  const problem = useCode(state, code, request.body['code']);
  if (problem) return failed(request, state, 'email_verification', user, codeError(problem));
  verifyEmail(state, user);
  succeeded(request, state, 'email_verification', user);
  return resume(request, state, pending);
}

function withMfa(request: ApiRequest, state: State): ApiResponse {
  const { pending, user } = pendingSignIn(request, state);
  const { code, authentication_challenge_id: id } = request.body;
  const challenge = state.table('auth_challenges').get(String(id));
  const factor = state.table('auth_factors').get(challenge?.authentication_factor_id ?? '');
  if (challenge && factor?.user_id !== user.id) {
    throw apiError(400, 'user_mismatch', 'The challenge belongs to another user.');
  }
  const isCorrect = ({ _code }: OneTimeCode) =>
    factor?.type === 'totp' ? totpMatches(factor._secret, String(code), state.now()) : _code === code;
  const problem = useCode(state, challenge, code, isCorrect);
  if (problem) return failed(request, state, 'mfa', user, codeError(problem));
  succeeded(request, state, 'mfa', user);
  return resume(request, state, pending, { mfa_passed: true });
}

function withOrganization(request: ApiRequest, state: State): ApiResponse {
  const { pending } = pendingSignIn(request, state);
  const id = String(request.body['organization_id']);
  if (!state.table('organizations').has(id)) {
    throw apiError(400, 'invalid_organization_id', `'${id}' is not a valid organization.`);
  }
  return resume(request, state, pending, { organization_id: id });
}

function withRadarChallenge(request: ApiRequest, state: State, id: unknown): ApiResponse {
  const { pending, user } = pendingSignIn(request, state);
  if (id === undefined) throw apiError(400, 'verification_id_required', 'A verification_id is required.');
  const challenge = state.table('radar_challenges').get(String(id));
  if (challenge && challenge.user_id !== user.id) {
    throw apiError(400, 'user_mismatch', 'The challenge belongs to another user.');
  }
  const problem = useCode(state, challenge, request.body['code']);
  if (problem) return codeError(problem).response;
  return resume(request, state, pending);
}

function pendingSignIn({ body }: ApiRequest, state: State): { pending: PendingAuthentication; user: User } {
  const [pending] = state.where('pending_authentications', { token: String(body['pending_authentication_token']) });
  const user = state.table('users').get(pending?.user_id ?? '');
  if (pending && user && !isPast(pending.expires_at, state)) return { pending, user };
  throw apiError(
    400,
    'invalid_pending_authentication_token',
    'The pending authentication token is invalid or expired.',
  );
}

/** Continues a sign-in after a step has succeeded. */
function resume(
  request: ApiRequest,
  state: State,
  pending: PendingAuthentication,
  learned: Partial<SignIn> = {},
): ApiResponse {
  const { user_id, method, organization_id, connection_id, mfa_passed } = pending;
  const signIn = { user_id, method, organization_id, connection_id, mfa_passed, ...learned };
  const response = continueSignIn(request, state, signIn);
  state.remove('pending_authentications', pending.id);
  return response;
}

/**
 * The invitation that a sign-in accepts, if any.
 * @throws HttpError 400 if it cannot be accepted by this user
 */
function findInvitation({ body }: ApiRequest, state: State, user: User): Invitation | undefined {
  const token = body['invitation_token'];
  if (token === undefined) return undefined;
  const [invitation] = state.where('invitations', { token: String(token) });
  if (!invitation || !isPending(state, invitation)) {
    throw oauthError('invitation_invalid', 'The invitation is invalid or not pending.');
  }
  if (invitation.email.toLowerCase() !== user.email.toLowerCase()) {
    throw oauthError('invitation_cannot_be_used_for_email', `The invitation is not for '${user.email}'.`);
  }
  return invitation;
}

function invitedSignIn(
  request: ApiRequest,
  state: State,
  signIn: SignIn,
  invitation: Invitation | undefined,
): ApiResponse {
  if (!invitation) return continueSignIn(request, state, signIn);
  const user = state.find('users', signIn.user_id);
  acceptInvitation(state, invitation, user);
  // Receiving the invitation proves ownership of the address.
  verifyEmail(state, user);
  return continueSignIn(request, state, { ...signIn, organization_id: invitation.organization_id });
}

function verifyEmail(state: State, user: User): void {
  if (!user.email_verified) state.change('users', user, { email_verified: true });
}

function codeError(problem: CodeProblem | undefined): HttpError {
  const name = problem === 'incorrect' || problem === undefined ? 'invalid_one_time_code' : `one_time_code_${problem}`;
  return apiError(400, name, `The one-time code is ${(problem ?? 'incorrect').replaceAll('_', ' ')}.`);
}
