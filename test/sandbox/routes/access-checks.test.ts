import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, namesIn, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const AMARA = '/authorization/organization_memberships/om_01KHZQMKVRXSZNDPZ5J76021QD';
const OF_ACME = `/authorization/organizations/${ACME}/resources`;
const ORGANIZATION = { resource_external_id: ACME, resource_type_slug: 'organization' };
const WORKSPACE = { resource_external_id: 'ws-1', resource_type_slug: 'workspace' };
const PROJECT = { resource_external_id: 'proj-7', resource_type_slug: 'project' };

describe('access checks', () => {
  let client: SandboxClient;
  /** A new member of Acme with the default role. */
  let member: string;
  /** The path of its checks and role assignments. */
  let path: string;

  beforeEach(async () => {
    client = await startSandboxClient();
    const user_id = (await client.call('POST /user_management/users', { email: 'new@acme.example' })).body.id;
    const membership = { user_id, organization_id: ACME };
    member = (await client.call('POST /user_management/organization_memberships', membership)).body.id;
    path = `/authorization/organization_memberships/${member}`;
    for (const type of ['workspace', 'project']) {
      const permission = { slug: `${type}:edit`, name: `Edit ${type}`, resource_type_slug: type };
      await client.call('POST /authorization/permissions', permission);
      await client.call('POST /authorization/roles', { slug: `${type}-editor`, name: type, resource_type_slug: type });
      await client.call(`POST /authorization/roles/${type}-editor/permissions`, { slug: 'project:edit' });
    }
    await client.call('POST /authorization/roles/workspace-editor/permissions', { slug: 'project:edit' });
  });
  afterEach(() => client.close());

  const isAllowed = async (permission_slug: string, target: object) =>
    (await client.call(`POST ${path}/check`, { permission_slug, ...target })).body['authorized'];
  const assign = (role_slug: string, target: object) =>
    client.call(`POST ${path}/role_assignments`, { role_slug, ...target });

  it('count the membership’s roles on its organization', async () => {
    expect(await isAllowed('documents:write', ORGANIZATION)).toBe(true);
    expect(await isAllowed('billing:manage', ORGANIZATION)).toBe(false);
    await assign('billing-manager', ORGANIZATION);
    expect(await isAllowed('billing:manage', ORGANIZATION)).toBe(true);
    const roles = async () =>
      (await client.call(`GET /user_management/organization_memberships/${member}`)).body['roles'];
    expect(await roles()).toEqual([{ slug: 'member' }, { slug: 'billing-manager' }]);
    for (const role_slug of ['billing-manager', 'member']) {
      await client.call(`DELETE ${path}/role_assignments`, { role_slug, ...ORGANIZATION });
    }
    expect(await isAllowed('billing:manage', ORGANIZATION)).toBe(false);
    expect(await roles()).toEqual([{ slug: 'member' }]);
  });

  it('count a role on a resource for the resources below it', async () => {
    expect(await isAllowed('project:edit', PROJECT)).toBe(false);
    await assign('workspace-editor', WORKSPACE);
    expect(await isAllowed('project:edit', PROJECT)).toBe(true);
    expect(await isAllowed('project:edit', WORKSPACE)).toBe(false);
    const { body } = await client.call(`GET ${path}/resources/project/proj-7/permissions`);
    expect(body.data.map((row) => row['slug'])).toEqual(['project:edit']);
    const query = 'permission_slug=project:edit&parent_resource_type_slug=workspace&parent_resource_external_id=ws-1';
    expect(namesIn(await client.call(`GET ${path}/resources?order=asc&${query}`))).toEqual([
      ...['Gripper firmware', 'Safety audit 2026'],
    ]);
  });

  it('list who has a permission on a resource, by a role on it or above it', async () => {
    await assign('workspace-editor', WORKSPACE);
    const members = async (query: string) =>
      (await client.call(`GET ${OF_ACME}/project/proj-7/organization_memberships?permission_slug=project:edit${query}`))
        .body.data;
    expect(await members('')).toEqual([expect.objectContaining({ id: member, user: expect.anything() })]);
    expect(await members('&assignment=direct')).toEqual([]);
    await assign('project-editor', PROJECT);
    expect(await members('&assignment=direct')).toHaveLength(1);
  });

  it('count the roles of the membership’s groups', async () => {
    const group = await client.idOf(`/organizations/${ACME}/groups`, 'Finance');
    const members = `/organizations/${ACME}/groups/${group}/organization-memberships`;
    const ofGroup = `/authorization/groups/${group}/role_assignments`;
    await client.call(`POST ${members}`, { organization_membership_id: member });
    await client.call(`POST ${ofGroup}`, { role_slug: 'project-editor', ...PROJECT });
    await client.call(`POST ${ofGroup}`, { role_slug: 'billing-manager' });
    expect([await isAllowed('project:edit', PROJECT), await isAllowed('billing:read', ORGANIZATION)]).toEqual([
      ...[true, true],
    ]);
    const assignments = (await client.call(`GET ${path}/role_assignments`)).body.data;
    expect(assignments.map(({ role, source }) => [role, source])).toEqual(
      expect.arrayContaining([
        [{ slug: 'member' }, { type: 'direct', group_role_assignment_id: null }],
        [{ slug: 'project-editor' }, { type: 'group', group_role_assignment_id: expect.stringMatching(/^gra_/) }],
      ]),
    );
    const derived = assignments.find(({ role }) => JSON.stringify(role).includes('project-editor'));
    expect((await client.call(`DELETE ${path}/role_assignments/${derived?.id}`)).status).toBe(404);
    await client.call(`DELETE ${members}/${member}`);
    expect(await isAllowed('project:edit', PROJECT)).toBe(false);
  });

  it('deny everything to an inactive member', async () => {
    await client.call(`PUT /user_management/organization_memberships/${member}/deactivate`);
    expect(await isAllowed('documents:write', ORGANIZATION)).toBe(false);
  });

  it('forget the assignments of deleted resources and memberships', async () => {
    const created = await assign('project-editor', PROJECT);
    expect((await assign('project-editor', PROJECT)).body.id).toBe(created.body.id);
    expect((await client.call(`DELETE ${OF_ACME}/project/proj-7`)).status).toBe(409);
    await client.call(`DELETE ${OF_ACME}/project/proj-7?cascade_delete=true`);
    const roles = (await client.call(`GET ${path}/role_assignments`)).body.data.map(({ role }) => role);
    expect(roles).toEqual([{ slug: 'member' }]);
    await assign('workspace-editor', WORKSPACE);
    await client.call(`DELETE /user_management/organization_memberships/${member}`);
    expect((await client.call(`GET ${OF_ACME}/workspace/ws-1/role_assignments`)).body.data).toEqual([]);
  });

  describeErrors(
    () => client,
    [
      [`POST ${AMARA}/check`, { permission_slug: 'nope', ...PROJECT }, 404, { entity_id: 'nope' }],
      [`POST ${AMARA}/check`, { permission_slug: 'members:read' }, 422, { errors: [{ field: 'resource_id' }] }],
      [
        `POST ${AMARA}/role_assignments`,
        { role_slug: 'nope', ...PROJECT },
        404,
        { message: "Role not found: 'nope'." },
      ],
      [`POST ${AMARA}/role_assignments`, { role_slug: 'project-editor', ...WORKSPACE }, 422, {}],
      [`POST ${AMARA}/role_assignments`, { role_slug: 'admin', resource_id: 'authz_resource_nope' }, 404, {}],
      [`DELETE ${AMARA}/role_assignments`, { role_slug: 'project-editor', ...PROJECT }, 404, {}],
      [`DELETE ${AMARA}/role_assignments/role_assignment_nope`, undefined, 404, {}],
      [`GET ${AMARA}/resources?permission_slug=members:read`, undefined, 422, {}],
      ['POST /authorization/roles/project-editor/permissions', { slug: 'documents:read' }, 422, {}],
    ],
  );
});
