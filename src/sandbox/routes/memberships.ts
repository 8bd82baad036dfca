import { isText, isTexts, optional, requiredText } from '../http/body.ts';
import { listParameter, page } from '../http/pagination.ts';
import { existing, invalid, type Reply, type Route, refused, type SandboxRequest } from '../http/reply.ts';
import { type Membership, type MembershipStatus, stamps, timestamp } from '../records.ts';
import type { State } from '../state.ts';
import { userById } from './users.ts';

const ROOT = '/user_management/organization_memberships';

export const membershipRoutes: Route[] = [
  ['GET', ROOT, listMemberships],
  ['POST', ROOT, createMembership],
  ['GET', `${ROOT}/{id}`, ({ id }, state) => shown(200, state, membershipById(state, id))],
  ['PUT', `${ROOT}/{id}`, updateMembership],
  ['DELETE', `${ROOT}/{id}`, deleteMembership],
  ['PUT', `${ROOT}/{id}/deactivate`, (request, state) => changeStatus(request, state, 'deactivate', 'inactive')],
  ['PUT', `${ROOT}/{id}/reactivate`, (request, state) => changeStatus(request, state, 'reactivate', 'active')],
];

const STATUSES: readonly string[] = ['active', 'inactive', 'pending'] satisfies MembershipStatus[];

function listMemberships(request: SandboxRequest, state: State): Reply {
  const { query } = request;
  const userId = query.get('user_id');
  const organizationId = query.get('organization_id');
  if (!userId && !organizationId) {
    const message = 'Either user_id or organization_id must be provided.';
    throw refused(400, 'missing_user_id_or_organization_id', message);
  }
  if (userId) userById(state, userId);
  if (organizationId) existing(state.organizations, 'Organization', organizationId);
  const statuses = listParameter(query, 'statuses');
  const unknown = statuses.find((status) => !STATUSES.includes(status));
  if (unknown !== undefined) {
    throw refused(400, 'invalid_request_parameters', `Validation failed: '${unknown}' is no membership status.`);
  }
  const wanted = statuses.length === 0 ? ['active'] : statuses;
  const found = [...state.memberships.values()].filter(
    (membership) =>
      (!userId || membership.user_id === userId) &&
      (!organizationId || membership.organization_id === organizationId) &&
      wanted.includes(membership.status),
  );
  return page(request, state, found, (membership) => withUser(state, membership));
}

function createMembership({ body }: SandboxRequest, state: State): Reply {
  const userId = requiredText(body, 'user_id');
  const organizationId = requiredText(body, 'organization_id');
  const roles = wantedRoles(body, state) ?? [{ slug: 'member' }];
  userById(state, userId);
  existing(state.organizations, 'Organization', organizationId);
  const now = state.now();
  const present = [...state.memberships.values()].find(
    (membership) => membership.user_id === userId && membership.organization_id === organizationId,
  );
  if (present?.status === 'active') {
    const message = `The user '${userId}' is already a member of the organization '${organizationId}'.`;
    throw refused(409, 'organization_membership_already_exists', message);
  }
  if (present?.status === 'pending') throw stillPending('reactivate');
  if (present) {
    Object.assign(present, { status: 'active', ...rolesOf(roles), updated_at: timestamp(now) });
    return shown(201, state, present);
  }
  const membership: Membership = {
    object: 'organization_membership',
    id: state.mint.next('om', now),
    user_id: userId,
    organization_id: organizationId,
    status: 'active',
    directory_managed: false,
    custom_attributes: {},
    ...rolesOf(roles),
    ...stamps(now),
  };
  state.memberships.set(membership.id, membership);
  return shown(201, state, membership);
}

function updateMembership({ id, body }: SandboxRequest, state: State): Reply {
  const membership = membershipById(state, id);
  const roles = wantedRoles(body, state);
  if (roles) Object.assign(membership, { ...rolesOf(roles), updated_at: timestamp(state.now()) });
  return shown(200, state, membership);
}

/** WorkOS answers 200 without a body here, not 204. */
function deleteMembership({ id }: SandboxRequest, state: State): Reply {
  state.memberships.delete(membershipById(state, id).id);
  return { status: 200 };
}

function changeStatus(
  { id }: SandboxRequest,
  state: State,
  verb: 'deactivate' | 'reactivate',
  status: MembershipStatus,
): Reply {
  const membership = membershipById(state, id);
  if (membership.status === 'pending') throw stillPending(verb);
  if (membership.status !== status) Object.assign(membership, { status, updated_at: timestamp(state.now()) });
  return shown(200, state, membership);
}

function stillPending(verb: 'deactivate' | 'reactivate') {
  return refused(
    400,
    `cannot_${verb}_pending_organization_membership`,
    `A pending organization membership cannot be ${verb}d. The user needs to accept the invitation instead.`,
  );
}

/** The roles that a body asks for, as one slug or as several; undefined where it asks for none. */
function wantedRoles(body: Record<string, unknown>, state: State): { slug: string }[] | undefined {
  const one = optional(body, 'role_slug', isText);
  const several = optional(body, 'role_slugs', isTexts);
  if (one !== undefined && several !== undefined) throw invalid('role_slug', 'cannot be combined with role_slugs');
  const slugs = one === undefined ? several : [one];
  if (slugs?.length === 0) throw invalid('role_slugs', 'must name at least one role');
  const known = new Set([...state.roles.values()].map(({ slug }) => slug));
  const unknown = slugs?.find((slug) => !known.has(slug));
  if (unknown !== undefined) throw refused(422, 'invalid_role', `Role '${unknown}' is not a valid role.`);
  return slugs?.map((slug) => ({ slug }));
}

function rolesOf(roles: { slug: string }[]): Pick<Membership, 'role' | 'roles'> {
  return { role: roles[0] ?? { slug: 'member' }, roles };
}

function membershipById(state: State, id: string): Membership {
  return existing(state.memberships, 'Organization Membership', id);
}

function shown(status: number, state: State, membership: Membership): Reply {
  return { status, body: withUser(state, membership) };
}

function withUser(state: State, membership: Membership): object {
  return {
    ...membership,
    organization_name: state.organizations.get(membership.organization_id)?.name,
    user: state.users.get(membership.user_id),
  };
}
