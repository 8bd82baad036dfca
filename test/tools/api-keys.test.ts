import { expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { apiKeys } from '../../src/tools/api-keys.ts';
import { sends } from '../harness.ts';

const newKey = { name: 'CI', permissions: ['posts:read', 'posts:write'], expires_at: '2030-01-01T00:00:00Z' };

sends(apiKeys, [
  [
    'list_organization_api_keys',
    { limit: 5, before: 'api_key_b', after: 'api_key_a', order: 'asc', organization_id: 'org_1' },
    'GET /organizations/org_1/api_keys?order=asc&limit=5&before=api_key_b&after=api_key_a',
  ],
  ['list_organization_api_keys', { organization_id: 'org_1' }, 'GET /organizations/org_1/api_keys?order=desc'],
  [
    'create_organization_api_key',
    { organization_id: 'org_1', ...newKey },
    'POST /organizations/org_1/api_keys',
    newKey,
  ],
  [
    'create_organization_api_key',
    { organization_id: 'org_1', name: 'CI' },
    'POST /organizations/org_1/api_keys',
    { name: 'CI' },
  ],
  [
    'list_user_api_keys',
    {
      limit: 5,
      before: 'api_key_b',
      after: 'api_key_a',
      order: 'asc',
      user_id: 'user_1',
      organization_id: 'org_1',
    },
    'GET /user_management/users/user_1/api_keys?order=asc&limit=5&before=api_key_b&after=api_key_a&organization_id=org_1',
  ],
  ['list_user_api_keys', { user_id: 'user_1' }, 'GET /user_management/users/user_1/api_keys?order=desc'],
  [
    'create_user_api_key',
    { user_id: 'user_1', organization_id: 'org_1', ...newKey },
    'POST /user_management/users/user_1/api_keys',
    { organization_id: 'org_1', ...newKey },
  ],
  ['validate_api_key', { value: 'sk_customer' }, 'POST /api_keys/validations', { value: 'sk_customer' }],
  [
    'expire_api_key',
    { api_key_id: 'api_key_1', expires_at: '2030-01-01T00:00:00.000Z' },
    'POST /api_keys/api_key_1/expire',
    { expires_at: '2030-01-01T00:00:00.000Z' },
  ],
  [
    'expire_api_key',
    { api_key_id: 'api_key_1', expires_at: null },
    'POST /api_keys/api_key_1/expire',
    { expires_at: null },
  ],
  ['expire_api_key', { api_key_id: 'api_key_1' }, 'POST /api_keys/api_key_1/expire', {}],
  ['delete_api_key', { api_key_id: 'api_key_1' }, 'DELETE /api_keys/api_key_1'],
  [
    'validate_agent_credential',
    { type: 'access_token', credential: 'eyJhbGciOi', audience: 'https://api.example.com' },
    'POST /agents/credentials/validate',
    { type: 'access_token', credential: 'eyJhbGciOi', audience: 'https://api.example.com' },
  ],
  [
    'validate_agent_credential',
    { type: 'api_key', credential: 'sk_agent' },
    'POST /agents/credentials/validate',
    { type: 'api_key', credential: 'sk_agent' },
  ],
  ['get_agent_registration', { agent_registration_id: 'agent_reg_1' }, 'GET /agents/registrations/agent_reg_1'],
  [
    'link_agent_claim_to_user',
    {
      type: 'link_external_user',
      claim_attempt_token: 'cla_tkn_1',
      user: { email: 'alice@example.com', external_id: 'user_abc' },
      organization_id: 'org_1',
    },
    'PATCH /agents/claims/attempts',
    {
      type: 'link_external_user',
      claim_attempt_token: 'cla_tkn_1',
      user: { email: 'alice@example.com', external_id: 'user_abc' },
      organization_id: 'org_1',
    },
  ],
]);

const refused: [tool: string, input: Record<string, unknown>, complaint: RegExp][] = [
  [
    'validate_agent_credential',
    { type: 'api_key', credential: 'k', audience: 'a' },
    /audience cannot be used with type api_key/,
  ],
  ['expire_api_key', { api_key_id: 'api_key_1', expires_at: 'tomorrow' }, /expires_at/],
  [
    'link_agent_claim_to_user',
    { type: 'link_external_user', claim_attempt_token: 't', user: { email: 'a@b.c' } },
    /external_id/,
  ],
];

it.each(refused)('%s refuses %j', (name, input, complaint) => {
  const tool = apiKeys.tools.find((one) => one.name === name);
  expect(() => tool && parseArguments(tool, input)).toThrow(complaint);
});
