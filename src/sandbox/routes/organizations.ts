import { isBoolean, isObject, isText, isTextOrNull, isTexts, notBoth, optional, requiredText } from '../http/body.ts';
import { listParameter, matches, page } from '../http/pagination.ts';
import { existing, invalid, notFound, type Reply, type Route, type SandboxRequest } from '../http/reply.ts';
import { mergedMetadata, uniqueExternalId } from '../metadata.ts';
import { newDomain, type Organization, type OrganizationDomain, stamps, timestamp } from '../records.ts';
import type { State } from '../state.ts';
import { domainsOf, usableDomain } from './domains.ts';

export const organizationRoutes: Route[] = [
  ['GET', '/organizations', listOrganizations],
  ['POST', '/organizations', createOrganization],
  ['GET', '/organizations/external_id/{id}', getOrganizationByExternalId],
  ['GET', '/organizations/{id}', ({ id }, state) => shown(200, state, organizationById(state, id))],
  ['PUT', '/organizations/{id}', updateOrganization],
  ['DELETE', '/organizations/{id}', deleteOrganization],
];

function listOrganizations(request: SandboxRequest, state: State): Reply {
  const domains = listParameter(request.query, 'domains').map((domain) => domain.toLowerCase());
  const search = request.query.get('search');
  const found = [...state.organizations.values()].filter(
    ({ id, name }) =>
      matches(name, search) &&
      (domains.length === 0 || domainsOf(state, id).some(({ domain }) => domains.includes(domain))),
  );
  return page(request, state, found, (organization) => withDomains(state, organization));
}

function createOrganization({ body }: SandboxRequest, state: State): Reply {
  const now = state.now();
  const organization: Organization = {
    object: 'organization',
    id: '',
    name: requiredText(body, 'name'),
    allow_profiles_outside_organization: optional(body, 'allow_profiles_outside_organization', isBoolean) ?? false,
    metadata: mergedMetadata({}, body['metadata']),
    external_id: externalId(body, state, undefined) ?? null,
    ...stamps(now),
  };
  const domains = wantedDomains(body, state, undefined);
  organization.id = state.mint.next('org', now);
  state.organizations.set(organization.id, organization);
  replaceDomains(state, organization.id, domains ?? []);
  return shown(201, state, organization);
}

function getOrganizationByExternalId({ id }: SandboxRequest, state: State): Reply {
  const organization = [...state.organizations.values()].find(({ external_id }) => external_id === id);
  if (!organization) throw notFound('Organization', id);
  return shown(200, state, organization);
}

function updateOrganization({ id, body }: SandboxRequest, state: State): Reply {
  const organization = organizationById(state, id);
  // Everything is read before anything is changed, so that a refused update leaves no trace.
  const name = body['name'] === undefined ? organization.name : requiredText(body, 'name');
  const outside = optional(body, 'allow_profiles_outside_organization', isBoolean);
  const customer = optional(body, 'stripe_customer_id', isText);
  const metadata = mergedMetadata(organization.metadata, body['metadata']);
  const external = externalId(body, state, organization);
  const domains = wantedDomains(body, state, id);
  Object.assign(organization, {
    name,
    metadata,
    allow_profiles_outside_organization: outside ?? organization.allow_profiles_outside_organization,
    ...(customer === undefined ? {} : { stripe_customer_id: customer }),
    external_id: external === undefined ? organization.external_id : external,
    updated_at: timestamp(state.now()),
  } satisfies Partial<Organization>);
  if (domains) replaceDomains(state, id, domains);
  return shown(200, state, organization);
}

/** An organization with connections or directories goes away after the answer, as their teardown takes a while. */
function deleteOrganization({ id }: SandboxRequest, state: State): Reply {
  organizationById(state, id);
  const isOwn = (record: { organization_id: string | null }) => record.organization_id === id;
  const dependents = [...state.connections.values(), ...state.directories.values()].filter(isOwn);
  const remove = () => {
    state.organizations.delete(id);
    const tables: Map<string, { organization_id: string | null }>[] = [
      state.domains,
      state.connections,
      state.directories,
      state.directoryGroups,
      state.directoryUsers,
      state.memberships,
      state.invitations,
    ];
    for (const table of tables) {
      for (const [key, record] of table) if (isOwn(record)) table.delete(key);
    }
  };
  if (dependents.length === 0) {
    remove();
    return { status: 204 };
  }
  for (const dependent of dependents) dependent.state = 'deleting';
  setImmediate(remove);
  return { status: 202 };
}

type WantedDomain = Pick<OrganizationDomain, 'domain'> & { state: 'pending' | 'verified' };

/** The domains that a body asks for: `domain_data`, or the deprecated plain `domains`, which prove nothing. */
function wantedDomains(body: Record<string, unknown>, state: State, own: string | undefined) {
  notBoth(body, 'domains', 'domain_data');
  const plain = optional(body, 'domains', isTexts)?.map((domain): WantedDomain => ({ domain, state: 'pending' }));
  const wanted = plain ?? optional(body, 'domain_data', isDomainData);
  const usable = wanted?.map((entry) => ({ ...entry, domain: usableDomain(state, entry.domain, own) }));
  if (usable && new Set(usable.map(({ domain }) => domain)).size < usable.length) {
    throw invalid('domain_data', 'names a domain twice');
  }
  return usable;
}

function isDomainData(value: unknown): value is WantedDomain[] {
  return (
    Array.isArray(value) &&
    value.every(
      (entry) =>
        isObject(entry) &&
        typeof entry['domain'] === 'string' &&
        (entry['state'] === 'pending' || entry['state'] === 'verified'),
    )
  );
}

function replaceDomains(state: State, organizationId: string, wanted: WantedDomain[]): void {
  const kept = domainsOf(state, organizationId);
  for (const { id, domain } of kept) {
    if (!wanted.some((entry) => entry.domain === domain)) state.domains.delete(id);
  }
  for (const entry of wanted) {
    const same = kept.find(({ domain }) => domain === entry.domain);
    const now = state.now();
    if (!same) {
      const id = state.mint.next('org_domain', now);
      state.domains.set(id, newDomain(state.mint, id, organizationId, entry.domain, entry.state, now));
    } else if (same.state !== entry.state) {
      same.state = entry.state;
      same.updated_at = timestamp(now);
    }
  }
}

function externalId(body: Record<string, unknown>, state: State, own: Organization | undefined) {
  const given = optional(body, 'external_id', isTextOrNull);
  return given === undefined ? undefined : uniqueExternalId(state.organizations.values(), own, given);
}

function organizationById(state: State, id: string): Organization {
  return existing(state.organizations, 'Organization', id);
}

function shown(status: number, state: State, organization: Organization): Reply {
  return { status, body: withDomains(state, organization) };
}

function withDomains(state: State, organization: Organization): object {
  return { ...organization, domains: domainsOf(state, organization.id) };
}
