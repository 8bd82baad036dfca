import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { anyParent, anyTarget, oneParent, oneTarget, parent, resourceFilter, target } from './resource-keys.ts';
import { id, page } from './schemas.ts';

const typeSlug = z.string().describe('Resource type');
const permissionSlug = z.string().describe('Such as project:edit');
const roleSlug = z.string().describe('Such as editor');

/** The fields with which paths identify a resource by its external id. */
const ownKey = { organization_id: id(), resource_type_slug: typeSlug, external_id: id() };

const resourceName = z.string().max(48);
const resourceDescription = z.string().max(150).nullable().optional().describe('Free text');
const changes = { name: resourceName.optional(), description: resourceDescription, ...parent };

/** Checked here instead of by a schema pattern, which would cost tokens. */
const newExternalId = z
  .string()
  .max(128)
  .refine((text) => /^[\x00-\x7f]+$/.test(text), 'must be ASCII and not empty')
  .describe('Unique per type, ASCII');

const holders = {
  permission_slug: permissionSlug,
  assignment: z.enum(['direct', 'indirect']).optional().describe('indirect includes inherited'),
};

const cascade = {
  cascade_delete: z.boolean().optional().describe('Also delete descendants and assignments'),
};

const groupAssignment = z.strictObject({ role_slug: z.string(), ...target }).superRefine((one, issues) => {
  const complaint = anyTarget(one);
  if (complaint) issues.addIssue(complaint);
});

/**
 * An assignment on the organization itself names no resource, and how WorkOS represents its resource is undocumented. It is
 * therefore shown as removed and added again.
 */
const presentAssignment = [
  { role_slug: 'role.slug', resource_id: 'resource.id' },
  {
    role_slug: 'role.slug',
    resource_type_slug: 'resource.resource_type_slug',
    resource_external_id: 'resource.external_id',
  },
];

