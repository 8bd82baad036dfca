/** Describes one kind of configuration: which tool lists it, which field names an item, and which fields are compared. */
interface KindDefinition {
  /** The tool that lists the items. */
  list: string;
  /** The field that names an item in every environment. Ids, secrets, and times differ between environments. */
  key: string;
  /** The fields that are compared, besides the name. */
  fields: readonly string[];
  /** The words for one item and for several, for sentences. */
  words: readonly [one: string, many: string];
}

/** The kinds that are compared and promoted. The order matters: roles need permissions. */
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

/** The kinds, in the order of {@link KINDS}. */
// The cast is safe, because the constant has no keys besides those of its type.
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];
