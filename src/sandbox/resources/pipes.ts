import type { Kinds, Row } from './kind.ts';

export type Ownership = 'user' | 'organization';

export type AuthMethod = 'oauth' | 'api_key' | 'client_credentials';

/** A provider at which accounts can be connected. User accounts and organization accounts have separate records. */
export interface DataIntegration extends Row {
  object: 'data_integration';
  slug: string;
  integration_type: string;
  description: string | null;
  enabled: boolean;
  state: 'valid' | 'invalid' | 'requested';
  scopes: string[] | null;
  redirect_uri: string;
  auth_methods: AuthMethod[];
  credentials: {
    type: 'custom' | 'organization';
    client_id: string | null;
    redacted_client_secret: string | null;
  } | null;
  config: Record<string, string>;
  custom_provider: ({ name: string } & Record<string, unknown>) | null;
  _ownership: Ownership;
}

/** An organization's settings for a provider. */
export interface DataIntegrationConfiguration extends Row {
  object: 'data_integration_configuration';
  organization_id: string;
  slug: string;
  enabled: boolean;
  scopes: string[] | null;
  config: Record<string, string>;
  _client_id: string | null;
  _client_secret_last_four: string | null;
}

/** An account at a provider. An organization's account has no user. */
export interface ConnectedAccount extends Row {
  object: 'connected_account';
  user_id: string | null;
  organization_id: string | null;
  scopes: string[];
  auth_method: AuthMethod;
  api_key_last_4?: string;
  client_id?: string;
  client_secret_last_4?: string;
  config?: Record<string, string>;
  state: 'connected' | 'needs_reauthorization' | 'disconnected';
  _integration_id: string;
  /** The access token, or the API key. */
  _value: string | null;
  _refresh_token: string | null;
  _expires_at: string | null;
}

export interface PipesTables {
  data_integrations: DataIntegration;
  data_integration_configurations: DataIntegrationConfiguration;
  connected_accounts: ConnectedAccount;
}

/** The events of accounts are emitted by connected-accounts.ts. */
export const pipesKinds: Kinds<PipesTables> = {
  data_integrations: { object: 'data_integration', prefix: 'data_integration', noun: 'Data Integration' },
  data_integration_configurations: {
    object: 'data_integration_configuration',
    prefix: 'data_integration_configuration',
    noun: 'Data Integration Configuration',
  },
  connected_accounts: { object: 'connected_account', prefix: 'data_installation', noun: 'Connected Account' },
};
