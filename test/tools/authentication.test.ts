import { authentication } from '../../src/tools/authentication.ts';
import { sends } from '../harness.ts';

const device = { device_id: 'device_1', ip_address: '203.0.113.9', user_agent: 'Mozilla/5.0' };
const pending = { pending_authentication_token: 'pending_1' };
const secret = { client_secret: 'sk_test_harness' };

/** One grant type with all its fields, as given and as sent. */
function grant(grant_type: string, fields: Record<string, string>): Parameters<typeof sends>[1][number] {
  const input = { client_id: 'client_1', grant_type, ...fields, ...device };
  return ['authenticate_user', input, 'POST /user_management/authenticate', { ...input, ...secret }];
}

sends(authentication, [
  [
    'get_authorization_url',
    {
      client_id: 'client_1',
      redirect_uri: 'https://app.acme.com/callback?x=1',
      response_type: 'code',
      provider_scopes: ['files.read', 'mail read'],
      provider_query_params: { hd: 'acme.com', access_type: 'offline' },
      domain_hint: 'acme.com',
      login_hint: 'ann@acme.com',
      state: 'a b&c',
      provider: 'authkit',
      connection_id: 'conn_1',
      organization_id: 'org_1',
      invitation_token: 'invite_1',
      screen_hint: 'sign-up',
      max_age: 0,
      prompt: 'consent',
      code_challenge: 'challenge_1',
      code_challenge_method: 'S256',
    },
    'URL https://api.workos.com/user_management/authorize?client_id=client_1&redirect_uri=https%3A%2F%2Fapp.acme.com%2Fcallback%3Fx%3D1&response_type=code&provider_scopes=files.read&provider_scopes=mail%20read&provider_query_params%5Bhd%5D=acme.com&provider_query_params%5Baccess_type%5D=offline&domain_hint=acme.com&login_hint=ann%40acme.com&state=a%20b%26c&provider=authkit&connection_id=conn_1&organization_id=org_1&invitation_token=invite_1&screen_hint=sign-up&max_age=0&prompt=consent&code_challenge=challenge_1&code_challenge_method=S256',
  ],
  [
    'get_sso_authorization_url',
    {
      client_id: 'client_1',
      redirect_uri: 'https://app.acme.com/callback',
      response_type: 'code',
      provider_scopes: ['files.read', 'mail.read'],
      provider_query_params: { hd: 'acme.com' },
      domain_hint: 'acme.com',
      login_hint: 'ann@acme.com',
      state: 's1',
      provider: 'GoogleOAuth',
      connection: 'conn_1',
      organization: 'org_1',
      domain: 'acme.com',
      nonce: 'n1',
      prompt: 'login',
    },
    'URL https://api.workos.com/sso/authorize?client_id=client_1&redirect_uri=https%3A%2F%2Fapp.acme.com%2Fcallback&response_type=code&provider_scopes=files.read&provider_scopes=mail.read&provider_query_params%5Bhd%5D=acme.com&domain_hint=acme.com&login_hint=ann%40acme.com&state=s1&provider=GoogleOAuth&connection=conn_1&organization=org_1&domain=acme.com&nonce=n1&prompt=login',
  ],

  grant('authorization_code', {
    code: 'code_1',
    code_verifier: 'verifier_1',
    invitation_token: 'invite_1',
    signals_id: 'signals_1',
  }),
  grant('password', {
    email: 'ann@acme.com',
    password: 'correct horse',
    invitation_token: 'invite_1',
    radar_auth_attempt_id: 'radar_1',
    signals_id: 'signals_1',
  }),
  grant('refresh_token', { refresh_token: 'refresh_1', organization_id: 'org_1' }),
  grant('urn:workos:oauth:grant-type:magic-auth:code', {
    code: '123456',
    email: 'ann@acme.com',
    invitation_token: 'invite_1',
    radar_auth_attempt_id: 'radar_1',
  }),
  grant('urn:workos:oauth:grant-type:email-verification:code', { code: '123456', ...pending }),
  grant('urn:workos:oauth:grant-type:mfa-totp', {
    code: '123456',
    ...pending,
    authentication_challenge_id: 'auth_challenge_1',
  }),
  grant('urn:workos:oauth:grant-type:organization-selection', { ...pending, organization_id: 'org_1' }),
  grant('urn:workos:oauth:grant-type:radar-email-challenge:code', {
    code: '123456',
    ...pending,
    radar_challenge_id: 'radar_challenge_1',
  }),
  grant('urn:workos:oauth:grant-type:radar-sms-challenge:code', {
    code: '123456',
    ...pending,
    verification_id: 'verification_1',
    phone_number: '+15005550006',
  }),
  grant('urn:workos:oauth:grant-type:radar-sms-challenge:code', { code: '123456', ...pending }),
  grant('urn:ietf:params:oauth:grant-type:device_code', { device_code: 'device_code_1' }),
  [
    'authenticate_user',
    { grant_type: 'refresh_token', refresh_token: 'refresh_1' },
    'POST /user_management/authenticate',
    { grant_type: 'refresh_token', refresh_token: 'refresh_1', client_id: 'client_harness', ...secret },
  ],

  [
    'start_device_authorization',
    { client_id: 'client_1' },
    'POST /user_management/authorize/device',
    { client_id: 'client_1' },
  ],
  ['start_device_authorization', {}, 'POST /user_management/authorize/device', { client_id: 'client_harness' }],
  [
    'create_magic_auth',
    {
      email: 'ann@acme.com',
      invitation_token: 'invite_1',
      ip_address: '203.0.113.9',
      user_agent: 'Mozilla/5.0',
      radar_auth_attempt_id: 'radar_1',
      signals_id: 'signals_1',
    },
    'POST /user_management/magic_auth',
    {
      email: 'ann@acme.com',
      invitation_token: 'invite_1',
      ip_address: '203.0.113.9',
      user_agent: 'Mozilla/5.0',
      radar_auth_attempt_id: 'radar_1',
      signals_id: 'signals_1',
    },
  ],
  ['get_magic_auth', { magic_auth_id: 'magic_auth_1' }, 'GET /user_management/magic_auth/magic_auth_1'],

  [
    'list_user_sessions',
    { user_id: 'user_1', limit: 5, before: 'session_b', after: 'session_a', order: 'asc' },
    'GET /user_management/users/user_1/sessions?order=asc&limit=5&before=session_b&after=session_a',
  ],
  ['list_user_sessions', { user_id: 'user_1' }, 'GET /user_management/users/user_1/sessions?order=desc'],
  ['revoke_session', { session_id: 'session_1' }, 'POST /user_management/sessions/revoke', { session_id: 'session_1' }],
  [
    'get_logout_url',
    { session_id: 'session_1', return_to: 'https://app.acme.com/' },
    'URL https://api.workos.com/user_management/sessions/logout?session_id=session_1&return_to=https%3A%2F%2Fapp.acme.com%2F',
  ],

  [
    'exchange_sso_code',
    { client_id: 'client_1', code: 'code_1', grant_type: 'authorization_code' },
    'POST /sso/token',
    { client_id: 'client_1', code: 'code_1', grant_type: 'authorization_code', ...secret },
  ],
  [
    'exchange_sso_code',
    { code: 'code_1' },
    'POST /sso/token',
    { client_id: 'client_harness', code: 'code_1', grant_type: 'authorization_code', ...secret },
  ],
  ['get_sso_profile', { access_token: 'token_1' }, 'GET /sso/profile'],
  ['create_sso_logout_token', { profile_id: 'prof_1' }, 'POST /sso/logout/authorize', { profile_id: 'prof_1' }],
  ['get_sso_logout_url', { token: 'a.b/c' }, 'URL https://api.workos.com/sso/logout?token=a.b%2Fc'],
  ['get_jwks', { client_id: 'client_1' }, 'GET /sso/jwks/client_1'],
  ['get_jwks', {}, 'GET /sso/jwks/client_harness'],
  [
    'authenticate_user',
    {
      grant_type: 'urn:workos:oauth:grant-type:email-completion',
      email_completion_token: 'ect_1',
      email: 'ada@acme.com',
      signals_id: 'sig_1',
    },
    'POST /user_management/authenticate',
    {
      client_id: 'client_harness',
      ...secret,
      grant_type: 'urn:workos:oauth:grant-type:email-completion',
      email_completion_token: 'ect_1',
      email: 'ada@acme.com',
      signals_id: 'sig_1',
    },
  ],
  [
    'authenticate_user',
    {
      grant_type: 'urn:workos:oauth:grant-type:magic-auth:code',
      code: '123456',
      email: 'ada@acme.com',
      link_authorization_code: 'lac_1',
      signals_id: 'sig_1',
    },
    'POST /user_management/authenticate',
    {
      client_id: 'client_harness',
      ...secret,
      grant_type: 'urn:workos:oauth:grant-type:magic-auth:code',
      code: '123456',
      email: 'ada@acme.com',
      link_authorization_code: 'lac_1',
      signals_id: 'sig_1',
    },
  ],
  [
    'exchange_sso_code',
    { code: 'c_1', code_verifier: 'v_1' },
    'POST /sso/token',
    {
      client_id: 'client_harness',
      ...secret,
      grant_type: 'authorization_code',
      code: 'c_1',
      code_verifier: 'v_1',
    },
  ],
  [
    'exchange_sso_code',
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'eyJ',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      organization_id: 'org_1',
    },
    'POST /sso/token',
    {
      client_id: 'client_harness',
      ...secret,
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'eyJ',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      organization_id: 'org_1',
    },
  ],
  [
    'get_sso_authorization_url',
    {
      redirect_uri: 'https://app.acme.com/cb',
      domain: 'acme.com',
      code_challenge: 'abc',
      code_challenge_method: 'S256',
    },
    'URL https://api.workos.com/sso/authorize?client_id=client_harness&redirect_uri=https%3A%2F%2Fapp.acme.com%2Fcb&response_type=code&domain=acme.com&code_challenge=abc&code_challenge_method=S256',
  ],
  [
    'create_passwordless_session',
    {
      email: 'ada@acme.com',
      redirect_uri: 'https://app.acme.com/cb',
      state: 's',
      connection: 'conn_1',
      expires_in: 900,
    },
    'POST /passwordless/sessions',
    {
      email: 'ada@acme.com',
      type: 'MagicLink',
      redirect_uri: 'https://app.acme.com/cb',
      state: 's',
      connection: 'conn_1',
      expires_in: 900,
    },
  ],
  [
    'create_passwordless_session',
    { email: 'ada@acme.com', type: 'MagicLink' },
    'POST /passwordless/sessions',
    { email: 'ada@acme.com', type: 'MagicLink' },
  ],
  [
    'send_passwordless_session',
    { passwordless_session_id: 'passwordless_session_1' },
    'POST /passwordless/sessions/passwordless_session_1/send',
    {},
  ],
]);
