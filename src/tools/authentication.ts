import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { atLeastOne, email, every, id, page, perChoice, together } from './schemas.ts';
import { grants, grantTypes, NEXT_STEPS } from './sign-in-grants.ts';

const clientId = id('Defaults to WORKOS_CLIENT_ID').optional();

/** The parameters that both sign-in URLs share. https://workos.com/docs/reference/authkit/authentication/get-authorization-url */
const signIn = {
  client_id: clientId,
  redirect_uri: z.string().describe('Registered callback URL'),
  // The only value that the API accepts.
  response_type: z.literal('code').default('code').describe('Omit'),
  provider_scopes: z.array(z.string()).optional().describe('Extra OAuth scopes'),
  provider_query_params: z.record(z.string(), z.string()).optional().describe('Passed to the provider'),
  domain_hint: z.string().optional().describe('Email domain'),
  login_hint: z.string().optional().describe('Prefilled email'),
  state: z.string().optional().describe('Returned unchanged'),
};

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

const pkce = {
  code_challenge: z.string().optional().describe('PKCE'),
  code_challenge_method: z.literal('S256').optional().describe('With code_challenge'),
};

const tokens = ['oauth_tokens.access_token', 'oauth_tokens.refresh_token'];
const magicAuthOut = { out: ['code'], class: 'incidental' } as const;

