import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { credentials, firstKey, providerOptions } from './integration-options.ts';
import { date, id, page, together } from './schemas.ts';

const slug = { provider_slug: z.string().describe('Such as github') };
const person = { user_id: id(), organization_id: id().optional() };
const several = z.boolean().optional().describe('Several accounts per provider');
/** Chooses among several accounts of one provider; without it the API answers 409 account_selection_required. */
const selector = { supports_multiple_connections: several, connected_account_id: z.string().min(1).optional() };
const account = { user_id: id(), ...slug, organization_id: id().optional() };
const orgAccount = { organization_id: id(), ...slug };
const owner = z.enum(['user', 'organization']).optional().describe('Whose account; defaults to user');
const ownership = z.enum(['user', 'organization']).optional().describe('Who connects accounts; defaults to user');
/** Selects the account for a call on behalf of a user or an organization. */
const chosen = { connection_owner: owner, connected_account_id: id().optional() };

const config = z.record(z.string(), z.string()).optional();
const scopes = z.array(z.string()).nullable().optional();
const description = z.string().nullable().optional().describe('Free text');
const enabled = z.boolean().optional();

const tokens = {
  access_token: z.string().optional().describe("The provider's"),
  refresh_token: z.string().optional().describe("The provider's"),
  expires_at: date('ISO 8601; of access_token').optional(),
  scopes: z.array(z.string()).optional().describe('Granted scopes'),
  state: z.enum(['connected', 'needs_reauthorization']).optional().describe('Default: from the tokens'),
};
const tokenSecrets = { in: ['access_token', 'refresh_token'] };

