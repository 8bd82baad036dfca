import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { atMostOne, exactlyOne, id, page } from './schemas.ts';

const connection = { connection_id: id() };

const samlUrls = {
  acs_url: z.string().optional(),
  idp_entity_id: z.string().optional(),
  idp_metadata_url: z.string().optional(),
  idp_sso_url: z.string().optional(),
  sp_entity_id: z.string().optional(),
};

const keyPair = z.strictObject({ cert: z.string(), key: z.string() });

const ALGORITHMS = ['ES', 'HS', 'PS', 'RS'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits));
const oidcOptions = {
  client_secret: z.string().optional(),
  fetch_user_info: z.boolean().optional(),
  id_token_signature_algorithm: z.enum([...ALGORITHMS, 'EdDSA']).optional(),
  pkce: z.boolean().optional(),
  token_authentication_method: z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt']).optional(),
};

export const sso = toolset('sso', "SSO connections to customers' identity providers", {
  list_connections: endpoint('GET /connections', {
    title: 'List SSO connections',
    description:
      'List SSO connections (id, name, organization_id, connection_type, state, …). Filter by organization_id. To set one up: create_connection, or invite_it_contact.',
    also: [
      'identity providers of a customer',
      'SAML or OIDC logins set up',
      'Okta, Entra, Google Workspace, OneLogin, ADFS, PingFederate',
      'is single sign-on active, down, broken or stopped working',
      'enterprise login, IdP',
    ],
    input: {
      ...page,
      connection_type: z.string().optional().describe('Such as OktaSAML, EntraIdOIDC'),
      domain: z.string().optional().describe('Such as example.com'),
      organization_id: id().optional(),
      search: z.string().optional().describe('Part of the name'),
    },
    core: true,
  }),

  get_connection: endpoint('GET /connections/{connection_id}', {
    title: 'Get SSO connection',
    description: 'Get one SSO connection with its type, state and domains.',
    also: [
      'SAML connection details, ACS',
      'is OIDC active or inactive',
      'identity provider status',
      'why does single sign-on fail or stop working',
      'expiring certificate',
    ],
    input: connection,
    core: true,
  }),

  create_connection: endpoint('POST /connections', {
    title: 'Create SSO connection',
    description:
      'Create an SSO connection with saml_options or oidc_options. With an external_id the organization already has, the existing connection is returned. To let the customer set it up: invite_it_contact.',
    notEverywhere: true,
    also: [
      'set up or hook up SAML login',
      'configure OIDC client and discovery',
      'metadata file',
      'add Okta, Entra, Ping, Google Workspace or ADFS login',
      'new identity provider, moved to another',
    ],
    input: {
      organization_id: id().optional(),
      connection_type: z.string().optional().describe('Such as OktaSAML or GenericOIDC'),
      external_id: id('Id in your own system').optional(),
      saml_options: z
        .strictObject({
          ...samlUrls,
          idp_signing_certs: z.array(z.string()).optional(),
          sp_signing_key_pair: keyPair.optional(),
          sp_encryption_key_pairs: z.array(z.string()).optional(),
        })
        .optional()
        .describe('idp_metadata_url, or else idp_entity_id, idp_sso_url and idp_signing_certs'),
      oidc_options: z
        .strictObject({
          client_id: z.string(),
          discovery_endpoint: z.string(),
          ...oidcOptions,
          redirect_uri: z.string().optional(),
          jwt_signing_key_pair: keyPair.optional(),
        })
        .optional()
        .describe('OpenID Connect client at the identity provider'),
    },
    // The OpenAPI document says "exactly one of saml_options and oidc_options is required".
    check: exactlyOne('saml_options', 'oidc_options'),
    secrets: {
      in: [
        'saml_options.sp_signing_key_pair.key',
        'saml_options.sp_encryption_key_pairs[]',
        'oidc_options.client_secret',
        'oidc_options.jwt_signing_key_pair.key',
      ],
    },
  }),

  update_connection: endpoint('PATCH /connections/{connection_id}', {
    title: 'Update SSO connection',
    description:
      'Change an SSO connection. Omitted fields stay unchanged; null resets a field to its default. Wrong values lock people out.',
    notEverywhere: true,
    also: [
      'change entity id or ACS, wrong value',
      'other metadata address or file',
      'fix or repair SAML settings',
      'edit OIDC client secret',
      'attribute mapping, login fails',
    ],
    input: {
      ...connection,
      external_id: id('Id in your own system').optional(),
      saml_options: z
        .strictObject({
          ...samlUrls,
          acs_url: z.string().nullable().optional(),
          idp_metadata_url: z.string().nullable().optional(),
          sp_entity_id: z.string().nullable().optional(),
        })
        .optional()
        .describe('idp_metadata_url imports the rest and its certificates'),
      oidc_options: z
        .strictObject({
          client_id: z.string().optional(),
          discovery_endpoint: z.string().optional(),
          ...oidcOptions,
          redirect_uri: z.string().nullable().optional(),
        })
        .optional()
        .describe('OpenID Connect client at the identity provider'),
    },
    // The OpenAPI document says "saml_options and oidc_options exclude each other".
    check: atMostOne('saml_options', 'oidc_options'),
    consentFor: { saml_options: 'always', oidc_options: 'always' },
    secrets: { in: ['oidc_options.client_secret'] },
  }),

  delete_connection: endpoint('DELETE /connections/{connection_id}', {
    title: 'Delete SSO connection',
    description: 'Permanently delete an SSO connection. Sign-ins through it stop working.',
    also: ['remove SAML', 'disable or cut off single sign-on', 'tear down Okta login', 'drop an identity provider'],
    input: connection,
    core: true,
  }),

  list_saml_idp_certificates: endpoint('GET /connections/{connection_id}/saml_idp_signing_certs', {
    title: 'List SAML identity provider certificates',
    description:
      "List the identity provider's signing certificates of a SAML connection, expired ones included, oldest first.",
    notEverywhere: true,
    also: [
      'trusted X.509 certs, public keys',
      'when does the IdP cert run out',
      'certificate expiry, validity',
      'signature check fails',
    ],
    input: connection,
    filterable: true,
  }),

  add_saml_idp_certificate: endpoint('POST /connections/{connection_id}/saml_idp_signing_certs', {
    title: 'Add SAML identity provider certificate',
    description:
      'Trust one more signing certificate of the identity provider, ahead of a rotation. The others stay valid.',
    notEverywhere: true,
    also: [
      'new X.509 cert',
      'IdP changed or rotated its key, certificate expires',
      'replace before it runs out',
      'cert rollover, renewal',
      'error since the certificate changed',
    ],
    input: { ...connection, value: z.string().describe('X.509 certificate') },
  }),

  delete_saml_idp_certificate: endpoint('DELETE /connections/{connection_id}/saml_idp_signing_certs/{certificate_id}', {
    title: 'Delete SAML identity provider certificate',
    description:
      'Stop trusting one signing certificate. The last one cannot be deleted; metadata that still has it may bring it back.',
    notEverywhere: true,
    also: ['remove an old IdP cert', 'distrust an X.509 key', 'compromised cert', 'clean up after a rotation'],
    input: { ...connection, certificate_id: id() },
  }),

  list_saml_encryption_certificates: endpoint('GET /connections/{connection_id}/saml_sp_encryption_certs', {
    title: 'List SAML encryption certificates',
    description: 'List the certificates that the identity provider may encrypt responses with, expired ones included.',
    notEverywhere: true,
    also: ['encrypted assertions', 'decryption keys', 'public key for the IdP', 'which cert encrypts'],
    input: connection,
    filterable: true,
  }),

  create_saml_encryption_certificate: endpoint('POST /connections/{connection_id}/saml_sp_encryption_certs', {
    title: 'Create SAML encryption certificate',
    description:
      'Generate one more key pair and get its certificate for the identity provider. Existing ones keep working.',
    notEverywhere: true,
    also: ['encrypt SAML assertions', 'decryption key', 'new public key for the IdP', 'encrypted responses, rotate'],
    input: connection,
  }),

  delete_saml_encryption_certificate: endpoint(
    'DELETE /connections/{connection_id}/saml_sp_encryption_certs/{certificate_id}',
    {
      title: 'Delete SAML encryption certificate',
      description:
        'Delete an encryption key pair. Remove its certificate at the identity provider first, or sign-ins fail.',
      notEverywhere: true,
      also: ['remove an old decryption key', 'stop encrypted assertions', 'clean up after a rotation'],
      input: { ...connection, certificate_id: id() },
    },
  ),

  get_saml_signing_certificate: endpoint('GET /connections/{connection_id}/saml_sp_signing_cert', {
    title: 'Get SAML signing certificate',
    description:
      'Get the certificate that verifies the SAML requests WorkOS sends. Returns 404 if requests are unsigned.',
    notEverywhere: true,
    also: [
      'signed AuthnRequests',
      'public key for signed requests',
      'SP cert, service provider',
      'IdP wants to verify us',
    ],
    input: connection,
    hints: {
      not_found:
        'The connection is unknown, or its requests are not signed: create_saml_signing_certificate changes that.',
    },
  }),

  create_saml_signing_certificate: endpoint('POST /connections/{connection_id}/saml_sp_signing_cert', {
    title: 'Create SAML signing certificate',
    description:
      'Generate the key pair that signs SAML requests, and get its certificate. There is only one: delete_saml_signing_certificate first.',
    notEverywhere: true,
    also: [
      'sign AuthnRequests, signature',
      'IdP requires signed requests',
      'SP signing key, service provider',
      'sign login requests',
    ],
    input: connection,
  }),

  delete_saml_signing_certificate: endpoint(
    'DELETE /connections/{connection_id}/saml_sp_signing_cert/{certificate_id}',
    {
      title: 'Delete SAML signing certificate',
      description: 'Delete the key pair that signs SAML requests; they go out unsigned until there is a new one.',
      notEverywhere: true,
      also: ['stop signing AuthnRequests', 'remove the SP signing key', 'rotate the service provider cert'],
      input: { ...connection, certificate_id: id() },
    },
  ),
});
