import { isObject, isStringArray, isStringOrNull, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { AgentBlueprint, SessionSettings } from '../resources/agents.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { get, list, remove, respond } from './resource-routes.ts';

const ROOT = '/agents/blueprints';

export const agentRoutes: Route[] = [
  [`GET ${ROOT}`, list('agent_blueprints')],
  [`POST ${ROOT}`, createBlueprint],
  [`GET ${ROOT}/{agent_blueprint_id}`, get('agent_blueprints')],
  [`PATCH ${ROOT}/{agent_blueprint_id}`, updateBlueprint],
  [`DELETE ${ROOT}/{agent_blueprint_id}`, remove('agent_blueprints')],
  [
    'GET /agents/instances',
    list('agent_instances', { organization_id: 'organization_id', agent_blueprint_id: 'agent_blueprint_id' }),
  ],
  ['GET /agents/instances/{agent_instance_id}', get('agent_instances')],
  ['DELETE /agents/instances/{agent_instance_id}', remove('agent_instances')],
  [
    'GET /agents/sessions',
    list('agent_sessions', {
      organization_id: '_organization_id',
      agent_blueprint_id: '_agent_blueprint_id',
      agent_instance_id: 'agent_instance_id',
    }),
  ],
  ['GET /agents/sessions/{agent_instance_session_id}', get('agent_sessions')],
  ['POST /agents/sessions/{agent_instance_session_id}/revoke', revokeSession],
];

/** The document's defaults. */
const SESSION_SETTINGS: SessionSettings = {
  max_age_seconds: 3_600,
  access_token_ttl_seconds: 300,
  refresh_token_ttl_seconds: 3_600,
};

function createBlueprint({ body }: ApiRequest, state: State): ApiResponse {
  const blueprint = state.add('agent_blueprints', {
    name: parseName(body, state),
    description: null,
    permissions: [],
    invocable_by: { role_slugs: [], organization_ids: [] },
    session_settings: SESSION_SETTINGS,
    ...parseBlueprint(body, state),
  });
  return respond(state, 'agent_blueprints', blueprint);
}

function updateBlueprint({ id, body }: ApiRequest, state: State): ApiResponse {
  const blueprint = state.find('agent_blueprints', id);
  const name = body['name'] === undefined ? blueprint.name : parseName(body, state, blueprint);
  state.change('agent_blueprints', blueprint, { name, ...parseBlueprint(body, state, blueprint) });
  return respond(state, 'agent_blueprints', blueprint);
}

/** An expired session stays expired, and a revoked one keeps the time of its revocation. */
function revokeSession({ id }: ApiRequest, state: State): ApiResponse {
  const session = state.find('agent_sessions', id);
  const now = state.now();
  if (session.revoked_at === null && Date.parse(session.expires_at) > now) {
    state.change('agent_sessions', session, { revoked_at: timestamp(now) });
  }
  return respond(state, 'agent_sessions', session);
}

function parseName(body: Record<string, unknown>, state: State, current?: AgentBlueprint): string {
  const name = requiredString(body, 'name');
  if (state.where('agent_blueprints', { name }).some(({ id }) => id !== current?.id)) {
    throw apiError(409, 'name_already_in_use', `An agent blueprint with the name '${name}' already exists.`);
  }
  return name;
}

/** The fields of a blueprint in a body, except its name. */
function parseBlueprint(
  body: Record<string, unknown>,
  state: State,
  current?: AgentBlueprint,
): Partial<Omit<AgentBlueprint, 'name'>> {
  const description = optionalField(body, 'description', isStringOrNull);
  const permissions = optionalField(body, 'permissions', isStringArray);
  const invocable = isObject(body['invocable_by']) ? body['invocable_by'] : {};
  const roles = optionalField(invocable, 'role_slugs', isStringArray);
  const organizations = optionalField(invocable, 'organization_ids', isStringArray);
  const slugs = (table: 'permissions' | 'roles') => state.where(table).map(({ slug }) => slug);
  requireKnown('permission', permissions, slugs('permissions'));
  requireKnown('role', roles, slugs('roles'));
  requireKnown('organization', organizations, [...state.table('organizations').keys()]);
  return {
    ...(description !== undefined && { description }),
    ...(permissions && { permissions }),
    invocable_by: {
      role_slugs: roles ?? current?.invocable_by.role_slugs ?? [],
      organization_ids: organizations ?? current?.invocable_by.organization_ids ?? [],
    },
    session_settings: {
      ...(current?.session_settings ?? SESSION_SETTINGS),
      ...(isObject(body['session_settings']) && body['session_settings']),
    },
  };
}

/** @throws HttpError 422 if one of the names is unknown */
function requireKnown(noun: string, names: string[] | undefined, known: string[]): void {
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw apiError(422, `${noun}_not_found`, `The ${noun} '${unknown}' does not exist.`);
}
