/** The fields that each way to sign in takes, by its grant_type. */
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

// Object.keys returns string[], although these are exactly the keys of `grants`.
export const grantTypes = Object.keys(grants) as (keyof typeof grants)[];

const PENDING = 'with the pending_authentication_token of details (in secret_file unless shown)';

/** What comes after a sign-in that is not finished, by the code of the error. https://workos.com/docs/reference/authkit/authentication-errors */
export const NEXT_STEPS = {
  organization_selection_required: `Choose one of details.organizations. Then call authenticate_user with grant_type urn:workos:oauth:grant-type:organization-selection, that organization_id, and ${PENDING}.`,
  mfa_enrollment: `Call enroll_user_auth_factor for details.user and let the person add it to their app. Then call authenticate_user with grant_type urn:workos:oauth:grant-type:mfa-totp, the code, its authentication_challenge_id, and ${PENDING}.`,
  mfa_challenge: `Call challenge_auth_factor for one of details.authentication_factors. Then call authenticate_user with grant_type urn:workos:oauth:grant-type:mfa-totp, the person's code, the authentication_challenge_id, and ${PENDING}.`,
  email_verification_required: `WorkOS has emailed a code; get_email_verification shows it. Then call authenticate_user with grant_type urn:workos:oauth:grant-type:email-verification:code, the code, and ${PENDING}.`,
  extra_attributes_required:
    'The identity provider gave no email. Ask the person for it, then call authenticate_user with grant_type urn:workos:oauth:grant-type:email-completion, the email, and the email_completion_token of details (in secret_file unless shown).',
  radar_challenge: `WorkOS has emailed a code. Call authenticate_user with grant_type urn:workos:oauth:grant-type:radar-email-challenge:code, the code, details.radar_challenge_id, and ${PENDING}.`,
  radar_sign_up_challenge: `WorkOS asks for a code by SMS. Call send_radar_sms_challenge, then authenticate_user with grant_type urn:workos:oauth:grant-type:radar-sms-challenge:code, the code, its verification_id, the phone_number, and ${PENDING}.`,
  radar_sms_sign_in_challenge: `WorkOS has sent a code by SMS. Call authenticate_user with grant_type urn:workos:oauth:grant-type:radar-sms-challenge:code, the code, and ${PENDING}.`,
  sso_required:
    'The person must sign in with SSO: give them get_authorization_url (AuthKit) or get_sso_authorization_url (standalone) for one of the connections in details, then call authenticate_user with the code of the callback.',
  organization_authentication_methods_required:
    'The organization allows other methods only: give the person get_authorization_url with its organization_id, then call authenticate_user with the code of the callback.',
  authorization_pending:
    'The person has not approved the device yet. Call again with the same arguments in `interval` seconds, as start_device_authorization returned it.',
  slow_down: 'Polled too soon. Add 5 seconds to the interval, wait that long, and call again with the same arguments.',
  expired_token: 'The device code has expired. Start again with start_device_authorization.',
};
