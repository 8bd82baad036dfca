/**
 * The WorkOS resources that the sandbox stores, with the field names and values of the API's JSON. Where a stored record
 * differs from what the API returns, its comment says how.
 */

export type Metadata = Record<string, string>;

/** What every resource has: an id and ISO 8601 timestamps. */
export interface Timestamped {
  id: string;
  created_at: string;
  updated_at: string;
}

/** Stored without its domains. The API returns them as `domains`. */
export interface Organization extends Timestamped {
  object: 'organization';
  name: string;
  allow_profiles_outside_organization: boolean;
  stripe_customer_id?: string;
  metadata: Metadata;
  external_id: string | null;
}

export interface OrganizationDomain extends Timestamped {
  object: 'organization_domain';
  organization_id: string;
  domain: string;
  state: 'pending' | 'verified' | 'failed';
  verification_strategy: 'dns' | 'manual';
  verification_prefix?: string;
  verification_token?: string;
}

export interface Connection extends Timestamped {
  object: 'connection';
  organization_id: string;
  connection_type: string;
  name: string;
  state: 'draft' | 'active' | 'validating' | 'inactive' | 'deleting';
  status: 'linked' | 'unlinked';
  domains: { id: string; object: 'connection_domain'; domain: string }[];
}

export interface Directory extends Timestamped {
  object: 'directory';
  organization_id: string;
  external_key: string;
  type: string;
  state: 'linked' | 'validating' | 'invalid_credentials' | 'unlinked' | 'deleting';
  name: string;
  domain: string;
}

export interface DirectoryGroup extends Timestamped {
  object: 'directory_group';
  idp_id: string;
  directory_id: string;
  organization_id: string;
  name: string;
  raw_attributes: Record<string, never>;
}

/** Stored with `group_ids`. The API returns the groups themselves as `groups`. */
export interface DirectoryUser extends Timestamped {
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

export interface User extends Timestamped {
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

/** The API also returns the `user` and the `organization_name`. */
export interface Membership extends Timestamped {
  object: 'organization_membership';
  user_id: string;
  organization_id: string;
  status: MembershipStatus;
  directory_managed: boolean;
  custom_attributes: Record<string, string | null>;
  role: { slug: string };
  roles: { slug: string }[];
}

export interface Invitation extends Timestamped {
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

export interface Role extends Timestamped {
  object: 'role';
  slug: string;
  name: string;
  description: string | null;
  type: 'EnvironmentRole';
  resource_type_slug: string;
  permissions: string[];
}

export interface Permission extends Timestamped {
  object: 'permission';
  slug: string;
  name: string;
  description: string | null;
  system: boolean;
  resource_type_slug: string;
}

export type AuditLogMetadata = Record<string, string | number | boolean>;

/** Who did something, or what it was done to. */
export interface AuditLogEntity {
  id: string;
  type: string;
  name?: string;
  metadata?: AuditLogMetadata;
}

export interface AuditLogEvent {
  id: string;
  organization_id: string;
  action: string;
  occurred_at: string;
  version: number;
  actor: AuditLogEntity;
  targets: AuditLogEntity[];
  context: { location: string; user_agent?: string };
  metadata: AuditLogMetadata;
}

/** The API returns a `state` and a `url` instead of `polls` and `events`. */
export interface AuditLogExport extends Timestamped {
  object: 'audit_log_export';
  /** How often the export was fetched before it became ready. */
  polls: number;
  /** The matching events at the time the export was created. */
  events: AuditLogEvent[];
}
