import { resourceReference } from './authorization.ts';
import { providerName } from './connected-accounts.ts';
import type { Membership } from './resources/users.ts';
import type { State } from './state.ts';
import type { TableName, Tables } from './tables.ts';
import { isPast } from './timestamps.ts';

/** Functions that turn stored records into what the API returns, for tables in which the two differ. */
type Presenters = { [Name in TableName]?: (record: Tables[Name], state: State) => object };

const PRESENTERS: Presenters = {
  organizations: (record, state) => ({
    ...record,
    domains: state.where('organization_domains', { organization_id: record.id }),
  }),
  organization_memberships: (record, state) => ({
    ...record,
    organization_name: state.table('organizations').get(record.organization_id)?.name,
    user: state.table('users').get(record.user_id),
  }),
  // Nothing is stored when a session or an invitation expires. Expiry is determined on reading.
  sessions: (record, state) => ({
    ...record,
    status: record.status === 'active' && isPast(record.expires_at, state) ? 'expired' : record.status,
  }),
  invitations: (record, state) => ({
    ...record,
    state: record.state === 'pending' && isPast(record.expires_at, state) ? 'expired' : record.state,
  }),
  directories: (record, state) => {
    const users = state.where('directory_users', { directory_id: record.id });
    const active = users.filter((user) => user.state === 'active').length;
    const groups = state.where('directory_groups', { directory_id: record.id }).length;
    return { ...record, metadata: { users: { active, inactive: users.length - active }, groups } };
  },
  audit_log_actions: ({ id: _, ...action }, state) => ({
    ...action,
    schema: state
      .where('audit_log_schemas', { _action: action.name })
      .map(({ id: _, updated_at: __, ...schema }) => schema)
      .at(-1),
  }),
  audit_log_schemas: ({ id: _, updated_at: __, ...schema }) => schema,
  events: ({ updated_at: _, ...event }) => event,
  directory_users: (record, state) => ({
    ...record,
    groups: record._group_ids.flatMap((id) => state.table('directory_groups').get(id) ?? []),
  }),
  group_role_assignments: (record, state) => ({ ...record, resource: resourceReference(state, record._resource_id) }),
  authorized_applications: ({ object, id, granted_scopes, oauth_resource, user_id, _application_id }, state) => ({
    object,
    id,
    granted_scopes,
    ...(oauth_resource !== undefined && { oauth_resource }),
    application: state.table('connect_applications').get(_application_id),
    user_id,
  }),
  data_integrations: (record, state) => {
    const [account] = state.where('connected_accounts', { _integration_id: record.id, auth_method: 'api_key' });
    if (!account) return { ...record, installation: null };
    const { id, user_id, organization_id, api_key_last_4 } = account;
    return { ...record, installation: { id, user_id, organization_id, api_key_last_4 } };
  },
  data_integration_configurations: (record, state) => {
    const [integration] = state.where('data_integrations', { slug: record.slug });
    const credentials = {
      credentials_type: 'organization',
      has_credentials: record._client_id !== null && record._client_secret_last_four !== null,
      client_id: record._client_id,
      client_secret_last_four: record._client_secret_last_four,
      redirect_uri: integration?.redirect_uri,
    };
    return {
      ...record,
      name: integration && providerName(integration),
      ...(integration?.credentials?.type === 'organization' && { credentials }),
    };
  },
  agent_sessions: (record, state) => {
    const isOver = Date.parse(record.expires_at) <= state.now();
    return { ...record, status: record.revoked_at !== null ? 'revoked' : isOver ? 'expired' : 'active' };
  },
};

/** What the API returns for a record. */
export function present<Name extends TableName>(state: State, table: Name, record: Tables[Name]): object {
  const presenter = PRESENTERS[table];
  return withoutHidden(presenter ? presenter(record, state) : record);
}

/** A membership in lists of members, where the API leaves out its roles. */
export function baseMembership(state: State, { role, roles, ...membership }: Membership): object {
  return { ...membership, organization_name: state.table('organizations').get(membership.organization_id)?.name };
}

/** Fields in which the caller chooses the names. */
const FREE_FIELDS: ReadonlySet<string> = new Set([
  'metadata',
  'custom_attributes',
  'raw_attributes',
  'config',
  'additional_fields',
  'additional_authorization_parameters',
  'key_context',
]);

/** Omits fields that start with `_` at any depth, except inside `FREE_FIELDS`. */
export function withoutHidden<T>(value: T): T {
  if (Array.isArray(value)) {
    // The array keeps its items' type: only fields that no response type has are left out.
    return value.map(withoutHidden) as T;
  }
  if (typeof value !== 'object' || value === null) return value;
  const visible = Object.entries(value).filter(([name]) => !name.startsWith('_'));
  // As above.
  return Object.fromEntries(
    visible.map(([name, inner]) => [name, FREE_FIELDS.has(name) ? inner : withoutHidden(inner)]),
  ) as T;
}
