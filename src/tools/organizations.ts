import * as z from 'zod';
import { endpoint, toolset, workflow } from './define.ts';
import { atMostOne, externalId, externalIdChange, id, metadata, metadataChange, page } from './schemas.ts';
import type { WorkflowContext } from './types.ts';

const domainData = z.array(z.strictObject({ domain: z.string(), state: z.enum(['pending', 'verified']) })).optional();

const plainDomains = z.array(z.string()).optional().describe('Plain names; sent as domain_data with state pending');

const outsideProfiles = z.boolean().optional().describe('Let people with other email domains sign in');

/** Includes the state, because `pending` revokes the verification. */
const presentDomain = [{ domain: 'domain', state: 'state' }];

type NewOrganization = { domains?: string[] | undefined };

/**
 * The API deprecates `domains` and may ignore it. The state `verified` would claim an unproven ownership, so plain names are sent
 * as pending. https://workos.com/docs/reference/organization/create
 */
async function create({ domains, ...fields }: NewOrganization, context: WorkflowContext): Promise<unknown> {
  if (!domains) return context.request('POST /organizations', fields);
  const domain_data = domains.map((domain) => ({ domain, state: 'pending' }));
  const created = z.looseObject({}).parse(await context.request('POST /organizations', { ...fields, domain_data }));
  return { ...created, note: 'The domains are pending. Verify each one with verify_organization_domain.' };
}

export const organizations = toolset('organizations', 'Organizations and their domains', {
  list_organizations: endpoint('GET /organizations', {
    title: 'List organizations',
    description:
      'List organizations (id, name, domains[].domain, domains[].state, external_id, metadata, …). Start here to find an id by customer name or domain.',
    also: [
      'all customers, clients, accounts',
      'tenant by name, look up or pull up',
      'is a company a customer of ours, do we have',
      'which company has or owns a domain',
      'search workspaces',
    ],
    input: {
      ...page,
      search: z.string().optional().describe('Part of the name'),
      domains: z.array(z.string()).optional().describe('With any of these'),
    },
    core: true,
  }),

  get_organization: endpoint('GET /organizations/{organization_id}', {
    title: 'Get organization',
    description: 'Get one organization with its domains and metadata.',
    also: ['customer details', 'company record', 'domains attached to a tenant', 'metadata of an account'],
    input: { organization_id: id() },
    core: true,
  }),

  get_organization_by_external_id: endpoint('GET /organizations/external_id/{external_id}', {
    title: 'Get organization by external id',
    description: 'Get an organization by its id in your own system.',
    also: [
      'our customer number',
      'tenant by our own reference',
      'internal account number',
      'CRM or billing id, database key',
    ],
    input: { external_id: id('Id in your own system') },
  }),

  create_organization: workflow({
    title: 'Create organization',
    description:
      'Create an organization: the customer that users, SSO connections and directories belong to. Check list_organizations first: names need not be unique.',
    also: [
      'onboard a new customer, client',
      'set up a tenant',
      'sign up a company, B2B account',
      'open a workspace',
      'prospect becomes a customer',
    ],
    input: {
      name: z.string(),
      domain_data: domainData.describe('Domains; verified claims proven ownership'),
      domains: plainDomains,
      allow_profiles_outside_organization: outsideProfiles,
      external_id: externalId(),
      metadata: metadata(),
    },
    effect: 'create',
    core: true,
    // The API takes domain_data. `domains` is a short form of it, from the skill document.
    check: atMostOne('domains', 'domain_data'),
    routes: ['POST /organizations'],
    run: create,
  }),

  update_organization: endpoint('PUT /organizations/{organization_id}', {
    title: 'Update organization',
    description:
      'Change an organization. Omitted fields stay unchanged. To add one domain: create_organization_domain.',
    also: [
      'rename a workspace, company name',
      'set metadata, external id',
      'Stripe customer id',
      'CRM or account number on an org',
      'rebranding',
    ],
    input: {
      organization_id: id(),
      name: z.string().optional(),
      domain_data: domainData.describe('The new full list'),
      allow_profiles_outside_organization: outsideProfiles,
      stripe_customer_id: z.string().nullable().optional().describe('Stripe customer id; null clears'),
      external_id: externalIdChange(),
      metadata: metadataChange(),
    },
    insteadOf: {
      domains:
        'Plain domains would replace verified ones by pending ones. Add one with create_organization_domain, remove one with delete_organization_domain, or send domain_data with each state.',
    },
    consentFor: { domain_data: 'removes', metadata: 'clears' },
    replaces: { domain_data: { path: 'domains', items: presentDomain } },
  }),

  delete_organization: endpoint('DELETE /organizations/{organization_id}', {
    title: 'Delete organization',
    description:
      'Permanently delete an organization with its memberships, domains, SSO connections and directories. May finish later (202).',
    also: [
      'customer churned, cancelled',
      'wipe a tenant',
      'close an account for good',
      'contract ended',
      'test or duplicate tenant, offboard a company',
    ],
    input: { organization_id: id() },
    core: true,
    dependents: [
      {
        label: 'memberships',
        list: 'list_organization_memberships',
        argument: 'organization_id',
        with: { statuses: ['active', 'inactive', 'pending'] },
      },
      { label: 'connections', list: 'list_connections', argument: 'organization_id' },
      { label: 'directories', list: 'list_directories', argument: 'organization_id' },
      { label: 'api_keys', list: 'list_organization_api_keys', argument: 'organization_id' },
      { label: 'domains', field: 'domains' },
    ],
  }),

  create_organization_domain: endpoint('POST /organization_domains', {
    title: 'Add organization domain',
    description:
      'Add one domain to an organization, unverified. Then use verify_organization_domain or generate_portal_link.',
    also: [
      'claim or attach another email domain',
      'extra company domain',
      'new website address',
      'people with this address belong to them',
    ],
    input: { organization_id: id(), domain: z.string().describe('Such as example.com') },
  }),

  get_organization_domain: endpoint('GET /organization_domains/{organization_domain_id}', {
    title: 'Get organization domain',
    description: 'Get one domain with its verification state and the DNS token that proves ownership.',
    also: ['TXT record', 'is a domain verified, pending or failed', 'proof of ownership', 'DNS step status'],
    input: { organization_domain_id: id() },
  }),

  verify_organization_domain: endpoint('POST /organization_domains/{organization_domain_id}/verify', {
    title: 'Verify organization domain',
    description:
      'Start DNS verification of a pending domain. The owner must first publish the token from get_organization_domain.',
    also: [
      'check that they own the domain',
      'prove or confirm ownership',
      'TXT record published, finish the DNS step',
      'retry verification',
    ],
    input: { organization_domain_id: id() },
    effect: 'update',
  }),

  delete_organization_domain: endpoint('DELETE /organization_domains/{organization_domain_id}', {
    title: 'Delete organization domain',
    description: 'Remove a domain from its organization.',
    also: ['drop or detach a domain', 'unlink a website address', 'no longer belongs to the customer', 'sold domain'],
    input: { organization_domain_id: id() },
  }),
});
