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
    also: ['make or form a team, crew', 'new department', 'add a squad'],
    input: { organization_id: id(), name, description },
  }),

  list_groups: endpoint('GET /organizations/{organization_id}/groups', {
    title: 'List groups',
    description: "List an organization's own groups. For groups synced from a directory: list_directory_groups.",
    also: ['teams, crews of a workspace', 'departments, units', 'squads in a company, org chart'],
    input: { ...page, organization_id: id(), search: z.string().optional().describe('Part of the name') },
  }),

  get_group: endpoint('GET /organizations/{organization_id}/groups/{group_id}', {
    title: 'Get group',
    description: 'Get one group, without its members.',
    also: ['team details', 'one department', 'crew'],
    input: group,
  }),

  update_group: endpoint('PATCH /organizations/{organization_id}/groups/{group_id}', {
    title: 'Update group',
    description: 'Rename a group or edit its description.',
    also: ["change a team's name", 'edit a department', 'crew was renamed'],
    input: { ...group, name: name.optional(), description },
  }),

  delete_group: endpoint('DELETE /organizations/{organization_id}/groups/{group_id}', {
    title: 'Delete group',
    description: 'Delete a group. Its members stay in the organization but lose the roles it gave them.',
    also: ['remove a team', 'dissolve or disband a department'],
    input: group,
  }),

  add_group_member: endpoint('POST /organizations/{organization_id}/groups/{group_id}/organization-memberships', {
    title: 'Add group member',
    description: "Add a membership to a group. It gets the group's roles immediately.",
    also: [
      'put somebody in a team, crew',
      'join a group, goes into',
      'assign people to a department',
      'move to another team',
    ],
    input: { ...group, organization_membership_id: id() },
    grantsAccess: 'always',
    effect: 'update',
  }),

  list_group_members: endpoint('GET /organizations/{organization_id}/groups/{group_id}/organization-memberships', {
    title: 'List group members',
    description: 'List the memberships in a group.',
    also: ['who is in a team', 'who belongs to a group', 'people of a department, crew list', 'is somebody in'],
    input: { ...page, ...group },
  }),

  remove_group_member: endpoint(
    'DELETE /organizations/{organization_id}/groups/{group_id}/organization-memberships/{organization_membership_id}',
    {
      title: 'Remove group member',
      description:
        'Remove a membership from a group. It loses the roles the group gave it but stays in the organization.',
      also: [
        'take somebody from, out of a team',
        'kick out of a group',
        'empty out a team',
        'leave a department',
        'move to another team',
      ],
      input: { ...group, organization_membership_id: id() },
    },
  ),
});
