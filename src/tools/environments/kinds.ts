/** What one kind of configuration is: where it is read, what names an item, and what of it is compared. */
interface KindDefinition {
  /** The tool that lists it. */
  list: string;
  /** The field that names an item in every environment. Ids, secrets and times are each environment's own. */
  key: string;
  /** What is compared, besides the name. */
  fields: readonly string[];
  /** One item and several, in a sentence. */
  words: readonly [one: string, many: string];
}

/** What is compared and promoted, in an order that works: roles need permissions. */
export const KINDS = {
  permissions: {
    list: 'list_permissions',
    key: 'slug',
    fields: ['name', 'description', 'resource_type_slug'],
    words: ['permission', 'permissions'],
  },
  roles: {
    list: 'list_roles',
    key: 'slug',
    fields: ['name', 'description', 'resource_type_slug', 'permissions'],
    words: ['role', 'roles'],
  },
  feature_flags: {
    list: 'list_feature_flags',
    key: 'slug',
    fields: ['name', 'description', 'tags', 'enabled', 'default_value'],
    words: ['feature flag', 'feature flags'],
  },
  webhook_endpoints: {
    list: 'list_webhook_endpoints',
    key: 'endpoint_url',
    fields: ['events', 'status'],
    words: ['webhook endpoint', 'webhook endpoints'],
  },
  redirect_uris: {
    list: 'list_redirect_uris',
    key: 'uri',
    fields: ['default'],
    words: ['redirect URI', 'redirect URIs'],
  },
  cors_origins: { list: 'list_cors_origins', key: 'origin', fields: [], words: ['CORS origin', 'CORS origins'] },
  jwt_template: {
    list: 'get_jwt_template',
    key: 'object',
    fields: ['content'],
    words: ['JWT template', 'JWT templates'],
  },
  audit_log_schemas: {
    list: 'list_audit_log_schemas',
    key: 'action',
    fields: ['targets', 'actor', 'metadata'],
    words: ['audit log schema', 'audit log schemas'],
  },
  connect_apps: {
    list: 'list_connect_apps',
    key: 'name',
    fields: ['application_type', 'description', 'scopes', 'is_first_party', 'uses_pkce', 'redirect_uris'],
    words: ['Connect application', 'Connect applications'],
  },
} as const satisfies Record<string, KindDefinition>;

export type Kind = keyof typeof KINDS;

/** In the order of {@link KINDS}. */
// The keys of a constant are what its type says.
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];
