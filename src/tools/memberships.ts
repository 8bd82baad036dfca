import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { atLeastOne, atMostOne, id, page } from './schemas.ts';

const role = {
  role_slug: z.string().optional().describe('One role; default member'),
  role_slugs: z.array(z.string()).optional().describe('Several roles, if multiple roles are enabled'),
};
/** A mutually exclusive group in the OpenAPI document. */
const oneWayOfRoles = atMostOne('role_slug', 'role_slugs');
const membership = { organization_membership_id: id() };

export const memberships = toolset('memberships', 'Which users belong to which organizations, and with which roles', {
  list_organization_memberships: endpoint('GET /user_management/organization_memberships', {
    title: 'List organization memberships',
    description:
      'List the members of an organization or the organizations of a user (id, user_id, organization_id, status, role.slug, user.email, …). Give organization_id, user_id or both. Returns only active ones unless statuses is given.',
    also: [
      'who works at a company, staff, everybody at',
      'everyone in a workspace, headcount, how big',
      'which companies a person belongs to',
      'admins, owners, inactive members, seats',
      'what role has somebody',
    ],
    input: {
      ...page,
      organization_id: id().optional(),
      statuses: z
        .array(z.enum(['active', 'inactive', 'pending']))
        .optional()
        .describe('Defaults to active'),
      user_id: id().optional(),
    },
    core: true,
    // Without either, the API returns 400 missing_user_id_or_organization_id.
    check: atLeastOne('organization_id', 'user_id'),
  }),

  create_organization_membership: endpoint('POST /user_management/organization_memberships', {
    title: 'Create organization membership',
    description:
      'Add an existing user to an organization, active immediately. An inactive membership is reactivated with these roles. For people who have no user yet: send_invitation.',
    also: [
      'put or add an existing account into a company',
      'join or bring into a workspace',
      'assign somebody to a tenant',
      'hired, already has an account',
    ],
    input: { user_id: id(), organization_id: id(), ...role },
    grantsAccess: ['role_slug', 'role_slugs'],
    core: true,
    check: oneWayOfRoles,
  }),

  get_organization_membership: endpoint('GET /user_management/organization_memberships/{organization_membership_id}', {
    title: 'Get organization membership',
    description: 'Get one membership with its user, status and roles.',
    also: ["one member's details", 'seat details', 'what role somebody has', 'active or pending'],
    input: membership,
  }),

  delete_organization_membership: endpoint(
    'DELETE /user_management/organization_memberships/{organization_membership_id}',
    {
      title: 'Delete organization membership',
      description:
        'Permanently remove a user from an organization; the user itself stays. To suspend instead: deactivate_organization_membership.',
      also: [
        'kick from, out of a workspace',
        'leaves, left or quits the company, resigned',
        'offboard a teammate',
        'take out of an org',
        'former employee, fired, no longer works there',
      ],
      input: membership,
      core: true,
    },
  ),

  update_organization_membership: endpoint(
    'PUT /user_management/organization_memberships/{organization_membership_id}',
    {
      title: 'Update organization membership',
      description: "Change a member's roles in the organization. For roles on one resource: assign_membership_role.",
      also: [
        'make somebody an admin, raise the role',
        'promote, demote, upgrade',
        'downgrade to plain member',
        'should be owner or manager, becomes head, needs more or fewer rights',
        'give another role',
      ],
      input: {
        ...membership,
        role_slug: z.string().optional().describe('The new single role'),
        role_slugs: z.array(z.string()).optional().describe('The new full list, if multiple roles are enabled'),
      },
      grantsAccess: ['role_slug', 'role_slugs'],
      check: oneWayOfRoles,
    },
  ),

  deactivate_organization_membership: endpoint(
    'PUT /user_management/organization_memberships/{organization_membership_id}/deactivate',
    {
      title: 'Deactivate organization membership',
      description:
        "Take away a member's access but keep their roles. Undo with reactivate_organization_membership. Pending memberships fail: delete them.",
      also: [
        'suspend a member, lock out',
        'block access for now, meanwhile',
        'freeze or pause a seat',
        'on leave, sick, vacation, may come back',
        'offboard temporarily',
      ],
      input: membership,
      effect: 'delete',
    },
  ),

  reactivate_organization_membership: endpoint(
    'PUT /user_management/organization_memberships/{organization_membership_id}/reactivate',
    {
      title: 'Reactivate organization membership',
      description:
        'Restore the access and roles of an inactive membership. Pending ones fail: the invitation must be accepted.',
      also: [
        'bring back a suspended member',
        'unsuspend, unfreeze',
        'unblock, let back in, give access back',
        'reinstate, returns from leave',
      ],
      input: membership,
      grantsAccess: 'always',
    },
  ),

  list_organization_membership_groups: endpoint(
    'GET /user_management/organization_memberships/{organization_membership_id}/groups',
    {
      title: 'List membership groups',
      description: 'List the groups a membership is in.',
      also: ['teams a person is in', 'which groups a user belongs to', 'departments of a member'],
      input: { ...page, ...membership },
    },
  ),
});
