import {
  isBoolean,
  isObject,
  isStringArray,
  isStringOrNull,
  optionalField,
  requiredString,
} from '../http/body-fields.ts';
import { notFound, validationError } from '../http/errors.ts';
import { listParam } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { ConnectApplication } from '../resources/connect.ts';
import type { New, State } from '../state.ts';
import { listOf, remove, respond, respondList } from './resource-routes.ts';

const ROOT = '/connect/applications';

export const connectRoutes: Route[] = [
  [`GET ${ROOT}`, listApplications],
  [`POST ${ROOT}`, createApplication],
  [`GET ${ROOT}/{id}`, ({ id }, state) => respond(state, 'connect_applications', applicationById(state, id))],
  [`PUT ${ROOT}/{id}`, updateApplication],
  [`DELETE ${ROOT}/{id}`, deleteApplication],
  [`GET ${ROOT}/{id}/client_secrets`, listSecrets],
  [`POST ${ROOT}/{id}/client_secrets`, createSecret],
  ['DELETE /connect/client_secrets/{id}', remove('connect_secrets')],
  ['GET /organizations/{organization_id}/authorized_applications', listAuthorizedByMembers],
  [
    'GET /user_management/users/{user_id}/authorized_applications',
    listOf('users', 'authorized_applications', 'user_id'),
  ],
  ['DELETE /user_management/users/{user_id}/authorized_applications/{application_id}', revokeAuthorization],
];

function applicationById(state: State, id: string): ConnectApplication {
  const [byClientId] = state.where('connect_applications', { client_id: id });
  return byClientId ?? state.find('connect_applications', id);
}

function listApplications(request: ApiRequest, state: State): ApiResponse {
  const organizationId = request.query.get('organization_id');
  const types = listParam(request.query, 'registration_types');
  const found = state
    .where('connect_applications')
    .filter(
      (application) =>
        (!organizationId || application.organization_id === organizationId) &&
        (types.length === 0 || types.includes(application.was_dynamically_registered ? 'dynamic' : 'authenticated')),
    );
  return respondList(request, state, 'connect_applications', found);
}

function createApplication({ body }: ApiRequest, state: State): ApiResponse {
  const organizationId = optionalField(body, 'organization_id', isStringOrNull) ?? undefined;
  const isOAuth = body['application_type'] === 'oauth';
  const isFirstParty = isOAuth && body['is_first_party'] === true;
  if (organizationId === undefined && !isFirstParty) {
    throw validationError('organization_id', 'is required unless is_first_party is true', 'required');
  }
  const fields: New<ConnectApplication> = {
    client_id: state.ids.next('client', state.now()),
    name: requiredString(body, 'name'),
    description: optionalField(body, 'description', isStringOrNull) ?? null,
    scopes: parseScopes(body) ?? [],
    application_type: isOAuth ? 'oauth' : 'm2m',
    ...(isOAuth && {
      redirect_uris: parseRedirectUris(body) ?? [],
      uses_pkce: body['uses_pkce'] === null ? false : (optionalField(body, 'uses_pkce', isBoolean) ?? false),
      is_first_party: isFirstParty,
    }),
    ...(isOAuth && !isFirstParty && { was_dynamically_registered: false }),
    ...(organizationId !== undefined && !isFirstParty && { organization_id: organizationId }),
  };
  if (organizationId !== undefined) state.find('organizations', organizationId);
  return respond(state, 'connect_applications', state.add('connect_applications', fields));
}

function updateApplication({ id, body }: ApiRequest, state: State): ApiResponse {
  const application = applicationById(state, id);
  const redirectUris = parseRedirectUris(body);
  if (redirectUris && application.application_type === 'm2m') {
    throw validationError('redirect_uris', 'can only be set for an OAuth application');
  }
  const description = optionalField(body, 'description', isStringOrNull);
  state.change('connect_applications', application, {
    name: body['name'] === undefined ? application.name : requiredString(body, 'name'),
    description: description === undefined ? application.description : description,
    scopes: parseScopes(body) ?? application.scopes,
    ...(redirectUris && { redirect_uris: redirectUris }),
  });
  return respond(state, 'connect_applications', application);
}

function deleteApplication(request: ApiRequest, state: State): ApiResponse {
  state.remove('connect_applications', applicationById(state, request.id).id);
  return {};
}

function listSecrets({ id }: ApiRequest, state: State): ApiResponse {
  const secrets = state.where('connect_secrets', { _application_id: applicationById(state, id).id });
  return { body: secrets.map((secret) => present(state, 'connect_secrets', secret)) };
}

function createSecret({ id }: ApiRequest, state: State): ApiResponse {
  const application = applicationById(state, id);
  const secret = state.ids.token(40).toLowerCase();
  const stored = state.add('connect_secrets', {
    secret_hint: secret.slice(-6),
    last_used_at: null,
    _application_id: application.id,
    _organization_id: application.organization_id ?? null,
  });
  return { body: { ...present(state, 'connect_secrets', stored), secret } };
}

function listAuthorizedByMembers(request: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', request.id);
  const memberships = state.where('organization_memberships', { organization_id: organization.id });
  const members = new Set(memberships.map(({ user_id }) => user_id));
  const found = state.where('authorized_applications').filter(({ user_id }) => members.has(user_id));
  return respondList(request, state, 'authorized_applications', found);
}

function revokeAuthorization({ id, params }: ApiRequest, state: State): ApiResponse {
  const user = state.find('users', params['user_id'] ?? '');
  const applicationId = applicationById(state, id).id;
  const [authorized] = state.where('authorized_applications', { user_id: user.id, _application_id: applicationId });
  if (!authorized) throw notFound('Authorized Application', id);
  state.remove('authorized_applications', authorized.id);
  return {};
}

/** Null clears the scopes. */
function parseScopes(body: Record<string, unknown>): string[] | undefined {
  return body['scopes'] === null ? [] : optionalField(body, 'scopes', isStringArray);
}

/** Null clears the URIs. The first one is the default unless another is marked as such. */
function parseRedirectUris(body: Record<string, unknown>): { uri: string; default: boolean }[] | undefined {
  const given = body['redirect_uris'] === null ? [] : body['redirect_uris'];
  if (!Array.isArray(given)) return undefined;
  const uris = given
    .filter(isObject)
    .map((entry) => ({ uri: String(entry['uri']), default: entry['default'] === true }));
  const invalid = uris.find(({ uri }) => !URL.canParse(uri));
  if (invalid) throw validationError('redirect_uris', `has an invalid URI: '${invalid.uri}'`);
  const defaults = uris.filter((entry) => entry.default);
  if (defaults.length > 1) throw validationError('redirect_uris', 'can have only one default');
  return defaults.length === 1 ? uris : uris.map((entry, index) => ({ ...entry, default: index === 0 }));
}
