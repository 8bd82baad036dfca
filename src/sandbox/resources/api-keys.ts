import type { Kinds, Row } from './kind.ts';

export type ApiKeyOwner = { type: 'organization'; id: string } | { type: 'user'; id: string; organization_id: string };

export interface ApiKey extends Row {
  object: 'api_key';
  owner: ApiKeyOwner;
  name: string;
  obfuscated_value: string;
  last_used_at: string | null;
  expires_at: string | null;
  permissions: string[];
  /** Sent once, when the key is created. */
  _value: string;
  _organization_id: string;
  _user_id: string | null;
  _agent_registration_id?: string;
}

export interface ApiKeyTables {
  api_keys: ApiKey;
}

/** The other events are written by routes/api-keys.ts. */
export const apiKeyKinds: Kinds<ApiKeyTables> = {
  api_keys: { object: 'api_key', prefix: 'api_key', noun: 'API Key', deletedEvent: 'api_key.revoked' },
};
