import { roleFields, roleOf } from '../authorization.ts';
import { isString, isStringArray, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, validationError } from '../http/errors.ts';
import { listParam, paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { Membership, MembershipStatus } from '../resources/users.ts';
import type { State } from '../state.ts';
import { get, remove } from './resource-routes.ts';
import { userById } from './users.ts';

const ROOT = '/user_management/organization_memberships';

export const membershipRoutes: Route[] = [
  [`GET ${ROOT}`, listMemberships],
  [`POST ${ROOT}`, createMembership],
  [`GET ${ROOT}/{id}`, get('organization_memberships')],
  [`PUT ${ROOT}/{id}`, updateMembership],
  [`DELETE ${ROOT}/{id}`, remove('organization_memberships')],
  [`PUT ${ROOT}/{id}/deactivate`, (request, state) => changeStatus(request, state, 'deactivate', 'inactive')],
  [`PUT ${ROOT}/{id}/reactivate`, (request, state) => changeStatus(request, state, 'reactivate', 'active')],
];

const STATUSES: readonly string[] = ['active', 'inactive', 'pending'] satisfies MembershipStatus[];

function listMemberships(request: ApiRequest, state: State): ApiResponse {
  const { query } = request;
  const userId = query.get('user_id');
  const organizationId = query.get('organization_id');
  if (!userId && !organizationId) {
    const message = 'Either user_id or organization_id must be provided.';
    throw apiError(400, 'missing_user_id_or_organization_id', message);
  }
  if (userId) userById(state, userId);
  if (organizationId) state.find('organizations', organizationId);
  const statuses = listParam(query, 'statuses');
  const unknown = statuses.find((status) => !STATUSES.includes(status));
  if (unknown !== undefined) {
    throw apiError(400, 'invalid_request_parameters', `Validation failed: '${unknown}' is not a membership status.`);
  }
  const allowed = statuses.length === 0 ? ['active'] : statuses;
  const found = state
    .where('organization_memberships')
    .filter(
      (membership) =>
        (!userId || membership.user_id === userId) &&
        (!organizationId || membership.organization_id === organizationId) &&
        allowed.includes(membership.status),
    );
  return paginate(request, found, (membership) => present(state, 'organization_memberships', membership));
}

function createMembership({ body }: ApiRequest, state: State): ApiResponse {
  const userId = requiredString(body, 'user_id');
  const organizationId = requiredString(body, 'organization_id');
  userById(state, userId);
  state.find('organizations', organizationId);
  const roles = parseRoles(body, state, organizationId) ?? [];
  const [existing] = state.where('organization_memberships', { user_id: userId, organization_id: organizationId });
  if (existing?.status === 'active') {
    const message = `The user '${userId}' is already a member of the organization '${organizationId}'.`;
    throw apiError(409, 'organization_membership_already_exists', message);
  }
  if (existing?.status === 'pending') throw pendingError('reactivate');
  if (existing) {
    return respond(
      state,
      state.change('organization_memberships', existing, { status: 'active', ...roleFields(roles) }),
    );
  }
  const membership = state.add('organization_memberships', {
    user_id: userId,
    organization_id: organizationId,
    status: 'active',
    directory_managed: false,
    custom_attributes: {},
    ...roleFields(roles),
  });
  return respond(state, membership);
}

function updateMembership({ id, body }: ApiRequest, state: State): ApiResponse {
  const membership = state.find('organization_memberships', id);
  const roles = parseRoles(body, state, membership.organization_id);
  if (roles) state.change('organization_memberships', membership, roleFields(roles));
  return respond(state, membership);
}

function changeStatus(
  { id }: ApiRequest,
  state: State,
  verb: 'deactivate' | 'reactivate',
  status: MembershipStatus,
): ApiResponse {
  const membership = state.find('organization_memberships', id);
  if (membership.status === 'pending') throw pendingError(verb);
  if (membership.status !== status) state.change('organization_memberships', membership, { status });
  return respond(state, membership);
}

function pendingError(verb: 'deactivate' | 'reactivate') {
  return apiError(
    400,
    `cannot_${verb}_pending_organization_membership`,
    `A pending organization membership cannot be ${verb}d. The user needs to accept the invitation instead.`,
  );
}

/**
 * The slugs in `role_slug` or `role_slugs`, or undefined if neither is given.
 * @throws HttpError 422 for a role that the organization does not have
 */
function parseRoles(body: Record<string, unknown>, state: State, organizationId: string): string[] | undefined {
  const single = optionalField(body, 'role_slug', isString);
  const multiple = optionalField(body, 'role_slugs', isStringArray);
  if (single !== undefined && multiple !== undefined)
    throw validationError('role_slug', 'cannot be combined with role_slugs');
  const slugs = single === undefined ? multiple : [single];
  if (slugs?.length === 0) throw validationError('role_slugs', 'must contain at least one role');
  const unknown = slugs?.find((slug) => roleOf(state, organizationId, slug)?.resource_type_slug !== 'organization');
  if (unknown !== undefined) throw apiError(422, 'invalid_role', `Role '${unknown}' is not a valid role.`);
  return slugs;
}

function respond(state: State, membership: Membership): ApiResponse {
  return { body: present(state, 'organization_memberships', membership) };
}
