import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { organizations } from '../../src/tools/organizations.ts';
import { type Connected, connect, sends } from '../harness.ts';

sends(organizations, [
  [
    'list_organizations',
    { limit: 5, before: 'org_b', after: 'org_a', order: 'asc', search: 'Acme Corp', domains: ['a.com', 'b.com'] },
    'GET /organizations?order=asc&limit=5&before=org_b&after=org_a&search=Acme%20Corp&domains=a.com,b.com',
  ],
  ['list_organizations', {}, 'GET /organizations?order=desc'],
  ['get_organization', { organization_id: 'org_1' }, 'GET /organizations/org_1'],
  ['get_organization_by_external_id', { external_id: 'a/b c' }, 'GET /organizations/external_id/a%2Fb%20c'],
  [
    'create_organization',
    {
      name: 'Acme',
      domain_data: [{ domain: 'acme.com', state: 'verified' }],
      allow_profiles_outside_organization: true,
      external_id: 'ext_1',
      metadata: { tier: 'gold' },
    },
    'POST /organizations',
    {
      name: 'Acme',
      domain_data: [{ domain: 'acme.com', state: 'verified' }],
      allow_profiles_outside_organization: true,
      external_id: 'ext_1',
      metadata: { tier: 'gold' },
    },
  ],
  [
    'create_organization',
    { name: 'Acme', domains: ['acme.com'] },
    'POST /organizations',
    { name: 'Acme', domain_data: [{ domain: 'acme.com', state: 'pending' }] },
  ],
  [
    'update_organization',
    {
      organization_id: 'org_1',
      name: 'Acme',
      domain_data: [],
      allow_profiles_outside_organization: false,
      stripe_customer_id: null,
      external_id: null,
      metadata: { tier: null },
    },
    'PUT /organizations/org_1',
    {
      name: 'Acme',
      domain_data: [],
      allow_profiles_outside_organization: false,
      stripe_customer_id: null,
      external_id: null,
      metadata: { tier: null },
    },
  ],
  ['delete_organization', { organization_id: 'org_1' }, 'DELETE /organizations/org_1'],
  [
    'create_organization_domain',
    { organization_id: 'org_1', domain: 'acme.com' },
    'POST /organization_domains',
    { organization_id: 'org_1', domain: 'acme.com' },
  ],
  ['get_organization_domain', { organization_domain_id: 'org_domain_1' }, 'GET /organization_domains/org_domain_1'],
  [
    'verify_organization_domain',
    { organization_domain_id: 'org_domain_1' },
    'POST /organization_domains/org_domain_1/verify',
  ],
  [
    'delete_organization_domain',
    { organization_domain_id: 'org_domain_1' },
    'DELETE /organization_domains/org_domain_1',
  ],
]);

describe('plain domains', () => {
  let server: Connected;
  beforeAll(async () => {
    server = await connect({ flags: ['--toolsets', 'organizations'], replies: () => ({ body: { id: 'org_1' } }) });
  });
  afterAll(() => server.close());

  it('given to create_organization are reported as pending', async () => {
    const { value } = await server.call('create_organization', { name: 'Acme', domains: ['acme.com'] });
    expect(value).toEqual({ id: 'org_1', note: expect.stringContaining('verify_organization_domain') });
    expect((await server.call('create_organization', { name: 'Acme' })).value).toEqual({ id: 'org_1' });
  });

  it('are refused by update_organization, which names the tools to use instead', async () => {
    server.api.requests.length = 0;
    const { error } = await server.call('update_organization', { organization_id: 'org_1', domains: ['acme.com'] });
    expect(error).toMatchObject({
      kind: 'input',
      message: expect.stringMatching(/^Unknown argument "domains"\. .*create_organization_domain.*domain_data/),
    });
    expect(server.api.requests).toEqual([]);
  });

  it('cannot be combined with domain_data', async () => {
    server.api.requests.length = 0;
    const { error } = await server.call('create_organization', { name: 'Acme', domains: ['a.com'], domain_data: [] });
    expect(error).toMatchObject({ kind: 'input', message: expect.stringContaining('domains or domain_data') });
    expect(server.api.requests).toEqual([]);
  });
});
