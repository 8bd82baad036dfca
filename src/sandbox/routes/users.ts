import { checkExternalId } from '../external-id.ts';
import { newUser } from '../factories.ts';
import { isBoolean, isEmail, isString, isStringOrNull, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, HttpError, notFound, validationError } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { mergeMetadata } from '../metadata.ts';
import { parsePassword } from '../passwords.ts';
import { present } from '../present.ts';
import type { User } from '../resources/users.ts';
import type { State } from '../state.ts';
import { get, remove } from './resource-routes.ts';

export const userRoutes: Route[] = [
  ['GET /user_management/users', listUsers],
  ['POST /user_management/users', createUser],
  ['GET /user_management/users/external_id/{external_id}', getUserByExternalId],
  ['GET /user_management/users/{id}', get('users')],
  ['PUT /user_management/users/{id}', updateUser],
  ['DELETE /user_management/users/{id}', remove('users')],
];

type Body = Record<string, unknown>;

/**
 * Reads a required email address.
 * @throws HttpError 422 if it is missing or malformed
 */
export function requiredEmail(body: Body, field: string): string {
  const email = requiredString(body, field);
  if (!isEmail(email)) {
    throw validationError(field, 'must be an email address', 'email_invalid');
  }
  return email;
}

/** The user with this email address, ignoring case. */
export function userByEmail(state: State, email: string): User | undefined {
  return state.where('users').find((user) => user.email.toLowerCase() === email.toLowerCase());
}

/** @throws HttpError 404 if there is no such user */
export function userById(state: State, id: string): User {
  return state.find('users', id);
}

function listUsers(request: ApiRequest, state: State): ApiResponse {
  const email = request.query.get('email')?.toLowerCase();
  const organizationId = request.query.get('organization_id') ?? request.query.get('organization');
  const memberships =
    organizationId === null ? [] : state.where('organization_memberships', { organization_id: organizationId });
  const members = new Set(memberships.map((membership) => membership.user_id));
  const found = state
    .where('users')
    .filter(
      (user) =>
        (email === undefined || user.email.toLowerCase() === email) &&
        (organizationId === null || members.has(user.id)),
    );
  return paginate(request, found, (user) => present(state, 'users', user));
}

function createUser({ body }: ApiRequest, state: State): ApiResponse {
  const email = requiredEmail(body, 'email');
  const first = optionalField(body, 'first_name', isStringOrNull) ?? null;
  const last = optionalField(body, 'last_name', isStringOrNull) ?? null;
  const name = optionalField(body, 'name', isStringOrNull) ?? fullName(first, last);
  const verified =
    body['email_verified'] === null ? false : (optionalField(body, 'email_verified', isBoolean) ?? false);
  const externalId = optionalField(body, 'external_id', isStringOrNull) ?? null;
  const password = parsePassword(body, state);
  if (userByEmail(state, email)) {
    throw new HttpError(400, {
      message: 'Could not create user.',
      code: 'user_creation_error',
      errors: [{ code: 'email_not_available', message: `The email '${email}' is not available.` }],
    });
  }
  const user = state.add('users', {
    ...newUser({ email }),
    first_name: first,
    last_name: last,
    name,
    email_verified: verified,
    external_id: checkExternalId(state.where('users'), undefined, externalId),
    metadata: mergeMetadata({}, body['metadata']),
    ...(password ? { _password: password } : {}),
  });
  return { body: present(state, 'users', user) };
}

function getUserByExternalId({ id }: ApiRequest, state: State): ApiResponse {
  const [user] = state.where('users', { external_id: id });
  if (!user) throw notFound('User', id);
  return { body: present(state, 'users', user) };
}

function updateUser({ id, body }: ApiRequest, state: State): ApiResponse {
  const user = userById(state, id);
  // Names may be null on creation but not on update.
  const first = optionalField(body, 'first_name', isString);
  const last = optionalField(body, 'last_name', isString);
  const name = optionalField(body, 'name', isString);
  const locale = optionalField(body, 'locale', isStringOrNull);
  const externalId = optionalField(body, 'external_id', isStringOrNull);
  checkLocale(locale);
  const password = parsePassword(body, state);
  const updated = {
    email: body['email'] === undefined ? user.email : requiredEmail(body, 'email'),
    email_verified: optionalField(body, 'email_verified', isBoolean) ?? user.email_verified,
    first_name: first ?? user.first_name,
    last_name: last ?? user.last_name,
    locale: locale === undefined ? user.locale : locale,
    external_id: externalId === undefined ? user.external_id : checkExternalId(state.where('users'), user, externalId),
    metadata: mergeMetadata(user.metadata, body['metadata']),
  };
  const renamed = first !== undefined || last !== undefined;
  const shownName = name ?? (renamed ? fullName(updated.first_name, updated.last_name) : user.name);
  const owner = userByEmail(state, updated.email);
  if (owner && owner.id !== id) {
    throw apiError(400, 'email_not_available', `The email '${updated.email}' is not available.`);
  }
  state.change('users', user, { ...updated, name: shownName, ...(password ? { _password: password } : {}) });
  return { body: present(state, 'users', user) };
}

function fullName(first: string | null, last: string | null): string | null {
  return [first, last].filter((part) => part !== null).join(' ') || null;
}

/** @throws HttpError 400 if it is not a known locale */
function checkLocale(locale: string | null | undefined): void {
  if (locale && !isKnownLocale(locale)) throw apiError(400, 'invalid_locale', `'${locale}' is not a known locale.`);
}

function isKnownLocale(locale: string): boolean {
  try {
    return new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(locale) !== undefined;
  } catch {
    return false;
  }
}
