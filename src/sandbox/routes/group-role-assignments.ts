import { namedResource, organizationResource } from '../authorization.ts';
import { isObject, requiredString } from '../http/body-fields.ts';
import { apiError, notFound } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { AuthorizationResource, GroupRoleAssignment } from '../resources/authorization.ts';
import type { Group } from '../resources/groups.ts';
import type { State } from '../state.ts';
import { assignableRole } from './role-assignments.ts';

const ROOT = '/authorization/groups/{group_id}/role_assignments';

export const groupRoleAssignmentRoutes: Route[] = [
  [`GET ${ROOT}`, listAssignments],
  [`POST ${ROOT}`, assignRole],
  [`PUT ${ROOT}`, replaceAssignments],
  [`DELETE ${ROOT}`, removeRole],
  [`GET ${ROOT}/{role_assignment_id}`, (request, state) => ({ body: shown(state, assignmentOf(request, state)) })],
  [`DELETE ${ROOT}/{role_assignment_id}`, removeAssignment],
];

function listAssignments(request: ApiRequest, state: State): ApiResponse {
  const { id: group_id } = groupOf(request, state);
  return paginate(request, state.where('group_role_assignments', { group_id }), (record) => shown(state, record));
}

function assignRole(request: ApiRequest, state: State): ApiResponse {
  const group = groupOf(request, state);
  const wanted = parseAssignment(state, group, request.body);
  if (matching(state, wanted)) {
    const message = `The group already has the role '${wanted.role.slug}' on this resource.`;
    throw apiError(409, 'duplicate_group_role_assignment', message);
  }
  return { body: shown(state, state.add('group_role_assignments', wanted)) };
}

function replaceAssignments(request: ApiRequest, state: State): ApiResponse {
  const group = groupOf(request, state);
  const entries = [request.body['role_assignments']].flat().filter(isObject);
  const wanted = entries.map((entry) => parseAssignment(state, group, entry));
  const kept = new Set(wanted.map((assignment) => matching(state, assignment)?.id));
  for (const { id } of state.where('group_role_assignments', { group_id: group.id })) {
    if (!kept.has(id)) state.remove('group_role_assignments', id);
  }
  for (const assignment of wanted) {
    if (!matching(state, assignment)) state.add('group_role_assignments', assignment);
  }
  const data = state.where('group_role_assignments', { group_id: group.id }).map((record) => shown(state, record));
  return { body: { object: 'list', data, list_metadata: { before: null, after: null } } };
}

function removeRole(request: ApiRequest, state: State): ApiResponse {
  const group = groupOf(request, state);
  const slug = requiredString(request.body, 'role_slug');
  const existing = matching(state, assignmentTo(group, slug, targetOf(state, group, request.body)));
  if (!existing) throw notFound('Group Role Assignment', slug);
  state.remove('group_role_assignments', existing.id);
  return {};
}

function removeAssignment(request: ApiRequest, state: State): ApiResponse {
  state.remove('group_role_assignments', assignmentOf(request, state).id);
  return {};
}

type NewAssignment = Omit<GroupRoleAssignment, 'object' | 'id' | 'created_at' | 'updated_at'>;

function parseAssignment(state: State, group: Group, body: Record<string, unknown>): NewAssignment {
  const resource = targetOf(state, group, body);
  return assignmentTo(group, assignableRole(state, requiredString(body, 'role_slug'), resource), resource);
}

function assignmentTo(group: Group, slug: string, resource: AuthorizationResource): NewAssignment {
  const { id: group_id, organization_id: _organization_id } = group;
  return { group_id, role: { slug }, _resource_id: resource.id, _organization_id };
}

/** The resource that a body names, or the organization if it names none. */
function targetOf(state: State, { organization_id: id }: Group, body: Record<string, unknown>): AuthorizationResource {
  return namedResource(state, id, body) ?? organizationResource(state.find('organizations', id));
}

function matching(state: State, { group_id, role, _resource_id }: NewAssignment): GroupRoleAssignment | undefined {
  const onResource = state.where('group_role_assignments', { group_id, _resource_id });
  return onResource.find((existing) => existing.role.slug === role.slug);
}

function assignmentOf(request: ApiRequest, state: State): GroupRoleAssignment {
  const { id: group_id } = groupOf(request, state);
  const [assignment] = state.where('group_role_assignments', { group_id, id: request.id });
  if (!assignment) throw notFound('Group Role Assignment', request.id);
  return assignment;
}

function groupOf({ params }: ApiRequest, state: State): Group {
  return state.find('groups', params['group_id'] ?? '');
}

function shown(state: State, assignment: GroupRoleAssignment): object {
  return present(state, 'group_role_assignments', assignment);
}
