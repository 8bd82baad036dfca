import { isString, isStringArray, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, findOrThrow, validationError } from '../http/errors.ts';
import { listParam, paginate } from '../http/pagination.ts';
import type { ApiRequest, ApiResponse, Route } from '../http/route.ts';
import type { Membership, MembershipStatus } from '../resources.ts';
import type { State } from '../state.ts';
import { timestamp, timestamps } from '../timestamps.ts';
import { userById } from './users.ts';

const ROOT = '/user_management/organization_memberships';

export const membershipRoutes: Route[] = [
  ['GET', ROOT, listMemberships],
  ['POST', ROOT, createMembership],
  ['GET', `${ROOT}/{id}`, ({ id }, state) => respond(200, state, membershipById(state, id))],
  ['PUT', `${ROOT}/{id}`, updateMembership],
  ['DELETE', `${ROOT}/{id}`, deleteMembership],
  ['PUT', `${ROOT}/{id}/deactivate`, (request, state) => changeStatus(request, state, 'deactivate', 'inactive')],
  ['PUT', `${ROOT}/{id}/reactivate`, (request, state) => changeStatus(request, state, 'reactivate', 'active')],
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
  if (organizationId) findOrThrow(state.organizations, 'Organization', organizationId);
  const statuses = listParam(query, 'statuses');
  const unknown = statuses.find((status) => !STATUSES.includes(status));
  if (unknown !== undefined) {
    throw apiError(400, 'invalid_request_parameters', `Validation failed: '${unknown}' is not a membership status.`);
  }
  const allowed = statuses.length === 0 ? ['active'] : statuses;
  const found = [...state.memberships.values()].filter(
    (membership) =>
      (!userId || membership.user_id === userId) &&
      (!organizationId || membership.organization_id === organizationId) &&
      allowed.includes(membership.status),
  );
  return paginate(request, state, found, (membership) => withUser(state, membership));
}

function createMembership({ body }: ApiRequest, state: State): ApiResponse {
  const userId = requiredString(body, 'user_id');
  const organizationId = requiredString(body, 'organization_id');
  const roles = parseRoles(body, state) ?? [{ slug: 'member' }];
  userById(state, userId);
  findOrThrow(state.organizations, 'Organization', organizationId);
  const now = state.now();
  const existing = [...state.memberships.values()].find(
    (membership) => membership.user_id === userId && membership.organization_id === organizationId,
  );
  if (existing?.status === 'active') {
    const message = `The user '${userId}' is already a member of the organization '${organizationId}'.`;
    throw apiError(409, 'organization_membership_already_exists', message);
  }
  if (existing?.status === 'pending') throw pendingError('reactivate');
  if (existing) {
    Object.assign(existing, { status: 'active', ...roleFields(roles), updated_at: timestamp(now) });
    return respond(201, state, existing);
  }
  const membership: Membership = {
    object: 'organization_membership',
    id: state.ids.next('om', now),
    user_id: userId,
    organization_id: organizationId,
    status: 'active',
    directory_managed: false,
    custom_attributes: {},
    ...roleFields(roles),
    ...timestamps(now),
  };
  state.memberships.set(membership.id, membership);
  return respond(201, state, membership);
}

function updateMembership({ id, body }: ApiRequest, state: State): ApiResponse {
  const membership = membershipById(state, id);
  const roles = parseRoles(body, state);
  if (roles) Object.assign(membership, { ...roleFields(roles), updated_at: timestamp(state.now()) });
  return respond(200, state, membership);
}

/** WorkOS returns 200 with an empty body here, not 204. */
function deleteMembership({ id }: ApiRequest, state: State): ApiResponse {
  state.memberships.delete(membershipById(state, id).id);
  return { status: 200 };
}

function changeStatus(
  { id }: ApiRequest,
  state: State,
  verb: 'deactivate' | 'reactivate',
  status: MembershipStatus,
): ApiResponse {
  const membership = membershipById(state, id);
  if (membership.status === 'pending') throw pendingError(verb);
  if (membership.status !== status) Object.assign(membership, { status, updated_at: timestamp(state.now()) });
  return respond(200, state, membership);
}

function pendingError(verb: 'deactivate' | 'reactivate') {
  return apiError(
    400,
    `cannot_${verb}_pending_organization_membership`,
    `A pending organization membership cannot be ${verb}d. The user needs to accept the invitation instead.`,
  );
}

/** The roles in `role_slug` or `role_slugs`, or undefined if neither is given. Throws a 422 for an unknown role. */
function parseRoles(body: Record<string, unknown>, state: State): { slug: string }[] | undefined {
  const single = optionalField(body, 'role_slug', isString);
  const multiple = optionalField(body, 'role_slugs', isStringArray);
  if (single !== undefined && multiple !== undefined)
    throw validationError('role_slug', 'cannot be combined with role_slugs');
  const slugs = single === undefined ? multiple : [single];
  if (slugs?.length === 0) throw validationError('role_slugs', 'must contain at least one role');
  const known = new Set([...state.roles.values()].map(({ slug }) => slug));
  const unknown = slugs?.find((slug) => !known.has(slug));
  if (unknown !== undefined) throw apiError(422, 'invalid_role', `Role '${unknown}' is not a valid role.`);
  return slugs?.map((slug) => ({ slug }));
}

function roleFields(roles: { slug: string }[]): Pick<Membership, 'role' | 'roles'> {
  return { role: roles[0] ?? { slug: 'member' }, roles };
}

function membershipById(state: State, id: string): Membership {
  return findOrThrow(state.memberships, 'Organization Membership', id);
}

function respond(status: number, state: State, membership: Membership): ApiResponse {
  return { status, body: withUser(state, membership) };
}

function withUser(state: State, membership: Membership): object {
  return {
    ...membership,
    organization_name: state.organizations.get(membership.organization_id)?.name,
    user: state.users.get(membership.user_id),
  };
}
