import { newDomain } from '../factories.ts';
import type { IdGenerator } from '../ids.ts';
import type { Connection, Metadata, Organization, OrganizationDomain } from '../resources.ts';
import { timestamps } from '../timestamps.ts';

interface OrganizationSeed {
  name: string;
  created: string;
  external_id?: string;
  stripe_customer_id?: string;
  metadata?: Metadata;
  domains: [domain: string, state: OrganizationDomain['state']][];
  connections: [type: string, name: string, state: Connection['state']][];
}

const ORGANIZATIONS: OrganizationSeed[] = [
  {
    name: 'Acme Robotics',
    created: '2026-01-12T09:14:03.120Z',
    external_id: 'crm-1001',
    stripe_customer_id: 'cus_SbxAcme0001',
    metadata: { plan: 'enterprise', region: 'us', seats: '250' },
    domains: [
      ['acme-robotics.example', 'verified'],
      ['acme-labs.example', 'pending'],
    ],
    connections: [
      ['OktaSAML', 'Acme Okta', 'active'],
      ['GenericOIDC', 'Acme Labs OIDC trial', 'draft'],
    ],
  },
  {
    name: 'Northwind Freight',
    created: '2026-01-29T15:40:51.002Z',
    external_id: 'crm-1002',
    metadata: { plan: 'enterprise', region: 'eu', seats: '120' },
    domains: [['northwind-freight.example', 'verified']],
    connections: [['AzureSAML', 'Northwind Entra ID', 'active']],
  },
  {
    name: 'Blue Harbor Bank',
    created: '2026-02-17T08:05:30.555Z',
    external_id: 'crm-1003',
    metadata: { plan: 'enterprise', region: 'us', compliance: 'soc2,pci' },
    domains: [
      ['blueharbor.example', 'verified'],
      ['blueharbor-wealth.example', 'pending'],
    ],
    connections: [
      ['PingFederateSAML', 'Blue Harbor Ping', 'validating'],
      ['ADFSSAML', 'Blue Harbor ADFS (old)', 'inactive'],
    ],
  },
  {
    name: 'Lumen Health',
    created: '2026-03-03T18:22:10.410Z',
    external_id: 'crm-1004',
    metadata: { plan: 'trial', region: 'us', trial_ends: '2026-12-01' },
    domains: [['lumen-health.example', 'pending']],
    connections: [['OktaOIDC', 'Lumen Okta', 'draft']],
  },
  {
    name: 'Kestrel Analytics',
    created: '2026-04-21T11:31:44.900Z',
    metadata: { plan: 'growth', region: 'eu' },
    domains: [['kestrel.example', 'verified']],
    connections: [['GoogleSAML', 'Kestrel Google Workspace', 'active']],
  },
  {
    name: 'Papaya Learning',
    created: '2026-05-19T07:59:59.999Z',
    external_id: 'crm-1006',
    metadata: { plan: 'starter', region: 'apac' },
    domains: [['papaya-learning.example', 'verified']],
    connections: [],
  },
  {
    name: 'Zürcher Uhrenmanufaktur Çelik & Söhne 時計',
    created: '2026-06-08T13:00:00.000Z',
    external_id: 'kunde/2026#07',
    domains: [['uhrenmanufaktur.example', 'verified']],
    connections: [['EntraIdOIDC', 'Uhrenmanufaktur Entra', 'inactive']],
  },
  {
    name: `O'Malley "Ink" & Paper, <Inc.>`,
    created: '2026-07-02T20:45:12.345Z',
    domains: [],
    connections: [],
  },
];

/** The sandbox's organizations with their domains and SSO connections. */
export function seedOrganizations(ids: IdGenerator) {
  const organizations: Organization[] = [];
  const domains: OrganizationDomain[] = [];
  const connections: Connection[] = [];
  for (const seed of ORGANIZATIONS) {
    const created = Date.parse(seed.created);
    const organization: Organization = {
      object: 'organization',
      id: ids.at('org', created),
      name: seed.name,
      allow_profiles_outside_organization: false,
      ...(seed.stripe_customer_id === undefined ? {} : { stripe_customer_id: seed.stripe_customer_id }),
      metadata: { ...seed.metadata },
      external_id: seed.external_id ?? null,
      ...timestamps(created),
    };
    organizations.push(organization);
    for (const [index, [domain, state]] of seed.domains.entries()) {
      const added = created + (index + 1) * 60_000;
      domains.push(newDomain(ids, ids.at('org_domain', added), organization.id, domain, state, added));
    }
    for (const [index, [connectionType, name, state]] of seed.connections.entries()) {
      const connected = created + (index + 1) * 5 * 86_400_000;
      const verified = seed.domains.filter(([, domainState]) => domainState === 'verified');
      connections.push({
        object: 'connection',
        id: ids.at('conn', connected),
        organization_id: organization.id,
        connection_type: connectionType,
        name,
        state,
        status: state === 'active' ? 'linked' : 'unlinked',
        domains: verified.map(([domain]) => ({
          id: ids.at('conn_domain', connected),
          object: 'connection_domain',
          domain,
        })),
        ...timestamps(connected),
      });
    }
  }
  return { organizations, domains, connections };
}
