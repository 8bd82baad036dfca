import { newUser } from '../factories.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { newAuthorizationCode, type Origin, profileOf, sharedOrigin } from '../profiles.ts';
import type { Connection } from '../resources/organizations.ts';
import type { User } from '../resources/users.ts';
import { newSignIn, oauthError } from '../sign-in.ts';
import type { State } from '../state.ts';
import { redirectUrl } from './sessions.ts';
import { requiredEmail, userByEmail } from './users.ts';

/** The redirects that start a sign-in. They lead straight back to the application without asking the user anything. */
export const authorizeRoutes: Route[] = [
  ['GET /user_management/authorize', authorizeUser],
  ['GET /sso/authorize', authorizeProfile],
];

/** The reason why a sign-in cannot start, as reported in the redirect. */
class Refusal extends Error {
  readonly error: string;

  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}

function authorizeUser(request: ApiRequest, state: State): ApiResponse {
  return redirectBack(request, state, () => {
    const { query } = request;
    const organizationId = query.get('organization_id');
    const provider = query.get('provider');
    if (organizationId !== null && !state.table('organizations').has(organizationId)) {
      throw new Refusal('organization_invalid', 'The organization does not exist.');
    }
    const connection = findConnection(state, query.get('connection_id'), provider ? null : organizationId);
    if (!connection && organizationId === null && provider === null) {
      const names = 'connection_id, organization_id or provider';
      throw new Refusal('invalid_connection_selector', `One of ${names} is required.`);
    }
    const inOrganization = organizationId ?? connection?.organization_id ?? null;
    const user = choosePerson(state, query, inOrganization);
    const isOAuth = !connection && provider !== null && provider !== 'authkit';
    if (isOAuth) rememberIdentity(state, user, provider);
    const method = connection ? 'SSO' : isOAuth ? provider : 'Password';
    if (connection) emitStarted(state, connection);
    // The sign-in counts as if AuthKit had asked for everything it needs.
    if (!user.email_verified) state.change('users', user, { email_verified: true });
    const signIn = {
      ...newSignIn(user, method, inOrganization),
      connection_id: connection?.id ?? null,
      mfa_passed: true,
    };
    return newAuthorizationCode(state, { sign_in: signIn }, query.get('code_challenge')).code;
  });
}

function authorizeProfile(request: ApiRequest, state: State): ApiResponse {
  return redirectBack(request, state, () => {
    const { query } = request;
    const provider = query.get('provider');
    const organizationId = query.get('organization') ?? organizationOfDomain(state, query.get('domain'));
    const connection = findConnection(state, query.get('connection'), organizationId);
    if (!connection && provider === null) {
      const isKnown = organizationId !== null;
      throw isKnown
        ? new Refusal('organization_invalid', 'The organization does not exist or has no active connection.')
        : new Refusal('invalid_connection_selector', 'One of connection, organization or provider is required.');
    }
    const origin: Origin = connection
      ? {
          connection_id: connection.id,
          // The document has two spellings of this type.
          connection_type: connection.connection_type.replace('GithubOAuth', 'GitHubOAuth'),
          organization_id: connection.organization_id,
        }
      : sharedOrigin(state, provider ?? '');
    if (connection) emitStarted(state, connection);
    const hint = query.get('login_hint');
    const user = hint === null ? choosePerson(state, query, origin.organization_id) : userByEmail(state, hint);
    const profile = profileOf(state, origin, user?.email ?? hint ?? '', user);
    return newAuthorizationCode(state, { profile_id: profile.id }, query.get('code_challenge')).code;
  });
}

/** Redirects with the code from `makeCode`, or with the error that it throws as a `Refusal`. */
function redirectBack({ query }: ApiRequest, state: State, makeCode: () => string): ApiResponse {
  if (query.get('client_id') !== state.environment.clientId) throw oauthError('invalid_client', 'Invalid client ID.');
  const url = redirectUrl('redirect_uri', query.get('redirect_uri') ?? '');
  try {
    url.searchParams.set('code', makeCode());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    url.searchParams.set('error', error.error);
    url.searchParams.set('error_description', error.message);
  }
  const given = query.get('state');
  if (given !== null) url.searchParams.set('state', given);
  return { status: 302, headers: { Location: url.href } };
}

/** The connection with this id, or the organization's active connection. */
function findConnection(state: State, id: string | null, organizationId: string | null): Connection | undefined {
  if (id === null) {
    return organizationId === null
      ? undefined
      : state.where('connections', { organization_id: organizationId, state: 'active' })[0];
  }
  const connection = state.table('connections').get(id);
  if (connection?.state === 'active') return connection;
  throw connection
    ? new Refusal('connection_unlinked', 'The connection is not active.')
    : new Refusal('connection_invalid', 'The connection does not exist.');
}

function organizationOfDomain(state: State, domain: string | null): string | null {
  return domain === null ? null : (state.where('organization_domains', { domain })[0]?.organization_id ?? '');
}

/** The user of the `login_hint`, who may be signing up; otherwise a member of the organization, or the first user. */
function choosePerson(state: State, query: URLSearchParams, organizationId: string | null): User {
  const hint = query.get('login_hint');
  const members =
    organizationId === null
      ? []
      : state.where('organization_memberships', { organization_id: organizationId, status: 'active' });
  const user =
    hint === null
      ? state.where('users').find(({ id }) => organizationId === null || members.some(({ user_id }) => user_id === id))
      : userByEmail(state, hint);
  if (user) return user;
  if (hint !== null && query.get('screen_hint') === 'sign-up') {
    return state.add('users', newUser({ email: requiredEmail({ login_hint: hint }, 'login_hint') }));
  }
  throw new Refusal('access_denied', 'There is no such user.');
}

function emitStarted(state: State, { id, organization_id }: Connection): void {
  const nobody = { ip_address: null, user_agent: null, user_id: null, email: null };
  const sso = { organization_id, connection_id: id, session_id: null };
  state.emit('authentication.sso_started', { type: 'sso', status: 'started', ...nobody, sso });
}

function rememberIdentity(state: State, user: User, provider: string): void {
  if (state.where('identities', { _user_id: user.id, provider }).length > 0) return;
  state.add('identities', { idp_id: state.ids.digits(21), type: 'OAuth', provider, _user_id: user.id });
}
