import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { id, page, perChoice } from './schemas.ts';

const factor = { authentication_factor_id: id() };

export const mfa = toolset('mfa', 'Second factors: enrolment, challenges and verification', {
  list_user_auth_factors: endpoint('GET /user_management/users/{user_id}/auth_factors', {
    title: 'List factors of user',
    description: 'List the second factors of an AuthKit user.',
    input: { ...page, user_id: id() },
  }),

  enroll_user_auth_factor: endpoint('POST /user_management/users/{user_id}/auth_factors', {
    title: 'Enroll factor for user',
    description: 'Give an AuthKit user an authenticator app, with a first challenge. QR code and secret come only now.',
    input: {
      user_id: id(),
      type: z.literal('totp').describe('Always totp'),
      totp_issuer: z.string().optional().describe('Your name in the app'),
      totp_user: z.string().optional().describe('Account name in the app'),
      totp_secret: z.string().optional().describe('Base32; default generated'),
    },
    secrets: {
      in: ['totp_secret'],
      out: [
        'authentication_factor.totp.secret',
        'authentication_factor.totp.qr_code',
        'authentication_factor.totp.uri',
        'authentication_challenge.code',
      ],
      class: 'once',
    },
  }),

  enroll_auth_factor: endpoint('POST /auth/factors/enroll', {
    title: 'Enroll factor',
    description:
      'Create a factor for the standalone MFA API, then challenge_auth_factor. A TOTP secret comes only now. AuthKit users: enroll_user_auth_factor.',
    input: {
      type: z.enum(['generic_otp', 'sms', 'totp']).describe('totp needs issuer and user'),
      phone_number: z.string().optional().describe('For sms, such as +15005550006'),
      totp_issuer: z.string().optional().describe('Your name in the app'),
      totp_user: z.string().optional().describe('Account name in the app'),
      user_id: id().optional(),
    },
    check: perChoice('type', {
      generic_otp: {},
      sms: { required: ['phone_number'] },
      totp: { required: ['totp_issuer', 'totp_user'] },
    }),
    secrets: { out: ['totp.secret', 'totp.qr_code', 'totp.uri'], class: 'once' },
  }),

  get_auth_factor: endpoint('GET /auth/factors/{authentication_factor_id}', {
    title: 'Get factor',
    description: 'Get the type and owner of a second factor.',
    input: factor,
  }),

  delete_auth_factor: endpoint('DELETE /auth/factors/{authentication_factor_id}', {
    title: 'Delete factor',
    description: 'Remove a second factor for good, such as a lost phone.',
    input: factor,
  }),

  challenge_auth_factor: endpoint('POST /auth/factors/{authentication_factor_id}/challenge', {
    title: 'Challenge factor',
    description:
      'Ask for a code: sms factors send a text message, generic_otp answers the code. Then verify_auth_challenge.',
    input: { ...factor, sms_template: z.string().optional().describe('Text with {{code}}') },
    secrets: { out: ['code'], class: 'value' },
  }),

  verify_auth_challenge: endpoint('POST /auth/challenges/{authentication_challenge_id}/verify', {
    title: 'Verify challenge',
    description: 'Check the code a person gave; the answer says valid true or false.',
    input: { authentication_challenge_id: id(), code: z.string().describe('From SMS or app') },
    secrets: { in: ['code'], out: ['challenge.code'], class: 'value' },
  }),
});
