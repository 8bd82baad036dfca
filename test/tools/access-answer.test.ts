import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { answerAccess } from '../../src/tools/operators/access-answer.ts';
import {
  type AccessFacts,
  type Assignment,
  type Membership,
  type Resource,
  type Role,
  resourceName,
} from '../../src/tools/operators/access-facts.ts';
import type { NextStep } from '../../src/tools/operators/findings.ts';

const role = (slug: string, permissions: string[] | null | undefined, type = 'organization'): Role => ({
  slug,
  type: slug.startsWith('org-') ? 'OrganizationRole' : 'EnvironmentRole',
  resource_type_slug: type,
  permissions,
});
const member = role('member', ['docs:read']);
const admin = role('admin', ['docs:read', 'docs:write', 'billing:manage']);
const billing = role('billing', ['billing:manage']);
const editor = role('editor', ['docs:write'], 'project');
const own = role('org-auditor', ['audit:export']);
const roles = [admin, billing, member, editor, own];

const ada: Membership = {
  id: 'om_1',
  user_id: 'user_1',
  status: 'active',
  directory_managed: false,
  role: { slug: 'member' },
  roles: [{ slug: 'member' }],
};
const project: Resource = {
  id: 'authz_resource_2',
  external_id: 'p1',
  resource_type_slug: 'project',
  organization_id: 'org_1',
  parent_resource_id: 'authz_resource_1',
};
const workspace: Resource = { ...project, id: 'authz_resource_1', external_id: 'w1', resource_type_slug: 'workspace' };
const on = (slug: string, resource: Resource | 'organization', group?: string): Assignment => ({
  organization_membership_id: 'om_1',
  role: { slug },
  resource:
    resource === 'organization'
      ? { id: 'authz_resource_0', external_id: 'org_1', resource_type_slug: 'organization' }
      : resource,
  source: group ? { type: 'group', group_role_assignment_id: group } : { type: 'direct' },
});
const list = <T>(...items: T[]) => ({ items, more: false });

/** A member with the default role. */
const well: AccessFacts = {
  organization: { id: 'org_1', name: 'Acme' },
  asked: 'ada@acme.example',
  user: { id: 'user_1', email: 'ada@acme.example' },
  membership: ada,
  roles,
  assignments: list(on('member', 'organization')),
  groups: new Map(),
  unread: [],
};
const membership = (change: Partial<Membership>) => ({ membership: { ...ada, ...change } });
const directory = (state: string, slug = 'member', groups: string[] = []) => ({
  directory: {
    name: 'Okta',
    user: {
      id: 'directory_user_1',
      state,
      role: { slug },
      roles: [{ slug }],
      groups: groups.map((name) => ({ name })),
    },
  },
});
const about = (
  permission: string,
  authorized?: boolean | null,
  above: Resource[] = [],
  found: Resource | null = project,
) => ({
  permission,
  resource: { asked: 'project/p1', found, above, authorized },
});
const team = new Map([['gra_1', { id: 'group_1', name: 'Finance' }]]);
const managed = membership({ directory_managed: true });

type Row = readonly [
  when: string,
  facts: Partial<AccessFacts>,
  finding: string,
  next?: Pick<NextStep, 'tool' | 'arguments'> | undefined,
];

const invite = (args = {}) => ({
  tool: 'send_invitation',
  arguments: { email: 'ada@acme.example', organization_id: 'org_1', ...args },
});
const change = (args: object) => ({
  tool: 'update_organization_membership',
  arguments: { organization_membership_id: 'om_1', ...args },
});

