import { isBoolean, isObject, isString, isStringArray, optionalField, requiredString } from '../http/body-fields.ts';
import { HttpError, notFound, validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { DataIntegration, DataIntegrationConfiguration } from '../resources/pipes.ts';
import type { State } from '../state.ts';
import { respond } from './resource-routes.ts';

const ROOT = '/organizations/{organizationId}/data_integration_configurations';

export const dataConfigurationRoutes: Route[] = [
  [`GET ${ROOT}`, listConfigurations],
  [`PUT ${ROOT}/{slug}`, putConfiguration],
];

/** Lists all providers, each with the organization's configuration or the default one. */
function listConfigurations({ id }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', id);
  const bySlug = new Map(state.where('data_integrations').map((integration) => [integration.slug, integration]));
  const data = [...bySlug.values()].map((integration) => {
    const configuration = configurationOf(state, organization.id, integration.slug);
    const shown = configuration ?? defaultConfiguration(organization.id, integration);
    return present(state, 'data_integration_configurations', shown);
  });
  return { body: { object: 'list', data } };
}

function putConfiguration({ id: slug, params, body }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', requiredString(params, 'organizationId'));
  const [integration] = state.where('data_integrations', { slug });
  if (!integration) throw notFound('Data Integration', slug);
  const existing = configurationOf(state, organization.id, slug);
  const current = existing ?? defaultConfiguration(organization.id, integration);
  const scopes = body['scopes'] === null ? null : optionalField(body, 'scopes', isStringArray);
  const unknown = scopes?.find((scope) => integration.scopes && !integration.scopes.includes(scope));
  if (unknown !== undefined)
    throw validationError('scopes', `has a scope that the provider does not support: '${unknown}'`);
  const clientId = optionalField(body, 'client_id', isString);
  const secret = optionalField(body, 'client_secret', isString);
  if ((clientId ?? secret) !== undefined && integration.credentials?.type !== 'organization') {
    throw new HttpError(400, { message: 'The credentials of this provider are not managed by organizations.' });
  }
  const fields = {
    organization_id: organization.id,
    slug,
    enabled: optionalField(body, 'enabled', isBoolean) ?? current.enabled,
    scopes: scopes === undefined ? current.scopes : scopes,
    // The document has checked that all values are strings.
    config: isObject(body['config']) ? (body['config'] as Record<string, string>) : current.config,
    _client_id: clientId ?? current._client_id,
    _client_secret_last_four: secret?.slice(-4) ?? current._client_secret_last_four,
  };
  const configuration = existing
    ? state.change('data_integration_configurations', existing, fields)
    : state.add('data_integration_configurations', fields);
  return respond(state, 'data_integration_configurations', configuration);
}

function configurationOf(state: State, organizationId: string, slug: string) {
  return state.where('data_integration_configurations', { organization_id: organizationId, slug })[0];
}

/** The configuration of a provider that the organization has not configured. Its id is that of the integration. */
function defaultConfiguration(organizationId: string, integration: DataIntegration): DataIntegrationConfiguration {
  const { id, slug, enabled, scopes, config, created_at, updated_at } = integration;
  return {
    object: 'data_integration_configuration',
    id,
    organization_id: organizationId,
    slug,
    enabled,
    scopes,
    config,
    created_at,
    updated_at,
    _client_id: null,
    _client_secret_last_four: null,
  };
}
