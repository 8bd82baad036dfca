import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { every, id, page, perChoice } from './schemas.ts';
import type { Check } from './types.ts';

const application = { connect_application_id: id('Id or client_id') };

const description = z.string().nullable().optional().describe('Free text');
const scopes = z.array(z.string()).nullable().optional().describe('Such as openid');
const redirectUris = z
  .array(z.strictObject({ uri: z.string(), default: z.boolean().nullable().optional() }))
  .nullable()
  .optional();

/** The OpenAPI document says of organization_id: "Required when is_first_party is false". */
const thirdPartyHasOrganization: Check = (input) =>
  input.is_first_party === false && typeof input.organization_id !== 'string'
    ? 'is_first_party false needs organization_id'
    : undefined;

export const connect = toolset('connect', 'WorkOS Connect: OAuth and machine-to-machine applications', {
  list_connect_apps: endpoint('GET /connect/applications', {
    title: 'List Connect applications',
    description: 'List OAuth and M2M applications, optionally only those of one organization.',
    also: ['OAuth clients', 'machine clients, service accounts', 'partner apps, third-party, API clients'],
    input: {
      ...page,
      registration_types: z
        .array(z.enum(['dynamic', 'authenticated']))
        .optional()
        .describe('Defaults to authenticated only'),
      organization_id: id().optional(),
    },
  }),

  create_connect_app: endpoint('POST /connect/applications', {
    title: 'Create Connect application',
    description:
      "Register an application: oauth for one your users sign in to, m2m for a customer's machine. Then add a secret with create_connect_app_secret.",
    also: [
      'OAuth client for a partner, API credentials',
      'machine-to-machine, service account',
      'client credentials, cron job, server, client id and secret',
    ],
    input: {
      application_type: z.enum(['oauth', 'm2m']).describe('Cannot be changed later'),
      name: z.string(),
      description,
      scopes,
      organization_id: z.string().nullable().optional().describe('For m2m and third-party apps'),
      is_first_party: z.boolean().optional().describe('oauth only: whether it is your own'),
      redirect_uris: redirectUris.describe('oauth only'),
      uses_pkce: z.boolean().nullable().optional().describe('oauth only'),
    },
    // From the variants of the request body in the OpenAPI document.
    check: every(
      perChoice('application_type', {
        oauth: { required: ['is_first_party'], optional: ['organization_id', 'redirect_uris', 'uses_pkce'] },
        m2m: { required: ['organization_id'] },
      }),
      thirdPartyHasOrganization,
    ),
  }),

  get_connect_app: endpoint('GET /connect/applications/{connect_application_id}', {
    title: 'Get Connect application',
    description: 'Get one Connect application, without its secrets.',
    also: ['OAuth client details', 'one partner app, third-party'],
    input: application,
  }),

  update_connect_app: endpoint('PUT /connect/applications/{connect_application_id}', {
    title: 'Update Connect application',
    description: 'Change an application. Omitted fields stay unchanged; lists are replaced as a whole.',
    also: ['edit redirect URIs, callback or scopes', 'rename an OAuth client', 'partner client settings'],
    input: {
      ...application,
      name: z.string().optional(),
      description,
      scopes,
      redirect_uris: redirectUris.describe('oauth only'),
    },
    consentFor: { redirect_uris: 'removes', scopes: 'removes' },
    replaces: { redirect_uris: { items: [{ uri: 'uri', default: 'default' }, { uri: 'uri' }] } },
  }),

  delete_connect_app: endpoint('DELETE /connect/applications/{connect_application_id}', {
    title: 'Delete Connect application',
    description: 'Permanently delete an application. Sign-ins through it stop working.',
    also: ['remove an OAuth client', 'shut down a machine client', 'partner left'],
    input: application,
  }),

  list_connect_app_secrets: endpoint('GET /connect/applications/{connect_application_id}/client_secrets', {
    title: 'List Connect application secrets',
    description: "List an application's client secrets with hint and last use, without their values.",
    also: ['OAuth client credentials', 'which secrets are in use, how old', 'last used'],
    input: application,
    filterable: true,
  }),

  create_connect_app_secret: endpoint('POST /connect/applications/{connect_application_id}/client_secrets', {
    title: 'Create Connect application secret',
    description:
      'Add a client secret, five at most; its value is shown only once. To rotate, delete the old one afterwards: delete_connect_app_secret.',
    also: [
      'rotate credentials',
      'new client credentials',
      'renew, replace a leaked or expired secret',
      'generate a password for an app',
    ],
    input: application,
    emptyBody: true,
    secrets: { out: ['secret'], class: 'once' },
  }),

  delete_connect_app_secret: endpoint('DELETE /connect/client_secrets/{client_secret_id}', {
    title: 'Delete Connect application secret',
    description: 'Revoke a client secret immediately. Get its id from list_connect_app_secrets.',
    also: ['remove old credentials', 'leaked, compromised app secret', 'finish a rotation'],
    input: { client_secret_id: id() },
  }),

  list_organization_authorized_apps: endpoint('GET /organizations/{organization_id}/authorized_applications', {
    title: 'List organization authorized applications',
    description: 'List the applications that users in an organization have authorized.',
    also: [
      'third-party apps a customer approved',
      'consents of a company',
      'who consented to an app',
      'shadow IT',
      'OAuth apps in use',
    ],
    input: { ...page, organization_id: id() },
  }),

  list_user_authorized_apps: endpoint('GET /user_management/users/{user_id}/authorized_applications', {
    title: 'List user authorized applications',
    description: 'List the applications a user has authorized.',
    also: [
      'third-party apps, tools a person approved or allowed',
      'consents, grants',
      'which apps have access to the account',
      'OAuth apps in use',
    ],
    input: { ...page, user_id: id() },
  }),

  revoke_user_authorized_app: endpoint(
    'DELETE /user_management/users/{user_id}/authorized_applications/{application_id}',
    {
      title: 'Revoke application authorization',
      description: "Withdraw a user's consent to an application. The application itself stays.",
      also: ['take back approval, what a user allowed', 'cut off a third-party app, tool', 'remove app access'],
      input: { user_id: id(), application_id: id('Id or client_id') },
    },
  ),

  complete_external_auth: endpoint('POST /authkit/oauth2/complete', {
    title: 'Complete external sign-in',
    description:
      'Tell AuthKit who signed in at your own login page, and get the URL to send the browser to. Creates or updates the user.',
    also: ['custom login page', 'bring your own login', 'standalone Connect'],
    input: {
      external_auth_id: id('From the redirect'),
      user: z
        .strictObject({
          id: z.string(),
          email: z.string(),
          first_name: z.string().optional(),
          last_name: z.string().optional(),
          name: z.string().optional(),
          metadata: z.record(z.string(), z.string().max(600)).optional(),
        })
        .describe('id becomes external_id'),
      user_consent_options: z
        .array(
          z.strictObject({
            claim: z.string(),
            type: z.enum(['enum']),
            label: z.string(),
            choices: z.array(z.strictObject({ value: z.string().optional(), label: z.string().optional() })),
          }),
        )
        .optional()
        .describe('Shown on the consent screen'),
    },
    secrets: { in: ['external_auth_id'], out: ['redirect_uri'], class: 'deliver' },
  }),
});
