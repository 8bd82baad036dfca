import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { atLeastOne, email, every, id, page, perChoice, together } from './schemas.ts';

const clientId = id('Default WORKOS_CLIENT_ID').optional();

/** What both sign-in URLs take. https://workos.com/docs/reference/authkit/authentication/get-authorization-url */
const signIn = {
  client_id: clientId,
  redirect_uri: z.string().describe('Registered callback'),
  response_type: z.literal('code').describe('Always code'),
  provider_scopes: z.array(z.string()).optional().describe('Extra OAuth scopes'),
  provider_query_params: z.record(z.string(), z.string()).optional().describe('Passed to the provider'),
  domain_hint: z.string().optional().describe('E-mail domain'),
  login_hint: z.string().optional().describe('Prefilled e-mail'),
  state: z.string().optional().describe('Comes back unchanged'),
};

const grants = {
  authorization_code: { required: ['code'], optional: ['code_verifier', 'invitation_token', 'signals_id'] },
  password: {
    required: ['email', 'password'],
    optional: ['invitation_token', 'signals_id', 'radar_auth_attempt_id'],
  },
  refresh_token: { required: ['refresh_token'], optional: ['organization_id'] },
  'urn:workos:oauth:grant-type:magic-auth:code': {
    required: ['code', 'email'],
    optional: ['invitation_token', 'radar_auth_attempt_id'],
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
// Object.keys forgets which keys there are.
const grantTypes = Object.keys(grants) as (keyof typeof grants)[];

const tokens = ['oauth_tokens.access_token', 'oauth_tokens.refresh_token'];
const magicAuthOut = { out: ['code'], class: 'incidental' } as const;

export const authentication = toolset('authentication', 'Sign-in URLs, tokens, magic codes, sessions and logout', {
  get_authorization_url: endpoint('GET /user_management/authorize', {
    title: 'Get AuthKit sign-in URL',
    description:
      'Build the URL that starts an AuthKit sign-in, with provider, connection_id or organization_id. Then authenticate_user.',
    input: {
      ...signIn,
      provider: z.string().optional().describe('authkit, GoogleOAuth, MicrosoftOAuth, ...'),
      connection_id: id().optional(),
      organization_id: id().optional(),
      invitation_token: z.string().optional().describe('Redeemed on sign-in'),
      screen_hint: z.enum(['sign-up', 'sign-in']).optional().describe('authkit only'),
      max_age: z.int().min(0).optional().describe('authkit only, in seconds'),
      prompt: z.string().optional().describe('Such as login, consent'),
      code_challenge: z.string().optional().describe('PKCE'),
      code_challenge_method: z.literal('S256').optional().describe('With code_challenge'),
    },
    auth: 'none',
    redirect: true,
    check: every(
      atLeastOne('provider', 'connection_id', 'organization_id'),
      together('code_challenge', 'code_challenge_method'),
    ),
    secrets: { in: ['invitation_token'] },
  }),

  authenticate_user: endpoint('POST /user_management/authenticate', {
    title: 'Authenticate user',
    description:
      'Sign a user in for tokens; each grant_type has its own fields. A 403 can name the next step, with a pending_authentication_token for it.',
    input: {
      client_id: clientId,
      grant_type: z.enum(grantTypes).describe('Way of sign-in'),
      code: z.string().optional().describe('From callback, e-mail, SMS, app'),
      code_verifier: z.string().optional().describe('PKCE'),
      email: email().optional(),
      password: z.string().optional().describe('Plain'),
      refresh_token: z.string().optional().describe('Used up'),
      device_code: z.string().optional().describe('Of start_device_authorization'),
      pending_authentication_token: z.string().optional().describe('From the 403 before'),
      authentication_challenge_id: id().optional(),
      organization_id: id().optional(),
      invitation_token: z.string().optional().describe('Accepted on sign-in'),
      radar_challenge_id: id().optional(),
      radar_auth_attempt_id: id().optional(),
      verification_id: id('SMS at sign-up').optional(),
      phone_number: z.string().optional().describe('SMS at sign-up'),
      signals_id: id().optional(),
      device_id: id().optional(),
      ip_address: z.string().optional().describe("User's"),
      user_agent: z.string().optional().describe("User's"),
    },
    auth: 'client_secret',
    check: every(perChoice('grant_type', grants), together('verification_id', 'phone_number')),
    secrets: {
      in: [
        'code',
        'code_verifier',
        'password',
        'refresh_token',
        'device_code',
        'pending_authentication_token',
        'invitation_token',
      ],
      out: ['access_token', 'refresh_token', 'authkit_authorization_code', ...tokens],
      class: 'value',
    },
  }),

  start_device_authorization: endpoint('POST /user_management/authorize/device', {
    title: 'Start device authorization',
    description:
      'Start sign-in on a device: show the person user_code and link, poll authenticate_user. May be off (403).',
    input: { client_id: clientId },
    auth: 'none',
    secrets: { out: ['device_code', 'user_code'], class: 'deliver' },
  }),

  create_magic_auth: endpoint('POST /user_management/magic_auth', {
    title: 'Create magic code',
    description:
      'Make a sign-in code, valid 10 minutes, for authenticate_user. WorkOS e-mails it where its e-mails are on.',
    input: {
      email: email(),
      invitation_token: z.string().optional().describe('Accepted on sign-in'),
      ip_address: z.string().optional().describe("User's"),
      user_agent: z.string().optional().describe("User's"),
      radar_auth_attempt_id: id().optional(),
      signals_id: id().optional(),
    },
    secrets: { in: ['invitation_token'], ...magicAuthOut },
  }),

  get_magic_auth: endpoint('GET /user_management/magic_auth/{magic_auth_id}', {
    title: 'Get magic code',
    description: 'Get a magic code with its expiry, to e-mail it yourself.',
    input: { magic_auth_id: id() },
    secrets: magicAuthOut,
  }),

  list_user_sessions: endpoint('GET /user_management/users/{user_id}/sessions', {
    title: 'List user sessions',
    description: 'List the active sessions of a user.',
    input: { ...page, user_id: id() },
  }),

  revoke_session: endpoint('POST /user_management/sessions/revoke', {
    title: 'Revoke session',
    description: 'End a session of list_user_sessions; access tokens already out live until they expire.',
    input: { session_id: id() },
    effect: 'delete',
  }),

  get_logout_url: endpoint('GET /user_management/sessions/logout', {
    title: 'Get AuthKit logout URL',
    description: 'Build the URL that ends an AuthKit session when its browser opens it. From here: revoke_session.',
    input: {
      session_id: id('sid claim of the access token'),
      return_to: z.string().optional().describe('URL after logout'),
    },
    auth: 'none',
    redirect: true,
  }),

  get_sso_authorization_url: endpoint('GET /sso/authorize', {
    title: 'Get SSO sign-in URL',
    description:
      'Build the URL that starts standalone SSO, with connection, organization or provider. Then exchange_sso_code.',
    input: {
      ...signIn,
      provider: z.string().optional().describe('GoogleOAuth, MicrosoftOAuth, ...'),
      connection: z.string().optional().describe('Connection id'),
      organization: z.string().optional().describe('Organization id'),
      domain: z.string().optional().describe('Deprecated'),
      nonce: z.string().optional().describe('Against replay'),
      prompt: z.literal('login').optional().describe('Forces re-authentication'),
    },
    auth: 'none',
    redirect: true,
    check: atLeastOne('connection', 'organization', 'provider'),
  }),

  exchange_sso_code: endpoint('POST /sso/token', {
    title: 'Exchange SSO code',
    description: 'Turn a standalone SSO callback code, once, into profile and access token.',
    input: {
      client_id: clientId,
      code: z.string().describe('From the callback'),
      // The API wants it said although there is only one.
      grant_type: z.literal('authorization_code').default('authorization_code').describe('Leave out'),
    },
    auth: 'client_secret',
    secrets: { in: ['code'], out: ['access_token', ...tokens], class: 'value' },
  }),

  get_sso_profile: endpoint('GET /sso/profile', {
    title: 'Get SSO profile',
    description: 'Get the profile again that exchange_sso_code answered.',
    // It travels as the Bearer token, so that the API has no required parameter here; the check requires it.
    input: { access_token: z.string().optional().describe('Required') },
    auth: 'access_token',
    check: atLeastOne('access_token'),
    secrets: { in: ['access_token'] },
  }),

  create_sso_logout_token: endpoint('POST /sso/logout/authorize', {
    title: 'Create SSO logout token',
    description: 'Make the short-lived token and URL that sign a profile out at its identity provider.',
    input: { profile_id: id() },
    secrets: { out: ['logout_url', 'logout_token'], class: 'deliver' },
  }),

  get_sso_logout_url: endpoint('GET /sso/logout', {
    title: 'Get SSO logout URL',
    description: 'Build the logout URL from a token; create_sso_logout_token answers it ready-made.',
    input: { token: z.string().describe('logout_token') },
    auth: 'none',
    redirect: true,
    secrets: { in: ['token'], out: ['url'], class: 'deliver' },
  }),

  get_jwks: endpoint('GET /sso/jwks/{client_id}', {
    title: 'Get JWKS',
    description: 'Get the public keys that verify access tokens.',
    input: { client_id: clientId },
    auth: 'none',
  }),
});