const rows: readonly Row[] = [
  ['nothing is wrong', {}, 'ok membership: active'],
  ['there is no user', { user: null, membership: undefined }, 'problem user: there is no user ada@acme', invite()],
  [
    'there is no user for the permission',
    { user: null, membership: undefined, permission: 'billing:manage' },
    'problem user: there is no user',
    invite({ role_slug: 'billing' }),
  ],
  [
    'the id belongs to a membership',
    { user: null, membership: undefined, asked: 'om_1' },
    'problem user: there is no user om_1, which is the id of another object',
  ],
  [
    'the user could not be read',
    { user: undefined, membership: undefined },
    'skipped user: ada@acme.example could not',
  ],
  [
    'the user is not a member',
    { membership: null },
    'problem membership: ada@acme.example is not a member of "Acme"',
    { tool: 'create_organization_membership', arguments: { user_id: 'user_1', organization_id: 'org_1' } },
  ],
  ['the memberships could not be read', { membership: undefined }, 'skipped membership: whether ada@acme.example is a'],
  [
    'the membership is inactive',
    membership({ status: 'inactive' }),
    'problem membership: the membership is inactive: no roles or permissions apply',
    { tool: 'reactivate_organization_membership', arguments: { organization_membership_id: 'om_1' } },
  ],
  [
    'the directory suspended the user',
    { ...membership({ status: 'inactive', directory_managed: true }), ...directory('suspended') },
    'warning directory: suspended in the directory "Okta"',
    { tool: 'get_directory_user', arguments: { directory_user_id: 'directory_user_1' } },
  ],
  [
    'the invitation is pending',
    membership({ status: 'pending' }),
    'problem membership: the membership is pending: ada@acme.example has not accepted',
    { tool: 'list_invitations', arguments: { organization_id: 'org_1', email: 'ada@acme.example' } },
  ],
  [
    'the status is unknown',
    membership({ status: 'frozen' }),
    'problem membership: the membership is frozen, not active',
  ],
  [
    'an inactive membership has the role',
    { ...membership({ status: 'inactive' }), permission: 'docs:read' },
    'problem permission: docs:read is granted by the role member once the membership is active',
    { tool: 'reactivate_organization_membership', arguments: { organization_membership_id: 'om_1' } },
  ],
  [
    'a role grants the permission',
    { permission: 'docs:read' },
    'ok permission: docs:read is granted by the role member',
  ],
  [
    'a larger role has the permission',
    { permission: 'docs:write' },
    'problem permission: docs:write is not granted by member. Roles that have it: admin.',
    change({ role_slug: 'admin' }),
  ],
  [
    'the permission needs a second role',
    { permission: 'billing:manage' },
    'problem permission: billing:manage is not granted by member. Roles that have it: billing, admin.',
    change({ role_slugs: ['member', 'billing'] }),
  ],
  [
    "only an organization's role has it",
    { permission: 'audit:export' },
    'problem permission: audit:export is not granted by member. Roles that have it: org-auditor.',
    change({ role_slugs: ['member', 'org-auditor'] }),
  ],
  [
    'no role has the permission',
    { permission: 'keys:rotate', permissionFound: { slug: 'keys:rotate' } },
    'problem permission: keys:rotate is not granted by member. No role has it.',
  ],
  [
    'the permission is misspelled',
    { permission: 'biling:manage', permissionFound: null },
    'problem permission: there is no permission biling:manage. Did you mean billing:manage?',
    { tool: 'list_permissions', arguments: { limit: 100 } },
  ],
  [
    'the roles could not be read',
    { permission: 'docs:read', roles: undefined, unread: [{ tool: 'list_organization_roles', why: 'excluded' }] },
    'skipped permission: whether the roles include docs:read is unknown',
  ],
  [
    'roles come without permissions',
    { permission: 'docs:read', roles: [role('member', undefined)] },
    'skipped roles: WorkOS did not return the permissions of the roles',
  ],
  [
    "only the environment's roles were read",
    {
      ...membership({ roles: [{ slug: 'org-auditor' }] }),
      roles: [admin, member],
      permission: 'audit:export',
      unread: [{ tool: 'list_organization_roles', why: 'excluded' }],
    },
    'skipped permission: whether the roles include audit:export is unknown',
  ],
  ['the role no longer exists', { roles: [admin] }, 'warning roles: roles that the organization does not have: member'],
  [
    'two roles have the same slug',
    { roles: [member, { ...member, type: 'OrganizationRole', permissions: ['x:y'] }], permission: 'x:y' },
    'ok permission: x:y is granted by the role member',
  ],
  [
    'the role comes from a group',
    { permission: 'billing:manage', assignments: list(on('billing', 'organization', 'gra_1')), groups: team },
    'ok permission: billing:manage is granted by the role billing through the group "Finance"',
  ],
  [
    'the group of the role was not read',
    { permission: 'billing:manage', assignments: list(on('billing', 'organization', 'gra_9')), groups: team },
    'ok permission: billing:manage is granted by the role billing through a group',
  ],
  [
    'the role comes from a directory',
    { ...managed, ...directory('active', 'member', ['Everyone', 'Sales']), permission: 'docs:read' },
    'ok permission: docs:read is granted by the role member from the directory',
  ],
  [
    'the user is in directory groups',
    { ...managed, ...directory('active', 'member', ['Everyone', 'Sales']) },
    'ok directory: the directory "Okta" gives the role member. The person is in its groups Everyone, Sales.',
  ],
  [
    'the directory may take the new role away',
    { ...managed, ...directory('active'), permission: 'docs:write' },
    'problem permission: docs:write is not granted by member',
    change({ role_slug: 'admin' }),
  ],
  [
    'the managing directory lacks the user',
    { ...managed, directory: null },
    'warning directory: a directory manages the membership, but none has a user with this address',
  ],
  [
    'the role is on a resource only',
    { permission: 'docs:write', assignments: list(on('editor', project)) },
    'problem permission: docs:write is not granted by member, editor; only on project/p1',
    change({ role_slug: 'admin' }),
  ],
  [
    'a direct role allows the resource',
    { ...about('docs:write', true), assignments: list(on('editor', project)) },
    'ok resource: docs:write on project/p1 is allowed: the role editor directly',
  ],
  [
    'a group role on the parent allows it',
    {
      ...about('docs:write', true, [workspace]),
      roles: [...roles, role('lead', ['docs:write'], 'workspace')],
      assignments: list(on('lead', workspace, 'gra_1')),
      groups: team,
    },
    'ok resource: docs:write on project/p1 is allowed: the role lead inherited from workspace/w1 through the group "Finance"',
  ],
  [
    'an organization-wide role allows it',
    { ...about('docs:read', true) },
    'ok resource: docs:read on project/p1 is allowed: the role member in the whole organization',
  ],
  [
    'no known role explains the access',
    { ...about('docs:write', true) },
    'ok resource: docs:write on project/p1 is allowed: through a role that could not be read',
  ],
  [
    'a role on the resource would allow it',
    { ...about('docs:write', false) },
    'problem resource: docs:write on project/p1 is not granted by member. Roles that have it: editor, admin.',
    {
      tool: 'assign_membership_role',
      arguments: { organization_membership_id: 'om_1', role_slug: 'editor', resource_id: 'authz_resource_2' },
    },
  ],
  [
    'access is denied despite a role',
    { ...about('docs:read', false) },
    'warning resource: WorkOS does not allow docs:read on project/p1, although the role member in the whole organization lists it',
    { tool: 'get_permission', arguments: { permission_slug: 'docs:read' } },
  ],
  [
    'the role is on another resource only',
    {
      ...about('docs:write', false),
      assignments: list(on('editor', { ...project, id: 'authz_resource_9', external_id: 'p9' })),
    },
    'problem resource: docs:write on project/p1 is not granted by member, editor; only on project/p9',
    {
      tool: 'assign_membership_role',
      arguments: { organization_membership_id: 'om_1', role_slug: 'editor', resource_id: 'authz_resource_2' },
    },
  ],
  [
    'the check could not be made',
    { ...about('docs:read', undefined), unread: [{ tool: 'check_authorization', why: 'excluded' }] },
    'ok resource: docs:read on project/p1 is granted by the role member in the whole organization; not confirmed with WorkOS',
  ],
  [
    'the check returns 404',
    { ...about('docs:reed', null) },
    'problem resource: WorkOS found no permission docs:reed on project/p1',
  ],
  [
    'there is no such resource',
    { ...about('docs:read', null, [], null) },
    'problem resource: there is no resource project/p1',
  ],
  [
    'another organization has the resource',
    { ...about('docs:read', undefined, [], { ...project, organization_id: 'org_2' }) },
    'problem resource: the resource project/p1 belongs to another organization, org_2',
  ],
  [
    'not all role assignments were read',
    { permission: 'docs:write', assignments: { items: [], more: true } },
    'warning permission: docs:write is not granted by member; not all role assignments could be read',
  ],
  [
    'a tool is excluded',
    { unread: [{ tool: 'list_directories', why: 'it is excluded' }] },
    'skipped list_directories: not checked: it is excluded',
  ],
  [
    'a slug has odd characters',
    { ...membership({ roles: [{ slug: 'ro"le\n\u202e x' }] }), assignments: undefined },
    'warning roles: roles that the organization does not have: "ro\\"le\\n\\u{202e} x"',
  ],
];

