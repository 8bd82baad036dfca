import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { atMostOne, email, every, externalId, id, metadata, metadataChange, needs, page, together } from './schemas.ts';

const user = { user_id: id() };

const passwordHash = {
  password_hash: z.string().optional().describe('Imported hash'),
  password_hash_type: z
    .enum(['bcrypt', 'firebase-scrypt', 'ssha', 'ssha256', 'scrypt', 'pbkdf2', 'argon2'])
    .optional()
    .describe('With password_hash'),
  password_salt_position: z.enum(['prefix', 'suffix']).optional().describe('ssha256 only, default suffix'),
};
const oneKindOfPassword = every(
  atMostOne('password', Object.keys(passwordHash)),
  together('password_hash', 'password_hash_type'),
  needs('password_salt_position', 'password_hash'),
);
const passwordsIn = ['password', 'password_hash'];
const passwordReset = { out: ['password_reset_token', 'password_reset_url'], class: 'incidental' } as const;

export const users = toolset('users', 'AuthKit users, their e-mail addresses and passwords', {
  list_users: endpoint('GET /user_management/users', {
    title: 'List users',
    description:
      'List users, or find one by e-mail. Roles and status in an organization: list_organization_memberships.',
    input: {
      ...page,
      organization_id: id().optional(),
      email: email().optional(),
      organization: z.string().optional().describe('Deprecated'),
    },
    core: true,
    check: atMostOne('organization_id', 'organization'),
  }),

  get_user: endpoint('GET /user_management/users/{user_id}', {
    title: 'Get user',
    description: 'Get one user with profile and metadata. Only an e-mail known: list_users.',
    input: user,
    core: true,
  }),

  get_user_by_external_id: endpoint('GET /user_management/users/external_id/{external_id}', {
    title: 'Get user by external id',
    description: 'Get the user that carries this id of your own system.',
    input: { external_id: id('Id in your own system') },
  }),

  create_user: endpoint('POST /user_management/users', {
    title: 'Create user',
    description:
      'Create a user at once, e-mailing nobody; then create_organization_membership. To ask the person first, send_invitation.',
    input: {
      email: email(),
      password: z.string().nullable().optional().describe('Plain text'),
      ...passwordHash,
      name: z.string().nullable().optional(),
      first_name: z.string().nullable().optional().describe('Given name'),
      last_name: z.string().nullable().optional().describe('Family name'),
      email_verified: z.boolean().nullable().optional().describe('Already proven elsewhere'),
      metadata: metadata(),
      external_id: externalId(),
      ip_address: z.string().nullable().optional().describe("Person's, for Radar"),
      user_agent: z.string().nullable().optional().describe("Person's, for Radar"),
      signals_id: id().optional(),
    },
    core: true,
    check: oneKindOfPassword,
    secrets: { in: passwordsIn },
  }),

  update_user: endpoint('PUT /user_management/users/{user_id}', {
    title: 'Update user',
    description: 'Change a user; fields left out stay. For an e-mail the person should confirm, send_email_change.',
    input: {
      ...user,
      email: email().optional(),
      password: z.string().optional().describe('Plain text'),
      ...passwordHash,
      name: z.string().optional(),
      first_name: z.string().optional().describe('Given name'),
      last_name: z.string().optional().describe('Family name'),
      email_verified: z.boolean().optional().describe('Proven or not'),
      metadata: metadataChange(),
      external_id: externalId(),
      locale: z.string().nullable().optional().describe('Such as en-US; null clears'),
    },
    core: true,
    check: oneKindOfPassword,
    secrets: { in: passwordsIn },
  }),

  delete_user: endpoint('DELETE /user_management/users/{user_id}', {
    title: 'Delete user',
    description:
      'Delete a user for good, with all memberships. From one organization only: delete_organization_membership.',
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
    input: user,
    filterable: true,
  }),

  send_email_verification: endpoint('POST /user_management/users/{user_id}/email_verification/send', {
    title: 'Send e-mail verification',
    description: 'E-mail the user a code that proves the current address.',
    input: user,
  }),

  confirm_email_verification: endpoint('POST /user_management/users/{user_id}/email_verification/confirm', {
    title: 'Confirm e-mail verification',
    description: 'Mark the address as verified with the code of send_email_verification.',
    input: { ...user, code: z.string().describe('From the e-mail') },
    secrets: { in: ['code'] },
  }),

  get_email_verification: endpoint('GET /user_management/email_verification/{email_verification_id}', {
    title: 'Get e-mail verification',
    description: 'Get a verification with its code, to e-mail it yourself.',
    input: { email_verification_id: id() },
    secrets: { out: ['code'], class: 'incidental' },
  }),

  send_email_change: endpoint('POST /user_management/users/{user_id}/email_change/send', {
    title: 'Send e-mail change',
    description: 'E-mail a code to the new address. The old one stays until confirm_email_change.',
    input: { ...user, new_email: email().describe('Must be free') },
  }),

  confirm_email_change: endpoint('POST /user_management/users/{user_id}/email_change/confirm', {
    title: 'Confirm e-mail change',
    description: 'Switch the user to the new address with the code of send_email_change.',
    input: { ...user, code: z.string().describe('From the e-mail') },
    secrets: { in: ['code'] },
  }),

  create_password_reset: endpoint('POST /user_management/password_reset', {
    title: 'Create password reset',
    description: 'Make a one-time reset link for a user; WorkOS may e-mail it.',
    input: { email: email() },
    secrets: passwordReset,
  }),

  get_password_reset: endpoint('GET /user_management/password_reset/{password_reset_id}', {
    title: 'Get password reset',
    description: 'Get a reset with its link and expiry, to e-mail it yourself.',
    input: { password_reset_id: id() },
    secrets: passwordReset,
  }),

  confirm_password_reset: endpoint('POST /user_management/password_reset/confirm', {
    title: 'Confirm password reset',
    description: 'Set a new password with a reset token; also verifies the e-mail.',
    input: {
      token: z.string().describe('From the reset link'),
      new_password: z.string().describe('Must pass the password policy'),
    },
    effect: 'overwrite',
    secrets: { in: ['token', 'new_password'] },
  }),
});
