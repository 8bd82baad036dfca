import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { date, email, id, page, perChoice } from './schemas.ts';

const newKey = {
  name: z.string(),
  permissions: z.array(z.string()).optional().describe('Permission slugs'),
  expires_at: date('ISO 8601; default never').optional(),
};

export const apiKeys = toolset('api_keys', 'API keys that customers, users and AI agents use to call your API', {
  list_organization_api_keys: endpoint('GET /organizations/{organization_id}/api_keys', {
    title: 'List organization API keys',
    description: 'List the keys an organization uses to call your API, without their values.',
    also: ['tokens of a customer', 'which keys does a tenant have', 'unused keys, never expire'],
    input: { ...page, organization_id: id() },
  }),

  create_organization_api_key: endpoint('POST /organizations/{organization_id}/api_keys', {
    title: 'Create organization API key',
    description: 'Create a key for an organization to call your API. Its value is shown only once.',
    also: [
      'issue a token to a customer',
      'generate or rotate an access token',
      'programmatic access, script of a tenant, automate',
      'REST API',
      'lost key, new one',
    ],
    input: { organization_id: id(), ...newKey },
    secrets: { out: ['value'], class: 'once' },
  }),

  list_user_api_keys: endpoint('GET /user_management/users/{user_id}/api_keys', {
    title: 'List user API keys',
    description: 'List the API keys a user owns, without their values.',
    notEverywhere: true,
    also: ['personal access tokens, PAT', 'which keys does a person or developer own', "a user's tokens"],
    input: { ...page, user_id: id(), organization_id: id().optional() },
  }),

  create_user_api_key: endpoint('POST /user_management/users/{user_id}/api_keys', {
    title: 'Create user API key',
    description: 'Create a key for a user with an active membership in the organization. Its value is shown only once.',
    notEverywhere: true,
    also: ['personal access token, PAT', 'issue a token to somebody, a developer'],
    input: { user_id: id(), organization_id: id(), ...newKey },
    secrets: { out: ['value'], class: 'once' },
  }),

  validate_api_key: endpoint('POST /api_keys/validations', {
    title: 'Validate API key',
    description: 'Look up who owns an API key and what it permits; api_key is null if the key is invalid.',
    also: [
      'whose key is it, who does it belong to',
      'does this token work',
      'verify or test a key, header',
      'which customer does a key belong to',
      'found key',
    ],
    input: { value: z.string().describe('The full key') },
    effect: 'read',
    secrets: { in: ['value'] },
  }),

  expire_api_key: endpoint('POST /api_keys/{api_key_id}/expire', {
    title: 'Expire API key',
    description:
      'Expire an API key now, or schedule or cancel its expiry with expires_at. An expired key cannot be reactivated.',
    also: [
      'deactivate a key next week',
      'run out, stop working after a date',
      'set an expiry date',
      'leaked, compromised',
      'disable a token, cut off a script',
    ],
    input: {
      api_key_id: id(),
      expires_at: date('ISO 8601; omit to expire now, null to cancel').nullable().optional(),
    },
    effect: 'delete',
  }),

  delete_api_key: endpoint('DELETE /api_keys/{api_key_id}', {
    title: 'Delete API key',
    description: "Permanently delete an organization's or user's API key. Requests that use it fail immediately.",
    also: ['revoke a token', 'leaked or compromised key, kill it', 'get rid of a key', 'cut off a script'],
    input: { api_key_id: id() },
  }),

  validate_agent_credential: endpoint('POST /agents/credentials/validate', {
    title: 'Validate agent credential',
    description: "Check an AI agent's API key or access token without consuming it. For other keys: validate_api_key.",
    notEverywhere: true,
    also: ["is an agent's key valid", 'bot credentials', 'verify an agent, bearer token', 'who is this agent'],
    input: {
      type: z.enum(['api_key', 'access_token']).describe('Kind of credential'),
      credential: z.string().min(1).describe('Key or token'),
      audience: z.string().min(1).optional().describe('Required aud claim of a token'),
    },
    effect: 'read',
    // From the variants of the request body in the OpenAPI document.
    check: perChoice('type', {
      api_key: { required: ['credential'] },
      access_token: { required: ['credential'], optional: ['audience'] },
    }),
    secrets: { in: ['credential'] },
  }),

  get_agent_registration: endpoint('GET /agents/registrations/{agent_registration_id}', {
    title: 'Get agent registration',
    description: "Get an AI agent's registration: its kind, status, claim and organization.",
    notEverywhere: true,
    also: ['which agent signed up', 'bot registration', 'who registered a bot'],
    input: { agent_registration_id: id() },
  }),

  link_agent_claim_to_user: endpoint('PATCH /agents/claims/attempts', {
    title: 'Link agent claim to user',
    description:
      "Link an AI agent's claim to a user, created if external_id is new. Returns the code that completes the claim.",
    notEverywhere: true,
    also: ['who owns an agent', 'claim a bot', 'connect an agent to a person', 'confirm ownership of an agent'],
    input: {
      // The only value that the API accepts.
      type: z.literal('link_external_user').default('link_external_user').describe('Omit'),
      claim_attempt_token: z.string().min(1).describe('From the agent'),
      user: z.strictObject({ email: email(), external_id: z.string().min(1) }).describe('external_id is your own id'),
      organization_id: z.string().min(1).optional().describe('Required if the user is in several'),
    },
    effect: 'create',
    hints: {
      organization_selection_required:
        'Choose one of details.organizations, and call link_agent_claim_to_user again with its id as organization_id.',
      email_already_in_use:
        'Another user has this email address. list_users with email finds them; pass their external_id.',
      already_claimed: 'The claim is already completed. get_agent_registration shows it.',
      not_found: 'The claim is unknown, or it has expired. The agent has to start a new one.',
    },
    secrets: { in: ['claim_attempt_token'], out: ['user_code'], class: 'value' },
  }),
});
