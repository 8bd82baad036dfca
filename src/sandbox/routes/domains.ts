import { newDomain } from '../factories.ts';
import { requiredString } from '../http/body-fields.ts';
import { apiError, HttpError, validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { OrganizationDomain } from '../resources/organizations.ts';
import type { State } from '../state.ts';
import { get, remove } from './resource-routes.ts';

/** Domains of mailbox providers, which WorkOS refuses: https://workos.com/docs/domain-verification */
const CONSUMER_DOMAINS = new Set(
  'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com aol.com proton.me protonmail.com gmx.com gmx.de web.de mail.com zoho.com yandex.com yandex.ru mail.ru qq.com 163.com'.split(
    ' ',
  ),
);

export const domainRoutes: Route[] = [
  ['POST /organization_domains', createDomain],
  ['GET /organization_domains/{id}', get('organization_domains')],
  ['DELETE /organization_domains/{id}', remove('organization_domains')],
  ['POST /organization_domains/{id}/verify', verifyDomain],
];

/** The domains of an organization, oldest first. */
export function domainsOf(state: State, organizationId: string): OrganizationDomain[] {
  return state.where('organization_domains', { organization_id: organizationId });
}

/**
 * Normalizes a domain name to lower case. Several organizations may have the same domain.
 * @throws HttpError 422 if it is not a domain name or belongs to a mailbox provider
 */
export function parseDomain(name: string): string {
  const domain = name.trim().toLowerCase();
  if (!/^([a-z0-9-]+\.)+[a-z][a-z0-9-]+$/.test(domain)) {
    throw validationError('domain', `'${name}' is not a domain name`);
  }
  if (CONSUMER_DOMAINS.has(domain)) {
    throw validationError('domain', `'${domain}' is a consumer domain, which no organization can own`);
  }
  return domain;
}

function createDomain({ body }: ApiRequest, state: State): ApiResponse {
  const organizationId = requiredString(body, 'organization_id');
  state.find('organizations', organizationId);
  const name = parseDomain(requiredString(body, 'domain'));
  if (domainsOf(state, organizationId).some(({ domain }) => domain === name)) {
    throw apiError(409, 'domain_already_exists', 'Domain already exists for this organization.');
  }
  return { body: state.add('organization_domains', newDomain(state.ids, organizationId, name, 'pending')) };
}

/** Always succeeds, because nobody can publish a DNS record for the sandbox to check. */
function verifyDomain({ id }: ApiRequest, state: State): ApiResponse {
  const domain = state.find('organization_domains', id);
  if (domain.state === 'verified') {
    throw new HttpError(400, { code: 'domain_already_verified', message: 'Domain is already verified.' });
  }
  state.change('organization_domains', domain, { state: 'verified' });
  state.emit('organization_domain.verified', domain);
  return { body: domain };
}
