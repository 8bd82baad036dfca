import { apiError, HttpError, validationError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { checkJwtTemplate } from '../jwt-template.ts';
import { present } from '../present.ts';
import type { State } from '../state.ts';
import { list, remove } from './resource-routes.ts';

const ROOT = '/user_management';

export const authkitSettingsRoutes: Route[] = [
  [`GET ${ROOT}/redirect_uris`, list('redirect_uris')],
  [`POST ${ROOT}/redirect_uris`, createRedirectUri],
  [`DELETE ${ROOT}/redirect_uris/{id}`, removeRedirectUri],
  [`GET ${ROOT}/cors_origins`, list('cors_origins')],
  [`POST ${ROOT}/cors_origins`, createCorsOrigin],
  [`GET ${ROOT}/jwt_template`, getJwtTemplate],
  [`PUT ${ROOT}/jwt_template`, updateJwtTemplate],
  [`GET ${ROOT}/authkit_oauth_resources`, list('authkit_oauth_resources')],
  [`POST ${ROOT}/authkit_oauth_resources`, createOauthResource],
  [`DELETE ${ROOT}/authkit_oauth_resources/{id}`, remove('authkit_oauth_resources')],
];

/** The first redirect URI is the default. */
function createRedirectUri({ body }: ApiRequest, state: State): ApiResponse {
  const uri = newUri('redirect_uris', body, state);
  const isFirst = state.where('redirect_uris', { default: true }).length === 0;
  const record = state.add('redirect_uris', { uri, default: isFirst });
  return { body: present(state, 'redirect_uris', record) };
}

function removeRedirectUri({ id }: ApiRequest, state: State): ApiResponse {
  const { default: isDefault } = state.find('redirect_uris', id);
  if (isDefault) throw new HttpError(409, { message: 'The default redirect URI cannot be deleted.' });
  state.remove('redirect_uris', id);
  return {};
}

function createCorsOrigin({ body }: ApiRequest, state: State): ApiResponse {
  const origin = String(body['origin']);
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
    throw new HttpError(422, {
      message: 'Validation failed',
      errors: [{ property: 'origin', constraints: { isOrigin: 'origin must be a scheme and a host, without a path' } }],
    });
  }
  if (state.where('cors_origins', { origin }).length > 0) {
    throw apiError(409, 'duplicate_cors_origin', `The CORS origin '${origin}' already exists.`);
  }
  return { body: present(state, 'cors_origins', state.add('cors_origins', { origin })) };
}

function getJwtTemplate(_request: ApiRequest, state: State): ApiResponse {
  const [template] = state.where('jwt_templates');
  if (!template) throw new HttpError(404, { message: 'JWT template not found.' });
  return { body: present(state, 'jwt_templates', template) };
}

function updateJwtTemplate({ body }: ApiRequest, state: State): ApiResponse {
  const content = String(body['content']);
  checkJwtTemplate(content);
  const [template] = state.where('jwt_templates');
  const changed = template
    ? state.change('jwt_templates', template, { content })
    : state.add('jwt_templates', { content });
  return { body: present(state, 'jwt_templates', changed) };
}

/** There is at most one default. */
function createOauthResource({ body }: ApiRequest, state: State): ApiResponse {
  const uri = newUri('authkit_oauth_resources', body, state);
  const isDefault = body['default'] === true;
  for (const other of isDefault ? state.where('authkit_oauth_resources', { default: true }) : []) {
    state.change('authkit_oauth_resources', other, { default: false });
  }
  const record = state.add('authkit_oauth_resources', { uri, default: isDefault });
  return { body: present(state, 'authkit_oauth_resources', record) };
}

function newUri(table: 'redirect_uris' | 'authkit_oauth_resources', body: ApiRequest['body'], state: State): string {
  const uri = String(body['uri']);
  if (!URL.canParse(uri)) throw validationError('uri', 'must be an absolute URI');
  if (state.where(table, { uri }).length > 0) throw validationError('uri', 'already exists');
  return uri;
}
