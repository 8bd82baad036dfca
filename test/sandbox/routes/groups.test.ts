import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, namesIn, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const NORTHWIND = 'org_01KG56M5XTG1JB7F752N5GR4AP';
const MEMBERSHIPS = '/user_management/organization_memberships';
const ROOT = `/organizations/${ACME}/groups`;

describe('groups', () => {
  let client: SandboxClient;
  let finance: string;
  beforeEach(async () => {
    client = await startSandboxClient();
    finance = await client.idOf(ROOT, 'Finance');
  });
  afterEach(() => client.close());

  const firstMember = async (organization: string) =>
    (await client.call(`GET ${MEMBERSHIPS}?organization_id=${organization}&limit=1`)).body.data[0];

  it('belong to one organization', async () => {
    expect(namesIn(await client.call(`GET ${ROOT}`))).toEqual(['Finance', 'Field engineers']);
    expect(namesIn(await client.call(`GET ${ROOT}?search=${finance}`))).toEqual(['Finance']);
    expect(namesIn(await client.call(`GET /organizations/${NORTHWIND}/groups`))).toEqual([]);
    expect((await client.call(`GET /organizations/${NORTHWIND}/groups/${finance}`)).status).toBe(404);
  });

  it('hold only memberships of their organization', async () => {
    const members = `${ROOT}/${finance}/organization-memberships`;
    const body = { organization_membership_id: (await firstMember(ACME))?.id };
    const stranger = { organization_membership_id: (await firstMember(NORTHWIND))?.id };
    expect((await client.call(`POST ${members}`, stranger)).status).toBe(404);
    await client.call(`POST ${members}`, body);
    await client.call(`POST ${members}`, body);
    expect((await client.call(`GET ${members}`)).body.data).toHaveLength(2);
    const ofMember = `GET ${MEMBERSHIPS}/${body.organization_membership_id}/groups`;
    expect(namesIn(await client.call(ofMember))).toEqual(['Finance']);
    await client.call(`DELETE ${members}/${body.organization_membership_id}`);
    expect((await client.call(`DELETE ${members}/${body.organization_membership_id}`)).status).toBe(404);
  });

  it('lose a member whose user is deleted', async () => {
    const members = `${ROOT}/${finance}/organization-memberships`;
    const [member] = (await client.call(`GET ${members}`)).body.data;
    await client.call(`DELETE /user_management/users/${member?.['user_id']}`);
    expect((await client.call(`GET ${members}`)).body.data).toEqual([]);
    const [event] = (await client.call('GET /events?events=group.member_removed')).body.data;
    expect(event?.['data']).toEqual({ group_id: finance, organization_membership_id: member?.id });
  });

  it('are deleted without an event for each member', async () => {
    const count = async () => (await client.call('GET /events?limit=100&events=group.member_removed')).body.data.length;
    const before = await count();
    await client.call(`DELETE ${ROOT}/${finance}`);
    expect(await count()).toBe(before);
  });

  it('have each role only once on a resource, and can have all of them replaced', async () => {
    const root = `/authorization/groups/${finance}/role_assignments`;
    const first = await client.call(`POST ${root}`, { role_slug: 'auditor' });
    expect(first.body['resource']).toMatchObject({ external_id: ACME, resource_type_slug: 'organization' });
    const again = await client.call(`POST ${root}`, { role_slug: 'auditor' });
    expect([again.status, again.body['code']]).toEqual([409, 'duplicate_group_role_assignment']);
    const slugs = [{ role_slug: 'auditor' }, { role_slug: 'org-fleet-operator' }, { role_slug: 'auditor' }];
    const replaced = (await client.call(`PUT ${root}`, { role_assignments: slugs })).body.data;
    expect(replaced.map(({ role }) => role)).toEqual([{ slug: 'auditor' }, { slug: 'org-fleet-operator' }]);
    expect(replaced[0]?.id).toBe(first.body.id);
    const refused = await client.call(`PUT ${root}`, { role_assignments: [{ role_slug: 'nope' }] });
    expect([refused.status, (await client.call(`GET ${root}`)).body.data.length]).toEqual([404, 2]);
    const role = `/authorization/organizations/${ACME}/roles/org-fleet-operator`;
    expect((await client.call(`DELETE ${role}`)).body['code']).toBe('role_has_assignments');
    await client.call(`DELETE ${ROOT}/${finance}`);
    expect((await client.call(`GET ${root}`)).status).toBe(404);
    expect((await client.call(`DELETE ${role}`)).status).toBe(204);
  });

  describeErrors(
    () => client,
    [
      ['GET /organizations/org_nope/groups', undefined, 404, { entity_id: 'org_nope' }],
      [`GET ${ROOT}/group_nope`, undefined, 404, { message: "Group not found: 'group_nope'." }],
      [`POST ${ROOT}`, { description: 'A' }, 422, { errors: [{ field: 'name', code: 'required' }] }],
      [`GET ${MEMBERSHIPS}/om_nope/groups`, undefined, 404, { entity_id: 'om_nope' }],
      ['GET /authorization/groups/group_nope/role_assignments', undefined, 404, { entity_id: 'group_nope' }],
    ],
  );
});
