import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const AMARA = 'user_01KHZQMEZGXTXNVR0DWKGA5733';
const ACCOUNT = `/user_management/users/${AMARA}/connected_accounts/github`;
const HOUR_MS = 3_600_000;

describe('Pipes', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
    const credentials = { type: 'custom', client_id: 'gh', client_secret: 's3cret-1234' };
    const created = await client.call('POST /data-integrations', { provider: 'github', scopes: ['repo'], credentials });
    expect(created.body['credentials']).toMatchObject({ redacted_client_secret: '...1234' });
    expect(created.text).not.toContain('s3cret');
  });
  afterEach(() => client.close());

  const token = async () => (await client.call('POST /data-integrations/github/token', { user_id: AMARA })).body;

  it('hand out the token of an imported account until it is deleted', async () => {
    expect(await token()).toEqual({ active: false, error: 'not_installed' });
    const imported = await client.call(`POST ${ACCOUNT}`, { access_token: 'gho_1', scopes: [] });
    expect(imported.text).not.toContain('gho_1');
    expect(await token()).toMatchObject({
      active: true,
      access_token: { access_token: 'gho_1', missing_scopes: ['repo'] },
    });
    expect((await client.call(`POST ${ACCOUNT}`, { access_token: 'gho_2' })).status).toBe(409);
    expect((await client.call(`DELETE ${ACCOUNT}`)).status).toBe(204);
    expect(await token()).toEqual({ active: false, error: 'not_installed' });
  });

  it('refresh an expired token, or ask for a new authorization', async () => {
    await client.call(`POST ${ACCOUNT}`, { access_token: 'gho_1', expires_at: '2026-11-02T10:00:00Z' });
    client.advance(HOUR_MS);
    expect(await token()).toEqual({ active: false, error: 'needs_reauthorization' });
    expect((await client.call(`GET ${ACCOUNT}`)).body['state']).toBe('needs_reauthorization');
    await client.call(`PUT ${ACCOUNT}`, { refresh_token: 'ghr_1', state: 'connected' });
    expect(await token()).toMatchObject({ active: true, access_token: { expires_at: '2026-11-02T11:00:00.000Z' } });
  });

  it('connect an account when the user opens the page', async () => {
    const { body } = await client.call('POST /data-integrations/github/authorize', {
      user_id: AMARA,
      return_to: 'https://app.example/?a="b"',
    });
    expect(await (await fetch(String(body['url']))).text()).toContain('href="https://app.example/?a=&quot;b&quot;"');
    expect((await token())['active']).toBe(true);
    client.advance(HOUR_MS);
    expect((await fetch(String(body['url']))).status).toBe(410);
  });

  it('list the providers of a user with the connected account', async () => {
    const path = `/user_management/users/${AMARA}/data_providers`;
    expect((await client.call(`GET ${path}`)).body.data).toMatchObject([{ name: 'Github', connected_account: null }]);
    const { body } = await client.call(`POST ${ACCOUNT}`, { access_token: 'gho_1' });
    expect((await client.call(`GET ${path}`)).body.data).toMatchObject([{ connected_account: { id: body.id } }]);
    expect((await client.call(`GET /organizations/${ACME}/data_providers`)).body.data).toEqual([]);
  });

  it('let an organization narrow the scopes, and use its own client if allowed', async () => {
    const root = `/organizations/${ACME}/data_integration_configurations`;
    expect((await client.call(`PUT ${root}/github`, { client_id: 'own' })).status).toBe(400);
    await client.call('PUT /data-integrations/github', { credentials: { type: 'organization' } });
    await client.call(`PUT ${root}/github`, { client_id: 'own', client_secret: 'own-s3cret', scopes: [] });
    const { body, text } = await client.call(`GET ${root}`);
    expect(body.data).toMatchObject([
      { slug: 'github', scopes: [], credentials: { has_credentials: true, client_secret_last_four: 'cret' } },
    ]);
    expect(text).not.toContain('own-s3cret');
  });

  it('keep an API key until another one replaces it', async () => {
    await client.call('POST /data-integrations', {
      provider: 'weather',
      auth_methods: ['api_key'],
      api_key: { secret: 'first-key', user_id: AMARA },
    });
    const user_id = AMARA;
    await client.call('PUT /data-integrations/weather/api-key', { user_id, secret: 'second-key' });
    const { body } = await client.call('POST /data-integrations/weather/credentials', { user_id });
    expect(body['credential']).toMatchObject({ auth_method: 'api_key', value: 'second-key' });
    const mismatch = await client.call('POST /data-integrations/weather/token', { user_id });
    expect([mismatch.status, mismatch.body['code']]).toEqual([422, 'auth_method_mismatch']);
    expect((await client.call('GET /data-integrations/weather')).body['installation']).toMatchObject({
      user_id,
      api_key_last_4: '-key',
    });
  });

  it('delete the accounts of a deleted integration', async () => {
    await client.call(`POST ${ACCOUNT}`, { access_token: 'gho_1' });
    await client.call('DELETE /data-integrations/github');
    expect((await client.call('GET /_sandbox')).body['connected_accounts']).toBe(0);
    expect((await client.call(`GET ${ACCOUNT}`)).status).toBe(404);
  });

  describeErrors(
    () => client,
    [
      ['POST /data-integrations', { provider: 'github' }, 409, {}],
      ['POST /data-integrations', { provider: 'Git Hub' }, 422, { errors: [{ field: 'provider' }] }],
      ['GET /data-integrations/nope', undefined, 404, { message: "Data Integration not found: 'nope'." }],
      ['GET /data-integrations/github/organization', undefined, 404, { entity_id: 'github' }],
      [`POST ${ACCOUNT}`, { refresh_token: 'ghr_1' }, 422, { code: 'invalid_token_combination' }],
      [`GET ${ACCOUNT}`, undefined, 404, { entity_id: 'github' }],
      [
        'POST /data-integrations/github/token',
        { user_id: AMARA, connection_owner: 'organization' },
        400,
        { message: 'organization_id is required for a connection of an organization.' },
      ],
      [
        `PUT /organizations/${ACME}/data_integration_configurations/github`,
        { scopes: ['admin'] },
        422,
        { errors: [{ field: 'scopes' }] },
      ],
    ],
  );
});
