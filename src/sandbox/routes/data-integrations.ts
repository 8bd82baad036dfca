import { connectAccount, disconnectAccount, integrationBySlug } from '../connected-accounts.ts';
import {
  isBoolean,
  isObject,
  isString,
  isStringArray,
  isStringOrNull,
  optionalField,
  requiredString,
} from '../http/body-fields.ts';
import { HttpError, validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Handler, Route } from '../http/route.ts';
import type { AuthMethod, DataIntegration, Ownership } from '../resources/pipes.ts';
import type { State } from '../state.ts';
import { list, respond } from './resource-routes.ts';

const ROOT = '/data-integrations';

export const dataIntegrationRoutes: Route[] = [
  [`GET ${ROOT}`, list('data_integrations', { ownership: '_ownership' })],
  [`POST ${ROOT}`, createIntegration],
  [`GET ${ROOT}/{slug}`, getIntegration('user')],
  [`PUT ${ROOT}/{slug}`, updateIntegration('user')],
  [`DELETE ${ROOT}/{slug}`, deleteIntegration('user')],
  [`GET ${ROOT}/{slug}/organization`, getIntegration('organization')],
  [`PUT ${ROOT}/{slug}/organization`, updateIntegration('organization')],
  [`DELETE ${ROOT}/{slug}/organization`, deleteIntegration('organization')],
];

type Body = Record<string, unknown>;

/** The document's defaults for a custom provider. */
const CUSTOM_PROVIDER = {
  authorization_url: null,
  token_url: null,
  refresh_token_url: null,
  pkce_enabled: false,
  request_scope_separator: ' ',
  scopes_required: false,
  client_secret_required: true,
  additional_authorization_parameters: {},
  token_body_content_type: 'application/x-www-form-urlencoded',
  authenticate_via: 'request_body',
};

/** Accepts any slug, because the sandbox has no list of WorkOS's providers. */
function createIntegration({ body }: ApiRequest, state: State): ApiResponse {
  const slug = requiredString(body, 'provider');
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(slug)) throw validationError('provider', 'must be a slug such as github');
  const ownership: Ownership = body['ownership'] === 'organization' ? 'organization' : 'user';
  const fields = parseFields(body, undefined);
  const tenant = parseTenant(body, state);
  if (state.where('data_integrations', { slug, _ownership: ownership }).length > 0) {
    throw new HttpError(409, { message: `A data integration for the provider '${slug}' already exists.` });
  }
  const methods = optionalField(body, 'auth_methods', isStringArray) ?? ['oauth'];
  if (tenant && !methods.includes('api_key')) {
    throw new HttpError(400, { message: 'An api_key is only for an integration with the auth method api_key.' });
  }
  const integration = state.add('data_integrations', {
    slug,
    integration_type: slug,
    redirect_uri: `https://api.workos.com${ROOT}/${slug}/${state.ids.next('dik', state.now())}/callback`,
    // The document has checked the choices.
    auth_methods: methods as AuthMethod[],
    // The document has checked that all values are strings.
    config: isObject(body['config']) ? (body['config'] as Record<string, string>) : {},
    _ownership: ownership,
    ...fields,
    state: isUsable(methods, fields.credentials) ? 'valid' : 'invalid',
  });
  if (tenant) installKey(state, integration, tenant);
  return respond(state, 'data_integrations', integration);
}

function getIntegration(ownership: Ownership): Handler {
  return ({ id }, state) => respond(state, 'data_integrations', integrationBySlug(state, id, ownership));
}

function updateIntegration(ownership: Ownership): Handler {
  return ({ id, body }, state) => {
    const integration = integrationBySlug(state, id, ownership);
    const fields = parseFields(body, integration);
    const tenant = parseTenant(body, state);
    state.change('data_integrations', integration, {
      ...fields,
      state: isUsable(integration.auth_methods, fields.credentials) ? 'valid' : 'invalid',
    });
    if (tenant) installKey(state, integration, tenant);
    return respond(state, 'data_integrations', integration);
  };
}

/** Deletes an integration with its accounts, and with the last integration of a provider also its configurations. */
function deleteIntegration(ownership: Ownership): Handler {
  return ({ id }, state) => {
    const integration = integrationBySlug(state, id, ownership);
    for (const account of state.where('connected_accounts', { _integration_id: integration.id })) {
      disconnectAccount(state, integration, account);
    }
    state.remove('data_integrations', integration.id);
    if (state.where('data_integrations', { slug: id }).length > 0) return {};
    for (const configuration of state.where('data_integration_configurations', { slug: id })) {
      state.remove('data_integration_configurations', configuration.id);
    }
    return {};
  };
}

function parseFields(body: Body, current: DataIntegration | undefined) {
  const description = optionalField(body, 'description', isStringOrNull);
  const scopes = body['scopes'] === null ? null : optionalField(body, 'scopes', isStringArray);
  const custom = isObject(body['custom_provider']) ? body['custom_provider'] : undefined;
  const name = custom && (optionalField(custom, 'name', isString) ?? current?.custom_provider?.name);
  return {
    description: description === undefined ? (current?.description ?? null) : description,
    enabled: optionalField(body, 'enabled', isBoolean) ?? current?.enabled ?? true,
    scopes: scopes === undefined ? (current?.scopes ?? null) : scopes,
    credentials: parseCredentials(body, current),
    custom_provider:
      custom && name !== undefined
        ? { ...CUSTOM_PROVIDER, ...current?.custom_provider, ...custom, name }
        : (current?.custom_provider ?? null),
  };
}

/** The secret itself is not stored: the sandbox calls no provider. */
function parseCredentials(body: Body, current: DataIntegration | undefined): DataIntegration['credentials'] {
  const given = body['credentials'];
  if (!isObject(given)) return current?.credentials ?? null;
  if (given['type'] === 'organization') return { type: 'organization', client_id: null, redacted_client_secret: null };
  const secret = optionalField(given, 'client_secret', isString);
  return {
    type: 'custom',
    client_id: optionalField(given, 'client_id', isString) ?? current?.credentials?.client_id ?? null,
    redacted_client_secret:
      secret === undefined ? (current?.credentials?.redacted_client_secret ?? null) : `...${secret.slice(-4)}`,
  };
}

/** OAuth needs a client, unless each organization brings its own. */
function isUsable(methods: readonly string[], credentials: DataIntegration['credentials']): boolean {
  return (
    !methods.includes('oauth') || credentials?.type === 'organization' || typeof credentials?.client_id === 'string'
  );
}

/** The API key that may be given with an integration, and its owner. */
function parseTenant(body: Body, state: State) {
  const given = body['api_key'];
  if (!isObject(given)) return undefined;
  const organizationId = optionalField(given, 'organization_id', isString);
  return {
    secret: requiredString(given, 'secret'),
    user_id: state.find('users', requiredString(given, 'user_id')).id,
    organization_id: organizationId === undefined ? null : state.find('organizations', organizationId).id,
  };
}

function installKey(state: State, integration: DataIntegration, tenant: NonNullable<ReturnType<typeof parseTenant>>) {
  const { secret, ...owner } = tenant;
  const fields = { auth_method: 'api_key', api_key_last_4: secret.slice(-4), _value: secret } as const;
  connectAccount(state, integration, owner, fields);
}
