import { requiredText } from '../http/body.ts';
import { existing, invalid, Problem, type Reply, type Route, refused, type SandboxRequest } from '../http/reply.ts';
import { newDomain, type OrganizationDomain, timestamp } from '../records.ts';
import type { State } from '../state.ts';

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

/** A domain name in lower case, free for that organization to use; 422 or 409 otherwise. */
export function usableDomain(state: State, name: string, organizationId: string | undefined): string {
  const domain = name.trim().toLowerCase();
  if (!/^([a-z0-9-]+\.)+[a-z][a-z0-9-]+$/.test(domain)) throw invalid('domain', `'${name}' is not a domain name`);
  const owner = [...state.domains.values()].find((taken) => taken.domain === domain);
  if (owner && owner.organization_id !== organizationId) {
    throw refused(409, 'domain_already_exists', `The domain '${domain}' is already in use by another organization.`);
  }
  return domain;
}

function createDomain({ body }: SandboxRequest, state: State): Reply {
  const organizationId = requiredText(body, 'organization_id');
  existing(state.organizations, 'Organization', organizationId);
  const name = usableDomain(state, requiredText(body, 'domain'), organizationId);
  if (domainsOf(state, organizationId).some(({ domain }) => domain === name)) {
    throw refused(409, 'domain_already_exists', 'Domain already exists for this organization.');
  }
  const now = state.now();
  const domain = newDomain(state.mint, state.mint.next('org_domain', now), organizationId, name, 'pending', now);
  state.domains.set(domain.id, domain);
  return { status: 201, body: domain };
}

function deleteDomain({ id }: SandboxRequest, state: State): Reply {
  state.domains.delete(domainById(state, id).id);
  return { status: 204 };
}

/** Nobody can publish a DNS record for a sandbox, so the check always passes. */
function verifyDomain({ id }: SandboxRequest, state: State): Reply {
  const domain = domainById(state, id);
  if (domain.state === 'verified') {
    throw new Problem(400, { code: 'domain_already_verified', message: 'Domain is already verified.' });
  }
  domain.state = 'verified';
  domain.updated_at = timestamp(state.now());
  return { status: 201, body: domain };
}

function domainById(state: State, id: string): OrganizationDomain {
  return existing(state.domains, 'Organization Domain', id);
}
