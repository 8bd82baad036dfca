import * as z from 'zod';
import { endpoint, toolset, workflow } from './define.ts';
import { date, id, page, together } from './schemas.ts';

const slug = { provider_slug: z.string().describe('Such as github') };
const person = { user_id: id(), organization_id: id().optional() };
const account = { user_id: id(), ...slug, organization_id: id().optional() };

const config = z.record(z.string(), z.string()).optional();
const scopes = z.array(z.string()).nullable().optional();
const description = z.string().nullable().optional().describe('For people');
const enabled = z.boolean().optional();

const providerOptions = {
  authorization_url: z.string().optional(),
  token_url: z.string().optional(),
  refresh_token_url: z.string().nullable().optional(),
  pkce_enabled: z.boolean().optional(),
  request_scope_separator: z.string().optional(),
  scopes_required: z.boolean().optional(),
  client_secret_required: z.boolean().optional(),
  additional_authorization_parameters: z.record(z.string(), z.string()).optional(),
  token_body_content_type: z.string().optional(),
  authenticate_via: z.enum(['request_body', 'basic_auth_header']).optional(),
};

const credentials = z
  .strictObject({
    type: z.enum(['custom', 'organization']),
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
  })
  .superRefine((value, issues) => {
    if (value.type === 'custom' && !(value.client_id && value.client_secret))
      issues.addIssue('type custom needs client_id and client_secret');
  })
  .optional()
  .describe('custom: your OAuth app; organization: their own');

const firstKey = z
  .strictObject({ secret: z.string().min(5), user_id: z.string(), organization_id: z.string().optional() })
  .optional()
  .describe('Key to install for a user');

const tokens = {
  access_token: z.string().optional().describe("Provider's"),
  refresh_token: z.string().optional().describe("Provider's"),
  expires_at: date('ISO 8601, for access_token').optional(),
  scopes: z.array(z.string()).optional().describe('Granted scopes'),
  state: z.enum(['connected', 'needs_reauthorization']).optional().describe('Default follows the tokens'),
};
const tokenSecrets = { in: ['access_token', 'refresh_token'] };

const ACCOUNT = '/user_management/users/{user_id}/connected_accounts/{provider_slug}';

/**
 * Beside a body the API reads organization_id from the query.
 * https://workos.com/docs/reference/pipes/connected-account
 */
function accountPath(input: { organization_id?: string | undefined }): `/${string}` {
  return input.organization_id === undefined ? ACCOUNT : `${ACCOUNT}?organization_id={organization_id}`;
}

