import { checkExternalId } from '../external-id.ts';
import { newDomain } from '../factories.ts';
import {
  isBoolean,
  isObject,
  isStringArray,
  isStringOrNull,
  optionalField,
  rejectBoth,
  requiredString,
} from '../http/body-fields.ts';
import { apiError, notFound, validationError } from '../http/errors.ts';
import { listParam, matchesSearch, paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { mergeMetadata } from '../metadata.ts';
import { present } from '../present.ts';
import type { Organization, OrganizationDomain } from '../resources/organizations.ts';
import type { State } from '../state.ts';
import { domainsOf, parseDomain } from './domains.ts';
import { get } from './resource-routes.ts';

export const organizationRoutes: Route[] = [
  ['GET /organizations', listOrganizations],
  ['POST /organizations', createOrganization],
  ['GET /organizations/external_id/{external_id}', getOrganizationByExternalId],
  ['GET /organizations/{id}', get('organizations')],
  ['PUT /organizations/{id}', updateOrganization],
  ['DELETE /organizations/{id}', deleteOrganization],
];

function listOrganizations(request: ApiRequest, state: State): ApiResponse {
  const domains = listParam(request.query, 'domains').map((domain) => domain.toLowerCase());
  const search = request.query.get('search');
  const found = state
    .where('organizations')
    .filter(
      ({ id, name }) =>
        matchesSearch(name, search) &&
        (domains.length === 0 || domainsOf(state, id).some(({ domain }) => domains.includes(domain))),
    );
  return paginate(request, found, (organization) => present(state, 'organizations', organization));
}

function createOrganization({ body }: ApiRequest, state: State): ApiResponse {
  const domains = parseDomains(body) ?? [];
  const organization = state.add('organizations', {
    name: requiredString(body, 'name'),
    allow_profiles_outside_organization: optionalField(body, 'allow_profiles_outside_organization', isBoolean) ?? false,
    metadata: mergeMetadata({}, body['metadata']),
    external_id: parseExternalId(body, state, undefined) ?? null,
    _retention_period_in_days: null,
  });
  replaceDomains(state, organization.id, domains);
  return respond(state, organization);
}

function getOrganizationByExternalId({ id }: ApiRequest, state: State): ApiResponse {
  const [organization] = state.where('organizations', { external_id: id });
  if (!organization) throw notFound('Organization', id);
  return respond(state, organization);
}

function updateOrganization({ id, body }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', id);
  // Everything is validated before anything is changed, so that a rejected update changes nothing.
  const name = body['name'] === undefined ? organization.name : requiredString(body, 'name');
  const allowOutside = optionalField(body, 'allow_profiles_outside_organization', isBoolean);
  const stripeCustomerId = parseStripeCustomerId(body, state, organization);
  const metadata = mergeMetadata(organization.metadata, body['metadata']);
  const externalId = parseExternalId(body, state, organization);
  const domains = parseDomains(body);
  state.change('organizations', organization, {
    name,
    metadata,
    allow_profiles_outside_organization: allowOutside ?? organization.allow_profiles_outside_organization,
    ...(stripeCustomerId ? { stripe_customer_id: stripeCustomerId } : {}),
    external_id: externalId === undefined ? organization.external_id : externalId,
  });
  if (stripeCustomerId === null) delete organization.stripe_customer_id;
  if (domains) replaceDomains(state, id, domains);
  return respond(state, organization);
}

/**
 * Deletes the organization with everything that belongs to it. If it has connections, directories, or members, the response is a
 * 202, and the deletion happens at the next request.
 */
function deleteOrganization({ id }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', id);
  const hasDependents = (['connections', 'directories', 'organization_memberships'] as const).some(
    (table) => state.where(table, { organization_id: id }).length > 0,
  );
  // Without state.change(), because this must not emit an update event.
  organization._deleting = true;
  if (!hasDependents) finishDeletions(state);
  return { status: hasDependents ? 202 : 200 };
}

/** Deletes the organizations whose deletion has been accepted. */
export function finishDeletions(state: State): void {
  for (const { id } of state.where('organizations', { _deleting: true })) state.remove('organizations', id);
}

type DomainInput = Pick<OrganizationDomain, 'domain'> & { state: 'pending' | 'verified' };

/** The domains in `domain_data` or the deprecated `domains`, which makes all domains pending. Undefined if neither is given. */
function parseDomains(body: Record<string, unknown>) {
  rejectBoth(body, 'domains', 'domain_data');
  const plain = optionalField(body, 'domains', isStringArray)?.map(
    (domain): DomainInput => ({ domain, state: 'pending' }),
  );
  const inputs = plain ?? optionalField(body, 'domain_data', isDomainData);
  const domains = inputs?.map((input) => ({
    ...input,
    domain: parseDomain(input.domain),
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
    if (!inputs.some((input) => input.domain === domain)) state.remove('organization_domains', id);
  }
  for (const input of inputs) {
    const existing = current.find(({ domain }) => domain === input.domain);
    if (!existing) {
      state.add('organization_domains', newDomain(state.ids, organizationId, input.domain, input.state));
    } else if (existing.state !== input.state) {
      state.change('organization_domains', existing, { state: input.state });
    }
  }
}

/** The `external_id` of a body, or undefined if it is not given. */
function parseExternalId(body: Record<string, unknown>, state: State, current: Organization | undefined) {
  const externalId = optionalField(body, 'external_id', isStringOrNull);
  return externalId === undefined ? undefined : checkExternalId(state.where('organizations'), current, externalId);
}

/** The `stripe_customer_id` of a body. Null clears it, undefined leaves it as it is. */
function parseStripeCustomerId(body: Record<string, unknown>, state: State, current: Organization) {
  const id = optionalField(body, 'stripe_customer_id', isStringOrNull);
  if (id && state.where('organizations', { stripe_customer_id: id }).some((other) => other.id !== current.id)) {
    throw apiError(400, 'stripe_customer_id_already_used', `The Stripe customer ID '${id}' has already been used.`);
  }
  return id;
}

function respond(state: State, organization: Organization): ApiResponse {
  return { body: present(state, 'organizations', organization) };
}
