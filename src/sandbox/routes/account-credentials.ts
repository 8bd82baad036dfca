import {
  accountOf,
  connectAccount,
  integrationFor,
  type Owner,
  providerName,
  updateAccount,
} from '../connected-accounts.ts';
import { isObject, isString, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, HttpError, notFound } from '../http/errors.ts';
import { page } from '../http/page.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { AuthMethod, ConnectedAccount, DataIntegration } from '../resources/pipes.ts';
import { signedClaims, signedToken } from '../signed-token.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { respond } from './resource-routes.ts';

const ROOT = '/data-integrations/{slug}';

export const accountCredentialRoutes: Route[] = [
  [`PUT ${ROOT}/api-key`, putApiKey],
  [`PUT ${ROOT}/client-credentials`, putClientCredentials],
  [`POST ${ROOT}/authorize`, authorize],
  ['GET /_sandbox/pages/connect-account/{token}', connectByPage],
  [`POST ${ROOT}/credentials`, sendCredentials],
  [`POST ${ROOT}/token`, sendAccessToken],
];

type Body = Record<string, unknown>;

/** The lifetime of authorization pages and of access tokens. */
const HOUR_MS = 3_600_000;

function putApiKey({ id, body }: ApiRequest, state: State): ApiResponse {
  const secret = requiredString(body, 'secret');
  return install(state, id, body, { auth_method: 'api_key', api_key_last_4: secret.slice(-4), _value: secret });
}

/** The secret is not stored: the sandbox calls no provider. */
function putClientCredentials({ id, body }: ApiRequest, state: State): ApiResponse {
  return install(state, id, body, {
    auth_method: 'client_credentials',
    client_id: requiredString(body, 'client_id'),
    client_secret_last_4: requiredString(body, 'client_secret').slice(-4),
    // The document has checked that all values are strings.
    ...(isObject(body['config']) && { config: body['config'] as Record<string, string> }),
  });
}

function install(
  state: State,
  slug: string,
  body: Body,
  fields: Partial<ConnectedAccount> & { auth_method: AuthMethod },
): ApiResponse {
  const { owner, integration, account } = requestedAccount(state, slug, body);
  if (account) requireMethod(account, fields.auth_method);
  if (!integration.auth_methods.includes(fields.auth_method)) {
    throw new HttpError(400, { message: `The data integration does not use the auth method ${fields.auth_method}.` });
  }
  return respond(state, 'connected_accounts', connectAccount(state, integration, owner, fields));
}

/** Answers with the address of a local page, which stands in for the provider's. */
function authorize({ id, body, origin }: ApiRequest, state: State): ApiResponse {
  const { owner, integration } = requestedAccount(state, id, body);
  const returnTo = optionalField(body, 'return_to', isString);
  if (!integration.auth_methods.includes('oauth')) {
    throw new HttpError(400, { message: 'The data integration does not use OAuth.' });
  }
  const token = signedToken({ slug: id, ...owner, return_to: returnTo, exp: state.now() + HOUR_MS });
  return { body: { url: `${origin}/_sandbox/pages/connect-account/${token}` } };
}

/** Opening the page counts as the user's consent. */
function connectByPage({ id }: ApiRequest, state: State): ApiResponse {
  const claims = signedClaims(id) ?? {};
  if (!(Number(claims['exp']) > state.now()))
    return page('Connect an account', ['This link is invalid or expired.'], 410);
  const owner: Owner = {
    user_id: optionalId(claims['user_id']),
    organization_id: optionalId(claims['organization_id']),
  };
  const integration = integrationFor(state, String(claims['slug']), owner);
  connectAccount(state, integration, owner, {
    auth_method: 'oauth',
    _value: state.ids.token(40),
    _refresh_token: state.ids.token(40),
    _expires_at: timestamp(state.now() + HOUR_MS),
  });
  const { return_to: returnTo } = claims;
  return page(`${providerName(integration)} is connected`, [
    `The provider's own page would ask here for consent. The sandbox has connected the account of ${owner.user_id ?? owner.organization_id}.`,
    ...(isString(returnTo) ? [{ text: 'Return to the app', href: returnTo }] : []),
  ]);
}

function optionalId(claim: unknown): string | null {
  return isString(claim) ? claim : null;
}

function sendCredentials({ id, body }: ApiRequest, state: State): ApiResponse {
  const { integration, account } = requestedAccount(state, id, body);
  if (!account) return inactive('not_installed');
  if (account.state !== 'connected') return inactive('needs_reauthorization');
  const credential = { object: 'credential', auth_method: account.auth_method };
  if (account.auth_method === 'api_key') {
    return { body: { active: true, credential: { ...credential, value: account._value } } };
  }
  const token = currentToken(state, integration, account);
  if (!token) return inactive('needs_reauthorization');
  const { access_token: value, ...rest } = token;
  const metadata = account.auth_method === 'client_credentials' && { metadata: account.config ?? {} };
  return { body: { active: true, credential: { ...credential, value, ...rest, ...metadata } } };
}

function sendAccessToken({ id, body }: ApiRequest, state: State): ApiResponse {
  const { integration, account } = requestedAccount(state, id, body);
  if (!account) return inactive('not_installed');
  requireMethod(account, 'oauth');
  const token = account.state === 'connected' ? currentToken(state, integration, account) : undefined;
  if (!token) return inactive('needs_reauthorization');
  return { body: { active: true, access_token: { object: 'access_token', ...token } } };
}

function inactive(error: 'not_installed' | 'needs_reauthorization'): ApiResponse {
  return { body: { active: false, error } };
}

/** A valid access token, refreshed if necessary. Undefined if there is no refresh token, so that the user has to reauthorize. */
function currentToken(state: State, integration: DataIntegration, account: ConnectedAccount) {
  const expired = account._expires_at !== null && Date.parse(account._expires_at) <= state.now();
  if (account._value === null || expired) {
    if (account.auth_method === 'oauth' && account._refresh_token === null) {
      updateAccount(state, integration, account, { state: 'needs_reauthorization' });
      return undefined;
    }
    const fields = { _value: state.ids.token(40), _expires_at: timestamp(state.now() + HOUR_MS) };
    updateAccount(state, integration, account, fields);
  }
  return {
    access_token: account._value,
    expires_at: account._expires_at,
    scopes: account.scopes,
    missing_scopes: (integration.scopes ?? []).filter((scope) => !account.scopes.includes(scope)),
  };
}

/** The owner and integration that a body names, and their account, if it is connected. */
function requestedAccount(state: State, slug: string, body: Body) {
  const userId = state.find('users', requiredString(body, 'user_id')).id;
  const given = optionalField(body, 'organization_id', isString);
  const organizationId = given === undefined ? null : state.find('organizations', given).id;
  const isShared = body['connection_owner'] === 'organization';
  if (isShared && organizationId === null) {
    throw new HttpError(400, { message: 'organization_id is required for a connection of an organization.' });
  }
  const owner: Owner = { user_id: isShared ? null : userId, organization_id: organizationId };
  const integration = integrationFor(state, slug, owner);
  const account = accountOf(state, integration, owner);
  const wanted = optionalField(body, 'connected_account_id', isString);
  if (wanted !== undefined && account?.id !== wanted) throw notFound('Connected Account', wanted);
  return { owner, integration, account };
}

function requireMethod(account: ConnectedAccount, method: AuthMethod): void {
  if (account.auth_method === method) return;
  throw apiError(422, 'auth_method_mismatch', `This installation uses ${account.auth_method} authentication.`);
}
