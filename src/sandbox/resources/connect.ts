import type { Kinds, Row } from './kind.ts';

/** An OAuth or machine-to-machine client. The API names it by its id or its `client_id`. */
export interface ConnectApplication extends Row {
  object: 'connect_application';
  client_id: string;
  name: string;
  description: string | null;
  scopes: string[];
  application_type: 'oauth' | 'm2m';
  redirect_uris?: { uri: string; default: boolean }[];
  uses_pkce?: boolean;
  is_first_party?: boolean;
  was_dynamically_registered?: boolean;
  organization_id?: string;
}

/** The secret itself is sent once and not stored. */
export interface ConnectSecret extends Row {
  object: 'connect_application_secret';
  secret_hint: string;
  last_used_at: string | null;
  _application_id: string;
  _organization_id: string | null;
}

/** A user's consent that an application may act for them. The API also returns the `application`. */
export interface AuthorizedApplication extends Row {
  object: 'authorized_connect_application';
  granted_scopes: string[];
  oauth_resource?: string;
  user_id: string;
  _application_id: string;
}

/** A sign-in that AuthKit has redirected to the customer's own login page. */
export interface ExternalAuthSession extends Row {
  _completed: boolean;
}

export interface ConnectTables {
  connect_applications: ConnectApplication;
  connect_secrets: ConnectSecret;
  authorized_applications: AuthorizedApplication;
  external_auth_sessions: ExternalAuthSession;
}

export const connectKinds: Kinds<ConnectTables> = {
  connect_applications: {
    object: 'connect_application',
    ownerField: 'application_id',
    prefix: 'conn_app',
    noun: 'Connect Application',
  },
  connect_secrets: { object: 'connect_application_secret', prefix: 'secret', noun: 'Client Secret' },
  authorized_applications: {
    object: 'authorized_connect_application',
    prefix: 'authorized_connect_app',
    noun: 'Authorized Application',
  },
  external_auth_sessions: { prefix: 'ext_auth', noun: 'External Auth Session' },
};
