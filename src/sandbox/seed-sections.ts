import type { Schema } from '@cfworker/json-schema';
import { documentedRequest } from './http/check-request.ts';
import type { TableName } from './tables.ts';

/** A field of a row that may refer to a record by name instead of by id. */
export interface Reference {
  table: TableName;
  /** The fields that identify the record, besides its id. */
  by: readonly string[];
  /** The API's field for the id. */
  as: string;
  /** Fields that the row copies from the record. */
  inherits?: readonly string[];
  /** A field that must be equal in the record and the row, such as their directory. */
  within?: string;
}

/** A list of rows in a landscape file. */
export interface Section {
  name: string;
  table: TableName;
  /** The operation that creates a row, as the document spells it. Omitted if the API cannot create rows. */
  create?: string;
  references?: Readonly<Record<string, Reference>>;
  /** Fields that are set after the row is created, each with the operation that sets it. */
  afterwards?: Readonly<Record<string, string>>;
  /** For rows that the API cannot create: every other field with its default, or `REQUIRED` if it has none. */
  fields?: Readonly<Record<string, unknown>>;
  /** Schemas for fields that no request validates. */
  schemas?: Readonly<Record<string, Schema>>;
  /** Rows that every environment has, unless the file has one with the same slug. */
  always?: readonly Record<string, unknown>[];
}

/** Instead of a default: the file must set the field. */
export const REQUIRED = Symbol('required');

const ROLE: Schema = { type: 'object', properties: { slug: { type: 'string' } }, required: ['slug'] };
const TEXT_OR_NULL: Schema = { type: ['string', 'null'] };
const DIRECTORY_TYPES =
  'azure scim v2.0,bamboohr,breathe hr,cezanne hr,cyberark scim v2.0,fourth hr,generic scim v2.0,gsuite directory,hibob,sailpoint scim v2.0,jump cloud scim v2.0,okta scim v2.0,onelogin scim v2.0,people hr,personio,pingfederate scim v2.0,rippling scim v2.0,s3,sftp,sftp workday,workday';

const organization: Reference = { table: 'organizations', by: ['name', 'external_id'], as: 'organization_id' };
const user: Reference = { table: 'users', by: ['email', 'external_id'], as: 'user_id' };
const directory: Reference = { table: 'directories', by: ['name'], as: 'directory_id', inherits: ['organization_id'] };