export const authentication = toolset('authentication', 'Sign-in URLs, tokens, magic auth codes, sessions and logout', {
  get_authorization_url: endpoint('GET /user_management/authorize', {
    title: 'Get AuthKit sign-in URL',
    description:
      'Build the URL that starts an AuthKit sign-in, by provider, connection_id or organization_id. Then use authenticate_user.',
    also: [
      'login URL, login button, login page link, log in with Google, Microsoft or a passkey',
      'hosted login, start a login',
    ],
    input: {
      ...signIn,
      provider: z.string().optional().describe('authkit, GoogleOAuth, MicrosoftOAuth, ...'),
      connection_id: id().optional(),
      organization_id: id().optional(),
      invitation_token: z.string().optional().describe('Accepted on sign-in'),
      screen_hint: z.enum(['sign-up', 'sign-in']).optional().describe('authkit only'),
      max_age: z.int().min(0).optional().describe('authkit only, in seconds'),
      prompt: z.string().optional().describe('Such as login, consent'),
      ...pkce,
    },
    auth: 'none',
    redirect: true,
    // The official SDKs refuse the same: https://github.com/workos/workos-node/blob/main/src/user-management
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
    also: [
      'log in with email and password, own login form, refresh a token, new access token',
      'exchange an authorization code, callback code, session for a user',
    ],
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
      email_completion_token: z.string().optional().describe('From the preceding 403'),
      link_authorization_code: z.string().optional().describe('Links a code sign-in'),
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
    hints: NEXT_STEPS,
    // From the variants of the request body in the OpenAPI document. With only one of the last two, the API returns 400
    // phone_number_required or verification_id_required.
    check: every(perChoice('grant_type', grants), together('verification_id', 'phone_number')),
    secrets: {
      in: [
        'code',
        'code_verifier',
        'password',
        'refresh_token',
        'device_code',
        'pending_authentication_token',
        'email_completion_token',
        'link_authorization_code',
        'invitation_token',
      ],
      out: ['access_token', 'refresh_token', 'authkit_authorization_code', ...tokens],
      error: ['pending_authentication_token', 'email_completion_token'],
      class: 'once',
    },
  }),

  start_device_authorization: endpoint('POST /user_management/authorize/device', {
    title: 'Start device authorization',
    description:
      'Start sign-in on a CLI or device: show the user the code and link, then poll authenticate_user. Returns 403 if disabled.',
    also: [
      'code for a device login, login for a CLI, command line',
      'smart TV, kiosk, IoT, Raspberry Pi, no keyboard or browser, log in on another device',
    ],
    input: { client_id: clientId },
    auth: 'none',
    hints: { permission: 'Signing in on a device is not enabled for this team. The dashboard has the setting.' },
    secrets: { out: ['device_code', 'user_code'], class: 'deliver' },
  }),

  create_magic_auth: endpoint('POST /user_management/magic_auth', {
    title: 'Create magic auth code',
    description:
      'Create a one-time sign-in code (not a link), valid for 10 minutes. WorkOS may email it; redeem it with authenticate_user.',
    also: [
      'passwordless login, without a password, email a one-time passcode, login by mail',
      'six-digit code by mail, own mail provider, OTP',
    ],
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
    also: ['passcode details', 'look up a login code', 'own mail provider'],
    input: { magic_auth_id: id() },
    secrets: magicAuthOut,
  }),

  // Only in the official SDKs and the docs, not in the OpenAPI document: https://workos.com/docs/reference/magic-link
  create_passwordless_session: endpoint('POST /passwordless/sessions', {
    title: 'Create magic link',
    description:
      'Create a magic link that signs a person in through standalone SSO. Then send_passwordless_session emails it. For a code instead: create_magic_auth.',
    also: ['passwordless login link, without a password', 'login link by mail', 'sign-in link'],
    input: {
      email: email(),
      type: z.literal('MagicLink').default('MagicLink').describe('Omit'),
      redirect_uri: z.string().optional().describe('Registered callback URL'),
      state: z.string().optional().describe('Returned unchanged'),
      connection: z.string().optional().describe('MagicLink connection id'),
      expires_in: z.int().optional().describe('Lifetime in seconds'),
    },
    undocumented: true,
    secrets: { out: ['link'], class: 'deliver' },
  }),

  send_passwordless_session: endpoint('POST /passwordless/sessions/{passwordless_session_id}/send', {
    title: 'Send magic link',
    description: 'Email the magic link of create_passwordless_session.',
    also: ['mail a login link', 'without a password'],
    input: { passwordless_session_id: id() },
    emptyBody: true,
    undocumented: true,
  }),

  list_user_sessions: endpoint('GET /user_management/users/{user_id}/sessions', {
    title: 'List user sessions',
    description: "List a user's active sessions.",
    also: [
      'where is somebody logged in right now, devices, browsers, IP, currently online, last active',
      'who is on the account',
    ],
    input: { ...page, user_id: id() },
  }),

  revoke_session: endpoint('POST /user_management/sessions/revoke', {
    title: 'Revoke session',
    description:
      "End a user's session; list_user_sessions has its id. Access tokens already issued stay valid until they expire.",
    also: [
      'log out everywhere, kick or throw out, terminate, stolen laptop or cookie, hijacked account',
      'force another login, end all logins, all devices, browsers',
    ],
    input: { session_id: id() },
    effect: 'delete',
  }),

  get_logout_url: endpoint('GET /user_management/sessions/logout', {
    title: 'Get AuthKit logout URL',
    description:
      "Build the URL that ends an AuthKit session when the user's browser opens it. Without a browser: revoke_session.",
    also: ['logout link', 'sign out in the browser'],
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
    also: ['SAML login link, button', 'log in with Okta, Google or Microsoft', 'SSO login, redirect to the IdP'],
    input: {
      ...signIn,
      provider: z.string().optional().describe('GoogleOAuth, MicrosoftOAuth, ...'),
      connection: z.string().optional().describe('Connection id'),
      organization: z.string().optional().describe('Organization id'),
      domain: z.string().optional().describe('Deprecated'),
      nonce: z.string().optional().describe('Replay protection'),
      prompt: z.literal('login').optional().describe('Forces re-authentication'),
      ...pkce,
    },
    auth: 'none',
    redirect: true,
    // The official SDKs refuse the same, but the OpenAPI document has the deprecated `domain` as a fourth way to choose a
    // connection.
    check: every(
      atLeastOne('connection', 'organization', 'provider', 'domain'),
      together('code_challenge', 'code_challenge_method'),
    ),
  }),

  exchange_sso_code: endpoint('POST /sso/token', {
    title: 'Exchange SSO code',
    description:
      'Exchange the one-time code from a standalone SSO callback, or an ID token of the identity provider, for the profile and access token.',
    also: ['swap the callback code', 'SSO authorization code', 'tokens after the redirect'],
    input: {
      client_id: clientId,
      grant_type: z
        .enum(['authorization_code', TOKEN_EXCHANGE])
        .default('authorization_code')
        .describe('Defaults to authorization_code'),
      code: z.string().optional().describe('From the callback'),
      code_verifier: z.string().optional().describe('PKCE'),
      subject_token: z.string().optional().describe('OIDC ID token, for token-exchange'),
      subject_token_type: z
        .literal('urn:ietf:params:oauth:token-type:id_token')
        .optional()
        .describe('With subject_token'),
      organization_id: id('Whose connection checks the ID token').optional(),
    },
    auth: 'client_secret',
    // The OpenAPI document says what each grant needs.
    check: perChoice('grant_type', {
      authorization_code: { required: ['code'], optional: ['code_verifier'] },
      [TOKEN_EXCHANGE]: { required: ['subject_token', 'subject_token_type', 'organization_id'] },
    }),
    secrets: {
      in: ['code', 'code_verifier', 'subject_token'],
      out: ['access_token', ...tokens],
      class: 'once',
    },
  }),

  get_sso_profile: endpoint('GET /sso/profile', {
    title: 'Get SSO profile',
    description: 'Get the profile of a standalone SSO sign-in. Needs the access_token from exchange_sso_code.',
    also: ['who logged in by SSO', 'IdP attributes'],
    input: { access_token: z.string().optional().describe('Required') },
    auth: 'access_token',
    // Sent as the Bearer token. The API has no such parameter to require.
    check: atLeastOne('access_token'),
    hints: {
      auth: 'WorkOS rejected access_token, not the key. It is valid for ten minutes: exchange_sso_code returns a new one.',
    },
    secrets: { in: ['access_token'] },
  }),

  create_sso_logout_token: endpoint('POST /sso/logout/authorize', {
    title: 'Create SSO logout token',
    description: 'Create the short-lived token and URL that sign a profile out at its identity provider.',
    also: ['single logout', 'SLO'],
    input: { profile_id: id() },
    secrets: { out: ['logout_url', 'logout_token'], class: 'deliver' },
  }),

  get_sso_logout_url: endpoint('GET /sso/logout', {
    title: 'Get SSO logout URL',
    description: 'Build the SSO logout URL from a logout token. create_sso_logout_token already returns it.',
    also: ['sign out of SSO', 'single logout link'],
    input: { token: z.string().describe('logout_token') },
    auth: 'none',
    redirect: true,
    secrets: { in: ['token'], out: ['url'], class: 'deliver' },
  }),

  get_jwks: endpoint('GET /sso/jwks/{client_id}', {
    title: 'Get JWKS',
    description: 'Get the public keys for verifying access tokens.',
    also: ['JWT signing keys', 'verify or validate a token offline'],
    input: { client_id: clientId },
    auth: 'none',
  }),
});
