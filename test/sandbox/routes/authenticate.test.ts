import { createPublicKey, createVerify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { totpCode } from '../../../src/sandbox/totp.ts';
import { type Row, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';
import { authenticate, claimsOf, createUser, join, messages, PASSWORD, redirected, signIn } from '../sign-ins.ts';

const EMAIL = 'lin@signup.example';
const ROOT = '/user_management';

describe('a sign-in', () => {
  let client: SandboxClient;
  let user: string;
  beforeEach(async () => {
    client = await startSandboxClient();
    user = await createUser(client, EMAIL);
  });
  afterEach(() => client.close());

  it('with a password creates a session, and updates last_sign_in_at', async () => {
    const signedIn = await signIn(client, 'LIN@signup.example');
    expect(signedIn.body).toMatchObject({ authentication_method: 'Password', user: { id: user, email: EMAIL } });
    expect(signedIn.text).not.toContain('_password');
    const [session] = (await client.call(`GET ${ROOT}/users/${user}/sessions`)).body.data;
    expect(session).toMatchObject({ auth_method: 'password', status: 'active', user_id: user });
    expect((await client.call(`GET ${ROOT}/users/${user}`)).body['last_sign_in_at']).toBe('2026-11-02T09:00:00.000Z');
  });

  it('gives an access token that the published key verifies', async () => {
    const organization_id = await join(client, user, 'Acme Robotics');
    const signedIn = await signIn(client, EMAIL);
    const [head = '', claims = '', signature = ''] = String(signedIn.body['access_token']).split('.');
    const { body } = await client.call(`GET /sso/jwks/${client.sandbox.clientId}`);
    const [key] = body['keys'] as [{ kid: string; [name: string]: unknown }];
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ alg: 'RS256', kid: key.kid });
    const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`);
    expect(verify.verify(createPublicKey({ key, format: 'jwk' }), signature, 'base64url')).toBe(true);
    const seconds = Date.parse('2026-11-02T09:00:00Z') / 1000;
    expect(claimsOf(signedIn)).toMatchObject({
      sub: user,
      sid: expect.stringMatching(/^session_/),
      org_id: organization_id,
      role: 'admin',
      permissions: expect.arrayContaining(['billing:manage']),
      iat: seconds,
      exp: seconds + 300,
    });
  });

  it('adds the claims of the JWT template', async () => {
    const content =
      '{"mail": {{ user.email }}, "plan": {{ user.metadata.plan || \'free\' }}, "none": {{ user.locale }}}';
    await client.call(`PUT ${ROOT}/jwt_template`, { content });
    const claims = claimsOf(await signIn(client, EMAIL));
    expect(claims).toMatchObject({ mail: EMAIL, plan: 'free' });
    expect(claims).not.toHaveProperty('none');
  });

  it.each([
    [EMAIL, 'wrong password'],
    ['nobody@signup.example', PASSWORD],
    ['amara.adeyemi@acme-robotics.example', PASSWORD],
  ])('of %s with the password “%s” is refused', async (email, password) => {
    const refused = await signIn(client, email, password);
    expect([refused.status, refused.body['code']]).toEqual([400, 'invalid_credentials']);
  });

  it('continues with refresh tokens that work once each, even in another organization', async () => {
    const first = (await signIn(client, EMAIL)).body['refresh_token'];
    const organization_id = await join(client, user, 'Acme Robotics');
    const second = await authenticate(client, 'refresh_token', { refresh_token: first, organization_id });
    expect(claimsOf(second)['org_id']).toBe(organization_id);
    const again = await authenticate(client, 'refresh_token', { refresh_token: first });
    expect([again.status, again.body['error']]).toEqual([400, 'invalid_grant']);
    const refresh_token = second.body['refresh_token'];
    const lumen = await client.idOf('/organizations', 'Lumen Health');
    const foreign = await authenticate(client, 'refresh_token', { refresh_token, organization_id: lumen });
    expect(foreign.body['error']).toBe('organization_membership_not_found');
    expect((await authenticate(client, 'refresh_token', { refresh_token })).status).toBe(200);
  });

  it('ends when the session is revoked', async () => {
    const signedIn = await signIn(client, EMAIL);
    const session_id = claimsOf(signedIn)['sid'];
    expect((await client.call(`POST ${ROOT}/sessions/revoke`, { session_id })).status).toBe(200);
    expect((await client.call(`POST ${ROOT}/sessions/revoke`, { session_id })).status).toBe(400);
    const { refresh_token } = signedIn.body;
    expect((await authenticate(client, 'refresh_token', { refresh_token })).body['error']).toBe('invalid_grant');
    const [session] = (await client.call(`GET ${ROOT}/users/${user}/sessions`)).body.data;
    expect(session).toMatchObject({ status: 'revoked', ended_at: '2026-11-02T09:00:00.000Z' });
  });

  it('ends with a redirect that signs the browser out', async () => {
    const session_id = claimsOf(await signIn(client, EMAIL))['sid'];
    const left = await client.call(
      `GET ${ROOT}/sessions/logout?session_id=${session_id}&return_to=https://a.example/bye`,
    );
    expect([left.status, left.headers.get('Location')]).toEqual([302, 'https://a.example/bye']);
  });

  it('with an unverified address needs the code that was sent to it', async () => {
    await createUser(client, 'new@signup.example', { email_verified: false });
    const refused = await signIn(client, 'new@signup.example');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'email_verification_required', email: 'new@signup.example' });
    const { pending_authentication_token } = refused.body;
    const [message] = await messages(client);
    const wrong = message?.['code'] === '000000' ? '000001' : '000000';
    const tried = await authenticate(client, 'email-verification:code', { code: wrong, pending_authentication_token });
    expect(tried.body['code']).toBe('invalid_one_time_code');
    const done = await authenticate(client, 'email-verification:code', {
      code: message?.['code'],
      pending_authentication_token,
    });
    expect(done.body['user']).toMatchObject({ email_verified: true });
    const reused = await authenticate(client, 'email-verification:code', {
      code: message?.['code'],
      pending_authentication_token,
    });
    expect(reused.body['code']).toBe('invalid_pending_authentication_token');
  });

  it('of a member of two organizations needs a choice between them', async () => {
    const acme = await join(client, user, 'Acme Robotics');
    const lumen = await join(client, user, 'Lumen Health');
    const { body, status } = await signIn(client, EMAIL);
    expect([status, body['code']]).toEqual([403, 'organization_selection_required']);
    expect(body['organizations']).toEqual([
      { id: acme, name: 'Acme Robotics' },
      { id: lumen, name: 'Lumen Health' },
    ]);
    const { pending_authentication_token } = body;
    const foreign = {
      pending_authentication_token,
      organization_id: await client.idOf('/organizations', 'Kestrel Analytics'),
    };
    const refused = await authenticate(client, 'organization-selection', foreign);
    expect(refused.body['error']).toBe('organization_membership_not_found');
    const chosen = { pending_authentication_token, organization_id: lumen };
    expect((await authenticate(client, 'organization-selection', chosen)).body['organization_id']).toBe(lumen);
  });

  it('of a user with a TOTP factor needs its code', async () => {
    const { body } = await client.call(`POST ${ROOT}/users/${user}/auth_factors`, { type: 'totp' });
    const factor = body['authentication_factor'] as Row & { totp: { secret: string } };
    const refused = await signIn(client, EMAIL);
    expect(refused.body).toMatchObject({
      code: 'mfa_challenge',
      authentication_factors: [{ id: factor.id, type: 'totp' }],
    });
    const challenge = (await client.call(`POST /auth/factors/${factor.id}/challenge`, {})).body.id;
    const step = {
      pending_authentication_token: refused.body['pending_authentication_token'],
      authentication_challenge_id: challenge,
    };
    const now = Date.parse('2026-11-02T09:00:00Z');
    const old = await authenticate(client, 'mfa-totp', { ...step, code: totpCode(factor.totp.secret, now - 90_000) });
    expect(old.body['code']).toBe('invalid_one_time_code');
    const done = await authenticate(client, 'mfa-totp', { ...step, code: totpCode(factor.totp.secret, now - 30_000) });
    expect(done.status).toBe(200);
  });

  it('asks for a factor if the environment requires one', async () => {
    await client.call('PUT /_sandbox/settings', { mfa_required: true });
    expect((await signIn(client, EMAIL)).body).toMatchObject({ code: 'mfa_enrollment', user: { id: user } });
  });

  it('can accept an invitation at the same time', async () => {
    const organization_id = await client.idOf('/organizations', 'Acme Robotics');
    const sent = await client.call(`POST ${ROOT}/invitations`, { email: EMAIL, organization_id, role_slug: 'admin' });
    const invitation_token = sent.body['token'];
    const body = { email: EMAIL, password: PASSWORD, invitation_token };
    const signedIn = await authenticate(client, 'password', body);
    expect(claimsOf(signedIn)).toMatchObject({ org_id: organization_id, role: 'admin' });
    expect((await authenticate(client, 'password', body)).body['error']).toBe('invitation_invalid');
  });

  it('with a magic auth code works once within ten minutes', async () => {
    const email = 'first.time@signup.example';
    const sent = await client.call(`POST ${ROOT}/magic_auth`, { email });
    const signedIn = await authenticate(client, 'magic-auth:code', { email, code: sent.body['code'] });
    expect(signedIn.body).toMatchObject({ authentication_method: 'MagicAuth', user: { email, email_verified: true } });
    const again = await authenticate(client, 'magic-auth:code', { email, code: sent.body['code'] });
    expect(again.body['code']).toBe('one_time_code_previously_used');
    const late = await client.call(`POST ${ROOT}/magic_auth`, { email });
    client.advance(600_000);
    const expired = await authenticate(client, 'magic-auth:code', { email, code: late.body['code'] });
    expect(expired.body['code']).toBe('one_time_code_expired');
  });

  it('on a device waits until a person approves it', async () => {
    const { clientId, url } = client.sandbox;
    const device = (await client.call(`POST ${ROOT}/authorize/device`, { client_id: clientId })).body;
    const poll = () =>
      client.call(`POST ${ROOT}/authenticate`, {
        client_id: clientId,
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: device['device_code'],
      });
    expect((await poll()).body['error']).toBe('authorization_pending');
    const page = await (await fetch(String(device['verification_uri_complete']))).text();
    expect(page).toContain(String(device['user_code']));
    const form = new URLSearchParams({ user_code: String(device['user_code']), email: EMAIL, decision: 'approve' });
    expect((await fetch(`${url}/_sandbox/pages/device`, { method: 'POST', body: form })).status).toBe(200);
    expect((await poll()).body['user']).toMatchObject({ email: EMAIL });
    expect((await poll()).body['error']).toBe('invalid_grant');
  });

  it.each<[query: string, method: string, email: string]>([
    ['provider=GoogleOAuth&login_hint=lin@signup.example', 'GoogleOAuth', EMAIL],
    ['connection_id=conn_01KF5KQ9ZG9AZMSDQ7RRWWNR59', 'SSO', 'amara.adeyemi@acme-robotics.example'],
    ['organization_id=org_01KG56M5XTG1JB7F752N5GR4AP', 'SSO', 'soren.jansen@northwind-freight.example'],
    ['provider=authkit', 'Password', 'amara.adeyemi@acme-robotics.example'],
    ['provider=authkit&screen_hint=sign-up&login_hint=ann@signup.example', 'Password', 'ann@signup.example'],
  ])('by redirect with %s returns a code', async (query, method, email) => {
    const redirect = await authorize(query);
    expect(redirected(redirect, 'state')).toBe('a b');
    const code = redirected(redirect, 'code');
    const signedIn = await authenticate(client, 'authorization_code', { code });
    expect(signedIn.body).toMatchObject({ authentication_method: method, user: { email, email_verified: true } });
    expect((await authenticate(client, 'authorization_code', { code })).body['error']).toBe('invalid_grant');
  });

  it('by redirect for a public client needs the verifier of its code challenge', async () => {
    const grant = { client_id: client.sandbox.clientId, grant_type: 'authorization_code' };
    const exchange = async (query: string, more: object) => {
      const code = redirected(await authorize(`provider=authkit${query}`), 'code');
      return (await client.call(`POST ${ROOT}/authenticate`, { ...grant, code, ...more })).body;
    };
    // The example of RFC 7636.
    const challenge = '&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
    const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    expect(await exchange(challenge, { code_verifier })).toHaveProperty('access_token');
    expect((await exchange(challenge, { code_verifier: 'x' }))['error']).toBe('invalid_grant');
    expect((await exchange('', {}))['error']).toBe('invalid_client');
    expect((await exchange('', { code_verifier }))['code']).toBe('code_challenge_not_found');
  });

  it.each([
    ['connection_id=conn_nope', 'connection_invalid'],
    ['connection_id=conn_01KFJFPWZG2T5VFPGCRHZJEC8S', 'connection_unlinked'],
    ['organization_id=org_nope', 'organization_invalid'],
    ['provider=authkit&login_hint=nobody@signup.example', 'access_denied'],
    ['login_hint=lin@signup.example', 'invalid_connection_selector'],
  ])('by redirect with %s returns the error %s', async (query, error) => {
    expect(redirected(await authorize(query), 'error')).toBe(error);
  });

  it.each<[grant: string, body: object, status: number, expected: object]>([
    ['password', { client_id: 'client_nope', email: EMAIL, password: PASSWORD }, 400, { error: 'invalid_client' }],
    ['password', { client_secret: 'sk_nope', email: EMAIL, password: PASSWORD }, 400, { error: 'invalid_client' }],
    ['password', { email: EMAIL }, 422, { errors: [{ code: 'required', field: 'password' }] }],
    ['authorization_code', { code: 'nope' }, 400, { error: 'invalid_grant' }],
    [
      'mfa-totp',
      { code: '1', pending_authentication_token: 'x', authentication_challenge_id: 'y' },
      400,
      {
        code: 'invalid_pending_authentication_token',
      },
    ],
    ['nope', {}, 422, { code: 'invalid_request_parameters' }],
  ])('with the grant %s and %j is refused with %i', async (grant, body, status, expected) => {
    const refused = await authenticate(client, grant, body);
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject(expected);
  });

  function authorize(query: string) {
    const common = `client_id=${client.sandbox.clientId}&response_type=code&state=a+b`;
    return client.call(`GET ${ROOT}/authorize?${common}&redirect_uri=http://localhost:3000/callback&${query}`);
  }
});