export const pipes = toolset('pipes', "Pipes: your users' accounts at other services, such as GitHub or Slack", {
  list_data_integrations: endpoint('GET /data-integrations', {
    title: 'List data integrations',
    description: 'List the integrations set up with your own or organization credentials.',
    notEverywhere: true,
    also: [
      'Pipes, providers we support or offer, third-party connectors, Slack, GitHub',
      'which providers can users connect',
    ],
    input: { ...page, ownership: ownership.describe('Only these') },
  }),

  get_data_integration: endpoint('GET /data-integrations/{provider_slug}', {
    title: 'Get data integration',
    description: 'Get the settings of one integration.',
    notEverywhere: true,
    also: ['Pipes provider details', 'which scopes', 'connector settings'],
    input: slug,
    filterable: true,
  }),

  create_data_integration: endpoint('POST /data-integrations', {
    title: 'Create data integration',
    description:
      'Set up a provider that users can connect: a built-in one by its slug, or your own with custom_provider. oauth needs credentials.',
    notEverywhere: true,
    also: [
      'offer a new provider, add Slack or GitHub for users, apps that users can connect, enable a connector',
      'Pipes',
    ],
    input: {
      provider: z.string().describe('Slug, such as github'),
      ownership,
      description,
      enabled: enabled.describe('Defaults to false'),
      scopes: scopes.describe("Defaults to the provider's"),
      auth_methods: z
        .array(z.enum(['oauth', 'api_key', 'client_credentials']))
        .optional()
        .describe('Defaults to oauth'),
      config: config.describe('Fields the provider requires'),
      credentials,
      api_key: firstKey,
      custom_provider: z
        .strictObject({ name: z.string(), ...providerOptions })
        .optional()
        .describe('oauth needs authorization_url and token_url'),
    },
    secrets: { in: ['credentials.client_secret', 'api_key.secret'] },
  }),

  update_data_integration: endpoint('PUT /data-integrations/{provider_slug}', {
    title: 'Update data integration',
    description:
      'Change an integration. Omitted fields stay unchanged; custom_provider is only for your own providers.',
    notEverywhere: true,
    also: ['edit scopes', 'pause or turn off a provider for all', 'new OAuth credentials for a connector', 'Pipes'],
    input: {
      ...slug,
      description,
      enabled: enabled.describe('Whether users can connect'),
      scopes: scopes.describe("null resets to the provider's"),
      credentials,
      api_key: firstKey,
      custom_provider: z
        .strictObject({ name: z.string().optional(), ...providerOptions })
        .optional()
        .describe('Changed fields'),
    },
    secrets: { in: ['credentials.client_secret', 'api_key.secret'] },
    consentFor: { enabled: 'equals:false', credentials: 'always' },
  }),

  delete_data_integration: endpoint('DELETE /data-integrations/{provider_slug}', {
    title: 'Delete data integration',
    description:
      'Delete an integration and every account connected through it. To pause it: update_data_integration with enabled false.',
    notEverywhere: true,
    also: ['remove a provider', 'stop offering Slack or GitHub to all', 'Pipes'],
    input: slug,
  }),

  list_org_data_integrations: endpoint('GET /organizations/{organization_id}/data_integration_configurations', {
    title: 'List organization data integrations',
    description: 'List the providers an organization can use, with its own settings.',
    notEverywhere: true,
    also: ['Pipes of a customer', 'which connectors, providers does a tenant have or use'],
    input: { organization_id: id() },
    filterable: true,
  }),

  configure_org_data_integration: endpoint(
    'PUT /organizations/{organization_id}/data_integration_configurations/{provider_slug}',
    {
      title: 'Configure organization data integration',
      description:
        "Set an organization's own scopes, credentials or enabled state for a provider. Credentials and config only apply if the integration takes them from organizations.",
      notEverywhere: true,
      also: [
        'customer-specific, own credentials, enable or disable Slack for one customer, tenant-specific scopes',
        'bring your own client',
      ],
      input: {
        organization_id: id(),
        ...slug,
        enabled: enabled.describe('For this organization'),
        scopes: scopes.describe("null resets to the provider's"),
        client_id: z.string().min(1).optional(),
        client_secret: z.string().min(1).optional().describe('With client_id'),
        config: config.describe('Fields the provider requires'),
      },
      // The OpenAPI document says that each "must be provided together with" the other.
      check: together('client_id', 'client_secret'),
      secrets: { in: ['client_secret'] },
      consentFor: { enabled: 'equals:false', client_id: 'always', client_secret: 'always' },
    },
  ),

  list_user_data_providers: endpoint('GET /user_management/users/{user_id}/data_providers', {
    title: 'List user data providers',
    description: "List all providers with the state of the user's account at each.",
    also: ['which services has a user connected, linked, set up', 'linked tools, apps, accounts', 'Pipes of a person'],
    input: { ...person, supports_multiple_connections: several },
    filterable: true,
  }),

  get_data_integration_auth_url: endpoint('POST /data-integrations/{provider_slug}/authorize', {
    title: 'Get data integration authorization URL',
    description: 'Get the link where a user connects an OAuth account, and give it to them.',
    also: [
      'connect or link Slack, GitHub, Salesforce, calendar, reconnect an account, token revoked',
      'let or ask somebody to link a service, consent page',
    ],
    input: {
      ...slug,
      ...person,
      connection_owner: owner,
      return_to: z.string().optional().describe('URL to return to afterwards'),
      config: config.describe('Fields the provider requires'),
    },
    secrets: { out: ['url'], class: 'deliver' },
  }),

  get_data_integration_token: endpoint('POST /data-integrations/{provider_slug}/token', {
    title: 'Get connected account token',
    description:
      'Get a fresh OAuth token to call a provider as the user. If active is false, the user must connect again.',
    also: [
      'access token for Slack or GitHub, call, read or post to a third-party API on behalf',
      'read Google Drive or calendar, refresh, act in a third-party tool',
    ],
    input: { ...slug, ...person, ...chosen, supports_multiple_connections: several },
    secrets: { out: ['access_token.access_token'], class: 'value' },
  }),

  get_data_integration_credentials: endpoint('POST /data-integrations/{provider_slug}/credentials', {
    title: 'Get connected account credentials',
    description: "Get a connected account's fresh OAuth token or stored API key, whichever it has.",
    notEverywhere: true,
    also: ['third-party token or key of a user', 'secrets for a service, Slack or GitHub'],
    input: { ...slug, ...person, ...chosen, supports_multiple_connections: several },
    secrets: { out: ['credential.value'], class: 'value' },
  }),

  set_connected_account_api_key: endpoint('PUT /data-integrations/{provider_slug}/api-key', {
    title: 'Set connected account API key',
    description: "Connect an account with the provider's API key, replacing any stored one.",
    notEverywhere: true,
    also: ['paste a third-party key', "save a user's key for a service"],
    input: { ...slug, ...person, ...chosen, secret: z.string().min(1).describe('API key') },
    effect: 'delete',
    secrets: { in: ['secret'] },
  }),

  set_connected_account_credentials: endpoint('PUT /data-integrations/{provider_slug}/client-credentials', {
    title: 'Set connected account credentials',
    description: "Connect an account with the provider's client credentials, replacing any stored ones.",
    notEverywhere: true,
    also: ['client id and secret for a service', "save a user's credentials"],
    input: {
      ...slug,
      ...person,
      ...chosen,
      client_id: z.string().min(1),
      client_secret: z.string().min(1).describe("The provider's"),
      config: config.describe('Fields the provider requires'),
    },
    effect: 'delete',
    secrets: { in: ['client_secret'] },
  }),

  get_connected_account: endpoint('GET /user_management/users/{user_id}/connected_accounts/{provider_slug}', {
    title: 'Get connected account',
    description: "Get the state and scopes of a user's account. Give organization_id if it was connected under one.",
    also: ['is Slack still connected, linked', 'connection broken, needs to reconnect', 'did GitHub disconnect'],
    input: { ...account, ...selector },
  }),

  import_connected_account: endpoint('POST /user_management/users/{user_id}/connected_accounts/{provider_slug}', {
    title: 'Import connected account',
    description: 'Connect an account with OAuth tokens you already have, without asking the user.',
    notEverywhere: true,
    also: ['migrate or move existing tokens', 'tokens from another or old system, take over', 'skip the consent'],
    input: { ...account, ...tokens },
    queryFields: ['organization_id'],
    secrets: tokenSecrets,
  }),

  update_connected_account: endpoint('PUT /user_management/users/{user_id}/connected_accounts/{provider_slug}', {
    title: 'Update connected account',
    description: 'Replace the tokens, scopes or state of a connected account.',
    notEverywhere: true,
    also: ['new tokens for a service', 'refresh token changed', 'mark as disconnected'],
    input: { ...account, ...selector, ...tokens },
    queryFields: ['organization_id', ...Object.keys(selector)],
    secrets: tokenSecrets,
    consentFor: { access_token: 'always', refresh_token: 'always', state: 'always' },
  }),

  delete_connected_account: endpoint('DELETE /user_management/users/{user_id}/connected_accounts/{provider_slug}', {
    title: 'Delete connected account',
    description: 'Disconnect an account and delete its tokens. The authorization at the provider stays.',
    also: ['unlink Slack or GitHub', 'revoke a service', 'disconnect Google Drive'],
    input: { ...account, ...selector },
  }),

  get_org_owned_data_integration: endpoint('GET /data-integrations/{provider_slug}/organization', {
    title: 'Get organization-owned data integration',
    description: 'Get the integration of a provider that organizations, not users, connect to.',
    notEverywhere: true,
    also: ['company-wide provider', 'shared connector settings'],
    input: slug,
    filterable: true,
  }),

  update_org_owned_data_integration: endpoint('PUT /data-integrations/{provider_slug}/organization', {
    title: 'Update organization-owned data integration',
    description:
      'Change the integration that organizations connect to. Omitted fields stay unchanged; custom_provider is shared with the user-owned one.',
    notEverywhere: true,
    also: ['edit a company-wide provider', 'shared connector'],
    input: {
      ...slug,
      description,
      enabled: enabled.describe('Whether organizations can connect'),
      scopes: scopes.describe("null resets to the provider's"),
      credentials,
      api_key: firstKey,
      custom_provider: z
        .strictObject({ name: z.string().optional(), ...providerOptions })
        .optional()
        .describe('Changed fields'),
    },
    consentFor: { enabled: 'equals:false', credentials: 'always' },
    secrets: { in: ['credentials.client_secret', 'api_key.secret'] },
  }),

  delete_org_owned_data_integration: endpoint('DELETE /data-integrations/{provider_slug}/organization', {
    title: 'Delete organization-owned data integration',
    description: 'Delete the integration that organizations connect to, with every account connected through it.',
    notEverywhere: true,
    also: ['remove a company-wide provider', 'shared connector'],
    input: slug,
  }),

  list_org_data_providers: endpoint('GET /organizations/{organization_id}/data_providers', {
    title: 'List organization data providers',
    description: "List the providers that organizations connect to, with this organization's account at each.",
    notEverywhere: true,
    also: ['services a company connected', 'company-wide accounts, whole company', 'shared connections'],
    input: { organization_id: id(), supports_multiple_connections: several },
    filterable: true,
  }),

  get_org_connected_account: endpoint('GET /organizations/{organization_id}/connected_accounts/{provider_slug}', {
    title: 'Get organization connected account',
    description: 'Get the account that an organization itself has connected.',
    notEverywhere: true,
    also: ["is a company's Slack connected", 'company-wide account, whole company', 'shared connection'],
    input: { ...orgAccount, ...selector },
  }),

  import_org_connected_account: endpoint('POST /organizations/{organization_id}/connected_accounts/{provider_slug}', {
    title: 'Import organization connected account',
    description: "Connect an organization's account with OAuth tokens you already have, without the OAuth flow.",
    notEverywhere: true,
    also: ["migrate or move a company's tokens", 'shared account', 'take over from another system'],
    input: { ...orgAccount, ...tokens },
    secrets: tokenSecrets,
  }),

  update_org_connected_account: endpoint('PUT /organizations/{organization_id}/connected_accounts/{provider_slug}', {
    title: 'Update organization connected account',
    description: "Replace the tokens, scopes or state of an organization's account.",
    notEverywhere: true,
    also: ['new tokens for a company', 'shared account'],
    input: { ...orgAccount, ...selector, ...tokens },
    queryFields: Object.keys(selector),
    consentFor: { access_token: 'always', refresh_token: 'always', state: 'always' },
    secrets: tokenSecrets,
  }),

  delete_org_connected_account: endpoint('DELETE /organizations/{organization_id}/connected_accounts/{provider_slug}', {
    title: 'Delete organization connected account',
    description: "Disconnect an organization's account and delete its tokens. The authorization at the provider stays.",
    notEverywhere: true,
    also: ["unlink a company's Slack", 'shared account'],
    input: { ...orgAccount, ...selector },
  }),
});
