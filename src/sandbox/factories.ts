import type { IdGenerator } from './ids.ts';
import type { Invitation, OrganizationDomain } from './resources.ts';
import { timestamp, timestamps } from './timestamps.ts';

const DAY_MS = 24 * 3_600_000;

/**
 * Creates an organization's domain. Unless it is verified it has the DNS record that would verify it.
 * @param time the creation time in milliseconds
 */
export function newDomain(
  ids: IdGenerator,
  id: string,
  organizationId: string,
  domain: string,
  state: OrganizationDomain['state'],
  time: number,
): OrganizationDomain {
  const dnsRecord = {
    verification_prefix: `sandbox-domain-verification-${ids.token(6).toLowerCase()}`,
    verification_token: ids.token(25),
  };
  return {
    object: 'organization_domain',
    id,
    organization_id: organizationId,
    domain,
    state,
    verification_strategy: state === 'verified' ? 'manual' : 'dns',
    ...(state === 'verified' ? {} : dnsRecord),
    ...timestamps(time),
  };
}

/**
 * Creates a pending invitation without organization, inviter or role.
 * @param time the creation time in milliseconds
 * @param days how many days it is valid
 */
export function newInvitation(ids: IdGenerator, id: string, email: string, time: number, days: number): Invitation {
  const token = ids.token(25);
  return {
    object: 'invitation',
    id,
    email,
    state: 'pending',
    accepted_at: null,
    revoked_at: null,
    expires_at: timestamp(time + days * DAY_MS),
    organization_id: null,
    inviter_user_id: null,
    accepted_user_id: null,
    role_slug: null,
    token,
    accept_invitation_url: `https://app.sandbox.example/invite?invitation_token=${token}`,
    ...timestamps(time),
  };
}
