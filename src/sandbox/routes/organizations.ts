import { checkExternalId } from '../external-id.ts';
import { newDomain } from '../factories.ts';
import {
  isBoolean,
  isObject,
  isString,
  isStringArray,
  isStringOrNull,
  optionalField,
  rejectBoth,
  requiredString,
} from '../http/body-fields.ts';
import { findOrThrow, notFound, validationError } from '../http/errors.ts';
import { listParam, matchesSearch, paginate } from '../http/pagination.ts';
import type { ApiRequest, ApiResponse, Route } from '../http/route.ts';
import { mergeMetadata } from '../metadata.ts';
import type { Organization, OrganizationDomain } from '../resources.ts';
import type { State } from '../state.ts';
import { timestamp, timestamps } from '../timestamps.ts';
import { domainsOf, parseAvailableDomain } from './domains.ts';

export const organizationRoutes: Route[] = [
  ['GET', '/organizations', listOrganizations],
  ['POST', '/organizations', createOrganization],
  ['GET', '/organizations/external_id/{id}', getOrganizationByExternalId],
  ['GET', '/organizations/{id}', ({ id }, state) => respond(200, state, organizationById(state, id))],
  ['PUT', '/organizations/{id}', updateOrganization],
  ['DELETE', '/organizations/{id}', deleteOrganization],
];

function listOrganizations(request: ApiRequest, state: State): ApiResponse {
  const domains = listParam(request.query, 'domains').map((domain) => domain.toLowerCase());
  const search = request.query.get('search');
  const found = [...state.organizations.values()].filter(
    ({ id, name }) =>
      matchesSearch(name, search) &&
      (domains.length === 0 || domainsOf(state, id).some(({ domain }) => domains.includes(domain))),
  );
  return paginate(request, state, found, (organization) => withDomains(state, organization));
}

function createOrganization({ body }: ApiRequest, state: State): ApiResponse {
  const now = state.now();
  const organization: Organization = {
    object: 'organization',
    id: '',
    name: requiredString(body, 'name'),
    allow_profiles_outside_organization: optionalField(body, 'allow_profiles_outside_organization', isBoolean) ?? false,
    metadata: mergeMetadata({}, body['metadata']),
    external_id: parseExternalId(body, state, undefined) ?? null,
    ...timestamps(now),
  };
  const domains = parseDomains(body, state, undefined);
  organization.id = state.ids.next('org', now);
  state.organizations.set(organization.id, organization);
  replaceDomains(state, organization.id, domains ?? []);
  return respond(201, state, organization);
}

function getOrganizationByExternalId({ id }: ApiRequest, state: State): ApiResponse {
  const organization = [...state.organizations.values()].find(({ external_id }) => external_id === id);
  if (!organization) throw notFound('Organization', id);
  return respond(200, state, organization);
}

function updateOrganization({ id, body }: ApiRequest, state: State): ApiResponse {
  const organization = organizationById(state, id);
  // Everything is validated before anything is changed, so that a rejected update changes nothing.
  const name = body['name'] === undefined ? organization.name : requiredString(body, 'name');
  const allowOutside = optionalField(body, 'allow_profiles_outside_organization', isBoolean);
  const stripeCustomerId = optionalField(body, 'stripe_customer_id', isString);
  const metadata = mergeMetadata(organization.metadata, body['metadata']);
  const externalId = parseExternalId(body, state, organization);
  const domains = parseDomains(body, state, id);
  Object.assign(organization, {
    name,
    metadata,
    allow_profiles_outside_organization: allowOutside ?? organization.allow_profiles_outside_organization,
    ...(stripeCustomerId === undefined ? {} : { stripe_customer_id: stripeCustomerId }),
    external_id: externalId === undefined ? organization.external_id : externalId,
    updated_at: timestamp(state.now()),
  } satisfies Partial<Organization>);
  if (domains) replaceDomains(state, id, domains);
  return respond(200, state, organization);
}

/**
 * Deletes the organization with everything that belongs to it. If it has connections or directories, the response is a
 * 202 and the deletion follows, which the API allows.
 */
function deleteOrganization({ id }: ApiRequest, state: State): ApiResponse {
  organizationById(state, id);
  const belongs = (record: { organization_id: string | null }) => record.organization_id === id;
  const dependents = [...state.connections.values(), ...state.directories.values()].filter(belongs);
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
      for (const [key, record] of table) if (belongs(record)) table.delete(key);
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

type DomainInput = Pick<OrganizationDomain, 'domain'> & { state: 'pending' | 'verified' };

/**
 * The domains in `domain_data` or in the deprecated `domains`, whose domains are always pending. Undefined if neither is
 * given.
 */
function parseDomains(body: Record<string, unknown>, state: State, organizationId: string | undefined) {
  rejectBoth(body, 'domains', 'domain_data');
  const plain = optionalField(body, 'domains', isStringArray)?.map(
    (domain): DomainInput => ({ domain, state: 'pending' }),
  );
  const inputs = plain ?? optionalField(body, 'domain_data', isDomainData);
  const domains = inputs?.map((input) => ({
    ...input,
    domain: parseAvailableDomain(state, input.domain, organizationId),
  }));
  if (domains && new Set(domains.map(({ domain }) => domain)).size < domains.length) {
    throw validationError('domain_data', 'contains a domain twice');
  }
  return domains;
}

function isDomainData(value: unknown): value is DomainInput[] {
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

function replaceDomains(state: State, organizationId: string, inputs: DomainInput[]): void {
  const current = domainsOf(state, organizationId);
  for (const { id, domain } of current) {
    if (!inputs.some((input) => input.domain === domain)) state.domains.delete(id);
  }
  for (const input of inputs) {
    const existing = current.find(({ domain }) => domain === input.domain);
    const now = state.now();
    if (!existing) {
      const id = state.ids.next('org_domain', now);
      state.domains.set(id, newDomain(state.ids, id, organizationId, input.domain, input.state, now));
    } else if (existing.state !== input.state) {
      existing.state = input.state;
      existing.updated_at = timestamp(now);
    }
  }
}

/** The `external_id` of a body, or undefined if it is not given. */
function parseExternalId(body: Record<string, unknown>, state: State, current: Organization | undefined) {
  const externalId = optionalField(body, 'external_id', isStringOrNull);
  return externalId === undefined ? undefined : checkExternalId(state.organizations.values(), current, externalId);
}

function organizationById(state: State, id: string): Organization {
  return findOrThrow(state.organizations, 'Organization', id);
}

function respond(status: number, state: State, organization: Organization): ApiResponse {
  return { status, body: withDomains(state, organization) };
}

function withDomains(state: State, organization: Organization): object {
  return { ...organization, domains: domainsOf(state, organization.id) };
}
