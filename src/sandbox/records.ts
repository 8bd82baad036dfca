import type { IdGenerator } from './ids.ts';

/** The objects of the sandbox, spelled as WorkOS spells them in its answers. */

export type Metadata = Record<string, string>;

export interface Stamped {
  id: string;
  created_at: string;
  updated_at: string;
}

/** An organization without its domains, which are kept beside it and joined in for an answer. */
export interface Organization extends Stamped {
  object: 'organization';
  name: string;
  allow_profiles_outside_organization: boolean;
  stripe_customer_id?: string;
  metadata: Metadata;
  external_id: string | null;
}

export interface OrganizationDomain extends Stamped {
  object: 'organization_domain';
  organization_id: string;
  domain: string;
  state: 'pending' | 'verified' | 'failed';
  verification_strategy: 'dns' | 'manual';
  verification_prefix?: string;
  verification_token?: string;
}

export interface Connection extends Stamped {
  object: 'connection';
  organization_id: string;
  connection_type: string;
  name: string;
  state: 'draft' | 'active' | 'validating' | 'inactive' | 'deleting';
  status: 'linked' | 'unlinked';
  domains: { id: string; object: 'connection_domain'; domain: string }[];
}

export interface Directory extends Stamped {
  object: 'directory';
  organization_id: string;
  external_key: string;
  type: string;
  state: 'linked' | 'validating' | 'invalid_credentials' | 'unlinked' | 'deleting';
  name: string;
  domain: string;
}

export interface DirectoryGroup extends Stamped {
  object: 'directory_group';
  idp_id: string;
  directory_id: string;
  organization_id: string;
  name: string;
  raw_attributes: Record<string, never>;
}

/** A directory user with the ids of its groups; an answer holds the groups themselves. */
export interface DirectoryUser extends Stamped {
  object: 'directory_user';
  directory_id: string;
  organization_id: string;
  idp_id: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  name: string | null;
  emails: [];
  job_title: null;
  username: null;
  state: 'active' | 'suspended' | 'inactive';
  raw_attributes: Record<string, never>;
  custom_attributes: Record<string, string | null>;
  role: { slug: string };
  roles: { slug: string }[];
  group_ids: string[];
}

export interface User extends Stamped {
  object: 'user';
  email: string;
  first_name: string | null;
  last_name: string | null;
  name: string | null;
  profile_picture_url: string | null;
  email_verified: boolean;
  external_id: string | null;
  metadata: Metadata;
  last_sign_in_at: string | null;
  locale: string | null;
}

export type MembershipStatus = 'active' | 'inactive' | 'pending';

/** A membership as kept; an answer also holds its user and the organization's name. */
export interface Membership extends Stamped {
  object: 'organization_membership';
  user_id: string;
  organization_id: string;
  status: MembershipStatus;
  directory_managed: boolean;
  custom_attributes: Record<string, string | null>;
  role: { slug: string };
  roles: { slug: string }[];
}

export interface Invitation extends Stamped {
  object: 'invitation';
  email: string;
  state: 'pending' | 'accepted' | 'expired' | 'revoked';
  accepted_at: string | null;
  revoked_at: string | null;
  expires_at: string;
  organization_id: string | null;
  inviter_user_id: string | null;
  accepted_user_id: string | null;
  role_slug: string | null;
  token: string;
  accept_invitation_url: string;
}

export interface Role extends Stamped {
  object: 'role';
  slug: string;
  name: string;
  description: string | null;
  type: 'EnvironmentRole';
  resource_type_slug: string;
  permissions: string[];
}

export interface Permission extends Stamped {
  object: 'permission';
  slug: string;
  name: string;
  description: string | null;
  system: boolean;
  resource_type_slug: string;
}

export type EventMetadata = Record<string, string | number | boolean>;

export interface AuditLogActor {
  id: string;
  type: string;
  name?: string;
  metadata?: EventMetadata;
}

export interface AuditLogEvent {
  id: string;
  organization_id: string;
  action: string;
  occurred_at: string;
  version: number;
  actor: AuditLogActor;
  targets: AuditLogActor[];
  context: { location: string; user_agent?: string };
  metadata: EventMetadata;
}

/** An export as kept: the events it caught when it was asked for, and how often it was looked at. */
export interface AuditLogExport extends Stamped {
  object: 'audit_log_export';
  looks: number;
  events: AuditLogEvent[];
}

/** A time in milliseconds as the API writes it. */
export function timestamp(at: number): string {
  return new Date(at).toISOString();
}

/** The two timestamps of an object that was made at that time and has not been changed since. */
export function stamps(at: number): { created_at: string; updated_at: string } {
  return { created_at: timestamp(at), updated_at: timestamp(at) };
}

/** A failure that the next matching requests meet instead of their answer. */
export interface Fault {
  status: number;
  times: number;
  retry_after?: number;
  method?: string;
  /** The path itself or anything below it. */
  path?: string;
}

/** A domain of an organization; a pending one carries the DNS record that would prove it. */
export function newDomain(
  mint: IdGenerator,
  id: string,
  organizationId: string,
  domain: string,
  state: OrganizationDomain['state'],
  at: number,
): OrganizationDomain {
  const proof = {
    verification_prefix: `sandbox-domain-verification-${mint.token(6).toLowerCase()}`,
    verification_token: mint.token(25),
  };
  return {
    object: 'organization_domain',
    id,
    organization_id: organizationId,
    domain,
    state,
    verification_strategy: state === 'verified' ? 'manual' : 'dns',
    ...(state === 'verified' ? {} : proof),
    ...stamps(at),
  };
}
