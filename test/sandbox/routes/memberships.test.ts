import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ROOT = '/user_management/organization_memberships';

describe('organization memberships', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('list only active ones unless other statuses are requested', async () => {
    const acme = await client.idOf('/organizations', 'Acme Robotics');
    const path = `${ROOT}?limit=100&organization_id=${acme}`;
    const statuses = async (query: string) =>
      new Set((await client.call(`GET ${path}${query}`)).body.data.map((row) => row['status']));
    expect(await statuses('')).toEqual(new Set(['active']));
    expect(await statuses('&statuses=inactive,active')).toEqual(new Set(['active', 'inactive']));
    expect(await statuses('&statuses=inactive&statuses=pending')).toEqual(new Set(['inactive']));
  });

  it('include the user and the organization’s name', async () => {
    const acme = await client.idOf('/organizations', 'Acme Robotics');
    const [membership] = (await client.call(`GET ${ROOT}?organization_id=${acme}`)).body.data;
    expect(membership).toMatchObject({ organization_name: 'Acme Robotics', user: { object: 'user' } });
  });

  it('can be created, deactivated, reactivated by creating them again, and updated', async () => {
    const user = (await client.call('POST /user_management/users', { email: 'new@signup.example' })).body.id;
    const acme = await client.idOf('/organizations', 'Acme Robotics');
    const body = { user_id: user, organization_id: acme, role_slug: 'admin' };
    const created = await client.call(`POST ${ROOT}`, body);
    expect(created.body).toMatchObject({ status: 'active', role: { slug: 'admin' }, roles: [{ slug: 'admin' }] });
    expect((await client.call(`POST ${ROOT}`, body)).status).toBe(409);
    expect((await client.call(`POST ${ROOT}`, { ...body, role_slugs: ['member'] })).status).toBe(422);
    expect((await client.call(`POST ${ROOT}`, { ...body, role_slug: 'king' })).body['code']).toBe('invalid_role');
    const path = `${ROOT}/${created.body.id}`;
    expect((await client.call(`PUT ${path}/deactivate`)).body['status']).toBe('inactive');
    const again = await client.call(`POST ${ROOT}`, { ...body, role_slug: 'auditor' });
    expect(again.body).toMatchObject({ id: created.body.id, status: 'active', role: { slug: 'auditor' } });
    expect((await client.call(`PUT ${path}`, { role_slugs: ['member', 'auditor'] })).body['roles']).toHaveLength(2);
  });

  it('can have the roles of their organization, but not those of another', async () => {
    const user_id = (await client.call('POST /user_management/users', { email: 'operator@robots.example' })).body.id;
    const acme = await client.idOf('/organizations', 'Acme Robotics');
    const northwind = await client.idOf('/organizations', 'Northwind Freight');
    const body = { user_id, role_slug: 'org-fleet-operator' };
    const refused = await client.call(`POST ${ROOT}`, { ...body, organization_id: northwind });
    expect([refused.status, refused.body['code']]).toEqual([422, 'invalid_role']);
    const created = await client.call(`POST ${ROOT}`, { ...body, organization_id: acme });
    expect(created.body['role']).toEqual({ slug: 'org-fleet-operator' });
    const path = `${ROOT}/${created.body.id}`;
    expect((await client.call(`PUT ${path}`, { role_slugs: ['org-nope'] })).status).toBe(422);
    expect((await client.call(`GET ${path}`)).body['role']).toEqual({ slug: 'org-fleet-operator' });
  });

  it('cannot be activated or deactivated while pending, but can be deleted', async () => {
    const omalley = await client.idOf('/organizations', `O'Malley "Ink" & Paper, <Inc.>`);
    const [pending] = (await client.call(`GET ${ROOT}?organization_id=${omalley}&statuses=pending`)).body.data;
    for (const verb of ['deactivate', 'reactivate']) {
      const rejected = await client.call(`PUT ${ROOT}/${pending?.id}/${verb}`);
      expect([rejected.status, rejected.body['code']]).toEqual([400, `cannot_${verb}_pending_organization_membership`]);
    }
    const deleted = await client.call(`DELETE ${ROOT}/${pending?.id}`);
    expect([deleted.status, deleted.text]).toEqual([200, '']);
  });

  describeErrors(
    () => client,
    [
      [`GET ${ROOT}`, undefined, 400, { code: 'missing_user_id_or_organization_id', message: expect.any(String) }],
      [`GET ${ROOT}?user_id=user_nope`, undefined, 404, { code: 'entity_not_found' }],
    ],
  );
});
