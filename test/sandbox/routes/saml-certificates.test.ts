import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeErrors, type SandboxClient, startSandboxClient } from '../sandbox-client.ts';

const OKTA = '/connections/conn_01KF5KQ9ZG9AZMSDQ7RRWWNR59';
const OIDC = '/connections/conn_01KFJFPWZG2T5VFPGCRHZJEC8S';
const EXPIRED = `-----BEGIN CERTIFICATE-----
MIICozCCAYsCFC0ie9rdP7VrdzIaAYuZ7+T9uW43MA0GCSqGSIb3DQEBCwUAMA4x
DDAKBgNVBAMMA09sZDAeFw0yMDAxMTcwMDAwMDBaFw0yMTAxMTcwMDAwMDBaMA4x
DDAKBgNVBAMMA09sZDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBANkT
yohQH43pE8Tj5qtWfJbTEtkD0vODMc1oBBPP74/VqyLiTpc+ImHzXhQ22LKrcvhb
Ui9EAbYIrQgwJhzdnmbo7VCpwmNVqd8wrbfqmGLTkbYn1b8tHSYGl0zUbIFKymsc
x3pBS/HbNnC+s1AeRPx3koWXFR87BpV8lk4ZCpxwUWgb0ID7sIfroH39A1zyDEk+
r+lwWbU8wqRF/hftEnkOoLnTBghatzg5xD2YnVnFgM7+8wSMrdi9WV9Qf4JeGJUV
8TR+IEIqbsvPOjELmEbm5gXJ5WPljZRp7drrhtV3AP5KOMnlc2GZgB6M69wFZQKR
Gc6GGX5+jH5/tUvOfwkCAwEAATANBgkqhkiG9w0BAQsFAAOCAQEAnKrS/oxln1SG
D1RT+kV0V/z7C947zSYyUoCQdPNv65fd9y4NM9Mlck8WNTIAljc7ZyxIUpe7lXY8
LaSqo9PHAP/ehsvgtPRlVnXlCZu/mg7j/dAd0oaHvnXIYjl7NnoPVoPdmb0w3v4U
RRaLRZXKVV2BOYxIg17ceTnYSxFpawMlKCnBce9YW/XfgYx8aSiuegYkaMShomru
lM0df5IPS7FtTr3V7ASOjL9QAomfoOpHg9DmOdncyJnWSTK+oUaN8n7Fjv7AICLU
jimGWXZF5QE6sTA3PyhlHPF9gacOrTfYjFi+Od941DXI3exLzk/dzTrtUYT+OWeu
B0Qyg+pTAg==
-----END CERTIFICATE-----`;

describe('SAML certificates', () => {
  let client: SandboxClient;
  beforeEach(async () => {
    client = await startSandboxClient();
  });
  afterEach(() => client.close());

  const listed = async (path: string) => (await client.call(`GET ${path}`)).body.data;

  it('of the identity provider can be rotated, but the last one cannot be deleted', async () => {
    const path = `${OKTA}/saml_idp_signing_certs`;
    const [old] = await listed(path);
    const { body: signing } = await client.call(`POST ${OKTA}/saml_sp_signing_cert`);
    const base64 = String(signing['value']).replaceAll(/-----[^-]+-----|\n/g, '');
    const added = await client.call(`POST ${path}`, { value: base64 });
    expect(added.body).toMatchObject({ value: signing['value'], not_after: '2051-01-01T00:00:00.000Z' });
    expect((await client.call(`DELETE ${path}/${old?.id}`)).status).toBe(204);
    expect(await listed(path)).toEqual([added.body]);
    const last = await client.call(`DELETE ${path}/${added.body.id}`);
    expect([last.status, last.body['code']]).toEqual([400, 'cannot_delete_last_certificate']);
  });

  it('of the service provider are generated: one for signing, up to five for encryption', async () => {
    const codes = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      codes.push((await client.call(`POST ${OKTA}/saml_sp_encryption_certs`)).body['code']);
    }
    expect(codes.at(-2)).toBeUndefined();
    expect(codes.at(-1)).toBe('too_many_sp_encryption_certs');
    const signing = await client.call(`POST ${OKTA}/saml_sp_signing_cert`);
    expect((await client.call(`POST ${OKTA}/saml_sp_signing_cert`)).body['code']).toBe(
      'sp_signing_cert_already_exists',
    );
    expect((await client.call(`GET ${OKTA}/saml_sp_signing_cert`)).body).toEqual(signing.body);
    expect(signing.text).not.toContain('PRIVATE KEY');
    await client.call(`DELETE ${OKTA}/saml_sp_signing_cert/${signing.body.id}`);
    expect((await client.call(`GET ${OKTA}/saml_sp_signing_cert`)).status).toBe(404);
  });

  describeErrors(
    () => client,
    [
      [`GET ${OIDC}/saml_idp_signing_certs`, undefined, 400, { code: 'connection_is_not_saml' }],
      [`POST ${OIDC}/saml_sp_signing_cert`, undefined, 400, { code: 'connection_is_not_saml' }],
      [`POST ${OKTA}/saml_idp_signing_certs`, { value: 'MIIC' }, 400, { code: 'invalid_certificate' }],
      [`POST ${OKTA}/saml_idp_signing_certs`, { value: EXPIRED }, 400, { code: 'certificate_expired' }],
      [`POST ${OKTA}/saml_idp_signing_certs`, {}, 422, { errors: [{ field: 'value', code: 'required' }] }],
      [`DELETE ${OKTA}/saml_sp_encryption_certs/nope`, undefined, 404, { entity_id: 'nope' }],
      ['GET /connections/conn_nope/saml_sp_signing_cert', undefined, 404, { entity_id: 'conn_nope' }],
    ],
  );
});
