import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { id, page, perChoice } from './schemas.ts';

const blueprint = { agent_blueprint_id: id() };
const session = { agent_session_id: id() };

const name = z.string().min(1).max(255);
const permissions = z.array(z.string().min(1)).max(1000).optional();
const invocableBy = z
  .strictObject({
    organization_ids: z.array(z.string().min(1)).max(1000).optional(),
    role_slugs: z.array(z.string().min(1)).max(100).optional(),
  })
  .optional();

/** The API's limits: an hour, 60 days, and a year. */
const lifetimes = {
  access_token_ttl_seconds: z.int().max(3_600),
  refresh_token_ttl_seconds: z.int().max(5_184_000),
  max_age_seconds: z.int().max(31_536_000),
};

export const agents = toolset('agents', 'AI agents: blueprints, instances, sessions and tokens', {
  list_agent_blueprints: endpoint('GET /agents/blueprints', {
    title: 'List agent blueprints',
    description: 'List the templates for AI agents.',
    notEverywhere: true,
    also: ['which AI agents are defined', 'bot types', 'assistants, definitions'],
    input: { ...page },
  }),

  get_agent_blueprint: endpoint('GET /agents/blueprints/{agent_blueprint_id}', {
    title: 'Get agent blueprint',
    description: 'Get one blueprint: permissions, who may invoke it, session lifetimes.',
    notEverywhere: true,
    also: ['what may an AI agent do, how long', 'bot definition', 'assistant settings, limits'],
    input: blueprint,
  }),

  create_agent_blueprint: endpoint('POST /agents/blueprints', {
    title: 'Create agent blueprint',
    description:
      'Create a template for AI agents. Its permissions are the most an agent gets. The permissions, roles and organizations must exist.',
    notEverywhere: true,
    also: [
      'define or register a new AI agent',
      'set up a bot, helper',
      'assistant with limited rights, read-only',
      'agent that may only do some things',
    ],
    input: {
      name: name.describe('Unique'),
      description: z.string().min(1).max(1000).optional().describe('Free text'),
      permissions: permissions.describe('Permission slugs'),
      invocable_by: invocableBy.describe('Who may invoke it'),
      session_settings: z.strictObject(lifetimes).optional().describe('At most an hour, 60 days and a year'),
    },
    grantsAccess: ['permissions'],
  }),

  update_agent_blueprint: endpoint('PATCH /agents/blueprints/{agent_blueprint_id}', {
    title: 'Update agent blueprint',
    description: 'Change a blueprint. Omitted fields stay unchanged; a list replaces the old one.',
    notEverywhere: true,
    also: ['change what an AI agent may do', 'edit or restrict a bot', 'allow an assistant more, may also'],
    input: {
      ...blueprint,
      name: name.optional(),
      description: z.string().min(1).max(1000).nullable().optional().describe('null clears'),
      permissions: permissions.describe('The new full list'),
      invocable_by: invocableBy.describe('Who may invoke it'),
      session_settings: z.strictObject(lifetimes).partial().optional().describe('At most an hour, 60 days and a year'),
    },
    grantsAccess: ['permissions'],
    consentFor: { permissions: 'removes' },
    replaces: { permissions: {} },
  }),

  delete_agent_blueprint: endpoint('DELETE /agents/blueprints/{agent_blueprint_id}', {
    title: 'Delete agent blueprint',
    description: 'Delete a blueprint with its instances and their sessions.',
    notEverywhere: true,
    also: ['remove an AI agent', 'retire a bot', 'assistant no longer used'],
    input: blueprint,
    dependents: [
      { label: 'agent_instances', list: 'list_agent_instances', argument: 'agent_blueprint_id' },
      { label: 'agent_sessions', list: 'list_agent_sessions', argument: 'agent_blueprint_id' },
    ],
  }),

  create_agent_token: endpoint('POST /agents/blueprints/{agent_blueprint_id}/tokens', {
    title: 'Create agent token',
    description:
      'Issue an access token and a session for an agent: for a user, for the agent itself in an organization, from its own token, or by refresh. A refresh token works once.',
    notEverywhere: true,
    also: [
      'bot acts on behalf of a user',
      'credentials for a bot or assistant',
      'delegate access',
      'agent login',
      'impersonation by an agent',
    ],
    input: {
      ...blueprint,
      type: z
        .enum(['user_delegated', 'autonomous', 'agent_delegated', 'refresh'])
        .describe('Each takes its own field: user_access_token, organization_id, agent_access_token, refresh_token'),
      user_access_token: z.string().min(1).optional().describe('Of the delegating user'),
      organization_id: z.string().min(1).optional(),
      agent_access_token: z.string().min(1).optional().describe('Of this blueprint'),
      refresh_token: z.string().min(1).optional().describe('The latest'),
      intent: z.string().min(1).max(255).optional().describe('Becomes the claim intent.text'),
    },
    // From the variants of the request body in the OpenAPI document.
    check: perChoice('type', {
      user_delegated: { required: ['user_access_token'] },
      autonomous: { required: ['organization_id'] },
      agent_delegated: { required: ['agent_access_token'] },
      refresh: { required: ['refresh_token'] },
    }),
    secrets: {
      in: ['user_access_token', 'agent_access_token', 'refresh_token'],
      out: ['access_token', 'refresh_token'],
      class: 'once',
    },
  }),

  validate_agent_token: endpoint('POST /agents/blueprints/{agent_blueprint_id}/tokens/validate', {
    title: 'Validate agent token',
    description:
      'Check that an agent token is genuine, from this blueprint, and that its session is active. A bad token gives a 400 with a code.',
    notEverywhere: true,
    also: ["is a bot's token valid, ok", 'verify an AI agent', 'bearer'],
    input: { ...blueprint, agent_access_token: z.string().min(1).describe('The token') },
    effect: 'read',
    secrets: { in: ['agent_access_token'] },
  }),

  list_agent_instances: endpoint('GET /agents/instances', {
    title: 'List agent instances',
    description: 'List agent instances; create_agent_token makes them.',
    notEverywhere: true,
    also: ['bots, active or in use', 'AI agents of a customer, at a company', 'deployed assistants'],
    input: { ...page, agent_blueprint_id: id().optional(), organization_id: id().optional() },
  }),

  get_agent_instance: endpoint('GET /agents/instances/{agent_instance_id}', {
    title: 'Get agent instance',
    description: 'Get one agent instance.',
    notEverywhere: true,
    also: ['one bot', 'AI agent details'],
    input: { agent_instance_id: id() },
  }),

  delete_agent_instance: endpoint('DELETE /agents/instances/{agent_instance_id}', {
    title: 'Delete agent instance',
    description: 'Delete an instance with its sessions, whose refresh tokens stop working.',
    notEverywhere: true,
    also: ['remove a bot', 'stop or shut down an AI agent for one customer', 'agent misbehaves'],
    input: { agent_instance_id: id() },
    dependents: [{ label: 'agent_sessions', list: 'list_agent_sessions', argument: 'agent_instance_id' }],
  }),

  list_agent_sessions: endpoint('GET /agents/sessions', {
    title: 'List agent sessions',
    description: 'List the sessions of agents.',
    notEverywhere: true,
    also: ['what are AI agents doing', 'active bots', 'logged-in agents, in use'],
    input: {
      ...page,
      agent_blueprint_id: id().optional(),
      agent_instance_id: id().optional(),
      organization_id: id().optional(),
    },
  }),

  get_agent_session: endpoint('GET /agents/sessions/{agent_session_id}', {
    title: 'Get agent session',
    description: 'Get one agent session with its status.',
    notEverywhere: true,
    also: ['is a bot still logged in', 'AI agent session details'],
    input: session,
  }),

  revoke_agent_session: endpoint('POST /agents/sessions/{agent_session_id}/revoke', {
    title: 'Revoke agent session',
    description: 'End a session: its refresh token and all its access tokens stop working.',
    notEverywhere: true,
    also: [
      'stop or block an AI agent',
      'log out a bot',
      "end a bot's access, shut down",
      'agent misbehaves',
      'emergency',
    ],
    input: session,
    effect: 'delete',
  }),
});