export const pipes = toolset('pipes', "Your users' accounts at other services, such as GitHub or Slack (Pipes)", {
  list_data_integrations: endpoint('GET /data-integrations', {
    title: 'List data integrations',
    description: 'List integrations with credentials of your own or of organizations. Not enabled everywhere.',
    input: page,
  }),

  get_data_integration: endpoint('GET /data-integrations/{provider_slug}', {
    title: 'Get data integration',
    description: 'Get the settings of one integration. Not enabled everywhere.',
    input: slug,
  }),

  create_data_integration: endpoint('POST /data-integrations', {
    title: 'Create data integration',
    description:
      'Set up a provider for users to connect: a built-in slug, or your own by custom_provider. oauth needs credentials. Not enabled everywhere.',
    input: {
      provider: z.string().describe('Slug, such as github'),
      description,
      enabled: enabled.describe('Default false'),
      scopes: scopes.describe("Default the provider's"),
      auth_methods: z
        .array(z.enum(['oauth', 'api_key', 'client_credentials']))
        .optional()
        .describe('Default oauth'),
      config: config.describe('Fields the provider asks'),
      credentials,
      api_key: firstKey,
      custom_provider: z
        .strictObject({ name: z.string(), ...providerOptions })
        .optional()
        .describe('oauth needs both URLs'),
    },
    secrets: { in: ['credentials.client_secret', 'api_key.secret'] },
  }),

  update_data_integration: endpoint('PUT /data-integrations/{provider_slug}', {
    title: 'Update data integration',
    description: 'Change an integration; fields left out stay. custom_provider: only your own. Not enabled everywhere.',
    input: {
      ...slug,
      description,
      enabled: enabled.describe('Users may connect'),
      scopes: scopes.describe("null: the provider's"),
      credentials,
      api_key: firstKey,
      custom_provider: z
        .strictObject({ name: z.string().optional(), ...providerOptions })
        .optional()
        .describe('Changed fields'),
    },
    secrets: { in: ['credentials.client_secret', 'api_key.secret'] },
  }),

  delete_data_integration: endpoint('DELETE /data-integrations/{provider_slug}', {
    title: 'Delete data integration',
    description:
      'Delete an integration and every account connected through it. To pause: update_data_integration, enabled false. Not enabled everywhere.',
    input: slug,
  }),

  list_org_data_integrations: endpoint('GET /organizations/{organization_id}/data_integration_configurations', {
    title: 'List organization data integrations',
    description: 'List the providers an organization may use, with its own settings. Not enabled everywhere.',
    input: { organization_id: id() },
    filterable: true,
  }),

  configure_org_data_integration: endpoint(
    'PUT /organizations/{organization_id}/data_integration_configurations/{provider_slug}',
    {
      title: 'Configure organization data integration',
      description:
        "Set an organization's own switch, scopes or credentials for a provider; credentials and config only if the integration takes them from organizations. Not enabled everywhere.",
      input: {
        organization_id: id(),
        ...slug,
        enabled: enabled.describe('For this organization'),
        scopes: scopes.describe("null: the provider's"),
        client_id: z.string().min(1).optional(),
        client_secret: z.string().min(1).optional().describe('With client_id'),
        config: config.describe('Fields the provider asks'),
      },
      check: together('client_id', 'client_secret'),
      secrets: { in: ['client_secret'] },
    },
  ),

  list_user_data_providers: endpoint('GET /user_management/users/{user_id}/data_providers', {
    title: 'List user data providers',
    description: "List all providers with the state of a user's account there.",
    input: person,
    filterable: true,
  }),

  get_data_integration_auth_url: endpoint('POST /data-integrations/{provider_slug}/authorize', {
    title: 'Get data integration authorization URL',
    description: 'Get the link where a user connects an OAuth account; give it to them.',
    input: {
      ...slug,
      ...person,
      return_to: z.string().optional().describe('URL to land on after'),
      config: config.describe('Fields the provider asks, such as subdomain'),
    },
    secrets: { out: ['url'], class: 'deliver' },
  }),

  get_data_integration_token: endpoint('POST /data-integrations/{provider_slug}/token', {
    title: 'Get connected account token',
    description: 'Get a fresh OAuth token to call a provider as the user. active false: connect again.',
    input: { ...slug, ...person },
    secrets: { out: ['access_token.access_token'], class: 'value' },
  }),

  get_data_integration_credentials: endpoint('POST /data-integrations/{provider_slug}/credentials', {
    title: 'Get connected account credentials',
    description: "Get an account's fresh OAuth token or stored API key, whichever it has. Not enabled everywhere.",
    input: { ...slug, ...person },
    secrets: { out: ['credential.value'], class: 'value' },
  }),

  set_connected_account_api_key: endpoint('PUT /data-integrations/{provider_slug}/api-key', {
    title: 'Set connected account API key',
    description: "Connect an account by the provider's API key, replacing the stored one. Not enabled everywhere.",
    input: { ...slug, ...person, secret: z.string().min(1).describe('API key') },
    effect: 'delete',
    secrets: { in: ['secret'] },
  }),

  set_connected_account_credentials: endpoint('PUT /data-integrations/{provider_slug}/client-credentials', {
    title: 'Set connected account credentials',
    description:
      "Connect an account by the provider's client credentials, replacing stored ones. Not enabled everywhere.",
    input: {
      ...slug,
      ...person,
      client_id: z.string().min(1),
      client_secret: z.string().min(1).describe("Provider's"),
      config: config.describe('Fields the provider asks'),
    },
    effect: 'delete',
    secrets: { in: ['client_secret'] },
  }),

  get_connected_account: endpoint('GET /user_management/users/{user_id}/connected_accounts/{provider_slug}', {
    title: 'Get connected account',
    description: "Get state and scopes of a user's account; with organization_id if connected under one.",
    input: account,
  }),

  import_connected_account: workflow({
    title: 'Import connected account',
    description:
      'Connect an account with OAuth tokens you already hold, without asking the user. Not enabled everywhere.',
    input: { ...account, ...tokens },
    effect: 'create',
    secrets: tokenSecrets,
    routes: [`POST ${ACCOUNT}`],
    run: (input, context) => context.request(`POST ${accountPath(input)}`, input),
  }),

  update_connected_account: workflow({
    title: 'Update connected account',
    description: 'Replace tokens, scopes or state of a connected account. Not enabled everywhere.',
    input: { ...account, ...tokens },
    effect: 'update',
    secrets: tokenSecrets,
    routes: [`PUT ${ACCOUNT}`],
    run: (input, context) => context.request(`PUT ${accountPath(input)}`, input),
  }),

  delete_connected_account: endpoint('DELETE /user_management/users/{user_id}/connected_accounts/{provider_slug}', {
    title: 'Delete connected account',
    description: 'Disconnect an account and drop its tokens; the grant at the provider stays.',
    input: account,
  }),
});
