/** What WorkOS records when somebody does not get in. Successes would leave no room for them on the pages that are read. */
export const FAILURES: readonly string[] = [
  'authentication.email_verification_failed',
  'authentication.magic_auth_failed',
  'authentication.mfa_failed',
  'authentication.oauth_failed',
  'authentication.passkey_failed',
  'authentication.password_failed',
  'authentication.sso_failed',
  'authentication.sso_timed_out',
  'authentication.radar_risk_detected',
  'action.authentication.denied',
  'action.user_registration.denied',
];

/** How an account disappears from under its address. */
export const USER_CHANGES: readonly string[] = ['user.deleted', 'user.updated'];

/** What a directory that syncs sends. */
export const SYNCS: readonly string[] = [
  'dsync.user.created',
  'dsync.user.updated',
  'dsync.user.deleted',
  'dsync.group.created',
  'dsync.group.updated',
  'dsync.group.deleted',
  'dsync.group.user_added',
  'dsync.group.user_removed',
];

/** How an organization loses people, single sign-on or its directory. */
export const SETUP_CHANGES: readonly string[] = [
  'connection.activated',
  'connection.deactivated',
  'connection.deleted',
  'connection.saml_certificate_renewal_required',
  'connection.saml_certificate_renewed',
  'dsync.deleted',
  'dsync.user.deleted',
  'organization_membership.deleted',
];
