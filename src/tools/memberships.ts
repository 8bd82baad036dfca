import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { atLeastOne, atMostOne, id, page } from './schemas.ts';

const role = {
  role_slug: z.string().optional().describe('One role; default member'),
  role_slugs: z.array(z.string()).optional().describe('Several, where multiple roles are on'),
};
const oneWayOfRoles = atMostOne('role_slug', 'role_slugs');
const membership = { organization_membership_id: id() };

export const memberships = toolset('memberships', 'Which users belong to which organization, with which roles', {
  list_organization_memberships: endpoint('GET /user_management/organization_memberships', {
    title: 'List organization memberships',
    description:
      'List the members of an organization or the organizations of a user: give organization_id, user_id or both. Only active ones unless statuses is given.',
    input: {
      ...page,
      organization_id: id().optional(),
      statuses: z
        .array(z.enum(['active', 'inactive', 'pending']))
        .optional()
        .describe('Default active'),
      user_id: id().optional(),
    },
    core: true,
    check: atLeastOne('organization_id', 'user_id'),
  }),

  create_organization_membership: endpoint('POST /user_management/organization_memberships', {
    title: 'Create organization membership',
    description:
      'Add an existing user to an organization, active at once; an inactive membership is reactivated with these roles. For people without a user: send_invitation.',
    input: { user_id: id(), organization_id: id(), ...role },
    core: true,
    check: oneWayOfRoles,
  }),

  get_organization_membership: endpoint('GET /user_management/organization_memberships/{organization_membership_id}', {
    title: 'Get organization membership',
    description: 'Get one membership with its user, status and roles.',
    input: membership,
  }),

  delete_organization_membership: endpoint(
    'DELETE /user_management/organization_memberships/{organization_membership_id}',
    {
      title: 'Delete organization membership',
      description:
        'Remove a user from an organization for good; the user stays. deactivate_organization_membership can be undone.',
      input: membership,
      core: true,
    },
  ),

  update_organization_membership: endpoint(
    'PUT /user_management/organization_memberships/{organization_membership_id}',
    {
      title: 'Update organization membership',
      description: 'Change the roles of a member in the organization. Roles on one resource: assign_membership_role.',
      input: {
        ...membership,
        role_slug: z.string().optional().describe('The one role from now on'),
        role_slugs: z.array(z.string()).optional().describe('All roles, where multiple are on'),
      },
      check: oneWayOfRoles,
    },
  ),

  deactivate_organization_membership: endpoint(
    'PUT /user_management/organization_memberships/{organization_membership_id}/deactivate',
    {
      title: 'Deactivate organization membership',
      description:
        'Take access away but keep roles for reactivate_organization_membership. Pending ones fail: delete them.',
      input: membership,
      effect: 'delete',
    },
  ),

  reactivate_organization_membership: endpoint(
    'PUT /user_management/organization_memberships/{organization_membership_id}/reactivate',
    {
      title: 'Reactivate organization membership',
      description:
        'Give an inactive membership its access and former roles back. Pending ones fail: the invitation decides.',
      input: membership,
    },
  ),

  list_organization_membership_groups: endpoint(
    'GET /user_management/organization_memberships/{organization_membership_id}/groups',
    {
      title: 'List groups of membership',
      description: 'List the groups a membership is in.',
      input: { ...page, ...membership },
    },
  ),
});
