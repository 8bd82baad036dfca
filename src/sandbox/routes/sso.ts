import { publicKeys } from '../access-tokens.ts';
import { apiError, HttpError, notFound } from '../http/errors.ts';
import { page } from '../http/page.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { sendMessage } from '../messages.ts';
import { present } from '../present.ts';
import { newAuthorizationCode, profileOf, sharedOrigin } from '../profiles.ts';
import type { Profile } from '../resources/authentication.ts';
import type { State } from '../state.ts';
import { isPast, timestamp } from '../timestamps.ts';
import { checkClient, findCode } from './authenticate.ts';
import { homeUrl, redirectUrl } from './sessions.ts';
import { requiredEmail, userByEmail } from './users.ts';

const LINK_PAGE = '/_sandbox/pages/magic-link';
const TOKEN_LIFETIME_SECONDS = 600;

/** Standalone single sign-on. */
export const ssoRoutes: Route[] = [
  ['POST /sso/token', exchangeCode],
  ['GET /sso/profile', getProfile],
  ['GET /sso/jwks/{clientId}', getKeys],
  ['POST /sso/logout/authorize', authorizeLogout],
  ['GET /sso/logout', logOut],
  // In the official SDKs but not in the document: magic links.
  ['POST /passwordless/sessions', createLink],
  ['POST /passwordless/sessions/{id}/send', sendLink],
  [`GET ${LINK_PAGE}/{token}`, followLink],
];

function exchangeCode(request: ApiRequest, state: State): ApiResponse {
  const { client_id, client_secret, grant_type } = request.body;
  checkClient(client_id, client_secret, state);
  if (grant_type !== 'authorization_code') {
    throw apiError(501, 'not_simulated', 'The sandbox does not simulate the exchange of tokens.');
  }
  const code = findCode(request, state, 'profile_id');
  const profile = state.find('profiles', code.profile_id ?? '');
  state.remove('authorization_codes', code.id);
  const token = state.ids.token(25);
  state.change('profiles', profile, {
    _access_token: token,
    _access_token_expires_at: timestamp(state.now() + TOKEN_LIFETIME_SECONDS * 1000),
  });
  const sso = { organization_id: profile.organization_id, connection_id: profile.connection_id, session_id: null };
  state.emit('authentication.sso_succeeded', {
    type: 'sso',
    status: 'succeeded',
    ip_address: null,
    user_agent: null,
    user_id: null,
    email: profile.email,
    sso,
  });
  const shown = shownProfile(state, profile);
  return {
    body: { token_type: 'Bearer', access_token: token, expires_in: TOKEN_LIFETIME_SECONDS, profile: shown },
  };
}

/** Authenticated with the access token from `POST /sso/token`, not with an API key. */
function getProfile({ token }: ApiRequest, state: State): ApiResponse {
  const [profile] = token === undefined ? [] : state.where('profiles', { _access_token: token });
  if (!profile || isPast(profile._access_token_expires_at ?? '', state)) {
    throw new HttpError(401, { error: 'Unauthorized' });
  }
  return { body: shownProfile(state, profile) };
}

function getKeys({ id }: ApiRequest, state: State): ApiResponse {
  if (id !== state.environment.clientId) throw notFound('Client', id);
  return { body: publicKeys(state) };
}

function authorizeLogout({ body, origin }: ApiRequest, state: State): ApiResponse {
  const profile = state.find('profiles', String(body['profile_id']));
  const token = state.ids.token(25);
  state.change('profiles', profile, { _logout_token: token });
  return { body: { logout_url: `${origin}/sso/logout?token=${token}`, logout_token: token } };
}

function logOut({ query }: ApiRequest, state: State): ApiResponse {
  const token = query.get('token') ?? '';
  const [profile] = state.where('profiles', { _logout_token: token });
  if (!profile) throw notFound('Logout token', token);
  state.change('profiles', profile, { _logout_token: null, _access_token: null });
  return { status: 302, headers: { Location: homeUrl(state) } };
}

function createLink({ body, origin }: ApiRequest, state: State): ApiResponse {
  const email = requiredEmail(body, 'email');
  const uri = redirectUrl('redirect_uri', String(body['redirect_uri'] ?? homeUrl(state)));
  const connectionId = body['connection'];
  if (connectionId !== undefined) state.find('connections', String(connectionId));
  const lifetime = Number(body['expires_in'] ?? 900);
  if (!(lifetime >= 300 && lifetime <= 86_400)) {
    throw apiError(422, 'invalid_request_parameters', 'Validation failed: expires_in must be from 300 to 86400.');
  }
  const token = state.ids.token(25);
  const session = state.add('passwordless_sessions', {
    email,
    expires_at: timestamp(state.now() + lifetime * 1000),
    link: `${origin}${LINK_PAGE}/${token}`,
    _token: token,
    _redirect_uri: uri.href,
    _state: body['state'] === undefined ? null : String(body['state']),
    _connection_id: connectionId === undefined ? null : String(connectionId),
  });
  return { status: 201, body: present(state, 'passwordless_sessions', session) };
}

function sendLink({ id }: ApiRequest, state: State): ApiResponse {
  const { email, link } = state.find('passwordless_sessions', id);
  sendMessage(state, { to: email, kind: 'magic_link', url: link });
  return { body: { success: true } };
}

/** A link works once. */
function followLink({ id: token }: ApiRequest, state: State): ApiResponse {
  const [session] = state.where('passwordless_sessions', { _token: token });
  if (!session || isPast(session.expires_at, state)) return page('The link is invalid or has expired', '', 404);
  const connection = state.table('connections').get(session._connection_id ?? '');
  const shared = sharedOrigin(state, 'MagicLink');
  const origin = connection
    ? { ...shared, connection_id: connection.id, organization_id: connection.organization_id }
    : shared;
  const profile = profileOf(state, origin, session.email, userByEmail(state, session.email));
  state.remove('passwordless_sessions', session.id);
  const url = new URL(session._redirect_uri);
  url.searchParams.set('code', newAuthorizationCode(state, { profile_id: profile.id }, null).code);
  if (session._state !== null) url.searchParams.set('state', session._state);
  return { status: 302, headers: { Location: url.href } };
}

/** A profile as the API returns it, without timestamps. Its roles come from the membership of the user with its email address. */
function shownProfile(state: State, profile: Profile): object {
  const { object, id, connection_id, connection_type, organization_id, idp_id, email } = profile;
  const { first_name, last_name, name, raw_attributes } = profile;
  const user_id = userByEmail(state, email)?.id ?? '';
  const [membership] = state.where('organization_memberships', { user_id, organization_id: organization_id ?? '' });
  return {
    object,
    id,
    connection_id,
    connection_type,
    organization_id,
    idp_id,
    email,
    first_name,
    last_name,
    name,
    role: membership?.role ?? null,
    roles: membership?.roles ?? null,
    groups: [],
    custom_attributes: {},
    raw_attributes,
  };
}
