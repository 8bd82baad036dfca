import { newDomain } from '../factories.ts';
import { requiredString } from '../http/body-fields.ts';
import { apiError, findOrThrow, HttpError, validationError } from '../http/errors.ts';
import type { ApiRequest, ApiResponse, Route } from '../http/route.ts';
import type { OrganizationDomain } from '../resources.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';

export const domainRoutes: Route[] = [
  ['POST', '/organization_domains', createDomain],
  ['GET', '/organization_domains/{id}', ({ id }, state) => ({ status: 200, body: domainById(state, id) })],
  ['DELETE', '/organization_domains/{id}', deleteDomain],
  ['POST', '/organization_domains/{id}/verify', verifyDomain],
];

/** The domains of an organization, oldest first. */
export function domainsOf(state: State, organizationId: string): OrganizationDomain[] {
  return [...state.domains.values()].filter((domain) => domain.organization_id === organizationId);
}

/**
 * Normalizes a domain name to lower case and checks that no other organization uses it.
 * @param organizationId the organization that may already use it; undefined on creation
 * @throws HttpError 422 if it is not a domain name, 409 if it is in use
 */
export function parseAvailableDomain(state: State, name: string, organizationId: string | undefined): string {
  const domain = name.trim().toLowerCase();
  if (!/^([a-z0-9-]+\.)+[a-z][a-z0-9-]+$/.test(domain)) {
    throw validationError('domain', `'${name}' is not a domain name`);
  }
  const owner = [...state.domains.values()].find((existing) => existing.domain === domain);
  if (owner && owner.organization_id !== organizationId) {
    throw apiError(409, 'domain_already_exists', `The domain '${domain}' is already in use by another organization.`);
  }
  return domain;
}

function createDomain({ body }: ApiRequest, state: State): ApiResponse {
  const organizationId = requiredString(body, 'organization_id');
  findOrThrow(state.organizations, 'Organization', organizationId);
  const name = parseAvailableDomain(state, requiredString(body, 'domain'), organizationId);
  if (domainsOf(state, organizationId).some(({ domain }) => domain === name)) {
    throw apiError(409, 'domain_already_exists', 'Domain already exists for this organization.');
  }
  const now = state.now();
  const domain = newDomain(state.ids, state.ids.next('org_domain', now), organizationId, name, 'pending', now);
  state.domains.set(domain.id, domain);
  return { status: 201, body: domain };
}

function deleteDomain({ id }: ApiRequest, state: State): ApiResponse {
  state.domains.delete(domainById(state, id).id);
  return { status: 204 };
}

/** Always succeeds, because nobody can publish a DNS record for the sandbox to check. */
function verifyDomain({ id }: ApiRequest, state: State): ApiResponse {
  const domain = domainById(state, id);
  if (domain.state === 'verified') {
    throw new HttpError(400, { code: 'domain_already_verified', message: 'Domain is already verified.' });
  }
  domain.state = 'verified';
  domain.updated_at = timestamp(state.now());
  return { status: 201, body: domain };
}

function domainById(state: State, id: string): OrganizationDomain {
  return findOrThrow(state.domains, 'Organization Domain', id);
}
