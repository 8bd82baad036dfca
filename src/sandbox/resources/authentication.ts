import type { Kinds, Row } from './kind.ts';

/** A session's expiry is determined when it is read: `status` stays `active` in the table. */
export interface Session extends Row {
  object: 'session';
  user_id: string;
  organization_id?: string;
  ip_address: string | null;
  user_agent: string | null;
  auth_method: 'magic_code' | 'oauth' | 'passkey' | 'password' | 'sso';
  status: 'active' | 'expired' | 'revoked';
  expires_at: string;
  ended_at: string | null;
  _method: string;
  /** The only refresh token that is valid now. */
  _refresh_token: string;
}

/** A code sent by email or SMS. */
export interface OneTimeCode extends Row {
  expires_at: string;
  _code: string;
  _used: boolean;
  /** How many wrong codes were entered. */
  _attempts: number;
}

export interface EmailCode extends OneTimeCode {
  user_id: string;
  email: string;
}

export interface MagicAuth extends EmailCode {
  object: 'magic_auth';
}

export interface EmailVerification extends EmailCode {
  object: 'email_verification';
}

export interface EmailChange extends OneTimeCode {
  object: 'email_change';
  user_id: string;
  new_email: string;
}

/** The API returns the code of a challenge by email, but not of one by SMS. */
export interface RadarChallenge extends EmailCode {
  object: 'radar_challenge';
  type: 'email' | 'sms';
  _phone_number?: string;
}

/** The API also returns the token and its URL. */
export interface PasswordReset extends Row {
  object: 'password_reset';
  user_id: string;
  email: string;
  expires_at: string;
  _token: string;
  _used: boolean;
}

export interface AuthFactor extends Row {
  object: 'authentication_factor';
  type: 'generic_otp' | 'sms' | 'totp';
  user_id?: string;
  sms?: { phone_number: string };
  totp?: { issuer: string; user: string };
  /** The secret of a TOTP factor in base 32. */
  _secret: string;
}

/** For a TOTP factor, `_code` is not used. */
export interface AuthChallenge extends OneTimeCode {
  object: 'authentication_challenge';
  authentication_factor_id: string;
}

/** An account at an OAuth provider that a user has signed in with. */
export interface Identity extends Row {
  idp_id: string;
  type: 'OAuth';
  provider: string;
  _user_id: string;
}

/** A sign-in that has not become a session yet. */
export interface SignIn {
  user_id: string;
  /** The API's `authentication_method`, such as `Password` or `GoogleOAuth`. */
  method: string;
  /** The organization to sign in to, if it is known already. */
  organization_id: string | null;
  connection_id: string | null;
  mfa_passed: boolean;
}

/** A sign-in that needs a further step. */
export interface PendingAuthentication extends Row, SignIn {
  token: string;
  expires_at: string;
}

/** A code passed to the application in a redirect. */
export interface AuthorizationCode extends Row {
  code: string;
  expires_at: string;
  code_challenge: string | null;
  /** For `POST /user_management/authenticate`. */
  sign_in: SignIn | null;
  /** For `POST /sso/token`. */
  profile_id: string | null;
}

export interface DeviceAuthorization extends Row {
  device_code: string;
  user_code: string;
  expires_at: string;
  status: 'pending' | 'approved' | 'denied';
  /** The user who approved it. */
  user_id: string | null;
}

export interface Profile extends Row {
  object: 'profile';
  connection_id: string;
  connection_type: string;
  organization_id: string | null;
  idp_id: string;
  email: string;
  first_name: string | null;
  last_name: string | null;
  name: string | null;
  raw_attributes: Record<string, string | null>;
  _access_token: string | null;
  _access_token_expires_at: string | null;
  _logout_token: string | null;
}

/** A magic link of standalone SSO. */
export interface PasswordlessSession extends Row {
  object: 'passwordless_session';
  email: string;
  expires_at: string;
  link: string;
  _token: string;
  _redirect_uri: string;
  _state: string | null;
  _connection_id: string | null;
}

/** An email or SMS that WorkOS would have sent. */
export interface Message extends Row {
  to: string;
  kind: string;
  code?: string;
  url?: string;
}

/** The key that signs access tokens. Its id is the `kid`. */
export interface SigningKey extends Row {
  private_key: string;
}

export interface AuthenticationTables {
  sessions: Session;
  magic_auths: MagicAuth;
  email_verifications: EmailVerification;
  email_changes: EmailChange;
  radar_challenges: RadarChallenge;
  password_resets: PasswordReset;
  auth_factors: AuthFactor;
  auth_challenges: AuthChallenge;
  identities: Identity;
  pending_authentications: PendingAuthentication;
  authorization_codes: AuthorizationCode;
  device_authorizations: DeviceAuthorization;
  profiles: Profile;
  passwordless_sessions: PasswordlessSession;
  messages: Message;
  signing_keys: SigningKey;
}

export const authenticationKinds: Kinds<AuthenticationTables> = {
  sessions: { object: 'session', prefix: 'session', noun: 'Session', events: 'session' },
  magic_auths: { object: 'magic_auth', prefix: 'magic_auth', noun: 'Magic Auth', events: 'magic_auth' },
  email_verifications: {
    object: 'email_verification',
    prefix: 'email_verification',
    noun: 'Email Verification',
    events: 'email_verification',
  },
  email_changes: { object: 'email_change', prefix: 'email_change', noun: 'Email Change' },
  radar_challenges: { object: 'radar_challenge', prefix: 'radar_challenge', noun: 'Radar Challenge' },
  password_resets: {
    object: 'password_reset',
    prefix: 'password_reset',
    noun: 'Password Reset',
    events: 'password_reset',
  },
  auth_factors: {
    object: 'authentication_factor',
    ownerField: 'authentication_factor_id',
    prefix: 'auth_factor',
    noun: 'Authentication Factor',
  },
  auth_challenges: { object: 'authentication_challenge', prefix: 'auth_challenge', noun: 'Authentication Challenge' },
  identities: { prefix: 'identity', noun: 'Identity' },
  pending_authentications: { prefix: 'pending_authentication', noun: 'Pending Authentication' },
  authorization_codes: { prefix: 'authorization_code', noun: 'Authorization Code' },
  device_authorizations: { prefix: 'device_authorization', noun: 'Device Authorization' },
  profiles: { object: 'profile', prefix: 'prof', noun: 'Profile' },
  passwordless_sessions: {
    object: 'passwordless_session',
    prefix: 'passwordless_session',
    noun: 'Passwordless Session',
  },
  messages: { prefix: 'message', noun: 'Message' },
  signing_keys: { prefix: 'sso_oidc_key_pair', noun: 'Signing Key' },
};
