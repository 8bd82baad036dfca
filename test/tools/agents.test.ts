import { expect, it } from 'vitest';
import { parseArguments } from '../../src/call/arguments.ts';
import { agents } from '../../src/tools/agents.ts';
import { sends } from '../harness.ts';

const blueprint = {
  name: 'Support agent',
  description: 'Answers tickets',
  permissions: ['tickets:read'],
  invocable_by: { organization_ids: ['org_1'], role_slugs: ['admin'] },
  session_settings: { access_token_ttl_seconds: 300, refresh_token_ttl_seconds: 3600, max_age_seconds: 86400 },
};

sends(agents, [
  [
    'list_agent_blueprints',
    { limit: 5, before: 'b', after: 'a', order: 'asc' },
    'GET /agents/blueprints?order=asc&limit=5&before=b&after=a',
  ],
  ['get_agent_blueprint', { agent_blueprint_id: 'agent_blueprint_1' }, 'GET /agents/blueprints/agent_blueprint_1'],
  ['create_agent_blueprint', blueprint, 'POST /agents/blueprints', blueprint],
  [
    'update_agent_blueprint',
    { agent_blueprint_id: 'agent_blueprint_1', ...blueprint, description: null },
    'PATCH /agents/blueprints/agent_blueprint_1',
    { ...blueprint, description: null },
  ],
  [
    'delete_agent_blueprint',
    { agent_blueprint_id: 'agent_blueprint_1' },
    'DELETE /agents/blueprints/agent_blueprint_1',
  ],
  [
    'create_agent_token',
    { agent_blueprint_id: 'ab_1', type: 'user_delegated', user_access_token: 'eyJ', intent: 'triage' },
    'POST /agents/blueprints/ab_1/tokens',
    { type: 'user_delegated', user_access_token: 'eyJ', intent: 'triage' },
  ],
  [
    'create_agent_token',
    { agent_blueprint_id: 'ab_1', type: 'autonomous', organization_id: 'org_1' },
    'POST /agents/blueprints/ab_1/tokens',
    { type: 'autonomous', organization_id: 'org_1' },
  ],
  [
    'create_agent_token',
    { agent_blueprint_id: 'ab_1', type: 'agent_delegated', agent_access_token: 'eyJ' },
    'POST /agents/blueprints/ab_1/tokens',
    { type: 'agent_delegated', agent_access_token: 'eyJ' },
  ],
  [
    'create_agent_token',
    { agent_blueprint_id: 'ab_1', type: 'refresh', refresh_token: 'rt_1' },
    'POST /agents/blueprints/ab_1/tokens',
    { type: 'refresh', refresh_token: 'rt_1' },
  ],
  [
    'validate_agent_token',
    { agent_blueprint_id: 'ab_1', agent_access_token: 'eyJ' },
    'POST /agents/blueprints/ab_1/tokens/validate',
    { agent_access_token: 'eyJ' },
  ],
  [
    'list_agent_instances',
    { limit: 5, before: 'b', after: 'a', order: 'asc', agent_blueprint_id: 'ab_1', organization_id: 'org_1' },
    'GET /agents/instances?order=asc&limit=5&before=b&after=a&agent_blueprint_id=ab_1&organization_id=org_1',
  ],
  ['get_agent_instance', { agent_instance_id: 'ai_1' }, 'GET /agents/instances/ai_1'],
  ['delete_agent_instance', { agent_instance_id: 'ai_1' }, 'DELETE /agents/instances/ai_1'],
  [
    'list_agent_sessions',
    {
      limit: 5,
      before: 'b',
      after: 'a',
      order: 'asc',
      agent_blueprint_id: 'ab_1',
      agent_instance_id: 'ai_1',
      organization_id: 'org_1',
    },
    'GET /agents/sessions?order=asc&limit=5&before=b&after=a&agent_blueprint_id=ab_1&agent_instance_id=ai_1&organization_id=org_1',
  ],
  ['get_agent_session', { agent_session_id: 'as_1' }, 'GET /agents/sessions/as_1'],
  ['revoke_agent_session', { agent_session_id: 'as_1' }, 'POST /agents/sessions/as_1/revoke'],
]);

const token = agents.tools.find(({ name }) => name === 'create_agent_token') ?? expect.fail();

it.each([
  ['user_delegated', {}, 'type user_delegated needs user_access_token'],
  ['autonomous', { refresh_token: 'rt_1' }, 'type autonomous needs organization_id'],
  ['refresh', { refresh_token: 'rt_1', organization_id: 'org_1' }, 'organization_id cannot be used with type refresh'],
])('an agent token of type %s cannot be created with %j', (type, fields, message) => {
  expect(() => parseArguments(token, { agent_blueprint_id: 'ab_1', type, ...fields })).toThrow(message);
});
