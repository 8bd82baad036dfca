import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fga } from '../../src/tools/fga.ts';
import { type Connected, connect, sends } from '../harness.ts';

const page = { limit: 5, before: 'id_b', after: 'id_a', order: 'asc' };
const pageQuery = 'order=asc&limit=5&before=id_b&after=id_a';

const group = { group_id: 'group_1' };
const groupPath = '/authorization/groups/group_1/role_assignments';
const membership = { organization_membership_id: 'om_1' };
const membershipPath = '/authorization/organization_memberships/om_1';
const resource = { resource_id: 'authz_resource_1' };
const resourcePath = '/authorization/resources/authz_resource_1';
const byOwnId = { resource_external_id: 'proj/1', resource_type_slug: 'project' };
const ownKey = { organization_id: 'org_1', resource_type_slug: 'project', external_id: 'proj/1 a' };
const ownPath = '/authorization/organizations/org_1/resources/project/proj%2F1%20a';
const parentByOwnId = { parent_resource_external_id: 'ws/1', parent_resource_type_slug: 'workspace' };

sends(fga, [
  ['list_group_role_assignments', { ...page, ...group }, `GET ${groupPath}?${pageQuery}`],
  ['list_group_role_assignments', group, `GET ${groupPath}?order=desc`],
  [
    'assign_group_role',
    { ...group, role_slug: 'editor', ...resource },
    `POST ${groupPath}`,
    { role_slug: 'editor', resource_id: 'authz_resource_1' },
  ],
  [
    'assign_group_role',
    { ...group, role_slug: 'editor', ...byOwnId },
    `POST ${groupPath}`,
    { role_slug: 'editor', ...byOwnId },
  ],
  ['assign_group_role', { ...group, role_slug: 'admin' }, `POST ${groupPath}`, { role_slug: 'admin' }],
  [
    'replace_group_role_assignments',
    {
      ...group,
      role_assignments: [
        { role_slug: 'admin' },
        { role_slug: 'editor', ...resource },
        { role_slug: 'editor', ...byOwnId },
      ],
    },
    `PUT ${groupPath}`,
    {
      role_assignments: [
        { role_slug: 'admin' },
        { role_slug: 'editor', ...resource },
        { role_slug: 'editor', ...byOwnId },
      ],
    },
  ],
  ['replace_group_role_assignments', { ...group, role_assignments: [] }, `PUT ${groupPath}`, { role_assignments: [] }],
  [
    'remove_group_role',
    { ...group, role_slug: 'editor', ...resource },
    `DELETE ${groupPath}`,
    { role_slug: 'editor', ...resource },
  ],
  [
    'remove_group_role',
    { ...group, role_slug: 'editor', ...byOwnId },
    `DELETE ${groupPath}`,
    { role_slug: 'editor', ...byOwnId },
  ],
  ['remove_group_role', { ...group, role_slug: 'admin' }, `DELETE ${groupPath}`, { role_slug: 'admin' }],
  ['get_group_role_assignment', { ...group, role_assignment_id: 'ra_1' }, `GET ${groupPath}/ra_1`],
  ['remove_group_role_assignment', { ...group, role_assignment_id: 'ra_1' }, `DELETE ${groupPath}/ra_1`],
  [
    'check_authorization',
    { ...membership, permission_slug: 'project:edit', ...resource },
    `POST ${membershipPath}/check`,
    { permission_slug: 'project:edit', ...resource },
  ],
  [
    'check_authorization',
    { ...membership, permission_slug: 'project:edit', ...byOwnId },
    `POST ${membershipPath}/check`,
    { permission_slug: 'project:edit', ...byOwnId },
  ],
  [
    'list_fga_membership_resources',
    { ...page, ...membership, permission_slug: 'project:edit', parent_resource_id: 'authz_resource_0' },
    `GET ${membershipPath}/resources?${pageQuery}&permission_slug=project%3Aedit&parent_resource_id=authz_resource_0`,
  ],
  [
    'list_fga_membership_resources',
    { ...membership, permission_slug: 'project:edit', ...parentByOwnId },
    `GET ${membershipPath}/resources?order=desc&permission_slug=project%3Aedit&parent_resource_external_id=ws%2F1&parent_resource_type_slug=workspace`,
  ],
  [
    'list_fga_permissions',
    { ...page, ...membership, ...resource },
    `GET ${membershipPath}/resources/authz_resource_1/permissions?${pageQuery}`,
  ],
  [
    'list_fga_permissions_by_external_id',
    { ...page, ...membership, resource_type_slug: 'project', external_id: 'proj/1 a' },
    `GET ${membershipPath}/resources/project/proj%2F1%20a/permissions?${pageQuery}`,
  ],
  [
    'list_membership_role_assignments',
    { ...page, ...membership, ...resource, ...byOwnId },
    `GET ${membershipPath}/role_assignments?${pageQuery}&resource_id=authz_resource_1&resource_external_id=proj%2F1&resource_type_slug=project`,
  ],
  [
    'list_membership_role_assignments',
    { ...membership, resource_type_slug: 'project' },
    `GET ${membershipPath}/role_assignments?order=desc&resource_type_slug=project`,
  ],
  [
    'assign_membership_role',
    { ...membership, role_slug: 'editor', ...resource },
    `POST ${membershipPath}/role_assignments`,
    { role_slug: 'editor', ...resource },
  ],
  [
    'assign_membership_role',
    { ...membership, role_slug: 'editor', ...byOwnId },
    `POST ${membershipPath}/role_assignments`,
    { role_slug: 'editor', ...byOwnId },
  ],
  [
    'remove_membership_role',
    { ...membership, role_slug: 'editor', ...resource },
    `DELETE ${membershipPath}/role_assignments`,
    { role_slug: 'editor', ...resource },
  ],
  [
    'remove_membership_role',
    { ...membership, role_slug: 'editor', ...byOwnId },
    `DELETE ${membershipPath}/role_assignments`,
    { role_slug: 'editor', ...byOwnId },
  ],
  [
    'remove_membership_role_assignment',
    { ...membership, role_assignment_id: 'ra_1' },
    `DELETE ${membershipPath}/role_assignments/ra_1`,
  ],
  ['get_fga_resource_by_external_id', ownKey, `GET ${ownPath}`],
  [
    'update_fga_resource_by_external_id',
    { ...ownKey, name: 'Website', description: 'New', parent_resource_id: 'authz_resource_0' },
    `PATCH ${ownPath}`,
    { name: 'Website', description: 'New', parent_resource_id: 'authz_resource_0' },
  ],
  [
    'update_fga_resource_by_external_id',
    { ...ownKey, description: null, ...parentByOwnId },
    `PATCH ${ownPath}`,
    { description: null, ...parentByOwnId },
  ],
  ['delete_fga_resource_by_external_id', { ...ownKey, cascade_delete: true }, `DELETE ${ownPath}?cascade_delete=true`],
  ['delete_fga_resource_by_external_id', ownKey, `DELETE ${ownPath}`],
  [
    'list_fga_members_by_external_id',
    { ...page, ...ownKey, permission_slug: 'project:edit', assignment: 'indirect' },
    `GET ${ownPath}/organization_memberships?${pageQuery}&permission_slug=project%3Aedit&assignment=indirect`,
  ],
  [
    'list_fga_assignments_by_external_id',
    { ...page, ...ownKey, role_slug: 'editor' },
    `GET ${ownPath}/role_assignments?${pageQuery}&role_slug=editor`,
  ],
  [
    'list_fga_resources',
    {
      ...page,
      organization_id: 'org_1',
      resource_type_slug: 'project',
      resource_external_id: 'proj/1',
      parent_resource_id: 'authz_resource_0',
    },
    `GET /authorization/resources?${pageQuery}&organization_id=org_1&resource_type_slug=project&resource_external_id=proj%2F1&parent_resource_id=authz_resource_0`,
  ],
  [
    'list_fga_resources',
    { resource_type_slug: 'project', parent_resource_type_slug: 'workspace', parent_external_id: 'ws/1' },
    'GET /authorization/resources?order=desc&resource_type_slug=project&parent_resource_type_slug=workspace&parent_external_id=ws%2F1',
  ],
  [
    'create_fga_resource',
    {
      external_id: 'proj/1',
      name: 'Website',
      description: 'New',
      resource_type_slug: 'project',
      organization_id: 'org_1',
      parent_resource_id: 'authz_resource_0',
    },
    'POST /authorization/resources',
    {
      external_id: 'proj/1',
      name: 'Website',
      description: 'New',
      resource_type_slug: 'project',
      organization_id: 'org_1',
      parent_resource_id: 'authz_resource_0',
    },
  ],
  [
    'create_fga_resource',
    {
      external_id: 'ws/1',
      name: 'Acme',
      description: null,
      resource_type_slug: 'workspace',
      organization_id: 'org_1',
      parent_resource_id: null,
    },
    'POST /authorization/resources',
    {
      external_id: 'ws/1',
      name: 'Acme',
      description: null,
      resource_type_slug: 'workspace',
      organization_id: 'org_1',
      parent_resource_id: null,
    },
  ],
  [
    'create_fga_resource',
    { external_id: 'p', name: 'P', resource_type_slug: 'project', organization_id: 'org_1', ...parentByOwnId },
    'POST /authorization/resources',
    { external_id: 'p', name: 'P', resource_type_slug: 'project', organization_id: 'org_1', ...parentByOwnId },
  ],
  ['get_fga_resource', resource, `GET ${resourcePath}`],
  [
    'update_fga_resource',
    { ...resource, name: 'Website', description: null, parent_resource_id: 'authz_resource_0' },
    `PATCH ${resourcePath}`,
    { name: 'Website', description: null, parent_resource_id: 'authz_resource_0' },
  ],
  ['update_fga_resource', { ...resource, ...parentByOwnId }, `PATCH ${resourcePath}`, parentByOwnId],
  ['delete_fga_resource', { ...resource, cascade_delete: false }, `DELETE ${resourcePath}?cascade_delete=false`],
  ['delete_fga_resource', resource, `DELETE ${resourcePath}`],
  [
    'list_fga_resource_members',
    { ...page, ...resource, permission_slug: 'project:edit', assignment: 'direct' },
    `GET ${resourcePath}/organization_memberships?${pageQuery}&permission_slug=project%3Aedit&assignment=direct`,
  ],
  [
    'list_fga_resource_assignments',
    { ...page, ...resource, role_slug: 'editor' },
    `GET ${resourcePath}/role_assignments?${pageQuery}&role_slug=editor`,
  ],
]);