/** In order of creation: a row may refer only to rows created before it. */
export const SECTIONS: readonly Section[] = [
  { name: 'permissions', table: 'permissions', create: 'POST /authorization/permissions' },
  {
    name: 'roles',
    table: 'roles',
    create: 'POST /authorization/roles',
    afterwards: { permissions: 'PUT /authorization/roles/{slug}/permissions' },
    always: [
      { slug: 'admin', name: 'Admin' },
      { slug: 'member', name: 'Member' },
    ],
  },
  { name: 'organizations', table: 'organizations', create: 'POST /organizations' },
  {
    name: 'organization_roles',
    table: 'roles',
    create: 'POST /authorization/organizations/{organizationId}/roles',
    references: { organization: { ...organization, as: 'organizationId' } },
    afterwards: { permissions: 'PUT /authorization/organizations/{organizationId}/roles/{slug}/permissions' },
  },
  { name: 'users', table: 'users', create: 'POST /user_management/users' },
  {
    name: 'organization_memberships',
    table: 'organization_memberships',
    create: 'POST /user_management/organization_memberships',
    references: { organization, user },
    schemas: { status: { enum: ['active', 'inactive', 'pending'] }, role: ROLE, roles: { items: ROLE } },
  },
  {
    name: 'groups',
    table: 'groups',
    create: 'POST /organizations/{organizationId}/groups',
    references: { organization: { ...organization, as: 'organizationId' } },
  },
  {
    name: 'authorization_resources',
    table: 'authorization_resources',
    create: 'POST /authorization/resources',
    references: {
      organization,
      parent: { table: 'authorization_resources', by: ['external_id'], as: 'parent_resource_id' },
    },
  },
  {
    name: 'feature_flags',
    table: 'feature_flags',
    references: {
      organizations: { ...organization, as: '_targets' },
    },
    fields: {
      slug: REQUIRED,
      name: REQUIRED,
      description: null,
      owner: null,
      tags: [],
      enabled: true,
      default_value: false,
      _targets: [],
    },
    schemas: {
      owner: {
        type: ['object', 'null'],
        properties: { email: { type: 'string' }, first_name: TEXT_OR_NULL, last_name: TEXT_OR_NULL },
        required: ['email', 'first_name', 'last_name'],
      },
      tags: { type: 'array', items: { type: 'string' } },
    },
  },
  {
    name: 'invitations',
    table: 'invitations',
    create: 'POST /user_management/invitations',
    references: { organization, inviter: { ...user, as: 'inviter_user_id' } },
    schemas: { state: { enum: ['pending', 'accepted', 'expired', 'revoked'] } },
  },
  {
    name: 'connections',
    table: 'connections',
    references: { organization },
    fields: {
      organization_id: REQUIRED,
      connection_type: REQUIRED,
      name: REQUIRED,
      state: 'active',
      status: 'linked',
      domains: [],
    },
    schemas: {
      connection_type: { enum: documentedRequest('GET /connections')?.query?.['connection_type']?.enum ?? [] },
      state: { enum: ['draft', 'active', 'validating', 'inactive', 'deleting'] },
      status: { enum: ['linked', 'unlinked'] },
      domains: {
        type: 'array',
        items: {
          type: 'object',
          properties: { id: { type: 'string' }, object: { const: 'connection_domain' }, domain: { type: 'string' } },
          required: ['id', 'object', 'domain'],
        },
      },
    },
  },
  {
    name: 'connect_applications',
    table: 'connect_applications',
    create: 'POST /connect/applications',
    references: { organization },
  },
  {
    name: 'directories',
    table: 'directories',
    references: { organization },
    fields: {
      organization_id: REQUIRED,
      name: REQUIRED,
      type: 'okta scim v2.0',
      domain: '',
      state: 'linked',
      external_key: '',
    },
    schemas: {
      type: { enum: DIRECTORY_TYPES.split(',') },
      state: { enum: ['linked', 'validating', 'invalid_credentials', 'unlinked', 'deleting'] },
    },
  },
  {
    name: 'directory_groups',
    table: 'directory_groups',
    references: { directory },
    fields: { directory_id: REQUIRED, organization_id: REQUIRED, name: REQUIRED, idp_id: '', raw_attributes: {} },
  },
  {
    name: 'directory_users',
    table: 'directory_users',
    references: {
      directory,
      groups: { table: 'directory_groups', by: ['name'], as: '_group_ids', within: 'directory_id' },
    },
    fields: {
      directory_id: REQUIRED,
      organization_id: REQUIRED,
      email: REQUIRED,
      first_name: null,
      last_name: null,
      name: null,
      idp_id: '',
      state: 'active',
      custom_attributes: {},
      role: { slug: 'member' },
      roles: [{ slug: 'member' }],
      emails: [],
      job_title: null,
      username: null,
      raw_attributes: {},
      _group_ids: [],
    },
    schemas: {
      state: { enum: ['active', 'suspended', 'inactive'] },
      role: ROLE,
      roles: { type: 'array', items: ROLE },
      emails: { type: 'array', items: { type: 'object' } },
    },
  },
  {
    name: 'audit_log_schemas',
    table: 'audit_log_schemas',
    create: 'POST /audit_logs/actions/{actionName}/schemas',
  },
  {
    name: 'audit_log_events',
    table: 'audit_log_events',
    create: 'POST /audit_logs/events',
    references: { organization },
  },
  { name: 'redirect_uris', table: 'redirect_uris', create: 'POST /user_management/redirect_uris' },
  { name: 'cors_origins', table: 'cors_origins', create: 'POST /user_management/cors_origins' },
  {
    name: 'webhook_endpoints',
    table: 'webhook_endpoints',
    create: 'POST /webhook_endpoints',
    schemas: { status: { enum: ['enabled', 'disabled'] } },
  },
  { name: 'vault_objects', table: 'vault_objects', create: 'POST /vault/v1/kv' },
];
