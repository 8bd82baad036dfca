import { signedToken, tokenClaims } from '../access-tokens.ts';
import { roleOf } from '../authorization.ts';
import { apiError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { AgentBlueprint, AgentSession } from '../resources/agents.ts';
import type { Membership } from '../resources/users.ts';
import type { State } from '../state.ts';
import { isPast, timestamp } from '../timestamps.ts';

const ROOT = '/agents/blueprints/{agent_blueprint_id}/tokens';

export const agentTokenRoutes: Route[] = [
  [`POST ${ROOT}`, createToken],
  [`POST ${ROOT}/validate`, validateToken],
];

/** Validated against the document, so each type has its own field. */
interface TokenBody {
  type?: 'user_delegated' | 'autonomous' | 'agent_delegated' | 'refresh';
  user_access_token?: string;
  organization_id?: string;
  agent_access_token?: string;
  refresh_token?: string;
  intent?: string;
}

/** On whose behalf an agent acts: a member of the organization, or itself. */
interface Grant {
  organization_id: string;
  membership: Membership | undefined;
  userSessionId: string | null;
}

function createToken(request: ApiRequest, state: State): ApiResponse {
  const body: TokenBody = request.body;
  const blueprint = state.find('agent_blueprints', request.id);
  if (body.type === 'refresh') return refresh(request, state, blueprint, body.refresh_token ?? '');
  const grant = grantOf(body, state, blueprint);
  checkInvocable(blueprint, grant);
  const owner = {
    agent_blueprint_id: blueprint.id,
    organization_id: grant.organization_id,
    organization_membership_id: grant.membership?.id ?? null,
  };
  const [existing] = state.where('agent_instances', owner);
  const type = grant.membership ? 'delegated' : 'autonomous';
  const instance = existing ?? state.add('agent_instances', { ...owner, type });
  const session = state.add('agent_sessions', {
    agent_instance_id: instance.id,
    expires_at: timestamp(state.now() + blueprint.session_settings.max_age_seconds * 1000),
    revoked_at: null,
    _agent_blueprint_id: blueprint.id,
    _organization_id: grant.organization_id,
    _user_session_id: grant.userSessionId,
    ...newRefreshToken(state, blueprint),
  });
  return sendTokens(request, state, blueprint, session, grant, existing === undefined);
}

function grantOf(body: TokenBody, state: State, blueprint: AgentBlueprint): Grant {
  if (body.type === 'user_delegated') return grantOfUser(state, body.user_access_token ?? '');
  if (body.type === 'agent_delegated') {
    return grantOfSession(state, sessionOfToken(state, blueprint, body.agent_access_token ?? '').session);
  }
  const { id } = state.find('organizations', body.organization_id ?? '');
  return { organization_id: id, membership: undefined, userSessionId: null };
}

/** The grant for an access token issued by `POST /user_management/authenticate`: its user and organization. */
function grantOfUser(state: State, token: string): Grant {
  const claims = tokenClaims(state, token);
  const session = state.table('sessions').get(String(claims?.['sid']));
  const organization_id = String(claims?.['org_id']);
  if (!session || !state.table('organizations').has(organization_id)) {
    throw apiError(
      400,
      'invalid_user_access_token',
      'The user access token is invalid, expired or for no organization.',
    );
  }
  requireUserSession(state, session.id);
  const [membership] = state.where('organization_memberships', { user_id: session.user_id, organization_id });
  return { organization_id, membership: activeMember(membership), userSessionId: session.id };
}

function grantOfSession(state: State, session: AgentSession): Grant {
  const { organization_id, organization_membership_id: id } = state.find('agent_instances', session.agent_instance_id);
  const membership = id === null ? undefined : activeMember(state.table('organization_memberships').get(id));
  return { organization_id, membership, userSessionId: session._user_session_id };
}

function activeMember(membership: Membership | undefined): Membership {
  if (membership?.status === 'active') return membership;
  throw apiError(403, 'user_not_member_of_organization', 'The user is not an active member of the organization.');
}

/** An empty list allows everyone. Roles matter only if the agent acts for a user. */
function checkInvocable({ invocable_by }: AgentBlueprint, { organization_id, membership }: Grant): void {
  const { role_slugs, organization_ids } = invocable_by;
  if (organization_ids.length > 0 && !organization_ids.includes(organization_id)) {
    throw apiError(403, 'organization_not_invocable', 'The agent blueprint cannot be invoked in this organization.');
  }
  if (role_slugs.length > 0 && membership && !membership.roles.some(({ slug }) => role_slugs.includes(slug))) {
    throw apiError(403, 'role_not_invocable', 'The roles of the user cannot invoke the agent blueprint.');
  }
}

/** A refresh token works once. */
function refresh(request: ApiRequest, state: State, blueprint: AgentBlueprint, token: string): ApiResponse {
  const [session] = state.where('agent_sessions', { _refresh_token: token, _agent_blueprint_id: blueprint.id });
  if (!session) throw apiError(400, 'invalid_refresh_token', 'The refresh token is invalid or was used before.');
  requireNotRevoked(state, session);
  if (isPast(session.expires_at, state)) {
    throw apiError(400, 'max_age_exceeded', 'The agent session has reached its maximum age.');
  }
  if (isPast(session._refresh_expires_at, state)) {
    throw apiError(400, 'invalid_refresh_token', 'The refresh token has expired.');
  }
  const grant = grantOfSession(state, session);
  checkInvocable(blueprint, grant);
  state.change('agent_sessions', session, newRefreshToken(state, blueprint));
  return sendTokens(request, state, blueprint, session, grant, false);
}

function newRefreshToken(
  state: State,
  { session_settings }: AgentBlueprint,
): Pick<AgentSession, '_refresh_token' | '_refresh_expires_at'> {
  const expires = state.now() + session_settings.refresh_token_ttl_seconds * 1000;
  return { _refresh_token: state.ids.token(32), _refresh_expires_at: timestamp(expires) };
}

/**
 * The access token expires no later than the session. If the agent acts for a user, it has only the permissions that both the
 * blueprint and the user have.
 */
function sendTokens(
  { body, origin }: ApiRequest,
  state: State,
  blueprint: AgentBlueprint,
  session: AgentSession,
  { organization_id, membership }: Grant,
  isNewInstance: boolean,
): ApiResponse {
  const now = Math.floor(state.now() / 1000);
  const left = Math.floor(Date.parse(session.expires_at) / 1000) - now;
  const expires_in = Math.min(blueprint.session_settings.access_token_ttl_seconds, left);
  const held = membership?.roles.flatMap(({ slug }) => roleOf(state, organization_id, slug)?.permissions ?? []);
  const permissions = blueprint.permissions.filter((slug) => held === undefined || held.includes(slug));
  const { intent }: TokenBody = body;
  const access_token = signedToken(state, {
    iss: `${origin}/user_management/${state.environment.clientId}`,
    aud: state.environment.clientId,
    sub: session.agent_instance_id,
    sid: session.id,
    jti: state.ids.next('jti', state.now()),
    org_id: organization_id,
    permissions,
    ...(membership ? { act: { sub: membership.user_id } } : {}),
    ...(intent === undefined ? {} : { intent: { text: intent } }),
    exp: now + expires_in,
    iat: now,
  });
  return {
    body: {
      access_token,
      token_type: 'Bearer',
      expires_in,
      refresh_token: session._refresh_token,
      agent_instance_id: session.agent_instance_id,
      new_instance: isNewInstance,
      agent_instance_session_id: session.id,
      permissions,
    },
  };
}

function validateToken({ id, body }: ApiRequest, state: State): ApiResponse {
  const blueprint = state.find('agent_blueprints', id);
  const { session, claims } = sessionOfToken(state, blueprint, String(body['agent_access_token']));
  // This module signed the token.
  const { act, intent } = claims as { act?: { sub: string }; intent?: { text: string } };
  return {
    body: {
      valid: true,
      agent_instance_id: session.agent_instance_id,
      agent_instance_session_id: session.id,
      organization_id: session._organization_id,
      permissions: claims['permissions'],
      intent: intent?.text ?? null,
      acting_user_id: act?.sub ?? null,
      session_expires_at: session.expires_at,
    },
  };
}

/** @throws HttpError 400 if the token does not belong to the blueprint, or has ended with its session */
function sessionOfToken(state: State, blueprint: AgentBlueprint, token: string) {
  const claims = tokenClaims(state, token);
  const session = state.table('agent_sessions').get(String(claims?.['sid']));
  if (!claims || session?._agent_blueprint_id !== blueprint.id) {
    throw apiError(400, 'invalid_agent_access_token', 'The agent access token is invalid or has expired.');
  }
  requireNotRevoked(state, session);
  if (isPast(session.expires_at, state)) throw apiError(400, 'session_expired', 'The agent session has expired.');
  return { session, claims };
}

/** A session also ends when the session of the user for whom the agent acts does. */
function requireNotRevoked(state: State, session: AgentSession): void {
  if (session.revoked_at !== null) throw apiError(400, 'session_revoked', 'The agent session has been revoked.');
  if (session._user_session_id !== null) requireUserSession(state, session._user_session_id);
}

function requireUserSession(state: State, id: string): void {
  const session = state.table('sessions').get(id);
  if (session?.status === 'active' && !isPast(session.expires_at, state)) return;
  throw apiError(400, 'user_session_ended', 'The session of the user has ended.');
}
