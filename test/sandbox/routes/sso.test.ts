import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, type SandboxResponse, startSandboxClient } from '../sandbox-client.ts';
import { messages, redirected } from '../sign-ins.ts';

const OKTA = 'conn_01KF5KQ9ZG9AZMSDQ7RRWWNR59';

describe('standalone SSO', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it.each([
    [`connection=${OKTA}`, 'amara.adeyemi@acme-robotics.example', 'OktaSAML'],
    [`connection=${OKTA}&login_hint=someone@else.example`, 'someone@else.example', 'OktaSAML'],
    ['domain=kestrel.example', 'ulrike.ueda@kestrel.example', 'GoogleSAML'],
    ['provider=GitHubOAuth&login_hint=someone@else.example', 'someone@else.example', 'GitHubOAuth'],
  ])('with %s returns the profile of %s', async (query, email, connection_type) => {
    const profile = (await exchange(await authorize(query))).body['profile'];
    expect(profile).toMatchObject({ email, connection_type });
    expect((await exchange(await authorize(query))).body['profile']).toEqual(profile);
  });

  it('returns a code that works once, sent as a form, and a token for the profile', async () => {
    const code = redirected(await authorize(`connection=${OKTA}`), 'code') ?? '';
    const form = new URLSearchParams({ ...credentials(), grant_type: 'authorization_code', code }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const { body } = await client.call('POST /sso/token', form, headers);
    expect((await client.call('POST /sso/token', form, headers)).body['error']).toBe('invalid_grant');
    const bearer = { Authorization: `Bearer ${body['access_token']}` };
    const profile = await client.call('GET /sso/profile', undefined, bearer);
    expect(profile.body).toEqual(body['profile']);
    client.advance(600_000);
    const late = await client.call('GET /sso/profile', undefined, bearer);
    expect([late.status, late.body]).toEqual([401, { error: 'Unauthorized' }]);
  });

  it.each([
    ['connection=conn_nope', 'connection_invalid'],
    ['connection=conn_01KFJFPWZG2T5VFPGCRHZJEC8S', 'connection_unlinked'],
    ['organization=org_01KJTEZ9FA4WHZ04WP59SXXNJK', 'organization_invalid'],
    ['domain=nowhere.example', 'organization_invalid'],
    ['state=x', 'invalid_connection_selector'],
  ])('with %s returns the error %s', async (query, error) => {
    expect(redirected(await authorize(query), 'error')).toBe(error);
  });

  it('signs out with a link that works once', async () => {
    const { profile } = (await exchange(await authorize(`connection=${OKTA}`))).body;
    const profile_id = (profile as { id: string }).id;
    const { logout_token } = (await client.call('POST /sso/logout/authorize', { profile_id })).body;
    const left = await client.call(`GET /sso/logout?token=${logout_token}`);
    expect([left.status, left.headers.get('Location')]).toEqual([302, 'http://localhost:3000/']);
    expect((await client.call(`GET /sso/logout?token=${logout_token}`)).status).toBe(404);
  });

  it('accepts magic links, which work once', async () => {
    const body = { email: 'someone@else.example', redirect_uri: 'http://localhost:3000/callback', state: 'here' };
    const session = await client.call('POST /passwordless/sessions', { ...body, type: 'MagicLink' });
    expect(session.body).toMatchObject({ object: 'passwordless_session', email: body.email });
    await client.call(`POST /passwordless/sessions/${session.body.id}/send`);
    const [{ to, url = '' } = {}] = await messages(client);
    expect([to, url]).toEqual([body.email, session.body['link']]);
    const path = url.replace(client.sandbox.url, '');
    const followed = await client.call(`GET ${path}`, undefined, { Authorization: '' });
    expect(redirected(followed, 'state')).toBe('here');
    const { profile } = (await exchange(followed)).body;
    expect(profile).toMatchObject({ email: body.email, connection_type: 'MagicLink', organization_id: null });
    expect((await client.call(`GET ${path}`)).status).toBe(404);
  });

  it('escapes what its pages show', async () => {
    const { text } = await client.call('GET /_sandbox/pages/device?user_code=%22%3E%3Cscript%3E');
    expect(text).toContain('value="&quot;&gt;&lt;script&gt;"');
  });

  it('shows messages only with the key', async () => {
    expect((await client.call('GET /_sandbox/messages', undefined, { Authorization: '' })).status).toBe(401);
  });

  describeErrors(
    () => client,
    [
      ['GET /sso/jwks/client_nope', undefined, 404, {}],
      ['POST /sso/logout/authorize', { profile_id: 'prof_nope' }, 404, {}],
      ['GET /sso/authorize?client_id=x&response_type=code', undefined, 422, { errors: [{ field: 'redirect_uri' }] }],
      [
        'POST /sso/token',
        { client_id: 'client_nope', client_secret: 'x', grant_type: 'authorization_code', code: 'x' },
        400,
        { error: 'invalid_client' },
      ],
      ['POST /passwordless/sessions', { email: 'a@b.example', expires_in: 1 }, 422, {}],
    ],
  );

  function credentials() {
    return { client_id: client.sandbox.clientId, client_secret: client.sandbox.key };
  }

  function authorize(query: string) {
    const common = `client_id=${client.sandbox.clientId}&response_type=code`;
    return client.call(`GET /sso/authorize?${common}&redirect_uri=http://localhost:3000/callback&${query}`);
  }

  function exchange(redirect: SandboxResponse) {
    const code = redirected(redirect, 'code');
    return client.call('POST /sso/token', { ...credentials(), grant_type: 'authorization_code', code });
  }
});
