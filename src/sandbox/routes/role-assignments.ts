import {
  assignmentsOf,
  type EffectiveAssignment,
  namedResource,
  ORGANIZATION_TYPE,
  pathResource,
  RESOURCE_PATHS,
  roleFields,
  roleOf,
} from '../authorization.ts';
import { requiredString } from '../http/body-fields.ts';
import { HttpError, notFound, validationError } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { AuthorizationResource } from '../resources/authorization.ts';
import type { Membership } from '../resources/users.ts';
import type { State } from '../state.ts';

const ROOT = '/authorization/organization_memberships/{organization_membership_id}/role_assignments';

export const roleAssignmentRoutes: Route[] = [
  [`GET ${ROOT}`, listAssignments],
  [`POST ${ROOT}`, assignRole],
  [`DELETE ${ROOT}`, removeRole],
  [`DELETE ${ROOT}/{role_assignment_id}`, removeAssignment],
  ...RESOURCE_PATHS.map((path): Route => [`GET ${path}/role_assignments`, listResourceAssignments]),
];

/**
 * Checks that a role can be assigned on a resource, and returns its slug.
 * @throws HttpError 404 if the organization has no such role, 422 if the role is for another type of resource
 */
export function assignableRole(state: State, slug: string, resource: AuthorizationResource): string {
  const role = roleOf(state, resource.organization_id, slug);
  if (!role) throw notFound('Role', slug);
  if (role.resource_type_slug !== resource.resource_type_slug) {
    const message = `The role '${slug}' is for a ${role.resource_type_slug}, not for a ${resource.resource_type_slug}.`;
    throw new HttpError(422, { message });
  }
  return slug;
}

function listAssignments(request: ApiRequest, state: State): ApiResponse {
  const { query } = request;
  const matches = (parameter: string, value: string) => [null, '', value].includes(query.get(parameter));
  const found = assignmentsOf(state, membershipOf(request, state)).filter(
    ({ resource }) =>
      matches('resource_id', resource.id) &&
      matches('resource_external_id', resource.external_id) &&
      matches('resource_type_slug', resource.resource_type_slug),
  );
  return paginate(request, found, (assignment) => assignment);
}

function listResourceAssignments(request: ApiRequest, state: State): ApiResponse {
  const { id, organization_id } = pathResource(request, state);
  const slug = request.query.get('role_slug');
  const found = state
    .where('organization_memberships', { organization_id })
    .flatMap((membership) => assignmentsOf(state, membership))
    .filter(({ resource, role }) => resource.id === id && (!slug || role.slug === slug));
  return paginate(request, found, (assignment) => assignment);
}

/** Assigning a role again changes nothing. A role on the organization becomes one of the membership's `roles`. */
function assignRole(request: ApiRequest, state: State): ApiResponse {
  const membership = membershipOf(request, state);
  const resource = targetOf(request, state, membership);
  const slug = assignableRole(state, requiredString(request.body, 'role_slug'), resource);
  const existing = directAssignment(state, membership, resource, slug);
  if (existing) return { body: existing };
  if (resource.resource_type_slug === ORGANIZATION_TYPE) {
    const slugs = membership.roles.map((role) => role.slug);
    state.change('organization_memberships', membership, roleFields([...slugs, slug]));
  } else {
    state.add('role_assignments', {
      organization_membership_id: membership.id,
      role: { slug },
      _resource_id: resource.id,
      _organization_id: membership.organization_id,
      _user_id: membership.user_id,
    });
  }
  return { body: directAssignment(state, membership, resource, slug) };
}

function removeRole(request: ApiRequest, state: State): ApiResponse {
  const membership = membershipOf(request, state);
  const slug = requiredString(request.body, 'role_slug');
  const assignment = directAssignment(state, membership, targetOf(request, state, membership), slug);
  if (!assignment) throw notFound('Role Assignment', slug);
  return removeFrom(state, membership, assignment);
}

/** An assignment through a group can only be removed from the group. */
function removeAssignment(request: ApiRequest, state: State): ApiResponse {
  const membership = membershipOf(request, state);
  const assignment = assignmentsOf(state, membership).find(({ id }) => id === request.id);
  if (assignment?.source.type !== 'direct') throw notFound('Role Assignment', request.id);
  return removeFrom(state, membership, assignment);
}

function removeFrom(state: State, membership: Membership, { id, role }: EffectiveAssignment): ApiResponse {
  if (state.table('role_assignments').has(id)) {
    state.remove('role_assignments', id);
  } else {
    const slugs = membership.roles.map(({ slug }) => slug).filter((slug) => slug !== role.slug);
    state.change('organization_memberships', membership, roleFields(slugs));
  }
  return {};
}

function directAssignment(state: State, membership: Membership, target: AuthorizationResource, slug: string) {
  return assignmentsOf(state, membership).find(
    ({ resource, role, source }) => resource.id === target.id && role.slug === slug && source.type === 'direct',
  );
}

function targetOf({ body }: ApiRequest, state: State, membership: Membership): AuthorizationResource {
  const resource = namedResource(state, membership.organization_id, body);
  if (!resource) throw validationError('resource_id', 'is required', 'required');
  return resource;
}

function membershipOf({ params }: ApiRequest, state: State): Membership {
  return state.find('organization_memberships', params['organization_membership_id'] ?? '');
}
