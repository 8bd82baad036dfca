/** Events for failed sign-ins. Successes are left out, because they would crowd the failures off the pages that are read. */
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

/** Events after which an address no longer has its account. */
export const USER_CHANGES: readonly string[] = ['user.deleted', 'user.updated'];

/** Events that a syncing directory causes. */
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

/** Events through which an organization loses people, SSO, or its directory, and those that restore SSO. */
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
