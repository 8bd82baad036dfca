import { sso } from '../../src/tools/sso.ts';
import { sends } from '../harness.ts';

const pair = { cert: '-----BEGIN CERTIFICATE-----', key: '-----BEGIN PRIVATE KEY-----' };
const saml = {
  organization_id: 'org_1',
  connection_type: 'OktaSAML',
  external_id: 'okta-1',
  saml_options: {
    acs_url: 'https://auth.acme.com/acs',
    idp_entity_id: 'https://idp.acme.com',
    idp_metadata_url: 'https://idp.acme.com/metadata',
    idp_signing_certs: ['MIIC'],
    idp_sso_url: 'https://idp.acme.com/sso',
    sp_encryption_key_pairs: ['MIIE'],
    sp_entity_id: 'urn:acme',
    sp_signing_key_pair: pair,
  },
};
const oidc = {
  organization_id: 'org_1',
  oidc_options: {
    client_id: 'abc',
    client_secret: 'shh',
    discovery_endpoint: 'https://idp.acme.com/.well-known/openid-configuration',
    fetch_user_info: true,
    id_token_signature_algorithm: 'ES256',
    jwt_signing_key_pair: pair,
    pkce: true,
    redirect_uri: 'https://auth.acme.com/callback',
    token_authentication_method: 'private_key_jwt',
  },
};

sends(sso, [
  [
    'list_connections',
    {
      limit: 5,
      before: 'conn_b',
      after: 'conn_a',
      order: 'asc',
      connection_type: 'OktaSAML',
      domain: 'acme.com',
      organization_id: 'org_1',
      search: 'Acme Corp',
    },
    'GET /connections?order=asc&limit=5&before=conn_b&after=conn_a&connection_type=OktaSAML&domain=acme.com&organization_id=org_1&search=Acme%20Corp',
  ],
  ['list_connections', {}, 'GET /connections?order=desc'],
  ['get_connection', { connection_id: 'conn_1' }, 'GET /connections/conn_1'],
  ['delete_connection', { connection_id: 'conn_1' }, 'DELETE /connections/conn_1'],
  ['create_connection', saml, 'POST /connections', saml],
  ['create_connection', oidc, 'POST /connections', oidc],
  [
    'update_connection',
    {
      connection_id: 'conn_1',
      external_id: 'okta-2',
      saml_options: { acs_url: null, idp_metadata_url: null, sp_entity_id: null, idp_sso_url: 'https://idp.acme.com' },
    },
    'PATCH /connections/conn_1',
    {
      external_id: 'okta-2',
      saml_options: { acs_url: null, idp_metadata_url: null, sp_entity_id: null, idp_sso_url: 'https://idp.acme.com' },
    },
  ],
  [
    'update_connection',
    { connection_id: 'conn_1', oidc_options: { client_secret: 'shh', redirect_uri: null, pkce: false } },
    'PATCH /connections/conn_1',
    { oidc_options: { client_secret: 'shh', redirect_uri: null, pkce: false } },
  ],
  ['list_saml_idp_certificates', { connection_id: 'conn_1' }, 'GET /connections/conn_1/saml_idp_signing_certs'],
  [
    'add_saml_idp_certificate',
    { connection_id: 'conn_1', value: 'MIIC' },
    'POST /connections/conn_1/saml_idp_signing_certs',
    { value: 'MIIC' },
  ],
  [
    'delete_saml_idp_certificate',
    { connection_id: 'conn_1', certificate_id: 'cert_1' },
    'DELETE /connections/conn_1/saml_idp_signing_certs/cert_1',
  ],
  [
    'list_saml_encryption_certificates',
    { connection_id: 'conn_1' },
    'GET /connections/conn_1/saml_sp_encryption_certs',
  ],
  [
    'create_saml_encryption_certificate',
    { connection_id: 'conn_1' },
    'POST /connections/conn_1/saml_sp_encryption_certs',
  ],
  [
    'delete_saml_encryption_certificate',
    { connection_id: 'conn_1', certificate_id: 'cert_1' },
    'DELETE /connections/conn_1/saml_sp_encryption_certs/cert_1',
  ],
  ['get_saml_signing_certificate', { connection_id: 'conn_1' }, 'GET /connections/conn_1/saml_sp_signing_cert'],
  ['create_saml_signing_certificate', { connection_id: 'conn_1' }, 'POST /connections/conn_1/saml_sp_signing_cert'],
  [
    'delete_saml_signing_certificate',
    { connection_id: 'conn_1', certificate_id: 'cert_1' },
    'DELETE /connections/conn_1/saml_sp_signing_cert/cert_1',
  ],
]);
