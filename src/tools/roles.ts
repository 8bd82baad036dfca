import * as z from 'zod';
import { InputError } from '../errors/errors.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { endpoint, toolset, workflow } from './define.ts';
import { id, page } from './schemas.ts';
import type { WorkflowContext } from './types.ts';

const name = z.string().max(48);
const description = z.string().max(150).nullable().optional().describe('Free text');
const slug = z.string().max(48);
const roleSlug = z.string().describe('Such as admin');
const customSlug = z.string().describe('Such as org-auditor');
const permissionSlug = z.string().describe('Such as posts:read');
const permissions = z.array(z.string()).describe('The new full list of permission slugs');
const resourceType = slug.optional().describe('Resource type');

const roleList = z.object({
  data: z.array(z.looseObject({ id: z.unknown().optional(), slug: z.unknown().optional() })),
});

/** The API takes only slugs, so an id is looked up in the list. A slug may also look like an id. */
async function roleById(wanted: string, context: WorkflowContext) {
  const { data } = roleList.parse(await context.call('list_roles', {}));
  const role = data.find((one) => one.id === wanted) ?? data.find((one) => one.slug === wanted);
  if (role) return role;
  throw new InputError(
    `No environment role has the id ${quoteUntrusted(wanted)}`,
    ['role_slug'],
    'list_roles shows the ids and slugs; custom roles are in list_organization_roles.',
  );
}

