import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { id, page } from './schemas.ts';

const name = z.string().max(256).describe('Max 256 characters');
const description = z.string().max(150).nullable().optional().describe('Max 150 characters');
const group = { organization_id: id(), group_id: id() };

export const groups = toolset('groups', 'Groups of members inside an organization', {
  create_group: endpoint('POST /organizations/{organization_id}/groups', {
    title: 'Create group',
    description: 'Create an empty group. Then add_group_member; assign_group_role gives its members a role.',
    input: { organization_id: id(), name, description },
  }),

  list_groups: endpoint('GET /organizations/{organization_id}/groups', {
    title: 'List groups',
    description: "List an organization's own groups. Groups of a directory: list_directory_groups.",
    input: { ...page, organization_id: id() },
  }),

  get_group: endpoint('GET /organizations/{organization_id}/groups/{group_id}', {
    title: 'Get group',
    description: 'Get one group, without its members.',
    input: group,
  }),

  update_group: endpoint('PATCH /organizations/{organization_id}/groups/{group_id}', {
    title: 'Update group',
    description: 'Rename or describe a group.',
    input: { ...group, name: name.optional(), description },
  }),

  delete_group: endpoint('DELETE /organizations/{organization_id}/groups/{group_id}', {
    title: 'Delete group',
    description: 'Delete a group. Its members stay in the organization, without the roles it gave.',
    input: group,
  }),

  add_group_member: endpoint('POST /organizations/{organization_id}/groups/{group_id}/organization-memberships', {
    title: 'Add group member',
    description: 'Put a membership into a group; it gets the roles of the group at once.',
    input: { ...group, organization_membership_id: id() },
    effect: 'update',
  }),

  list_group_members: endpoint('GET /organizations/{organization_id}/groups/{group_id}/organization-memberships', {
    title: 'List group members',
    description: 'List the memberships in a group.',
    input: { ...page, ...group },
  }),

  remove_group_member: endpoint(
    'DELETE /organizations/{organization_id}/groups/{group_id}/organization-memberships/{organization_membership_id}',
    {
      title: 'Remove group member',
      description: 'Take a membership out of a group; it loses the roles it had from there, not the membership.',
      input: { ...group, organization_membership_id: id() },
    },
  ),
});
