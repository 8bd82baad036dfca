import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, describeFilters, namesIn, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

describe('organizations', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  describeFilters(
    () => client,
    [
      ['/organizations?search=ACME', ['Acme Robotics']],
      ['/organizations?domains=acme-labs.example,kestrel.example&order=asc', ['Acme Robotics', 'Kestrel Analytics']],
      ['/organizations?domains=blueharbor.example&domains=KESTREL.example', ['Kestrel Analytics', 'Blue Harbor Bank']],
      ['/organizations?domains=nobody.example', []],
    ],
  );

  it('are found by an external id with reserved URL characters', async () => {
    const path = `/organizations/external_id/${encodeURIComponent('kunde/2026#07')}`;
    expect((await client.call(`GET ${path}`)).body['name']).toMatch(/^Zürcher/);
  });

  it('are created with domains in either form and listed newest first', async () => {
    const plain = await client.call('POST /organizations', { name: 'Plain', domains: ['Plain.example'], unknown: 1 });
    const body = { name: 'Data', domain_data: [{ domain: 'data.example', state: 'verified' }] };
    const data = await client.call('POST /organizations', body);
    expect([plain.status, data.status]).toEqual([201, 201]);
    expect(plain.body['domains']).toMatchObject([{ domain: 'plain.example', state: 'pending' }]);
    expect(data.body['domains']).toMatchObject([{ object: 'organization_domain', state: 'verified' }]);
    expect(namesIn(await client.call('GET /organizations?limit=2'))).toEqual(['Data', 'Plain']);
  });

  it('may share a verified domain', async () => {
    for (const name of ['One', 'Two']) {
      const domain_data = [{ domain: 'shared.example', state: 'verified' }];
      expect((await client.call('POST /organizations', { name, domain_data })).status).toBe(201);
    }
    expect(namesIn(await client.call('GET /organizations?domains=shared.example'))).toEqual(['Two', 'One']);
  });

  it('have a unique Stripe customer, which null clears', async () => {
    const acme = `/organizations/${await client.idOf('/organizations', 'Acme Robotics')}`;
    const kestrel = `/organizations/${await client.idOf('/organizations', 'Kestrel Analytics')}`;
    const taken = await client.call(`PUT ${kestrel}`, { stripe_customer_id: 'cus_SbxAcme0001' });
    expect([taken.status, taken.body['code']]).toEqual([400, 'stripe_customer_id_already_used']);
    expect((await client.call(`PUT ${acme}`, { stripe_customer_id: null })).body['stripe_customer_id']).toBeUndefined();
    const moved = await client.call(`PUT ${kestrel}`, { stripe_customer_id: 'cus_SbxAcme0001' });
    expect(moved.body['stripe_customer_id']).toBe('cus_SbxAcme0001');
  });

  it('are unchanged if any part of an update is rejected', async () => {
    const acme = await client.idOf('/organizations', 'Acme Robotics');
    const before = (await client.call(`GET /organizations/${acme}`)).text;
    const body = { name: 'New', domain_data: [{ domain: 'gmail.com', state: 'pending' }] };
    expect((await client.call(`PUT /organizations/${acme}`, body)).status).toBe(422);
    expect((await client.call(`GET /organizations/${acme}`)).text).toBe(before);
  });

  it('are deleted at once if they have no connections and no directories', async () => {
    const { id } = (await client.call('POST /organizations', { name: 'Short-lived' })).body;
    const deleted = await client.call(`DELETE /organizations/${id}`);
    expect([deleted.status, deleted.text]).toEqual([200, '']);
    expect((await client.call(`GET /organizations/${id}`)).status).toBe(404);
  });

  it('are deleted with everything in them after a 202', async () => {
    const acme = await client.idOf('/organizations', 'Acme Robotics');
    expect((await client.call(`DELETE /organizations/${acme}`)).status).toBe(202);
    expect((await client.call(`GET /organizations/${acme}`)).status).toBe(404);
    expect((await client.call('GET /_sandbox')).body).toMatchObject({
      organizations: 7,
      organization_domains: 7,
      connections: 6,
      directories: 1,
      directory_users: 28,
    });
  });

  describeErrors(
    () => client,
    [
      [
        'GET /organizations/org_nope',
        undefined,
        404,
        { message: "Organization not found: 'org_nope'.", code: 'entity_not_found', entity_id: 'org_nope' },
      ],
      ['POST /organizations', {}, 422, { errors: [{ code: 'required', field: 'name' }] }],
      [
        'POST /organizations',
        { name: 'Everyone', domain_data: [{ domain: 'Gmail.com', state: 'pending' }] },
        422,
        { errors: [{ field: 'domain' }] },
      ],
      ['POST /organizations', { name: 'Twin', external_id: 'crm-1001' }, 400, { code: 'external_id_already_used' }],
      ['POST /organizations', { name: 'Long', external_id: 'ü' }, 422, { errors: [{ field: 'external_id' }] }],
      ['POST /organizations', { name: 'Both', domains: [], domain_data: [] }, 422, { errors: [{ field: 'domains' }] }],
    ],
  );
});