export const roles = toolset('roles', 'Environment roles, custom roles of organizations, and permissions', {
  create_organization_role: endpoint('POST /authorization/organizations/{organization_id}/roles', {
    title: 'Create custom role',
    description: 'Create a role for one organization only. For a role in all organizations: create_role.',
    also: ['role specific to one customer, just for them', "tenant's own, special role", 'org-specific'],
    input: {
      organization_id: id(),
      slug: slug.optional().describe('Starts with org-; generated if omitted'),
      name,
      description,
      resource_type_slug: resourceType,
    },
  }),

  list_organization_roles: endpoint('GET /authorization/organizations/{organization_id}/roles', {
    title: 'List organization roles',
    description: 'List all roles an organization can assign, environment and custom, by priority.',
    also: ['roles of one customer', 'roles available to a tenant', 'roles that only exist there'],
    input: { organization_id: id() },
    filterable: true,
  }),

  get_organization_role: endpoint('GET /authorization/organizations/{organization_id}/roles/{role_slug}', {
    title: 'Get organization role',
    description: 'Get a custom or environment role as an organization sees it, with its permissions.',
    also: ["what a customer's role may do", 'one tenant role'],
    input: { organization_id: id(), role_slug: roleSlug },
    filterable: true,
  }),

  update_organization_role: endpoint('PATCH /authorization/organizations/{organization_id}/roles/{role_slug}', {
    title: 'Update custom role',
    description:
      'Rename a custom role or edit its description. For its permissions: set_organization_role_permissions.',
    also: ['edit an org-specific role', "change a customer's role"],
    input: { organization_id: id(), role_slug: customSlug, name: name.optional(), description },
  }),

  delete_organization_role: endpoint('DELETE /authorization/organizations/{organization_id}/roles/{role_slug}', {
    title: 'Delete custom role',
    description: 'Delete a custom role. Returns 409 while members or directory groups still have it.',
    also: ['get rid of a role', 'remove an org-specific role', 'unused, temporary role', 'clean up'],
    input: { organization_id: id(), role_slug: customSlug },
  }),

  set_organization_role_permissions: endpoint(
    'PUT /authorization/organizations/{organization_id}/roles/{role_slug}/permissions',
    {
      title: 'Set custom role permissions',
      description: 'Replace all permissions of a custom role.',
      also: ["overwrite what a customer's role may do", 'whole permission set', 'exactly these', 'new full list'],
      input: { organization_id: id(), role_slug: customSlug, permissions },
      grantsAccess: 'always',
      effect: 'delete',
      replaces: { permissions: {} },
    },
  ),

  add_organization_role_permission: endpoint(
    'POST /authorization/organizations/{organization_id}/roles/{role_slug}/permissions',
    {
      title: 'Add custom role permission',
      description: 'Add one permission to a custom role. No effect if it already has it.',
      also: [
        "grant a right to a customer's role",
        'attach to an org-specific role',
        'allow a tenant role more',
        'should also be able to',
      ],
      input: { organization_id: id(), role_slug: customSlug, slug: permissionSlug },
      grantsAccess: 'always',
      effect: 'update',
    },
  ),

  remove_organization_role_permission: endpoint(
    'DELETE /authorization/organizations/{organization_id}/roles/{role_slug}/permissions/{permission_slug}',
    {
      title: 'Remove custom role permission',
      description: 'Remove one permission from a custom role, and so from everyone who has it.',
      also: [
        'take a right away from a role',
        "strip from a customer's role",
        'revoke from an org-specific role',
        'should no longer be able to, no more exports',
        'lose a right',
      ],
      input: { organization_id: id(), role_slug: customSlug, permission_slug: permissionSlug },
    },
  ),

  list_permissions: endpoint('GET /authorization/permissions', {
    title: 'List permissions',
    description: 'List the permissions that roles in this environment can have.',
    also: ['which rights exist', 'scopes, access rights, access levels', 'RBAC privileges'],
    input: { ...page },
  }),

  create_permission: endpoint('POST /authorization/permissions', {
    title: 'Create permission',
    description: 'Create a permission. It grants nothing until a role has it: add_role_permission.',
    also: ['define a new right', 'new privilege, access right', 'add a scope', 'something roles may do'],
    input: {
      slug: slug.describe('Lowercase, such as posts:read'),
      name,
      description,
      resource_type_slug: resourceType,
    },
  }),

  get_permission: endpoint('GET /authorization/permissions/{permission_slug}', {
    title: 'Get permission',
    description: 'Get one permission by its slug.',
    also: ['permission details', 'what a right means'],
    input: { permission_slug: permissionSlug },
  }),

  update_permission: endpoint('PATCH /authorization/permissions/{permission_slug}', {
    title: 'Update permission',
    description: 'Rename a permission or edit its description. Its slug is fixed.',
    also: ['change the name of a right', 'edit a scope'],
    input: { permission_slug: permissionSlug, name: name.optional(), description },
  }),

  delete_permission: endpoint('DELETE /authorization/permissions/{permission_slug}', {
    title: 'Delete permission',
    description: 'Permanently delete a permission. System permissions cannot be deleted.',
    also: ['drop an unused right', 'cleanup of scopes'],
    input: { permission_slug: permissionSlug },
  }),

  create_role: endpoint('POST /authorization/roles', {
    title: 'Create environment role',
    description:
      'Create a role for all organizations. The API cannot delete it. For one organization: create_organization_role.',
    also: ['define a role everywhere', 'add a global role', 'RBAC', 'new role for everybody'],
    input: { slug: slug.describe('Unique, such as editor'), name, description, resource_type_slug: resourceType },
  }),

  // Agent skills in circulation use /roles, which WorkOS documents nowhere. https://workos.com/docs/reference/roles
  list_roles: endpoint('GET /authorization/roles', {
    title: 'List environment roles',
    description:
      'List the roles every organization has, with their permissions, by priority. For custom roles: list_organization_roles.',
    also: [
      'which roles exist, overview, compare roles',
      'global roles',
      'RBAC',
      'assignable roles, which can I assign',
      'which role has a permission',
    ],
    input: {},
    core: true,
    filterable: true,
    legacyRoute: 'GET /roles',
  }),

  get_role: workflow({
    title: 'Get environment role',
    description: 'Get one environment role with its permissions.',
    also: [
      'what may the admin role do',
      'rights of a role',
      'what can editors do or export',
      'role details',
      'what is somebody with a role allowed to do',
    ],
    input: { role_slug: z.string().describe('Slug, such as admin, or role_… id') },
    filterable: true,
    effect: 'read',
    core: true,
    routes: ['GET /authorization/roles/{role_slug}'],
    legacyRoute: 'GET /roles/{role_slug}',
    run: ({ role_slug }, context) =>
      role_slug.startsWith('role_')
        ? roleById(role_slug, context)
        : context.request('GET /authorization/roles/{role_slug}', { role_slug }),
  }),

  update_role: endpoint('PATCH /authorization/roles/{role_slug}', {
    title: 'Update environment role',
    description: 'Rename an environment role or edit its description. For its permissions: set_role_permissions.',
    also: ["change a role's name", 'edit a global role'],
    input: { role_slug: roleSlug, name: name.optional(), description },
  }),

  set_role_permissions: endpoint('PUT /authorization/roles/{role_slug}/permissions', {
    title: 'Set environment role permissions',
    description: 'Replace all permissions of an environment role, in every organization. The only way to remove one.',
    also: [
      'overwrite the rights of a role',
      'whole permission set',
      'swap all rights',
      'exactly these rights, nothing else',
      'take a right away, no more',
    ],
    input: { role_slug: roleSlug, permissions },
    grantsAccess: 'always',
    effect: 'delete',
    replaces: { permissions: {} },
  }),

  add_role_permission: endpoint('POST /authorization/roles/{role_slug}/permissions', {
    title: 'Add environment role permission',
    description: 'Add one permission to an environment role. No effect if it already has it.',
    also: [
      'grant a right to a role',
      'attach a scope',
      'let a role do more, editors may also do something',
      'should also be able to publish, needs a permission',
      'give editors one more right',
    ],
    input: { role_slug: roleSlug, slug: permissionSlug },
    grantsAccess: 'always',
    effect: 'update',
  }),
});
