import { HttpError, notFound } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { FeatureFlag } from '../resources/feature-flags.ts';
import type { State } from '../state.ts';
import { list } from './resource-routes.ts';

const ROOT = '/feature-flags';

export const featureFlagRoutes: Route[] = [
  [`GET ${ROOT}`, list('feature_flags')],
  [`GET ${ROOT}/{slug}`, (request, state) => respond(state, flagOf(request, state))],
  [`PUT ${ROOT}/{slug}/enable`, (request, state) => setEnabled(request, state, true)],
  [`PUT ${ROOT}/{slug}/disable`, (request, state) => setEnabled(request, state, false)],
  [`POST ${ROOT}/{slug}/targets/{resourceId}`, addTarget],
  [`DELETE ${ROOT}/{slug}/targets/{resourceId}`, removeTarget],
  ['GET /organizations/{organizationId}/feature-flags', listOrganizationFlags],
  ['GET /user_management/users/{userId}/feature-flags', listUserFlags],
];

/** The context of a flag's events: the client and the actor. */
function contextOf({ environment }: State) {
  const actor = { id: 'key_01KE0SANDB0X00000000000000', source: 'api', name: null };
  return { client_id: environment.clientId, actor };
}

function setEnabled(request: ApiRequest, state: State, enabled: boolean): ApiResponse {
  const flag = flagOf(request, state);
  if (flag.enabled !== enabled) {
    state.change('feature_flags', flag, { enabled });
    const previous_attributes = { data: { enabled: !enabled } };
    state.emit('flag.updated', eventData(state, flag), { ...contextOf(state), previous_attributes });
  }
  return respond(state, flag);
}

function addTarget(request: ApiRequest, state: State): ApiResponse {
  const flag = flagOf(request, state);
  const target = targetOf(request, state);
  return flag._targets.includes(target) ? {} : setTargets(state, flag, [...flag._targets, target]);
}

function removeTarget(request: ApiRequest, state: State): ApiResponse {
  const flag = flagOf(request, state);
  const target = targetOf(request, state);
  const others = flag._targets.filter((id) => id !== target);
  return flag._targets.includes(target) ? setTargets(state, flag, others) : {};
}

function setTargets(state: State, flag: FeatureFlag, targets: string[]): ApiResponse {
  const previous_attributes = { context: rule(state, flag) };
  state.change('feature_flags', flag, { _targets: targets });
  const context = { ...contextOf(state), ...rule(state, flag), previous_attributes };
  state.emit('flag.rule_updated', eventData(state, flag), context);
  return {};
}

/** Who has a flag, in the format of its events. */
function rule(state: State, { default_value, _targets }: FeatureFlag) {
  const organizations = _targets.flatMap((id) => state.table('organizations').get(id) ?? []);
  const users = _targets.flatMap((id) => state.table('users').get(id) ?? []);
  return {
    access_type: default_value ? 'all' : organizations.length + users.length > 0 ? 'some' : 'none',
    configured_targets: {
      organizations: organizations.map(({ id, name }) => ({ id, name })),
      users: users.map(({ id, email }) => ({ id, email })),
    },
  };
}

function eventData(state: State, flag: FeatureFlag): object {
  return { ...present(state, 'feature_flags', flag), environment_id: state.environment.id };
}

function listOrganizationFlags(request: ApiRequest, state: State): ApiResponse {
  return listFlags(request, state, [state.find('organizations', request.id).id]);
}

/** The flags of a user and of the organizations of which the user is an active member. */
function listUserFlags(request: ApiRequest, state: State): ApiResponse {
  const { id } = state.find('users', request.id);
  const memberships = state.where('organization_memberships', { user_id: id, status: 'active' });
  return listFlags(request, state, [id, ...memberships.map(({ organization_id }) => organization_id)]);
}

/** The enabled flags that any of these organizations and users has. */
function listFlags(request: ApiRequest, state: State, ids: string[]): ApiResponse {
  const found = state
    .where('feature_flags', { enabled: true })
    .filter(({ default_value, _targets }) => default_value || ids.some((id) => _targets.includes(id)));
  return paginate(request, found, (flag) => present(state, 'feature_flags', flag));
}

function flagOf({ params }: ApiRequest, state: State): FeatureFlag {
  const slug = params['slug'] ?? '';
  const [flag] = state.where('feature_flags', { slug });
  if (!flag) throw notFound('Feature Flag', slug);
  return flag;
}

function targetOf({ id }: ApiRequest, state: State): string {
  if (id.startsWith('org_')) return state.find('organizations', id).id;
  if (id.startsWith('user_')) return state.find('users', id).id;
  const message = `Invalid resourceId format: '${id}'. Give the ID of a user or of an organization.`;
  throw new HttpError(400, { message, code: 'bad_request', statusCode: 400 });
}

function respond(state: State, flag: FeatureFlag): ApiResponse {
  return { body: present(state, 'feature_flags', flag) };
}
