import type { Kinds, Metadata, Row } from './kind.ts';

/** Stored without its domains. The API returns them as `domains`. */
export interface Organization extends Row {
  object: 'organization';
  name: string;
  allow_profiles_outside_organization: boolean;
  stripe_customer_id?: string;
  metadata: Metadata;
  external_id: string | null;
  /** To be deleted on the next request: the API deletes organizations with dependents asynchronously. */
  _deleting?: boolean;
  /** How many days its audit log events are kept; null until it is set. */
  _retention_period_in_days: number | null;
}

export interface OrganizationDomain extends Row {
  object: 'organization_domain';
  organization_id: string;
  domain: string;
  state: 'pending' | 'verified' | 'failed';
  verification_strategy: 'dns' | 'manual';
  verification_prefix?: string;
  verification_token?: string;
}

export interface Connection extends Row {
  object: 'connection';
  organization_id: string;
  connection_type: string;
  name: string;
  state: 'draft' | 'active' | 'validating' | 'inactive' | 'deleting';
  status: 'linked' | 'unlinked';
  domains: { id: string; object: 'connection_domain'; domain: string }[];
  /** The customer's id for the connection, if it has one. */
  _external_id?: string;
  /** The given SAML or OIDC options, without secrets, keys, and certificates. */
  _options?: Record<string, unknown>;
}

export interface OrganizationTables {
  organizations: Organization;
  organization_domains: OrganizationDomain;
  connections: Connection;
}

export const organizationKinds: Kinds<OrganizationTables> = {
  organizations: {
    object: 'organization',
    ownerField: 'organization_id',
    prefix: 'org',
    noun: 'Organization',
    events: 'organization',
  },
  organization_domains: {
    object: 'organization_domain',
    prefix: 'org_domain',
    noun: 'Organization Domain',
    events: 'organization_domain',
  },
  connections: {
    object: 'connection',
    ownerField: 'connection_id',
    prefix: 'conn',
    noun: 'Connection',
    events: 'connection',
  },
};
