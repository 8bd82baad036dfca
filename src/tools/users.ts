import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import {
  atMostOne,
  email,
  every,
  externalId,
  externalIdChange,
  id,
  metadata,
  metadataChange,
  needs,
  page,
  together,
} from './schemas.ts';

const user = { user_id: id() };

const passwordHash = {
  password_hash: z.string().optional().describe('Hash to import'),
  password_hash_type: z
    .enum(['bcrypt', 'firebase-scrypt', 'ssha', 'ssha256', 'scrypt', 'pbkdf2', 'argon2'])
    .optional()
    .describe('With password_hash'),
  password_salt_position: z.enum(['prefix', 'suffix']).optional().describe('ssha256 only, default suffix'),
};
/**
 * A mutually exclusive group in the OpenAPI document. Its 400s are password_and_password_hash_provided,
 * password_and_password_hash_type_provided, and password_salt_position_requires_password_hash.
 */
const oneKindOfPassword = every(
  atMostOne('password', Object.keys(passwordHash)),
  together('password_hash', 'password_hash_type'),
  needs('password_salt_position', 'password_hash'),
);
const passwordsIn = ['password', 'password_hash'];
const passwordReset = { out: ['password_reset_token', 'password_reset_url'], class: 'incidental' } as const;

export const users = toolset('users', 'AuthKit users, their email addresses and passwords', {
  list_users: endpoint('GET /user_management/users', {
    title: 'List users',
    description:
      'List users (id, email, first_name, last_name, last_sign_in_at, external_id, …), or find one by email. For roles and status in an organization: list_organization_memberships.',
    also: [
      'search people',
      'look up an account by email address, who is that',
      'user count, how many',
      'everybody in the environment',
      'is somebody registered, does an account exist',
    ],
    input: {
      ...page,
      organization_id: id().optional(),
      email: email().optional(),
      organization: z.string().optional().describe('Deprecated'),
    },
    core: true,
  }),

  get_user: endpoint('GET /user_management/users/{user_id}', {
    title: 'Get user',
    description: 'Get one user with profile and metadata. To find a user by email: list_users.',
    also: [
      'open a profile, account details',
      'last sign-in, last seen',
      'is their email verified, confirmed',
      'which email address',
    ],
    input: user,
    core: true,
  }),

  get_user_by_external_id: endpoint('GET /user_management/users/external_id/{external_id}', {
    title: 'Get user by external id',
    description: 'Get a user by their id in your own system.',
    also: ['our internal user id', 'CRM or HR id, account number', 'person by our own reference', 'database key'],
    input: { external_id: id('Id in your own system') },
  }),

  create_user: endpoint('POST /user_management/users', {
    title: 'Create user',
    description:
      'Create a user without emailing anyone. Then use create_organization_membership. To ask the person first: send_invitation.',
    also: [
      'sign up someone, new starter needs a login',
      'import legacy password hashes',
      'bulk import from a CSV',
      'register a person, open an account manually',
      'migrate or provision users',
    ],
    input: {
      email: email(),
      password: z.string().nullable().optional().describe('Plain text'),
      ...passwordHash,
      name: z.string().nullable().optional(),
      first_name: z.string().nullable().optional().describe('Given name'),
      last_name: z.string().nullable().optional().describe('Family name'),
      email_verified: z.boolean().nullable().optional().describe('Already verified elsewhere'),
      metadata: metadata(),
      external_id: externalId(),
      ip_address: z.string().nullable().optional().describe("The person's, for Radar"),
      user_agent: z.string().nullable().optional().describe("The person's, for Radar"),
      signals_id: id().optional(),
    },
    core: true,
    check: oneKindOfPassword,
    secrets: { in: passwordsIn },
  }),

  update_user: endpoint('PUT /user_management/users/{user_id}', {
    title: 'Update user',
    description:
      'Change a user. Omitted fields stay unchanged. For an email the person should confirm: send_email_change.',
    also: [
      'fix a typo in a first, last or family name',
      'edit profile, locale',
      'link to our own record, external id',
      'set metadata',
      'change or set a password, temporary password, email',
    ],
    input: {
      ...user,
      email: email().optional(),
      password: z.string().optional().describe('Plain text'),
      ...passwordHash,
      name: z.string().optional(),
      first_name: z.string().optional().describe('Given name'),
      last_name: z.string().optional().describe('Family name'),
      email_verified: z.boolean().optional().describe('Whether it is verified'),
      metadata: metadataChange(),
      external_id: externalIdChange(),
      locale: z.string().nullable().optional().describe('Such as en-US; null clears'),
    },
    core: true,
    check: oneKindOfPassword,
    secrets: { in: passwordsIn },
    consentFor: { password: 'always', password_hash: 'always', email: 'always', email_verified: 'always' },
  }),

  delete_user: endpoint('DELETE /user_management/users/{user_id}', {
    title: 'Delete user',
    description:
      'Permanently delete a user with all memberships. For one organization only: delete_organization_membership.',
    also: [
      'GDPR erasure',
      'wipe an account, duplicate',
      'ban for good',
      'forget personal data',
      'close an account, former employee',
    ],
    input: user,
    core: true,
    dependents: [
      {
        label: 'memberships',
        list: 'list_organization_memberships',
        argument: 'user_id',
        with: { statuses: ['active', 'inactive', 'pending'] },
      },
    ],
  }),

  list_user_identities: endpoint('GET /user_management/users/{user_id}/identities', {
    title: 'List user identities',
    description: 'List the OAuth accounts (Google, Microsoft, ...) linked to a user.',
    also: [
      'social logins',
      'Google, Apple, Microsoft login',
      'connected accounts, social profiles',
      'how do they log in, login method',
    ],
    input: user,
    filterable: true,
  }),

  send_email_verification: endpoint('POST /user_management/users/{user_id}/email_verification/send', {
    title: 'Send email verification',
    description: 'Email a user a code that verifies their current address.',
    also: [
      'resend the verification mail',
      'email not verified, unverified',
      'confirm your address mail',
      'verification never arrived',
    ],
    input: user,
  }),

  confirm_email_verification: endpoint('POST /user_management/users/{user_id}/email_verification/confirm', {
    title: 'Confirm email verification',
    description: "Mark a user's email address as verified. Needs the code from send_email_verification.",
    also: ['enter the verification code', 'address is confirmed by hand'],
    input: { ...user, code: z.string().describe('From the email') },
    secrets: { in: ['code'] },
  }),

  get_email_verification: endpoint('GET /user_management/email_verification/{email_verification_id}', {
    title: 'Get email verification',
    description: 'Get an email verification with its code, to email it yourself.',
    also: ['verification status', 'was it used, has it expired', 'has she confirmed her address'],
    input: { email_verification_id: id() },
    secrets: { out: ['code'], class: 'incidental' },
  }),

  send_email_change: endpoint('POST /user_management/users/{user_id}/email_change/send', {
    title: 'Send email change',
    description: "Email a code to a user's new address. The old address stays until confirm_email_change.",
    also: ['different email', 'new address, private email', 'switch mail address', 'typed the email wrong'],
    input: { ...user, new_email: email().describe('Must not be in use') },
  }),

  confirm_email_change: endpoint('POST /user_management/users/{user_id}/email_change/confirm', {
    title: 'Confirm email change',
    description: 'Switch a user to their new email address. Needs the code from send_email_change.',
    also: ['finish the new address', 'enter the code from the mail'],
    input: { ...user, code: z.string().describe('From the email') },
    secrets: { in: ['code'] },
  }),

  create_password_reset: endpoint('POST /user_management/password_reset', {
    title: 'Create password reset',
    description: 'Create a one-time password reset link for a user. WorkOS may email it.',
    also: [
      'forgot password, pw, recovery',
      'cannot log in, locked out',
      'cannot get into the account',
      'send a reset mail or link',
    ],
    input: { email: email() },
    hints: { not_found: 'No user of this environment has this email address. list_users with email looks for it.' },
    secrets: passwordReset,
  }),

  get_password_reset: endpoint('GET /user_management/password_reset/{password_reset_id}', {
    title: 'Get password reset',
    description: 'Get a password reset with its link and expiry, to email it yourself.',
    also: ['reset link status', 'has the reset been used or run out'],
    input: { password_reset_id: id() },
    secrets: passwordReset,
  }),

  confirm_password_reset: endpoint('POST /user_management/password_reset/confirm', {
    title: 'Confirm password reset',
    description: 'Set a new password with a reset token. This also verifies the email address.',
    also: ['choose the password', 'finish or complete the reset', 'redeem the token'],
    input: {
      token: z.string().describe('From the reset link'),
      new_password: z.string().describe('Must meet the password policy'),
    },
    effect: 'overwrite',
    secrets: { in: ['token', 'new_password'] },
  }),
});
