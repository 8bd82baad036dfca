import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  describeErrors,
  describeFilters,
  type ErrorRow,
  type SandboxClient,
  startSandboxClient,
} from '../sandbox-client.ts';

const LUMEN = 'org_01KJTEZ9FA4WHZ04WP59SXXNJK';
const METADATA = { saml_options: { idp_metadata_url: 'https://idp.example/metadata' } };
const OIDC = { discovery_endpoint: 'https://idp.example/.well-known/openid-configuration', client_id: 'lumen' };

describe('connections', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  describeFilters(
    () => client,
    [
      ['/connections?connection_type=OktaSAML', ['Acme Okta']],
      ['/connections?domain=kestrel.example', ['Kestrel Google Workspace']],
      ['/connections?search=adfs', ['Blue Harbor ADFS (old)']],
      ['/connections?organization_id={Acme Robotics}&order=asc', ['Acme Okta', 'Acme Labs OIDC trial']],
    ],
  );

  it('can be deleted', async () => {
    const connection = await client.idOf('/connections', 'Acme Okta');
    expect((await client.call(`DELETE /connections/${connection}`)).status).toBe(204);
    expect((await client.call(`GET /connections/${connection}`)).status).toBe(404);
  });

  it('are active if created with the metadata of the identity provider', async () => {
    const { body } = await client.call('POST /connections', { organization_id: LUMEN, ...METADATA });
    expect(body).toMatchObject({ connection_type: 'GenericSAML', state: 'active', name: 'Lumen Health GenericSAML' });
    for (const kind of ['saml_idp_signing_certs', 'saml_sp_encryption_certs']) {
      expect((await client.call(`GET /connections/${body.id}/${kind}`)).body.data).toHaveLength(1);
    }
    expect(Object.keys(body).filter((field) => field.startsWith('_'))).toEqual([]);
  });

  it('are not created twice with the same external id', async () => {
    const body = { organization_id: LUMEN, external_id: 'sso-1', connection_type: 'OktaOIDC' };
    const create = () => client.call('POST /connections', { ...body, oidc_options: { ...OIDC, client_secret: 's3' } });
    const first = await create();
    expect((await create()).body.id).toBe(first.body.id);
    expect(first.text).not.toContain('s3');
    const other = `PATCH /connections/${await client.idOf('/connections', 'Acme Okta')}`;
    expect((await client.call(other, { external_id: 'sso-1' })).body['code']).toBe('external_id_already_in_use');
    expect((await client.call(other, { external_id: 'sso-2' })).status).toBe(200);
  });

  it('need a client secret when they no longer use a private key', async () => {
    const path = `/connections/${await client.idOf('/connections', 'Lumen Okta')}`;
    const method = (name: string) =>
      client.call(`PATCH ${path}`, { oidc_options: { token_authentication_method: name } });
    expect((await method('private_key_jwt')).body['state']).toBe('draft');
    expect((await method('client_secret_post')).body['code']).toBe('client_secret_required');
    expect((await client.call(`PATCH ${path}`, { oidc_options: OIDC })).body['state']).toBe('active');
  });

  it('become active when an update completes them, and inactive when one removes what is required', async () => {
    const path = `/connections/${await client.idOf('/connections', 'Blue Harbor ADFS (old)')}`;
    expect((await client.call(`PATCH ${path}`, METADATA)).body['state']).toBe('active');
    const { body } = await client.call(`PATCH ${path}`, { saml_options: { idp_metadata_url: null } });
    expect(body).toMatchObject({ state: 'inactive', status: 'unlinked' });
  });

  describeErrors(
    () => client,
    [
      ['GET /connections/conn_nope', undefined, 404, { message: "Connection not found: 'conn_nope'." }],
      [
        'GET /connections?connection_type=OktaSML',
        undefined,
        422,
        { message: expect.stringContaining("'OktaSML'"), errors: [{ field: 'connection_type' }] },
      ],
      ['DELETE /connections/conn_nope', undefined, 404, { code: 'entity_not_found' }],
      ['GET /connections?connection_type=OktaSaml', undefined, 422, { errors: [{ field: 'connection_type' }] }],
      ...(
        [
          [{ ...METADATA, connection_type: 'OktaSaml' }, 422, { errors: [{ field: 'connection_type' }] }],
          [{ ...METADATA, connection_type: 'GoogleOAuth' }, 400, { code: 'connection_type_not_supported' }],
          [{ ...METADATA, connection_type: 'OktaOIDC' }, 400, { code: 'connection_type_conflicts_with_options' }],
          [{ ...METADATA, organization_id: 'org_nope' }, 404, { entity_id: 'org_nope' }],
          [{ saml_options: { idp_entity_id: 'x' } }, 400, { code: 'incomplete_saml_options' }],
          [{ saml_options: { ...METADATA.saml_options, idp_entity_id: 'x' } }, 400, { code: 'ambiguous_saml_options' }],
          [
            { saml_options: { idp_entity_id: 'x', idp_sso_url: 'https://x.example', idp_signing_certs: ['x'] } },
            400,
            { code: 'invalid_certificate' },
          ],
          [{}, 400, { code: 'connection_type_or_options_required' }],
          [{ ...METADATA, oidc_options: OIDC }, 400, { code: 'both_saml_and_oidc_options_provided' }],
          [{ oidc_options: {} }, 422, { errors: [{ field: 'oidc_options.discovery_endpoint', code: 'required' }, {}] }],
          [{ oidc_options: OIDC }, 400, { code: 'client_secret_required' }],
          [
            { oidc_options: { ...OIDC, client_secret: 's', discovery_endpoint: 'http://idp.example' } },
            400,
            { code: 'discovery_endpoint_must_use_https' },
          ],
          [
            { oidc_options: { ...OIDC, client_secret: 's', token_authentication_method: 'private_key_jwt' } },
            400,
            { code: 'client_secret_not_accepted' },
          ],
        ] as const
      ).map(
        ([body, status, answer]): ErrorRow => [
          'POST /connections',
          { organization_id: LUMEN, ...body },
          status,
          answer,
        ],
      ),
    ],
  );
});