describe('explain_access', () => {
  it.each(rows.map(([when, facts, finding, next]) => ({ when, facts, finding, next })))(
    'explains access when $when',
    ({ facts, finding, next }) => {
      const answer = answerAccess({ ...well, ...facts });
      const told = answer.findings.map(
        ({ check, status, detail, fix }) => `${status} ${check}: ${detail}${fix ? `. ${fix}` : ''}`,
      );
      expect(
        told.filter((one) => one.startsWith(finding)),
        told.join('\n'),
      ).toHaveLength(1);
      expect(
        told.some((one) => one.includes('not among')),
        told.join('\n'),
      ).toBe(finding.includes('not among'));
      expect(answer.next && { tool: answer.next.tool, arguments: answer.next.arguments }).toEqual(next);
      expect(countTokens(JSON.stringify(answer))).toBeLessThan(700);
    },
  );

  it('says first that an inactive membership gives nothing', () => {
    const answer = answerAccess({ ...well, ...membership({ status: 'inactive' }), permission: 'docs:write' });
    expect(answer.summary).toBe(
      'ada@acme.example is an inactive member of "Acme" with the role member, so no roles apply; docs:write is not granted by member',
    );
    expect(answer.findings[0]?.check).toBe('membership');
  });

  it('lists what the user may do in the organization if the call names no permission', () => {
    const { permissions } = answerAccess({
      ...well,
      assignments: list(on('billing', 'organization', 'gra_1'), on('editor', project)),
    });
    expect(permissions).toEqual(['billing:manage', 'docs:read']);
    expect(answerAccess({ ...well, ...membership({ status: 'pending' }) }).permissions).toEqual([]);
  });

  it('stays below 700 tokens with dozens of roles, groups and resources', () => {
    const many = Array.from({ length: 60 }, (_, at) =>
      role(`role-number-${at}-with-a-long-name`, [`feature-${at}:manage-everything`]),
    );
    const groups = new Map(
      many.map((_, at) => [
        `gra_${at}`,
        { id: `group_01KK8X67M0MV47XE3TFW5E5N${at}`, name: `A rather long name of a group ${at}` },
      ]),
    );
    const answer = answerAccess({
      ...well,
      ...managed,
      ...directory(
        'active',
        'member',
        many.map(({ slug }) => `Directory group for ${slug}`),
      ),
      roles: [...roles, ...many],
      assignments: {
        items: many.map(({ slug }, at) =>
          on(slug, { ...project, id: `authz_resource_01KJPSHMY0QC33A47EJHQ02${at}` }, `gra_${at}`),
        ),
        more: true,
      },
      groups,
      unread: many.slice(0, 8).map(({ slug }) => ({ tool: slug, why: 'x'.repeat(160) })),
    });
    expect(countTokens(JSON.stringify(answer))).toBeLessThan(700);
    expect(answer.roles.at(-1)).toEqual({ more: 57 });
  });
});

describe('the resource argument', () => {
  it.each([
    ['authz_resource_1', { resource_id: 'authz_resource_1' }],
    ['project/p1', { resource_type_slug: 'project', resource_external_id: 'p1' }],
    [' project / a/b?c ', { resource_type_slug: 'project', resource_external_id: 'a/b?c' }],
  ])('can be %j', (text, name) => expect(resourceName(text)).toEqual(name));

  it.each(['/p1', 'project/', ' / ', '  '])('cannot be %j', (text) => {
    expect(() => resourceName(text)).toThrow('resource is incomplete');
  });
});
