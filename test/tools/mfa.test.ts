import { mfa } from '../../src/tools/mfa.ts';
import { sends } from '../harness.ts';

sends(mfa, [
  [
    'list_user_auth_factors',
    { user_id: 'user_1', limit: 5, before: 'auth_factor_b', after: 'auth_factor_a', order: 'asc' },
    'GET /user_management/users/user_1/auth_factors?order=asc&limit=5&before=auth_factor_b&after=auth_factor_a',
  ],
  ['list_user_auth_factors', { user_id: 'user_1' }, 'GET /user_management/users/user_1/auth_factors?order=desc'],
  [
    'enroll_user_auth_factor',
    {
      user_id: 'user_1',
      type: 'totp',
      totp_issuer: 'Acme',
      totp_user: 'ann@acme.com',
      totp_secret: 'JBSWY3DPEHPK3PXP',
    },
    'POST /user_management/users/user_1/auth_factors',
    { type: 'totp', totp_issuer: 'Acme', totp_user: 'ann@acme.com', totp_secret: 'JBSWY3DPEHPK3PXP' },
  ],
  [
    'enroll_auth_factor',
    { type: 'totp', totp_issuer: 'Acme', totp_user: 'ann@acme.com', user_id: 'user_1' },
    'POST /auth/factors/enroll',
    { type: 'totp', totp_issuer: 'Acme', totp_user: 'ann@acme.com', user_id: 'user_1' },
  ],
  [
    'enroll_auth_factor',
    { type: 'sms', phone_number: '+15005550006' },
    'POST /auth/factors/enroll',
    { type: 'sms', phone_number: '+15005550006' },
  ],
  [
    'enroll_auth_factor',
    { type: 'generic_otp', phone_number: '+15005550006' },
    'POST /auth/factors/enroll',
    { type: 'generic_otp', phone_number: '+15005550006' },
  ],
  ['enroll_auth_factor', { type: 'generic_otp' }, 'POST /auth/factors/enroll', { type: 'generic_otp' }],
  ['get_auth_factor', { authentication_factor_id: 'auth_factor_1' }, 'GET /auth/factors/auth_factor_1'],
  ['delete_auth_factor', { authentication_factor_id: 'auth_factor_1' }, 'DELETE /auth/factors/auth_factor_1'],
  [
    'challenge_auth_factor',
    { authentication_factor_id: 'auth_factor_1', sms_template: 'Acme: {{code}}' },
    'POST /auth/factors/auth_factor_1/challenge',
    { sms_template: 'Acme: {{code}}' },
  ],
  [
    'challenge_auth_factor',
    { authentication_factor_id: 'auth_factor_1' },
    'POST /auth/factors/auth_factor_1/challenge',
    {},
  ],
  [
    'verify_auth_challenge',
    { authentication_challenge_id: 'auth_challenge_1', code: '123456' },
    'POST /auth/challenges/auth_challenge_1/verify',
    { code: '123456' },
  ],
]);
