import { namedResource, pathResource, permissionsOn, RESOURCE_PATHS } from '../authorization.ts';
import { requiredString } from '../http/body-fields.ts';
import { notFound, validationError } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { baseMembership } from '../present.ts';
import type { AuthorizationResource } from '../resources/authorization.ts';
import type { Membership } from '../resources/users.ts';
import type { State } from '../state.ts';

const ROOT = '/authorization/organization_memberships/{organization_membership_id}';

export const accessCheckRoutes: Route[] = [
  [`POST ${ROOT}/check`, check],
  [`GET ${ROOT}/resources`, listAccessibleResources],
  [`GET ${ROOT}/resources/{resource_id}/permissions`, listPermissions],
  [`GET ${ROOT}/resources/{resource_type_slug}/{external_id}/permissions`, listPermissions],
  ...RESOURCE_PATHS.map((path): Route => [`GET ${path}/organization_memberships`, listResourceMembers]),
];

function check(request: ApiRequest, state: State): ApiResponse {
  const membership = membershipOf(request, state);
  const permission = existingPermission(state, requiredString(request.body, 'permission_slug'));
  const resource = namedResource(state, membership.organization_id, request.body);
  if (!resource) throw validationError('resource_id', 'is required', 'required');
  return { body: { authorized: isAllowed(state, membership, resource, permission) } };
}

/** The children of a resource on which the membership has a permission. */
function listAccessibleResources(request: ApiRequest, state: State): ApiResponse {
  const { organization_id, ...membership } = membershipOf(request, state);
  const permission = existingPermission(state, request.query.get('permission_slug') ?? '');
  const parent = namedResource(state, organization_id, Object.fromEntries(request.query), 'parent_');
  if (!parent) throw validationError('parent_resource_id', 'is required', 'required');
  const found = state
    .where('authorization_resources', { parent_resource_id: parent.id })
    .filter((resource) => isAllowed(state, { organization_id, ...membership }, resource, permission));
  return paginate(request, found, (resource) => resource);
}

function listPermissions(request: ApiRequest, state: State): ApiResponse {
  const membership = membershipOf(request, state);
  const params = { ...request.params, organization_id: membership.organization_id };
  const resource = pathResource({ params }, state);
  return paginate(request, permissionsOn(state, membership, resource), (permission) => permission);
}

/**
 * Lists who has a permission on a resource through any role or, with `assignment=direct`, through a role on the resource itself.
 */
function listResourceMembers(request: ApiRequest, state: State): ApiResponse {
  const resource = pathResource(request, state);
  const permission = existingPermission(state, request.query.get('permission_slug') ?? '');
  const inherited = request.query.get('assignment') !== 'direct';
  const found = state
    .where('organization_memberships', { organization_id: resource.organization_id })
    .filter((membership) => isAllowed(state, membership, resource, permission, { inherited }));
  return paginate(request, found, (membership) => ({
    ...baseMembership(state, membership),
    user: state.find('users', membership.user_id),
  }));
}

function isAllowed(
  state: State,
  membership: Membership,
  resource: AuthorizationResource,
  permission: string,
  options = { inherited: true },
): boolean {
  return permissionsOn(state, membership, resource, options).some(({ slug }) => slug === permission);
}

function existingPermission(state: State, slug: string): string {
  if (state.where('permissions', { slug }).length === 0) throw notFound('Permission', slug);
  return slug;
}

function membershipOf({ params }: ApiRequest, state: State): Membership {
  return state.find('organization_memberships', params['organization_membership_id'] ?? '');
}
