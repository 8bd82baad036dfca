import { isString, isStringArray, isStringOrNull, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { ApiKey, ApiKeyOwner } from '../resources/api-keys.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { remove, respond, respondList } from './resource-routes.ts';

export const apiKeyRoutes: Route[] = [
  ['POST /api_keys/validations', validateKey],
  ['DELETE /api_keys/{id}', remove('api_keys')],
  ['POST /api_keys/{id}/expire', expireKey],
  ['GET /organizations/{organizationId}/api_keys', listKeysOfOrganization],
  ['POST /organizations/{organizationId}/api_keys', createKeyOfOrganization],
  ['GET /user_management/users/{userId}/api_keys', listKeysOfUser],
  ['POST /user_management/users/{userId}/api_keys', createKeyOfUser],
];

/** The key with this value, unless it has expired. */
export function validKey(state: State, value: string): ApiKey | undefined {
  return state.where('api_keys', { _value: value }).find((key) => !hasExpired(state, key));
}

function hasExpired(state: State, { expires_at }: ApiKey): boolean {
  return expires_at !== null && Date.parse(expires_at) <= state.now();
}

function validateKey({ body }: ApiRequest, state: State): ApiResponse {
  const key = validKey(state, requiredString(body, 'value'));
  if (!key) return { body: { api_key: null } };
  state.change('api_keys', key, { last_used_at: timestamp(state.now()), updated_at: key.updated_at });
  const registration = key._agent_registration_id;
  return {
    body: { api_key: present(state, 'api_keys', key), ...(registration && { agent_registration_id: registration }) },
  };
}

/** Without a time, the key expires now. Null cancels a planned expiration. */
function expireKey({ id, body }: ApiRequest, state: State): ApiResponse {
  const key = state.find('api_keys', id);
  const time = optionalField(body, 'expires_at', isStringOrNull);
  const expiresAt = time === undefined ? timestamp(state.now()) : time === null ? null : futureTime(state, time);
  if (hasExpired(state, key)) throw apiError(409, 'api_key_already_expired', 'API key is already expired');
  const previous = { expires_at: key.expires_at };
  state.change('api_keys', key, { expires_at: expiresAt });
  state.emit('api_key.updated', { ...present(state, 'api_keys', key), previous_attributes: previous });
  return respond(state, 'api_keys', key);
}

function listKeysOfOrganization(request: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', request.id);
  const keys = state.where('api_keys', { _organization_id: organization.id, _user_id: null });
  return respondList(request, state, 'api_keys', keys);
}

function listKeysOfUser(request: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', request.id);
  const organizationId = request.query.get('organization_id');
  const keys = state
    .where('api_keys', { _user_id: user.id })
    .filter((key) => !organizationId || key._organization_id === organizationId);
  return respondList(request, state, 'api_keys', keys);
}

function createKeyOfOrganization({ id, body }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', id);
  return createKey(body, state, { type: 'organization', id: organization.id });
}

function createKeyOfUser({ id, body }: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', id);
  const organization = state.find('organizations', requiredString(body, 'organization_id'));
  const membership = { user_id: user.id, organization_id: organization.id, status: 'active' } as const;
  if (state.where('organization_memberships', membership).length === 0) {
    throw validationError('organization_id', 'must be an organization of which the user is an active member');
  }
  return createKey(body, state, { type: 'user', id: user.id, organization_id: organization.id });
}

function createKey(body: Record<string, unknown>, state: State, owner: ApiKeyOwner): ApiResponse {
  const name = requiredString(body, 'name');
  const permissions = optionalField(body, 'permissions', isStringArray) ?? [];
  const known = new Set(state.where('permissions').map(({ slug }) => slug));
  const unknown = permissions.find((slug) => !known.has(slug));
  if (unknown !== undefined) throw validationError('permissions', `has an unknown permission: '${unknown}'`);
  const time = optionalField(body, 'expires_at', isString);
  const expiresAt = time === undefined ? null : futureTime(state, time);
  const value = `sk_${state.ids.token(40).toLowerCase()}`;
  const key = state.add('api_keys', {
    owner,
    name,
    obfuscated_value: `sk_...${value.slice(-4)}`,
    last_used_at: null,
    expires_at: expiresAt,
    permissions,
    _value: value,
    _organization_id: owner.type === 'user' ? owner.organization_id : owner.id,
    _user_id: owner.type === 'user' ? owner.id : null,
  });
  const sent = present(state, 'api_keys', key);
  state.emit('api_key.created', sent);
  return { body: { ...sent, value } };
}

function futureTime(state: State, text: string): string {
  const time = Date.parse(text);
  if (!(time > state.now())) throw validationError('expires_at', 'must be in the future');
  return timestamp(time);
}