describe('fga refuses', () => {
  let server: Connected;
  beforeAll(async () => {
    server = await connect({ flags: ['--toolsets', 'fga', '--confirm', 'never'] });
  });
  afterAll(() => server.close());

  const named = { organization_id: 'org_1', resource_type_slug: 'project', external_id: 'p', name: 'P' };
  const parentIds = { parent_resource_id: 'authz_resource_0', ...parentByOwnId };
  const refused: [string, Record<string, unknown>, string][] = [
    ['assign_group_role', { ...group, role_slug: 'editor', ...resource, ...byOwnId }, 'resource_external_id'],
    ['assign_group_role', { ...group, role_slug: 'editor', resource_type_slug: 'project' }, 'resource_external_id'],
    ['remove_group_role', { ...group, role_slug: 'editor', resource_external_id: 'p' }, 'resource_type_slug'],
    [
      'replace_group_role_assignments',
      { ...group, role_assignments: [{ role_slug: 'admin' }, { role_slug: 'editor', ...resource, ...byOwnId }] },
      'resource_external_id',
    ],
    [
      'replace_group_role_assignments',
      { ...group, role_assignments: Array.from({ length: 101 }, () => ({ role_slug: 'admin' })) },
      'role_assignments',
    ],
    ['check_authorization', { ...membership, permission_slug: 'project:edit' }, 'resource_id'],
    ['assign_membership_role', { ...membership, role_slug: 'editor' }, 'resource_id'],
    ['assign_membership_role', { ...membership, role_slug: 'editor', ...resource, ...byOwnId }, 'resource_id'],
    ['remove_membership_role', { ...membership, role_slug: 'editor', resource_type_slug: 'p' }, 'resource_external_id'],
    ['list_fga_membership_resources', { ...membership, permission_slug: 'project:edit' }, 'parent_resource_id'],
    ['list_fga_membership_resources', { ...membership, permission_slug: 'x', ...parentIds }, 'parent_resource_id'],
    ['list_fga_resources', {}, 'organization_id'],
    ['list_fga_resources', { organization_id: 'org_1', parent_external_id: 'w' }, 'parent_resource_type_slug'],
    [
      'list_fga_resources',
      { organization_id: 'org_1', parent_resource_id: 'a', parent_external_id: 'w', parent_resource_type_slug: 'ws' },
      'parent_resource_id',
    ],
    ['create_fga_resource', { ...named, ...parentIds }, 'parent_resource_id'],
    ['create_fga_resource', { ...named, external_id: '' }, 'external_id'],
    ['create_fga_resource', { ...named, external_id: 'é' }, 'external_id'],
    ['create_fga_resource', { ...named, name: 'x'.repeat(49) }, 'name'],
    ['update_fga_resource', { ...resource, ...parentIds }, 'parent_resource_id'],
    [
      'update_fga_resource_by_external_id',
      { ...ownKey, parent_resource_type_slug: 'ws' },
      'parent_resource_external_id',
    ],
  ];
  it.each(refused)('%s %j', async (tool, input, field) => {
    server.api.requests.length = 0;
    const { error } = await server.call(tool, input);
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining(field) });
    expect(server.api.requests).toEqual([]);
  });
});
