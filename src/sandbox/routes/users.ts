import { isBoolean, isText, isTextOrNull, notBoth, optional, requiredText } from '../http/body.ts';
import { page } from '../http/pagination.ts';
import {
  existing,
  invalid,
  notFound,
  Problem,
  type Reply,
  type Route,
  refused,
  type SandboxRequest,
} from '../http/reply.ts';
import { mergedMetadata, uniqueExternalId } from '../metadata.ts';
import { stamps, timestamp, type User } from '../records.ts';
import type { State } from '../state.ts';

export const userRoutes: Route[] = [
  ['GET', '/user_management/users', listUsers],
  ['POST', '/user_management/users', createUser],
  ['GET', '/user_management/users/external_id/{id}', getUserByExternalId],
  ['GET', '/user_management/users/{id}', ({ id }, state) => ({ status: 200, body: userById(state, id) })],
  ['PUT', '/user_management/users/{id}', updateUser],
  ['DELETE', '/user_management/users/{id}', deleteUser],
];

type Body = Record<string, unknown>;

/** An address, or 422. */
export function requiredEmail(body: Body, field: string): string {
  const email = requiredText(body, field);
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw invalid(field, 'must be an email address', 'email_invalid');
  return email;
}

/** The user with that address, in whatever case. */
export function userByEmail(state: State, email: string): User | undefined {
  return [...state.users.values()].find((user) => user.email.toLowerCase() === email.toLowerCase());
}

/** The user with that id, or 404. */
export function userById(state: State, id: string): User {
  return existing(state.users, 'User', id);
}

function listUsers(request: SandboxRequest, state: State): Reply {
  const email = request.query.get('email')?.toLowerCase();
  const organizationId = request.query.get('organization_id') ?? request.query.get('organization');
  const memberships = [...state.memberships.values()].filter(
    (membership) => membership.organization_id === organizationId,
  );
  const members = new Set(memberships.map((membership) => membership.user_id));
  const found = [...state.users.values()].filter(
    (user) =>
      (email === undefined || user.email.toLowerCase() === email) && (organizationId === null || members.has(user.id)),
  );
  return page(request, state, found);
}

function createUser({ body }: SandboxRequest, state: State): Reply {
  const email = requiredEmail(body, 'email');
  const first = optional(body, 'first_name', isTextOrNull) ?? null;
  const last = optional(body, 'last_name', isTextOrNull) ?? null;
  const name = optional(body, 'name', isTextOrNull) ?? fullName(first, last);
  const verified = body['email_verified'] === null ? false : (optional(body, 'email_verified', isBoolean) ?? false);
  const external = optional(body, 'external_id', isTextOrNull) ?? null;
  checkPassword(body);
  if (userByEmail(state, email)) {
    throw new Problem(400, {
      message: 'Could not create user.',
      code: 'user_creation_error',
      errors: [{ code: 'email_not_available', message: `The email '${email}' is not available.` }],
    });
  }
  const now = state.now();
  const user: User = {
    object: 'user',
    email,
    first_name: first,
    last_name: last,
    name,
    profile_picture_url: null,
    email_verified: verified,
    external_id: uniqueExternalId(state.users.values(), undefined, external),
    metadata: mergedMetadata({}, body['metadata']),
    last_sign_in_at: null,
    locale: null,
    id: state.mint.next('user', now),
    ...stamps(now),
  };
  state.users.set(user.id, user);
  return { status: 201, body: user };
}

function getUserByExternalId({ id }: SandboxRequest, state: State): Reply {
  const user = [...state.users.values()].find(({ external_id }) => external_id === id);
  if (!user) throw notFound('User', id);
  return { status: 200, body: user };
}

function updateUser({ id, body }: SandboxRequest, state: State): Reply {
  const user = userById(state, id);
  // Unlike on creation, null is no name here.
  const first = optional(body, 'first_name', isText);
  const last = optional(body, 'last_name', isText);
  const name = optional(body, 'name', isText);
  const locale = optional(body, 'locale', isTextOrNull);
  const external = optional(body, 'external_id', isTextOrNull);
  checkPassword(body);
  const changed: User = {
    ...user,
    email: body['email'] === undefined ? user.email : requiredEmail(body, 'email'),
    email_verified: optional(body, 'email_verified', isBoolean) ?? user.email_verified,
    first_name: first ?? user.first_name,
    last_name: last ?? user.last_name,
    locale: locale === undefined ? user.locale : locale,
    external_id: external === undefined ? user.external_id : uniqueExternalId(state.users.values(), user, external),
    metadata: mergedMetadata(user.metadata, body['metadata']),
    updated_at: timestamp(state.now()),
  };
  const renamed = first !== undefined || last !== undefined;
  changed.name = name ?? (renamed ? fullName(changed.first_name, changed.last_name) : user.name);
  const holder = userByEmail(state, changed.email);
  if (holder && holder.id !== id) {
    throw refused(400, 'email_not_available', `The email '${changed.email}' is not available.`);
  }
  state.users.set(id, changed);
  return { status: 200, body: changed };
}

/** WorkOS answers 200 without a body here, not 204. */
function deleteUser({ id }: SandboxRequest, state: State): Reply {
  state.users.delete(userById(state, id).id);
  for (const [key, membership] of state.memberships) if (membership.user_id === id) state.memberships.delete(key);
  return { status: 200 };
}

function fullName(first: string | null, last: string | null): string | null {
  return [first, last].filter((part) => part !== null).join(' ') || null;
}

/** Passwords are judged and forgotten. */
function checkPassword(body: Body): void {
  if (body['password'] !== undefined && body['password_hash'] !== undefined) {
    throw refused(400, 'password_and_password_hash_provided', 'Provide either a password or a password hash.');
  }
  notBoth(body, 'password', 'password_hash_type');
  const password = optional(body, 'password', isTextOrNull);
  if (typeof password === 'string' && password.length < 10) {
    throw new Problem(400, {
      message: 'Password does not meet strength requirements.',
      code: 'password_strength_error',
      errors: [{ code: 'password_too_short', message: 'Password must be at least 10 characters long.' }],
    });
  }
}
