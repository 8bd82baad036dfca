import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { atLeastOne, email, every, id, page, perChoice, together } from './schemas.ts';

const clientId = id('Defaults to WORKOS_CLIENT_ID').optional();

/** The parameters both sign-in URLs share. https://workos.com/docs/reference/authkit/authentication/get-authorization-url */
const signIn = {
  client_id: clientId,
  redirect_uri: z.string().describe('Registered callback URL'),
  response_type: z.literal('code').describe('Always code'),
  provider_scopes: z.array(z.string()).optional().describe('Extra OAuth scopes'),
  provider_query_params: z.record(z.string(), z.string()).optional().describe('Passed to the provider'),
  domain_hint: z.string().optional().describe('Email domain'),
  login_hint: z.string().optional().describe('Prefilled email'),
  state: z.string().optional().describe('Returned unchanged'),
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
// Object.keys returns string[], although these are exactly the keys of `grants`.
const grantTypes = Object.keys(grants) as (keyof typeof grants)[];

const tokens = ['oauth_tokens.access_token', 'oauth_tokens.refresh_token'];
const magicAuthOut = { out: ['code'], class: 'incidental' } as const;

export const authentication = toolset('authentication', 'Sign-in URLs, tokens, magic auth codes, sessions and logout', {
  get_authorization_url: endpoint('GET /user_management/authorize', {
    title: 'Get AuthKit sign-in URL',
    description:
      'Build the URL that starts an AuthKit sign-in, by provider, connection_id or organization_id. Then use authenticate_user.',
    input: {
      ...signIn,
      provider: z.string().optional().describe('authkit, GoogleOAuth, MicrosoftOAuth, ...'),
      connection_id: id().optional(),
      organization_id: id().optional(),
      invitation_token: z.string().optional().describe('Accepted on sign-in'),
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
      'Sign a user in and get their tokens; each grant_type takes its own fields. A 403 may name the next step, with a pending_authentication_token for it.',
    input: {
      client_id: clientId,
      grant_type: z.enum(grantTypes).describe('Sign-in method'),
      code: z.string().optional().describe('From the callback, email, SMS or app'),
      code_verifier: z.string().optional().describe('PKCE'),
      email: email().optional(),
      password: z.string().optional().describe('Plain text'),
      refresh_token: z.string().optional().describe('Single-use'),
      device_code: z.string().optional().describe('From start_device_authorization'),
      pending_authentication_token: z.string().optional().describe('From the preceding 403'),
      authentication_challenge_id: id().optional(),
      organization_id: id().optional(),
      invitation_token: z.string().optional().describe('Accepted on sign-in'),
      radar_challenge_id: id().optional(),
      radar_auth_attempt_id: id().optional(),
      verification_id: id('For SMS at sign-up').optional(),
      phone_number: z.string().optional().describe('For SMS at sign-up'),
      signals_id: id().optional(),
      device_id: id().optional(),
      ip_address: z.string().optional().describe("The user's"),
      user_agent: z.string().optional().describe("The user's"),
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
      'Start sign-in on a CLI or device: show the user the code and link, then poll authenticate_user. Answers 403 if disabled.',
    input: { client_id: clientId },
    auth: 'none',
    secrets: { out: ['device_code', 'user_code'], class: 'deliver' },
  }),

  create_magic_auth: endpoint('POST /user_management/magic_auth', {
    title: 'Create magic auth code',
    description:
      'Create a one-time sign-in code (not a link), valid for 10 minutes. WorkOS may email it; redeem it with authenticate_user.',
    input: {
      email: email(),
      invitation_token: z.string().optional().describe('Accepted on sign-in'),
      ip_address: z.string().optional().describe("The user's"),
      user_agent: z.string().optional().describe("The user's"),
      radar_auth_attempt_id: id().optional(),
      signals_id: id().optional(),
    },
    secrets: { in: ['invitation_token'], ...magicAuthOut },
  }),

  get_magic_auth: endpoint('GET /user_management/magic_auth/{magic_auth_id}', {
    title: 'Get magic auth code',
    description: 'Get a magic auth code and its expiry, to email it yourself.',
    input: { magic_auth_id: id() },
    secrets: magicAuthOut,
  }),

  list_user_sessions: endpoint('GET /user_management/users/{user_id}/sessions', {
    title: 'List user sessions',
    description: "List a user's active sessions.",
    input: { ...page, user_id: id() },
  }),

  revoke_session: endpoint('POST /user_management/sessions/revoke', {
    title: 'Revoke session',
    description:
      "End a user's session; list_user_sessions has its id. Access tokens already issued stay valid until they expire.",
    input: { session_id: id() },
    effect: 'delete',
  }),

  get_logout_url: endpoint('GET /user_management/sessions/logout', {
    title: 'Get AuthKit logout URL',
    description:
      "Build the URL that ends an AuthKit session when the user's browser opens it. Without a browser: revoke_session.",
    input: {
      session_id: id('sid claim of the access token'),
      return_to: z.string().optional().describe('URL to open after logout'),
    },
    auth: 'none',
    redirect: true,
  }),

  get_sso_authorization_url: endpoint('GET /sso/authorize', {
    title: 'Get SSO sign-in URL',
    description:
      'Build the URL that starts a standalone SSO sign-in, by connection, organization or provider. Then use exchange_sso_code.',
    input: {
      ...signIn,
      provider: z.string().optional().describe('GoogleOAuth, MicrosoftOAuth, ...'),
      connection: z.string().optional().describe('Connection id'),
      organization: z.string().optional().describe('Organization id'),
      domain: z.string().optional().describe('Deprecated'),
      nonce: z.string().optional().describe('Replay protection'),
      prompt: z.literal('login').optional().describe('Forces re-authentication'),
    },
    auth: 'none',
    redirect: true,
    check: atLeastOne('connection', 'organization', 'provider'),
  }),

  exchange_sso_code: endpoint('POST /sso/token', {
    title: 'Exchange SSO code',
    description: 'Exchange the one-time code from a standalone SSO callback for the profile and access token.',
    input: {
      client_id: clientId,
      code: z.string().describe('From the callback'),
      // The API requires it although it has only one value.
      grant_type: z.literal('authorization_code').default('authorization_code').describe('Omit'),
    },
    auth: 'client_secret',
    secrets: { in: ['code'], out: ['access_token', ...tokens], class: 'value' },
  }),

  get_sso_profile: endpoint('GET /sso/profile', {
    title: 'Get SSO profile',
    description: 'Get the profile of a standalone SSO sign-in. Needs the access_token from exchange_sso_code.',
    // Sent as the Bearer token. The API has no such parameter to require, so the check does.
    input: { access_token: z.string().optional().describe('Required') },
    auth: 'access_token',
    check: atLeastOne('access_token'),
    secrets: { in: ['access_token'] },
  }),

  create_sso_logout_token: endpoint('POST /sso/logout/authorize', {
    title: 'Create SSO logout token',
    description: 'Create the short-lived token and URL that sign a profile out at its identity provider.',
    input: { profile_id: id() },
    secrets: { out: ['logout_url', 'logout_token'], class: 'deliver' },
  }),

  get_sso_logout_url: endpoint('GET /sso/logout', {
    title: 'Get SSO logout URL',
    description: 'Build the SSO logout URL from a logout token. create_sso_logout_token already returns it.',
    input: { token: z.string().describe('logout_token') },
    auth: 'none',
    redirect: true,
    secrets: { in: ['token'], out: ['url'], class: 'deliver' },
  }),

  get_jwks: endpoint('GET /sso/jwks/{client_id}', {
    title: 'Get JWKS',
    description: 'Get the public keys for verifying access tokens.',
    input: { client_id: clientId },
    auth: 'none',
  }),
});
