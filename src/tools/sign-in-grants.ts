/** The fields of each way to sign in, by grant_type. */
export const grants = {
  authorization_code: { required: ['code'], optional: ['code_verifier', 'invitation_token', 'signals_id'] },
  password: {
    required: ['email', 'password'],
    optional: ['invitation_token', 'signals_id', 'radar_auth_attempt_id'],
  },
  refresh_token: { required: ['refresh_token'], optional: ['organization_id'] },
  'urn:workos:oauth:grant-type:magic-auth:code': {
    required: ['code', 'email'],
    // The last two are only in the official SDKs: https://github.com/workos/workos-node/blob/main/src/user-management
    optional: ['invitation_token', 'radar_auth_attempt_id', 'signals_id', 'link_authorization_code'],
  },
  'urn:workos:oauth:grant-type:email-completion': {
    required: ['email_completion_token', 'email'],
    optional: ['signals_id'],
  },
  'urn:workos:oauth:grant-type:email-verification:code': { required: ['code', 'pending_authentication_token'] },
  'urn:workos:oauth:grant-type:mfa-totp': {
    required: ['code', 'pending_authentication_token', 'authentication_challenge_id'],
  },
  'urn:workos:oauth:grant-type:organization-selection': {
    required: ['pending_authentication_token', 'organization_id'],
  },
  'urn:workos:oauth:grant-type:radar-email-challenge:code': {
    required: ['code', 'radar_challenge_id', 'pending_authentication_token'],
  },
  'urn:workos:oauth:grant-type:radar-sms-challenge:code': {
    required: ['code', 'pending_authentication_token'],
    optional: ['verification_id', 'phone_number'],
  },
  'urn:ietf:params:oauth:grant-type:device_code': { required: ['device_code'] },
} as const;

// The cast is safe, because `grants` has no other keys.
export const grantTypes = Object.keys(grants) as (keyof typeof grants)[];

const GRANT = 'authenticate_user with grant_type urn:workos:oauth:grant-type';
const PENDING = 'the pending_authentication_token of details (in secret_file unless shown)';

const RADAR_EMAIL = `WorkOS has emailed a code. Ask the person for it. Then call ${GRANT}:radar-email-challenge:code, the code, details.radar_challenge_id as radar_challenge_id, and ${PENDING}.`;
const RADAR_SMS = `WorkOS asks for a code by SMS. Call send_radar_sms_challenge with details.user.id as user_id, the person's phone_number, and ${PENDING}. Then call ${GRANT}:radar-sms-challenge:code, the code, the verification_id and phone_number that it returned, and the same token.`;
const OTHER_METHOD =
  'Sign in another way: get_authorization_url with provider authkit shows the person what is allowed. Then call authenticate_user with grant_type authorization_code and the code from the callback.';
const NEW_CODE =
  'Get a new code the same way as this one: create_magic_auth, send_email_verification, challenge_auth_factor, or the sign-in again. Then repeat the call with it.';

/**
 * How to continue a sign-in that is not finished, by error code: the remaining calls, in order. The codes come from the OpenAPI
 * document and the official SDK, which calls Radar's challenges `radar_email_challenge` and `radar_sms_challenge`.
 * https://workos.com/docs/reference/authkit/authentication-errors
 */
export const NEXT_STEPS: Readonly<Record<string, string>> = {
  organization_selection_required: `Choose one of details.organizations. Then call ${GRANT}:organization-selection, its id as organization_id, and ${PENDING}. (get_organization shows a name that is left out here.)`,
  mfa_enrollment: `Call enroll_user_auth_factor with details.user.id as user_id, and let the person add it to their app. Then call ${GRANT}:mfa-totp, the code from the app, the authentication_challenge.id that it returned as authentication_challenge_id, and ${PENDING}.`,
  mfa_challenge: `Call challenge_auth_factor with the id of one of details.authentication_factors as authentication_factor_id. Then call ${GRANT}:mfa-totp, the person's code, the id that it returned as authentication_challenge_id, and ${PENDING}.`,
  mfa_verification: `Ask the person for the code from their app. Then call ${GRANT}:mfa-totp, the code, details.authentication_challenge_id as authentication_challenge_id, and ${PENDING}.`,
  email_verification_required: `WorkOS has emailed a code, unless that is turned off; get_email_verification with details.email_verification_id shows it too. Then call ${GRANT}:email-verification:code, the code, and ${PENDING}.`,
  extra_attributes_required: `The identity provider sent no email address. Ask the person for it. Then call ${GRANT}:email-completion, the email, and the email_completion_token of details (in secret_file unless shown).`,
  radar_challenge: RADAR_EMAIL,
  radar_email_challenge: RADAR_EMAIL,
  radar_sign_up_challenge: RADAR_SMS,
  radar_sms_challenge: RADAR_SMS,
  radar_sms_sign_in_challenge: `WorkOS has sent a code by SMS. Ask the person for it. Then call ${GRANT}:radar-sms-challenge:code, the code, and ${PENDING}.`,
  phone_number_required: RADAR_SMS,
  verification_id_required: RADAR_SMS,
  sso_required:
    'The person must sign in with SSO. Call get_authorization_url with one of details.connection_ids as connection_id, and give them the URL. Then call authenticate_user with grant_type authorization_code and the code from the callback. (In standalone SSO: get_sso_authorization_url with it as connection, then exchange_sso_code.)',
  organization_authentication_methods_required:
    'The organization allows only details.auth_methods and the connections in details.sso_connection_ids. Call get_authorization_url with one of those as connection_id, or with a provider, and give the person the URL. Then call authenticate_user with grant_type authorization_code and the code from the callback.',
  authentication_method_not_allowed: OTHER_METHOD,
  email_password_auth_disabled: OTHER_METHOD,
  passkey_progressive_enrollment: `The person is asked to add a passkey, which only AuthKit's own pages can do. ${OTHER_METHOD}`,
  application_consent_required: `The person has to allow the application, on AuthKit's own pages. ${OTHER_METHOD}`,
  invalid_pending_authentication_token: 'The sign-in has expired or is finished. Start it again from its first step.',
  one_time_code_expired: NEW_CODE,
  one_time_code_previously_used: NEW_CODE,
  one_time_code_too_many_attempts: NEW_CODE,
  invalid_one_time_code: 'The code is wrong. Ask the person for it again, and repeat the call with the same token.',
  authorization_pending:
    'The person has not approved the device yet. Call again with the same arguments in `interval` seconds, as start_device_authorization returned it.',
  slow_down: 'Polled too soon. Add 5 seconds to the interval, wait that long, and call again with the same arguments.',
  expired_token: 'The device code has expired. Start again with start_device_authorization.',
  access_denied: 'The person refused the device. Start again with start_device_authorization if they want to allow it.',
};
