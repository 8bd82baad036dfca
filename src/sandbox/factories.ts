import type { IdGenerator } from './ids.ts';
import type { OrganizationDomain } from './resources/organizations.ts';
import type { Invitation, User } from './resources/users.ts';
import type { New } from './state.ts';
import { timestamp } from './timestamps.ts';

const DAY_MS = 24 * 3_600_000;

/** A new domain of an organization. Unless verified, it includes the DNS record that would verify it. */
export function newDomain(
  ids: IdGenerator,
  organizationId: string,
  domain: string,
  state: OrganizationDomain['state'],
): New<OrganizationDomain> {
  const dnsRecord = {
    verification_prefix: `sandbox-domain-verification-${ids.token(6).toLowerCase()}`,
    verification_token: ids.token(25),
  };
  return {
    organization_id: organizationId,
    domain,
    state,
    verification_strategy: state === 'verified' ? 'manual' : 'dns',
    ...(state === 'verified' ? {} : dnsRecord),
  };
}

/**
 * A pending invitation without organization, inviter, or role.
 * @param time the creation time in milliseconds
 * @param days how many days it is valid
 */
export function newInvitation(ids: IdGenerator, email: string, time: number, days: number): New<Invitation> {
  const token = ids.token(25);
  return {
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
  };
}

/** A user with only the given fields set. */
export function newUser(fields: Partial<User> & Pick<User, 'email'>): New<User> {
  return {
    first_name: null,
    last_name: null,
    name: null,
    profile_picture_url: null,
    email_verified: false,
    external_id: null,
    metadata: {},
    last_sign_in_at: null,
    locale: null,
    ...fields,
  };
}
