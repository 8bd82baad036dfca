import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, namesIn, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const ACME = 'org_01KERQQPZG8ZH2W6ZP21YTE99Q';
const AMARA = 'user_01KHZQMEZGXTXNVR0DWKGA5733';
const LOGIN = 'ext_auth_01M6BXDM00C3D6F9G2H5J8K1MN';

describe('Connect applications', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  it('are found by id and client id, and deleted with their secrets', async () => {
    const m2m = { name: 'Nightly sync', application_type: 'm2m', organization_id: ACME };
    const { body } = await client.call('POST /connect/applications', m2m);
    const path = `/connect/applications/${body['client_id']}`;
    expect((await client.call(`GET ${path}`)).body.id).toBe(body.id);
    const secret = await client.call(`POST ${path}/client_secrets`, {});
    const listed = await client.call(`GET ${path}/client_secrets`);
    expect(String(secret.body['secret'])).toMatch(new RegExp(`${secret.body['secret_hint']}$`));
    expect(listed.text).not.toContain(secret.body['secret']);
    await client.call(`DELETE ${path}`);
    expect((await client.call(`DELETE /connect/client_secrets/${secret.body.id}`)).status).toBe(404);
  });

  it('are deleted with their organization', async () => {
    const m2m = { name: 'Nightly sync', application_type: 'm2m', organization_id: ACME };
    const { body } = await client.call('POST /connect/applications', m2m);
    await client.call(`POST /connect/applications/${body.id}/client_secrets`, {});
    await client.call(`DELETE /organizations/${ACME}`);
    expect((await client.call('GET /_sandbox')).body).toMatchObject({ connect_applications: 1, connect_secrets: 0 });
  });

  it('can be filtered by organization', async () => {
    const m2m = { name: 'Nightly sync', application_type: 'm2m', organization_id: ACME };
    await client.call('POST /connect/applications', m2m);
    expect(namesIn(await client.call(`GET /connect/applications?organization_id=${ACME}`))).toEqual(['Nightly sync']);
    expect(namesIn(await client.call('GET /connect/applications?registration_types=dynamic'))).toEqual([]);
  });

  it('make the first redirect URI the default', async () => {
    const oauth = { name: 'App', application_type: 'oauth', is_first_party: true };
    const uris = [{ uri: 'https://a.example/' }, { uri: 'https://b.example/' }];
    const { body } = await client.call('POST /connect/applications', { ...oauth, redirect_uris: uris });
    expect(body['redirect_uris']).toMatchObject([{ default: true }, { default: false }]);
  });

  it('are no longer authorized once the user revokes them', async () => {
    const path = `/user_management/users/${AMARA}/authorized_applications`;
    const [authorized] = (await client.call(`GET ${path}`)).body.data;
    const [application] = (await client.call('GET /connect/applications')).body.data;
    expect(authorized?.['application']).toEqual(application);
    expect((await client.call(`DELETE ${path}/${application?.id}`)).status).toBe(204);
    expect((await client.call(`GET ${path}`)).body.data).toEqual([]);
    expect((await client.call(`DELETE ${path}/${application?.id}`)).status).toBe(404);
    expect((await client.call(`GET /organizations/${ACME}/authorized_applications`)).body.data).toHaveLength(1);
  });

  it('let a custom login page create a user once', async () => {
    const user = { id: 'own-1', email: 'olga@tideline.example', first_name: 'Olga' };
    const complete = (changes: object = {}) =>
      client.call('POST /authkit/oauth2/complete', { external_auth_id: LOGIN, user: { ...user, ...changes } });
    const taken = await complete({ email: 'amara.adeyemi@acme-robotics.example' });
    expect(taken.body['code']).toBe('email_not_available');
    expect((await complete()).body['redirect_uri']).toMatch(/^https:/);
    const created = await client.call('GET /user_management/users/external_id/own-1');
    expect(created.body).toMatchObject({ email: user.email, first_name: 'Olga' });
    expect((await complete()).body['code']).toBe('external_auth_session_already_completed');
  });

  describeErrors(
    () => client,
    [
      ['GET /connect/applications/conn_app_nope', undefined, 404, { entity_id: 'conn_app_nope' }],
      [
        'POST /connect/applications',
        { name: 'App', application_type: 'oauth', is_first_party: false },
        422,
        { errors: [{ field: 'organization_id' }] },
      ],
      [
        'POST /connect/applications',
        { name: 'App', application_type: 'oauth', is_first_party: true, redirect_uris: [{ uri: 'here' }] },
        422,
        { errors: [{ field: 'redirect_uris' }] },
      ],
      [
        'POST /connect/applications',
        { name: 'App', application_type: 'm2m', organization_id: 'org_nope' },
        404,
        { entity_id: 'org_nope' },
      ],
      [
        'POST /authkit/oauth2/complete',
        { external_auth_id: LOGIN, user: { id: 'own-1', email: 'nowhere' } },
        400,
        { code: 'invalid_email' },
      ],
    ],
  );
});
