import { expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { pipes } from '../../src/tools/pipes.ts';
import { type Row, sends } from '../harness.ts';

const customProvider = {
  name: 'Acme',
  authorization_url: 'https://acme.com/authorize',
  token_url: 'https://acme.com/token',
  refresh_token_url: null,
  pkce_enabled: true,
  request_scope_separator: ' ',
  scopes_required: false,
  client_secret_required: true,
  additional_authorization_parameters: { prompt: 'consent' },
  token_body_content_type: 'application/json',
  authenticate_via: 'request_body',
};

const settings = {
  description: 'Production',
  enabled: true,
  scopes: ['repo', 'read:org'],
  credentials: { type: 'custom', client_id: 'Iv1.abc', client_secret: 'shh' },
  api_key: { secret: 'sk-1234567890', user_id: 'user_1', organization_id: 'org_1' },
  custom_provider: customProvider,
};

const tokens = {
  access_token: 'gho_1',
  refresh_token: 'ghr_1',
  expires_at: '2030-01-01T00:00:00Z',
  scopes: ['repo'],
  state: 'connected',
};

const person = { user_id: 'user_1', organization_id: 'org_1' };
const account = '/user_management/users/user_1/connected_accounts/github';

const selector = { supports_multiple_connections: true, connected_account_id: 'ca_1' };
const chosen = 'organization_id=org_1&supports_multiple_connections=true&connected_account_id=ca_1';
const orgAccount = { organization_id: 'org_1', provider_slug: 'github' };
const orgPath = '/organizations/org_1/connected_accounts/github';
const chosenForOrg = 'supports_multiple_connections=true&connected_account_id=ca_1';

sends(pipes, [
  [
    'list_data_integrations',
    { limit: 5, before: 'b', after: 'a', order: 'asc' },
    'GET /data-integrations?order=asc&limit=5&before=b&after=a',
  ],
  ['list_data_integrations', {}, 'GET /data-integrations?order=desc'],
  ['get_data_integration', { provider_slug: 'github' }, 'GET /data-integrations/github'],
  [
    'create_data_integration',
    { provider: 'acme', auth_methods: ['oauth', 'api_key'], config: { account_identifier: 'acme-prod' }, ...settings },
    'POST /data-integrations',
    { provider: 'acme', auth_methods: ['oauth', 'api_key'], config: { account_identifier: 'acme-prod' }, ...settings },
  ],
  [
    'create_data_integration',
    { provider: 'github', description: null, scopes: null, credentials: { type: 'organization' } },
    'POST /data-integrations',
    { provider: 'github', description: null, scopes: null, credentials: { type: 'organization' } },
  ],
  ['update_data_integration', { provider_slug: 'acme', ...settings }, 'PUT /data-integrations/acme', settings],
  [
    'update_data_integration',
    { provider_slug: 'github', description: null, enabled: false, scopes: null, custom_provider: {} },
    'PUT /data-integrations/github',
    { description: null, enabled: false, scopes: null, custom_provider: {} },
  ],
  ['delete_data_integration', { provider_slug: 'github' }, 'DELETE /data-integrations/github'],
  [
    'list_org_data_integrations',
    { organization_id: 'org_1' },
    'GET /organizations/org_1/data_integration_configurations',
  ],
  [
    'configure_org_data_integration',
    {
      organization_id: 'org_1',
      provider_slug: 'github',
      enabled: true,
      scopes: ['repo'],
      client_id: 'client_1',
      client_secret: 'shh',
      config: { account_identifier: 'acme-prod' },
    },
    'PUT /organizations/org_1/data_integration_configurations/github',
    {
      enabled: true,
      scopes: ['repo'],
      client_id: 'client_1',
      client_secret: 'shh',
      config: { account_identifier: 'acme-prod' },
    },
  ],
  [
    'configure_org_data_integration',
    { organization_id: 'org_1', provider_slug: 'github', scopes: null },
    'PUT /organizations/org_1/data_integration_configurations/github',
    { scopes: null },
  ],
  ['list_user_data_providers', person, 'GET /user_management/users/user_1/data_providers?organization_id=org_1'],
  [
    'get_data_integration_auth_url',
    { provider_slug: 'github', ...person, return_to: 'https://example.com/back', config: { subdomain: 'acme' } },
    'POST /data-integrations/github/authorize',
    { ...person, return_to: 'https://example.com/back', config: { subdomain: 'acme' } },
  ],
  [
    'get_data_integration_token',
    { provider_slug: 'github', ...person },
    'POST /data-integrations/github/token',
    person,
  ],
  [
    'get_data_integration_credentials',
    { provider_slug: 'github', ...person },
    'POST /data-integrations/github/credentials',
    person,
  ],
  [
    'set_connected_account_api_key',
    { provider_slug: 'github', ...person, secret: 'sk-1' },
    'PUT /data-integrations/github/api-key',
    { ...person, secret: 'sk-1' },
  ],
  [
    'set_connected_account_credentials',
    {
      provider_slug: 'salesforce',
      ...person,
      client_id: '3MVG9',
      client_secret: 'shh',
      config: { mydomain: 'acme' },
    },
    'PUT /data-integrations/salesforce/client-credentials',
    { ...person, client_id: '3MVG9', client_secret: 'shh', config: { mydomain: 'acme' } },
  ],
  ['get_connected_account', { provider_slug: 'github', ...person }, `GET ${account}?organization_id=org_1`],
  ['get_connected_account', { provider_slug: 'github', user_id: 'user_1' }, `GET ${account}`],
  [
    'import_connected_account',
    { provider_slug: 'github', ...person, ...tokens },
    `POST ${account}?organization_id=org_1`,
    tokens,
  ],
  [
    'import_connected_account',
    { provider_slug: 'github', user_id: 'user_1', access_token: 'gho_1' },
    `POST ${account}`,
    { access_token: 'gho_1' },
  ],
  [
    'update_connected_account',
    { provider_slug: 'github', ...person, ...tokens },
    `PUT ${account}?organization_id=org_1`,
    tokens,
  ],
  [
    'update_connected_account',
    { provider_slug: 'github', user_id: 'user_1', state: 'needs_reauthorization' },
    `PUT ${account}`,
    { state: 'needs_reauthorization' },
  ],
  ['delete_connected_account', { provider_slug: 'github', ...person }, `DELETE ${account}?organization_id=org_1`],
  ['list_data_integrations', { ownership: 'organization' }, 'GET /data-integrations?order=desc&ownership=organization'],
  [
    'create_data_integration',
    { provider: 'github', ownership: 'organization' },
    'POST /data-integrations',
    { provider: 'github', ownership: 'organization' },
  ],
  [
    'list_user_data_providers',
    { ...person, supports_multiple_connections: true },
    'GET /user_management/users/user_1/data_providers?organization_id=org_1&supports_multiple_connections=true',
  ],
  [
    'get_data_integration_auth_url',
    { provider_slug: 'github', ...person, connection_owner: 'organization' },
    'POST /data-integrations/github/authorize',
    { ...person, connection_owner: 'organization' },
  ],
  ...(
    [
      ['get_data_integration_token', 'POST /data-integrations/github/token', {}, selector],
      ['get_data_integration_credentials', 'POST /data-integrations/github/credentials', {}, selector],
      ['set_connected_account_api_key', 'PUT /data-integrations/github/api-key', { secret: 'sk-1' }, {}],
      [
        'set_connected_account_credentials',
        'PUT /data-integrations/github/client-credentials',
        { client_id: 'c', client_secret: 'shh' },
        {},
      ],
    ] as const
  ).map(([tool, request, own, further]): Row => {
    const body = { ...person, ...own, ...further, connection_owner: 'user', connected_account_id: 'ca_1' };
    return [tool, { provider_slug: 'github', ...body }, request, body];
  }),
  ['get_connected_account', { provider_slug: 'github', ...person, ...selector }, `GET ${account}?${chosen}`],
  ['delete_connected_account', { provider_slug: 'github', ...person, ...selector }, `DELETE ${account}?${chosen}`],
  [
    'update_connected_account',
    { provider_slug: 'github', ...person, ...selector, ...tokens },
    `PUT ${account}?${chosen}`,
    tokens,
  ],
  ['get_org_owned_data_integration', { provider_slug: 'github' }, 'GET /data-integrations/github/organization'],
  [
    'update_org_owned_data_integration',
    { provider_slug: 'acme', ...settings },
    'PUT /data-integrations/acme/organization',
    settings,
  ],
  ['delete_org_owned_data_integration', { provider_slug: 'github' }, 'DELETE /data-integrations/github/organization'],
  [
    'list_org_data_providers',
    { organization_id: 'org_1', supports_multiple_connections: false },
    'GET /organizations/org_1/data_providers?supports_multiple_connections=false',
  ],
  ['get_org_connected_account', { ...orgAccount, ...selector }, `GET ${orgPath}?${chosenForOrg}`],
  ['delete_org_connected_account', { ...orgAccount, ...selector }, `DELETE ${orgPath}?${chosenForOrg}`],
  ['import_org_connected_account', { ...orgAccount, ...tokens }, `POST ${orgPath}`, tokens],
  ['update_org_connected_account', { ...orgAccount, ...selector, ...tokens }, `PUT ${orgPath}?${chosenForOrg}`, tokens],
]);

const refused: [tool: string, input: Record<string, unknown>, complaint: RegExp][] = [
  [
    'configure_org_data_integration',
    { organization_id: 'org_1', provider_slug: 'github', client_id: 'c' },
    /missing: client_secret/,
  ],
  [
    'create_data_integration',
    { provider: 'github', credentials: { type: 'custom', client_id: 'c' } },
    /custom needs client_id and client_secret/,
  ],
];

it.each(refused)('%s refuses %j', (name, input, complaint) => {
  const tool = pipes.tools.find((one) => one.name === name);
  expect(() => tool && parseArguments(tool, input)).toThrow(complaint);
});
