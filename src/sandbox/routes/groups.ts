import { isStringOrNull, optionalField, requiredString } from '../http/body-fields.ts';
import { notFound } from '../http/errors.ts';
import { matchesSearch, paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { baseMembership, present } from '../present.ts';
import type { Group } from '../resources/groups.ts';
import type { State } from '../state.ts';

const ROOT = '/organizations/{organizationId}/groups';

export const groupRoutes: Route[] = [
  [`GET ${ROOT}`, listGroups],
  [`POST ${ROOT}`, createGroup],
  [`GET ${ROOT}/{groupId}`, (request, state) => respond(state, groupOf(request, state))],
  [`PATCH ${ROOT}/{groupId}`, updateGroup],
  [`DELETE ${ROOT}/{groupId}`, deleteGroup],
  [`GET ${ROOT}/{groupId}/organization-memberships`, listMembers],
  [`POST ${ROOT}/{groupId}/organization-memberships`, addMember],
  [`DELETE ${ROOT}/{groupId}/organization-memberships/{omId}`, removeMember],
  ['GET /user_management/organization_memberships/{omId}/groups', listGroupsOfMembership],
];

function listGroups(request: ApiRequest, state: State): ApiResponse {
  const organization_id = organizationOf(request, state);
  const search = request.query.get('search');
  const found = state
    .where('groups', { organization_id })
    .filter(({ id, name }) => id === search || matchesSearch(name, search));
  return paginate(request, found, (group) => present(state, 'groups', group));
}

function createGroup(request: ApiRequest, state: State): ApiResponse {
  const group = state.add('groups', {
    organization_id: organizationOf(request, state),
    name: requiredString(request.body, 'name'),
    description: optionalField(request.body, 'description', isStringOrNull) ?? null,
  });
  return respond(state, group);
}

function updateGroup(request: ApiRequest, state: State): ApiResponse {
  const { body } = request;
  const group = groupOf(request, state);
  const description = optionalField(body, 'description', isStringOrNull);
  const updated = state.change('groups', group, {
    name: body['name'] === undefined ? group.name : requiredString(body, 'name'),
    description: description === undefined ? group.description : description,
  });
  return respond(state, updated);
}

function deleteGroup(request: ApiRequest, state: State): ApiResponse {
  state.remove('groups', groupOf(request, state).id);
  return {};
}

function listMembers(request: ApiRequest, state: State): ApiResponse {
  const found = state
    .where('group_members', { group_id: groupOf(request, state).id })
    .map((member) => state.find('organization_memberships', member.organization_membership_id));
  return paginate(request, found, (membership) => baseMembership(state, membership));
}

/** Adding a member again changes nothing. */
function addMember(request: ApiRequest, state: State): ApiResponse {
  const { id: group_id, organization_id, ...group } = groupOf(request, state);
  const id = requiredString(request.body, 'organization_membership_id');
  const [membership] = state.where('organization_memberships', { id, organization_id });
  if (!membership) throw notFound('Organization Membership', id);
  const member = { group_id, organization_membership_id: id };
  if (state.where('group_members', member).length === 0) {
    state.add('group_members', { ...member, organization_id, user_id: membership.user_id });
    state.emit('group.member_added', member);
  }
  return respond(state, { id: group_id, organization_id, ...group });
}

function removeMember(request: ApiRequest, state: State): ApiResponse {
  const member = { group_id: groupOf(request, state).id, organization_membership_id: request.id };
  const [existing] = state.where('group_members', member);
  if (!existing) throw notFound('Organization Membership', request.id);
  state.remove('group_members', existing.id);
  return {};
}

function listGroupsOfMembership(request: ApiRequest, state: State): ApiResponse {
  const { id } = state.find('organization_memberships', request.params['omId'] ?? '');
  const found = state
    .where('group_members', { organization_membership_id: id })
    .map(({ group_id }) => state.find('groups', group_id));
  return paginate(request, found, (group) => present(state, 'groups', group));
}

function organizationOf({ params }: ApiRequest, state: State): string {
  return state.find('organizations', params['organizationId'] ?? '').id;
}

function groupOf(request: ApiRequest, state: State): Group {
  const id = request.params['groupId'] ?? '';
  const [group] = state.where('groups', { id, organization_id: organizationOf(request, state) });
  if (!group) throw notFound('Group', id);
  return group;
}

function respond(state: State, group: Group): ApiResponse {
  return { body: present(state, 'groups', group) };
}
