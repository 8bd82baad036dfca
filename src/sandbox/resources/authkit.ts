import type { Kinds, Row } from './kind.ts';

export interface RedirectUri extends Row {
  object: 'redirect_uri';
  uri: string;
  default: boolean;
}

export interface CorsOrigin extends Row {
  object: 'cors_origin';
  origin: string;
}

/** The template of the access tokens' claims. There is at most one. */
export interface JwtTemplate extends Row {
  object: 'jwt_template';
  content: string;
}

/** A resource indicator of an MCP server. */
export interface OauthResource extends Row {
  object: 'authkit_oauth_resource';
  uri: string;
  default: boolean;
}

export interface Waitlist extends Row {
  object: 'waitlist';
  name: string;
  /** Whether the id `default` refers to it. */
  _default: boolean;
}

export interface WaitlistEntry extends Row {
  object: 'waitlist_entry';
  email: string;
  state: 'pending' | 'approved' | 'denied';
  approved_at: string | null;
  additional_fields: Record<string, string>;
  waitlist_id: string;
}

export interface RadarAttempt extends Row {
  email: string;
  ip_address: string;
  succeeded: boolean;
}

export interface RadarListEntry extends Row {
  type: string;
  action: string;
  entry: string;
}

/** Settings that WorkOS has only in its dashboard. There is at most one record. */
export interface EnvironmentSettings extends Row {
  mfa_required: boolean;
}

export interface AuthkitTables {
  redirect_uris: RedirectUri;
  cors_origins: CorsOrigin;
  jwt_templates: JwtTemplate;
  authkit_oauth_resources: OauthResource;
  waitlists: Waitlist;
  waitlist_entries: WaitlistEntry;
  radar_attempts: RadarAttempt;
  radar_list_entries: RadarListEntry;
  environment_settings: EnvironmentSettings;
}

export const authkitKinds: Kinds<AuthkitTables> = {
  redirect_uris: { object: 'redirect_uri', prefix: 'redirect_uri', noun: 'Redirect URI' },
  cors_origins: { object: 'cors_origin', prefix: 'cors_origin', noun: 'CORS Origin' },
  jwt_templates: { object: 'jwt_template', prefix: 'jwt_template', noun: 'JWT Template' },
  authkit_oauth_resources: {
    object: 'authkit_oauth_resource',
    prefix: 'authkit_oauth_resource',
    noun: 'AuthKit OAuth Resource',
  },
  waitlists: { object: 'waitlist', prefix: 'waitlist', noun: 'Waitlist' },
  waitlist_entries: { object: 'waitlist_entry', prefix: 'wl_user', noun: 'Waitlist Entry' },
  radar_attempts: { prefix: 'radar_attempt', noun: 'Radar Attempt' },
  radar_list_entries: { prefix: 'radar_list_entry', noun: 'Radar List Entry' },
  environment_settings: { prefix: 'environment_settings', noun: 'Environment Settings' },
};