export const fga = toolset('fga', 'Fine-grained authorization: resources, and who has which role on them', {
  list_group_role_assignments: endpoint('GET /authorization/groups/{group_id}/role_assignments', {
    title: 'List group role assignments',
    description: 'List the roles a group gives its members, each with its resource.',
    also: ['roles a team has', 'what a group may access, do', 'rights of a department'],
    input: { ...page, group_id: id() },
  }),

  assign_group_role: endpoint('POST /authorization/groups/{group_id}/role_assignments', {
    title: 'Assign role to group',
    description:
      'Give all members of a group a role on a resource, or in the organization if none is given. Takes effect shortly; a duplicate returns 409.',
    also: [
      'grant a team, crew access, give a whole department a role, share with a group, everyone in a team',
      'read-only, viewer, editor for a team',
    ],
    input: { group_id: id(), role_slug: roleSlug, ...target },
    grantsAccess: 'always',
    check: anyTarget,
  }),

  replace_group_role_assignments: endpoint('PUT /authorization/groups/{group_id}/role_assignments', {
    title: 'Replace group role assignments',
    description: 'Replace all role assignments of a group. To add one: assign_group_role.',
    also: ["overwrite a team's roles", 'set all roles of a group'],
    input: {
      group_id: id(),
      role_assignments: z.array(groupAssignment).max(100).describe('Max 100; omit the resource for the organization'),
    },
    grantsAccess: 'always',
    effect: 'delete',
    readBack: 'list_group_role_assignments',
    replaces: { role_assignments: { path: 'data', items: presentAssignment } },
  }),

  remove_group_role: endpoint('DELETE /authorization/groups/{group_id}/role_assignments', {
    title: 'Remove role from group',
    description: 'Remove a role on a resource from a group, and so from its members. Returns 404 if not assigned.',
    also: ['a team loses its role', "revoke a group's access", 'stop sharing with a department'],
    input: { group_id: id(), role_slug: roleSlug, ...target },
    check: anyTarget,
    send: 'body',
    hints: {
      not_found: 'The group does not have this role there. list_group_role_assignments shows what it has.',
    },
  }),

  get_group_role_assignment: endpoint('GET /authorization/groups/{group_id}/role_assignments/{role_assignment_id}', {
    title: 'Get group role assignment',
    description: 'Get one role assignment of a group with its role and resource.',
    also: ['one grant of a team', "details of a group's access"],
    input: { group_id: id(), role_assignment_id: id() },
  }),

  remove_group_role_assignment: endpoint(
    'DELETE /authorization/groups/{group_id}/role_assignments/{role_assignment_id}',
    {
      title: 'Remove group role assignment',
      description: "Remove one of a group's role assignments by id. All members lose the access it gave.",
      also: ["revoke a team's grant", "undo a group's assignment"],
      input: { group_id: id(), role_assignment_id: id() },
    },
  ),

  check_authorization: endpoint('POST /authorization/organization_memberships/{organization_membership_id}/check', {
    title: 'Check permission on resource',
    description: 'Check whether a membership has a permission on a resource, directly or by inheritance.',
    also: [
      'can a user edit this, is somebody allowed, permitted or able to, is it ok',
      'may she view, open, delete or approve, does she have access, FGA, RBAC check',
    ],
    input: { organization_membership_id: id(), permission_slug: permissionSlug, ...target },
    effect: 'read',
    check: oneTarget,
    hints: {
      not_found:
        'No such membership, permission or resource. An organization is the resource with resource_type_slug organization and its id as resource_external_id.',
    },
  }),

  list_fga_membership_resources: endpoint(
    'GET /authorization/organization_memberships/{organization_membership_id}/resources',
    {
      title: 'List membership resources',
      description: 'List the child resources of one parent on which a membership has a permission.',
      also: [
        'which documents can he see or open, everything she can access, reach, get to',
        'projects, workspaces shared with a user',
      ],
      input: { ...page, organization_membership_id: id(), permission_slug: permissionSlug, ...parent },
      check: oneParent,
    },
  ),

  list_fga_permissions: endpoint(
    'GET /authorization/organization_memberships/{organization_membership_id}/resources/{resource_id}/permissions',
    {
      title: 'List permissions on resource',
      description: 'List all permissions a membership has on a resource, including inherited ones.',
      also: ['what can a user do here', 'effective rights, why can he see', 'what somebody is able to do on a project'],
      input: { ...page, organization_membership_id: id(), resource_id: id() },
    },
  ),

  list_fga_permissions_by_external_id: endpoint(
    'GET /authorization/organization_memberships/{organization_membership_id}/resources/{resource_type_slug}/{external_id}/permissions',
    {
      title: 'List permissions by external id',
      description: 'Same as list_fga_permissions, by external id.',
      also: ['rights on one of our own objects', 'what may a member do, our id'],
      input: { ...page, organization_membership_id: id(), resource_type_slug: typeSlug, external_id: id() },
    },
  ),

  list_membership_role_assignments: endpoint(
    'GET /authorization/organization_memberships/{organization_membership_id}/role_assignments',
    {
      title: 'List membership role assignments',
      description: 'List the roles a membership has, in the organization and on resources.',
      also: ['what roles does a person have', 'who is what where', 'access of a user, shared with'],
      input: {
        ...page,
        organization_membership_id: id(),
        ...target,
        resource_type_slug: typeSlug.optional(),
      },
    },
  ),

  assign_membership_role: endpoint(
    'POST /authorization/organization_memberships/{organization_membership_id}/role_assignments',
    {
      title: 'Assign role on resource',
      description:
        'Give a membership a role on a resource and everything below it. The role must belong to that resource type. Organization-wide: update_organization_membership.',
      also: [
        'share a document with somebody, grant access to a project, let somebody comment',
        'make someone editor or viewer, read-only access, may only look, collaborate, externals, guests',
      ],
      input: { organization_membership_id: id(), role_slug: roleSlug, ...target },
      grantsAccess: 'always',
      check: oneTarget,
    },
  ),

  remove_membership_role: endpoint(
    'DELETE /authorization/organization_memberships/{organization_membership_id}/role_assignments',
    {
      title: 'Remove role on resource',
      description:
        'Remove a role on a resource from a membership, effective immediately. Assignments on child resources stay.',
      also: [
        'unshare a document, revoke access to a project, stop sharing, take somebody off',
        'no longer editor or viewer',
      ],
      input: { organization_membership_id: id(), role_slug: roleSlug, ...target },
      check: oneTarget,
      send: 'body',
    },
  ),

  remove_membership_role_assignment: endpoint(
    'DELETE /authorization/organization_memberships/{organization_membership_id}/role_assignments/{role_assignment_id}',
    {
      title: 'Remove membership role assignment',
      description: "Remove one of a membership's role assignments by id, effective immediately.",
      also: ['revoke one grant', 'undo an assignment', 'take back access'],
      input: { organization_membership_id: id(), role_assignment_id: id() },
      readBack: 'list_membership_role_assignments',
    },
  ),

  get_fga_resource_by_external_id: endpoint(
    'GET /authorization/organizations/{organization_id}/resources/{resource_type_slug}/{external_id}',
    {
      title: 'Get resource by external id',
      description: 'Get a resource by its id in your own system.',
      also: ['object by our id', 'look up a document or project by our own key'],
      input: ownKey,
    },
  ),

  update_fga_resource_by_external_id: endpoint(
    'PATCH /authorization/organizations/{organization_id}/resources/{resource_type_slug}/{external_id}',
    {
      title: 'Update resource by external id',
      description: 'Same as update_fga_resource, by external id.',
      also: ['rename by our id', 'move a document or project by our own key'],
      input: { ...ownKey, ...changes },
      check: anyParent,
    },
  ),

  delete_fga_resource_by_external_id: endpoint(
    'DELETE /authorization/organizations/{organization_id}/resources/{resource_type_slug}/{external_id}',
    {
      title: 'Delete resource by external id',
      description:
        'Permanently delete a resource by external id. Fails if it has children or assignments, unless cascade_delete.',
      also: ['remove by our id', 'object gone from our system', 'our own key'],
      input: { ...ownKey, ...cascade },
    },
  ),

  list_fga_members_by_external_id: endpoint(
    'GET /authorization/organizations/{organization_id}/resources/{resource_type_slug}/{external_id}/organization_memberships',
    {
      title: 'List resource members by external id',
      description: 'Same as list_fga_resource_members, by external id.',
      also: ['who has access, our id', 'who can see or open our object', 'our own key'],
      input: { ...page, ...ownKey, ...holders },
    },
  ),

  list_fga_assignments_by_external_id: endpoint(
    'GET /authorization/organizations/{organization_id}/resources/{resource_type_slug}/{external_id}/role_assignments',
    {
      title: 'List resource assignments by external id',
      description: 'Same as list_fga_resource_assignments, by external id.',
      also: ['who was given access, our id', 'grants on our object, who has which role', 'our own key'],
      input: { ...page, ...ownKey, role_slug: roleSlug.optional() },
    },
  ),

  list_fga_resources: endpoint('GET /authorization/resources', {
    title: 'List resources',
    description: 'List resources, such as projects or workspaces. Needs organization_id or resource_type_slug.',
    also: ['documents, folders, subfolders', 'objects of a type', 'children of a parent', 'FGA objects'],
    input: {
      ...page,
      organization_id: id().optional(),
      resource_type_slug: typeSlug.optional(),
      resource_external_id: id().optional(),
      parent_resource_id: id().optional(),
      parent_resource_type_slug: z.string().optional().describe('With external id'),
      parent_external_id: id().optional(),
    },
    check: resourceFilter,
  }),

  create_fga_resource: endpoint('POST /authorization/resources', {
    title: 'Create resource',
    description:
      'Register an object of your application so that roles can be assigned on it. Its type must exist; roles on its parent apply to it too.',
    also: ['add a document, folder, project or workspace, new object for access control', 'make assignable, shareable'],
    input: {
      external_id: newExternalId,
      name: resourceName,
      description: resourceDescription,
      resource_type_slug: typeSlug,
      organization_id: id(),
      ...parent,
      parent_resource_id: id().nullable().optional(),
    },
    check: anyParent,
  }),

  get_fga_resource: endpoint('GET /authorization/resources/{resource_id}', {
    title: 'Get resource',
    description: 'Get one resource with its type, parent and organization.',
    also: ['object details', 'one document or folder', 'FGA object'],
    input: { resource_id: id() },
  }),

  update_fga_resource: endpoint('PATCH /authorization/resources/{resource_id}', {
    title: 'Update resource',
    description: 'Rename a resource or move it to another parent. A move changes who inherits access.',
    also: ['move a folder', 'change the parent', 'edit an object'],
    input: { resource_id: id(), ...changes },
    check: anyParent,
  }),

  delete_fga_resource: endpoint('DELETE /authorization/resources/{resource_id}', {
    title: 'Delete resource',
    description: 'Permanently delete a resource. Fails if it has children or assignments, unless cascade_delete.',
    also: ['remove a document, folder, project or workspace', 'object is gone', 'stop protecting'],
    input: { resource_id: id(), ...cascade },
  }),

  list_fga_resource_members: endpoint('GET /authorization/resources/{resource_id}/organization_memberships', {
    title: 'List resource members',
    description: 'List the memberships that have a permission on a resource.',
    also: [
      'who has access, who can see, open, read or edit this document, people with a permission, shared with',
      'who can get to a project',
    ],
    input: { ...page, resource_id: id(), ...holders },
  }),

  list_fga_resource_assignments: endpoint('GET /authorization/resources/{resource_id}/role_assignments', {
    title: 'List resource assignments',
    description: 'List the roles assigned directly on a resource, with who has them.',
    also: ['who was given a role here', 'roles handed out on a project', 'grants, shares', 'why can somebody see this'],
    input: { ...page, resource_id: id(), role_slug: roleSlug.optional() },
  }),
});
