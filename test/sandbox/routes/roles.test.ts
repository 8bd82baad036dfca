import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const ROLES = `/authorization/organizations/${ACME}/roles`;

describe('roles and permissions', () => {
  let client: SandboxClient;
  beforeAll(async () => {
    client = await startSandboxClient();
  });
  afterAll(() => client.close());

  it('list all roles in priority order, without pagination', async () => {
    const roles = await client.call('GET /authorization/roles');
    expect(roles.body.list_metadata).toBeUndefined();
    expect(roles.body.data.map((row) => row['slug'])).toEqual([
      ...['admin', 'member', 'billing-manager', 'auditor', 'support-agent'],
    ]);
  });

  it('return a role by its slug', async () => {
    expect((await client.call('GET /authorization/roles/auditor')).body['name']).toBe('Auditor');
  });

  it('paginate permissions', async () => {
    const { body } = await client.call('GET /authorization/permissions?limit=2');
    expect(body.list_metadata.after).toMatch(/^perm_/);
  });

  it('list the roles of an organization only for that organization', async () => {
    const slugs = async (id: string) =>
      (await client.call(`GET /authorization/organizations/${id}/roles`)).body.data.map((row) => row['slug']);
    expect(await slugs(ACME)).toEqual(expect.arrayContaining(['admin', 'org-fleet-operator']));
    expect(await slugs(await client.idOf('/organizations', 'Lumen Health'))).not.toContain('org-fleet-operator');
    expect((await client.call('GET /authorization/roles/org-fleet-operator')).status).toBe(404);
  });

  it('derive the slug of an organization’s role from its name', async () => {
    const { body } = await client.call(`POST ${ROLES}`, { name: 'Night & day!' });
    expect(body['slug']).toMatch(/^org-night-day-[0-9a-z]{6}$/);
    expect(body).toMatchObject({ type: 'OrganizationRole', resource_type_slug: 'organization', permissions: [] });
  });

  it('do not delete a role that is assigned', async () => {
    await client.call(`POST ${ROLES}`, { slug: 'org-temporary', name: 'Temporary' });
    const memberships = '/user_management/organization_memberships';
    const [member] = (await client.call(`GET ${memberships}?organization_id=${ACME}`)).body.data;
    await client.call(`PUT ${memberships}/${member?.id}`, { role_slug: 'org-temporary' });
    const refused = await client.call(`DELETE ${ROLES}/org-temporary`);
    expect([refused.status, refused.body['code']]).toEqual([409, 'role_has_assignments']);
    await client.call(`PUT ${memberships}/${member?.id}`, { role_slug: 'member' });
    expect((await client.call(`DELETE ${ROLES}/org-temporary`)).status).toBe(204);
  });

  it('lose a deleted permission', async () => {
    await client.call('POST /authorization/permissions', { slug: 'robots:start', name: 'Start robots' });
    const role = '/authorization/roles/support-agent';
    await client.call(`POST ${role}/permissions`, { slug: 'robots:start' });
    await client.call(`POST ${role}/permissions`, { slug: 'robots:start' });
    const permissions = async () => (await client.call(`GET ${role}`)).body['permissions'];
    expect(await permissions()).toEqual(['documents:read', 'members:read', 'robots:start']);
    await client.call('DELETE /authorization/permissions/robots:start');
    expect(await permissions()).toEqual(['documents:read', 'members:read']);
  });

  describeErrors(
    () => client,
    [
      ['POST /authorization/roles', { slug: 'admin', name: 'A' }, 409, { code: 'role_slug_conflict' }],
      ['POST /authorization/roles', { slug: 'No Slug', name: 'A' }, 422, { errors: [{ field: 'slug' }] }],
      ['POST /authorization/roles', { name: 'A' }, 422, { errors: [{ field: 'slug', code: 'required' }] }],
      ['PUT /authorization/roles/admin/permissions', { permissions: ['x'] }, 404, { entity_id: 'x' }],
      ['POST /authorization/roles/admin/permissions', { slug: 'x' }, 404, { message: "Permission not found: 'x'." }],
      [`POST ${ROLES}`, { slug: 'viewer', name: 'A' }, 422, { errors: [{ field: 'slug' }] }],
      [`POST ${ROLES}`, { slug: 'org-fleet-operator', name: 'A' }, 409, { code: 'organization_role_slug_conflict' }],
      [`PATCH ${ROLES}/admin`, { name: 'A' }, 404, { message: "Role not found: 'admin'." }],
      [`DELETE ${ROLES}/admin`, undefined, 404, { message: "Role not found: 'admin'." }],
      [`DELETE ${ROLES}/org-fleet-operator/permissions/billing:read`, undefined, 404, { entity_id: 'billing:read' }],
      ['GET /authorization/organizations/org_nope/roles', undefined, 404, { entity_id: 'org_nope' }],
      [
        'POST /authorization/permissions',
        { slug: 'billing:read', name: 'A' },
        409,
        { code: 'permission_slug_conflict' },
      ],
      ['POST /authorization/permissions', { slug: 'a b', name: 'A' }, 422, { errors: [{ field: 'slug' }] }],
      ['PATCH /authorization/permissions/widgets:users-table:manage', { name: 'A' }, 403, {}],
      ['DELETE /authorization/permissions/widgets:users-table:manage', undefined, 403, {}],
      ['DELETE /authorization/permissions/nope', undefined, 404, { entity_id: 'nope' }],
      ['GET /authorization/roles/nope', undefined, 404, { message: "Role not found: 'nope'." }],
      ['GET /roles', undefined, 404, { message: 'Cannot GET /roles', error: 'Not Found' }],
    ],
  );
});
