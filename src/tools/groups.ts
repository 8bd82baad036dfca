import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { id, page } from './schemas.ts';

const name = z.string().max(256);
const description = z.string().max(150).nullable().optional().describe('Free text');
const group = { organization_id: id(), group_id: id() };

export const groups = toolset('groups', 'Groups of members within an organization', {
  create_group: endpoint('POST /organizations/{organization_id}/groups', {
    title: 'Create group',
    description: 'Create an empty group. Then use add_group_member; assign_group_role gives its members a role.',
    input: { organization_id: id(), name, description },
  }),

  list_groups: endpoint('GET /organizations/{organization_id}/groups', {
    title: 'List groups',
    description: "List an organization's own groups. For groups synced from a directory: list_directory_groups.",
    input: { ...page, organization_id: id(), search: z.string().optional().describe('Part of the name') },
  }),

  get_group: endpoint('GET /organizations/{organization_id}/groups/{group_id}', {
    title: 'Get group',
    description: 'Get one group, without its members.',
    input: group,
  }),

  update_group: endpoint('PATCH /organizations/{organization_id}/groups/{group_id}', {
    title: 'Update group',
    description: 'Rename a group or edit its description.',
    input: { ...group, name: name.optional(), description },
  }),

  delete_group: endpoint('DELETE /organizations/{organization_id}/groups/{group_id}', {
    title: 'Delete group',
    description: 'Delete a group. Its members stay in the organization but lose the roles it gave them.',
    input: group,
  }),

  add_group_member: endpoint('POST /organizations/{organization_id}/groups/{group_id}/organization-memberships', {
    title: 'Add group member',
    description: "Add a membership to a group. It gets the group's roles immediately.",
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
      description:
        'Remove a membership from a group. It loses the roles the group gave it but stays in the organization.',
      input: { ...group, organization_membership_id: id() },
    },
  ),
});
