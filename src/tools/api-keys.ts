import * as z from 'zod';
import { endpoint, toolset } from './define.ts';
import { date, email, id, page, perChoice } from './schemas.ts';

const newKey = {
  name: z.string(),
  permissions: z.array(z.string()).optional().describe('Permission slugs'),
  expires_at: date('ISO 8601, default never').optional(),
};

export const apiKeys = toolset('api_keys', 'Keys that customers, users and AI agents call your own API with', {
  list_organization_api_keys: endpoint('GET /organizations/{organization_id}/api_keys', {
    title: 'List organization API keys',
    description: 'List the keys with which an organization calls your own API, without values.',
    input: { ...page, organization_id: id() },
  }),

  create_organization_api_key: endpoint('POST /organizations/{organization_id}/api_keys', {
    title: 'Create organization API key',
    description: 'Issue a key with which an organization calls your own API; shown this one time.',
    input: { organization_id: id(), ...newKey },
    secrets: { out: ['value'], class: 'once' },
  }),

  list_user_api_keys: endpoint('GET /user_management/users/{user_id}/api_keys', {
    title: 'List user API keys',
    description: 'List the keys that a user owns, without values. Not enabled everywhere.',
    input: { ...page, user_id: id(), organization_id: id().optional() },
  }),

  create_user_api_key: endpoint('POST /user_management/users/{user_id}/api_keys', {
    title: 'Create user API key',
    description:
      'Issue a key to a user with an active membership in the organization; shown this one time. Not enabled everywhere.',
    input: { user_id: id(), organization_id: id(), ...newKey },
    secrets: { out: ['value'], class: 'once' },
  }),

  validate_api_key: endpoint('POST /api_keys/validations', {
    title: 'Validate API key',
    description: 'Find out whose key this is and what it permits; api_key null means unknown.',
    input: { value: z.string().describe('The whole key') },
    effect: 'read',
    secrets: { in: ['value'] },
  }),

  expire_api_key: endpoint('POST /api_keys/{api_key_id}/expire', {
    title: 'Expire API key',
    description: 'End a key now (no expires_at) or at a date, or cancel a scheduled end (null). An ended key stays so.',
    input: {
      api_key_id: id(),
      expires_at: date().nullable().optional().describe('ISO 8601; absent = now; null = cancel'),
    },
    effect: 'delete',
  }),

  delete_api_key: endpoint('DELETE /api_keys/{api_key_id}', {
    title: 'Delete API key',
    description: 'Delete a key of an organization or user for good; calls with it fail at once.',
    input: { api_key_id: id() },
  }),

  validate_agent_credential: endpoint('POST /agents/credentials/validate', {
    title: 'Validate agent credential',
    description:
      "Check an AI agent's key or token without using it up. Other keys: validate_api_key. Not enabled everywhere.",
    input: {
      type: z.enum(['api_key', 'access_token']).describe('Of credential'),
      credential: z.string().min(1).describe('Key or token'),
      audience: z.string().min(1).optional().describe('aud to demand of a token'),
    },
    effect: 'read',
    check: perChoice('type', {
      api_key: { required: ['credential'] },
      access_token: { required: ['credential'], optional: ['audience'] },
    }),
    secrets: { in: ['credential'] },
  }),

  get_agent_registration: endpoint('GET /agents/registrations/{agent_registration_id}', {
    title: 'Get agent registration',
    description: 'Get kind, status, claim and organization of an AI agent. Not enabled everywhere.',
    input: { agent_registration_id: id() },
  }),

  link_agent_claim_to_user: endpoint('PATCH /agents/claims/attempts', {
    title: 'Link agent claim to user',
    description:
      "Give an agent's claim to a user, created if external_id is new; answers the code that completes it. Not enabled everywhere.",
    input: {
      type: z.enum(['link_external_user']).describe('Operation'),
      claim_attempt_token: z.string().min(1).describe('From the agent'),
      user: z.strictObject({ email: email(), external_id: z.string().min(1) }).describe('external_id is yours'),
      organization_id: z.string().min(1).optional().describe('If the user has several'),
    },
    effect: 'create',
    secrets: { in: ['claim_attempt_token'], out: ['user_code'], class: 'value' },
  }),
});
