import {
  accountOf,
  connectAccount,
  disconnectAccount,
  integrationFor,
  type Owner,
  providerName,
  updateAccount,
} from '../connected-accounts.ts';
import { isString, isStringArray, optionalField } from '../http/body-fields.ts';
import { apiError, HttpError, notFound } from '../http/errors.ts';
import { compareAge } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { ConnectedAccount, DataIntegration } from '../resources/pipes.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { respond } from './resource-routes.ts';

const ROOTS = ['user_management/users/{user_id}', 'organizations/{organization_id}'];

export const connectedAccountRoutes: Route[] = ROOTS.flatMap((root): Route[] => [
  [`GET /${root}/connected_accounts/{slug}`, getAccount],
  [`POST /${root}/connected_accounts/{slug}`, importAccount],
  [`PUT /${root}/connected_accounts/{slug}`, changeAccount],
  [`DELETE /${root}/connected_accounts/{slug}`, deleteAccount],
  [`GET /${root}/data_providers`, listProviders],
]);

/** The owner of the accounts that a request refers to. */
function ownerOf({ params, query }: ApiRequest, state: State): Owner {
  const userId = params['user_id'];
  const organizationId = params['organization_id'] ?? query.get('organization_id');
  return {
    user_id: userId === undefined ? null : state.find('users', userId).id,
    organization_id: organizationId === null ? null : state.find('organizations', organizationId).id,
  };
}

function getAccount(request: ApiRequest, state: State): ApiResponse {
  return respond(state, 'connected_accounts', requireAccount(request, state).account);
}

/** Imports an account whose tokens the customer already has. */
function importAccount(request: ApiRequest, state: State): ApiResponse {
  const owner = ownerOf(request, state);
  const integration = integrationFor(state, request.id, owner);
  const tokens = parseTokens(request.body);
  if (accountOf(state, integration, owner)) {
    throw new HttpError(409, { message: `An account with '${request.id}' is connected already.` });
  }
  if (integration.state !== 'valid') {
    throw apiError(422, 'invalid_data_integration_state', 'The data integration is not in a valid state.');
  }
  if (tokens._value === undefined && tokens.state !== 'needs_reauthorization') {
    throw apiError(422, 'invalid_token_combination', 'An access_token is required for a connected account.');
  }
  return respond(
    state,
    'connected_accounts',
    connectAccount(state, integration, owner, { auth_method: 'oauth', ...tokens }),
  );
}

function changeAccount(request: ApiRequest, state: State): ApiResponse {
  const { integration, account } = requireAccount(request, state);
  const tokens = parseTokens(request.body);
  return respond(state, 'connected_accounts', updateAccount(state, integration, account, tokens));
}

function deleteAccount(request: ApiRequest, state: State): ApiResponse {
  const { integration, account } = requireAccount(request, state);
  disconnectAccount(state, integration, account);
  return {};
}

/** Lists the enabled providers for this owner, each with its account, if connected. The API repeats some fields in camel case. */
function listProviders(request: ApiRequest, state: State): ApiResponse {
  const owner = ownerOf(request, state);
  const ownership = owner.user_id === null ? 'organization' : 'user';
  const integrations = state.where('data_integrations', { _ownership: ownership, enabled: true }).sort(compareAge);
  return { body: { object: 'list', data: integrations.map((integration) => provider(state, integration, owner)) } };
}

function provider(state: State, integration: DataIntegration, owner: Owner): object {
  const { id, slug, description, integration_type, scopes, auth_methods, created_at, updated_at } = integration;
  const account = accountOf(state, integration, owner);
  const credentialsType = integration.credentials?.type ?? 'shared';
  return {
    object: 'data_provider',
    id,
    name: providerName(integration),
    description,
    slug,
    integration_type,
    credentials_type: credentialsType,
    scopes,
    auth_methods,
    ownership: owner.user_id === null ? 'organization' : 'userland_user',
    created_at,
    updated_at,
    integrationType: integration_type,
    credentialsType,
    createdAt: created_at,
    updatedAt: updated_at,
    connected_account: account
      ? {
          ...present(state, 'connected_accounts', account),
          userlandUserId: account.user_id,
          organizationId: account.organization_id,
          createdAt: account.created_at,
          updatedAt: account.updated_at,
        }
      : null,
  };
}

function requireAccount(request: ApiRequest, state: State) {
  const owner = ownerOf(request, state);
  const integration = integrationFor(state, request.id, owner);
  const account = accountOf(state, integration, owner);
  const wanted = request.query.get('connected_account_id');
  if (!account || (wanted !== null && account.id !== wanted)) throw notFound('Connected Account', wanted ?? request.id);
  return { integration, account };
}

function parseTokens(body: Record<string, unknown>): Partial<ConnectedAccount> {
  const accessToken = optionalField(body, 'access_token', isString);
  const refreshToken = optionalField(body, 'refresh_token', isString);
  const expiresAt = optionalField(body, 'expires_at', isString);
  const scopes = optionalField(body, 'scopes', isStringArray);
  const needsReauthorization = body['state'] === 'needs_reauthorization';
  return {
    ...(accessToken !== undefined && { _value: accessToken }),
    ...(refreshToken !== undefined && { _refresh_token: refreshToken }),
    ...(expiresAt !== undefined && { _expires_at: timestamp(Date.parse(expiresAt)) }),
    ...(scopes && { scopes }),
    ...(body['state'] !== undefined && { state: needsReauthorization ? 'needs_reauthorization' : 'connected' }),
  };
}
