import { isString, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { AgentBlueprint, AgentInstance, AgentSession } from '../resources/agents.ts';
import { readClaims, signedClaims, signedToken } from '../signed-token.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';

const ROOT = '/agents/blueprints/{agent_blueprint_id}/tokens';

export const agentTokenRoutes: Route[] = [
  [`POST ${ROOT}`, createToken],
  [`POST ${ROOT}/validate`, validateToken],
];

type Body = Record<string, unknown>;

/** On whose behalf an agent acts, and with which permissions at most. */
type Grant = Pick<AgentInstance, 'type' | 'organization_id' | 'user_id'> & { permissions: string[] };

const GRANTS: Record<string, (body: Body, state: State, blueprint: AgentBlueprint) => Grant> = {
  user_delegated: grantOfUser,
  autonomous: grantOfOrganization,
  agent_delegated: grantOfAgent,
};

function createToken({ id, body }: ApiRequest, state: State): ApiResponse {
  const blueprint = state.find('agent_blueprints', id);
  const grant = GRANTS[requiredString(body, 'type')]?.(body, state, blueprint);
  return grant ? startSession(state, blueprint, grant, body) : refreshSession(state, blueprint, body);
}

/** A user's access token is read, but not whether it is genuine: the sandbox has users who never signed in. */
function grantOfUser(body: Body, state: State, blueprint: AgentBlueprint): Grant {
  const claims = readClaims(requiredString(body, 'user_access_token'));
  const user = state.table('users').get(String(claims?.['sub']));
  const organizationId = String(claims?.['org_id']);
  if (!user || Number(claims?.['exp']) * 1000 <= state.now()) {
    throw apiError(400, 'invalid_user_access_token', 'The user access token is invalid or has expired.');
  }
  const [membership] = state.where('organization_memberships', { user_id: user.id, organization_id: organizationId });
  if (membership?.status !== 'active') {
    const message = `The user '${user.id}' is not a member of the organization.`;
    throw apiError(403, 'user_not_member_of_organization', message);
  }
  requireInvocable(blueprint, organizationId);
  const slugs = membership.roles.map(({ slug }) => slug);
  const allowed = blueprint.invocable_by.role_slugs;
  if (allowed.length > 0 && !slugs.some((slug) => allowed.includes(slug))) {
    throw apiError(403, 'role_not_invocable', 'The role of the user may not invoke this agent blueprint.');
  }
  const granted = state.where('roles').flatMap((role) => (slugs.includes(role.slug) ? role.permissions : []));
  const permissions = blueprint.permissions.filter((permission) => granted.includes(permission));
  return { type: 'delegated', organization_id: organizationId, user_id: user.id, permissions };
}

function grantOfOrganization(body: Body, state: State, blueprint: AgentBlueprint): Grant {
  const { id } = state.find('organizations', requiredString(body, 'organization_id'));
  requireInvocable(blueprint, id);
  return { type: 'autonomous', organization_id: id, user_id: null, permissions: blueprint.permissions };
}

function grantOfAgent(body: Body, state: State, blueprint: AgentBlueprint): Grant {
  const session = sessionOfToken(state, blueprint, requiredString(body, 'agent_access_token'));
  const { organization_id, user_id, permissions } = session;
  return { type: user_id === null ? 'autonomous' : 'delegated', organization_id, user_id, permissions };
}

function requireInvocable({ invocable_by: { organization_ids } }: AgentBlueprint, organizationId: string): void {
  if (organization_ids.length === 0 || organization_ids.includes(organizationId)) return;
  const message = `The agent blueprint may not be invoked in the organization '${organizationId}'.`;
  throw apiError(403, 'organization_not_invocable', message);
}

/** An organization, or a user in one, has one instance of a blueprint. */
function startSession(state: State, blueprint: AgentBlueprint, grant: Grant, body: Body): ApiResponse {
  const { permissions, ...who } = grant;
  const owner = { ...who, agent_blueprint_id: blueprint.id };
  const instance = state.where('agent_instances', owner)[0] ?? state.add('agent_instances', owner);
  const session = state.add('agent_sessions', {
    agent_blueprint_id: blueprint.id,
    agent_instance_id: instance.id,
    organization_id: grant.organization_id,
    user_id: grant.user_id,
    permissions,
    intent: optionalField(body, 'intent', isString) ?? null,
    expires_at: timestamp(state.now() + blueprint.session_settings.max_age_seconds * 1000),
    revoked_at: null,
    _refresh_token: '',
    _refresh_expires_at: '',
  });
  return sendTokens(state, blueprint, session);
}

/** A refresh token works once. */
function refreshSession(state: State, blueprint: AgentBlueprint, body: Body): ApiResponse {
  const token = requiredString(body, 'refresh_token');
  const [session] = state.where('agent_sessions', { _refresh_token: token, agent_blueprint_id: blueprint.id });
  if (!session || Date.parse(session._refresh_expires_at) <= state.now()) {
    throw apiError(400, 'invalid_refresh_token', 'The refresh token is invalid, has expired or was used before.');
  }
  if (Date.parse(session.expires_at) <= state.now()) {
    throw apiError(400, 'max_age_exceeded', 'The session has reached its maximum age.');
  }
  requireAlive(state, session);
  const intent = optionalField(body, 'intent', isString) ?? session.intent;
  return sendTokens(state, blueprint, state.change('agent_sessions', session, { intent }));
}

/** Issues a session's next tokens. Neither lives longer than the session. */
function sendTokens(state: State, blueprint: AgentBlueprint, session: AgentSession): ApiResponse {
  const { access_token_ttl_seconds, refresh_token_ttl_seconds } = blueprint.session_settings;
  const now = state.now();
  const left = Date.parse(session.expires_at) - now;
  const seconds = Math.min(access_token_ttl_seconds, Math.floor(left / 1000));
  const refreshToken = state.ids.token(32);
  state.change('agent_sessions', session, {
    _refresh_token: refreshToken,
    _refresh_expires_at: timestamp(now + Math.min(refresh_token_ttl_seconds * 1000, left)),
  });
  const accessToken = signedToken({
    iss: 'https://api.workos.com',
    sub: session.agent_instance_id,
    sid: session.id,
    org_id: session.organization_id,
    agent_blueprint_id: blueprint.id,
    permissions: session.permissions,
    ...(session.user_id !== null && { act_for: session.user_id }),
    ...(session.intent !== null && { intent: { text: session.intent } }),
    jti: state.ids.token(16),
    iat: Math.floor(now / 1000),
    exp: Math.floor(now / 1000) + seconds,
  });
  return {
    body: {
      access_token: accessToken,
      refresh_token: refreshToken,
      token_type: 'Bearer',
      expires_in: seconds,
      agent_instance_id: session.agent_instance_id,
      agent_instance_session_id: session.id,
    },
  };
}

function validateToken({ id, body }: ApiRequest, state: State): ApiResponse {
  const blueprint = state.find('agent_blueprints', id);
  const session = sessionOfToken(state, blueprint, requiredString(body, 'agent_access_token'));
  const instance = state.find('agent_instances', session.agent_instance_id);
  return {
    body: {
      agent_instance: present(state, 'agent_instances', instance),
      agent_instance_session: present(state, 'agent_sessions', session),
      permissions: session.permissions,
    },
  };
}

/** @throws HttpError 400 if the token is not one of this blueprint, or its session has ended */
function sessionOfToken(state: State, blueprint: AgentBlueprint, token: string): AgentSession {
  const claims = signedClaims(token);
  const session = state.table('agent_sessions').get(String(claims?.['sid']));
  if (session?.agent_blueprint_id !== blueprint.id || claims?.['agent_blueprint_id'] !== blueprint.id) {
    throw apiError(400, 'invalid_agent_access_token', 'The agent access token is invalid.');
  }
  requireAlive(state, session);
  if (Number(claims['exp']) * 1000 <= state.now()) {
    throw apiError(400, 'invalid_agent_access_token', 'The agent access token has expired.');
  }
  return session;
}

function requireAlive(state: State, session: AgentSession): void {
  if (session.revoked_at !== null) throw apiError(400, 'session_revoked', 'The session has been revoked.');
  if (Date.parse(session.expires_at) <= state.now()) throw apiError(400, 'session_expired', 'The session has expired.');
}
