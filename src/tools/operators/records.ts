import * as z from 'zod';

// The fields of WorkOS's records that composites read. Only ids are required. Nothing is concluded from a missing field.

const text = z.string().nullish().catch(undefined);
const roles = z
  .array(z.object({ slug: text }))
  .nullish()
  .catch(undefined);
const role = z.object({ slug: text }).nullish().catch(undefined);

export const Membership = z.object({
  id: z.string(),
  user_id: text,
  organization_id: text,
  organization_name: text,
  status: text,
  directory_managed: z.boolean().nullish().catch(undefined),
  role,
  roles,
  user: z
    .object({ id: text, email: text, name: text, first_name: text, last_name: text, last_sign_in_at: text })
    .nullish()
    .catch(undefined),
});
export type Membership = z.output<typeof Membership>;

export const Invitation = z.object({
  id: z.string(),
  email: text,
  state: text,
  organization_id: text,
  accepted_user_id: text,
  role_slug: text,
  expires_at: text,
  revoked_at: text,
  created_at: text,
});
export type Invitation = z.output<typeof Invitation>;

export const Connection = z.object({
  id: z.string(),
  name: text,
  connection_type: text,
  state: text,
});
export type Connection = z.output<typeof Connection>;

/** A signing certificate of an identity provider. The OpenAPI document does not name its fields. */
export const Certificate = z.object({ id: text, value: text, not_after: text, expires_at: text });
export type Certificate = z.output<typeof Certificate>;

export const Directory = z.object({ id: z.string(), name: text, state: text, type: text });
export type Directory = z.output<typeof Directory>;

export const DirectoryUser = z.object({
  id: z.string(),
  directory_id: text,
  email: text,
  username: text,
  emails: z
    .array(z.object({ value: text }))
    .nullish()
    .catch(undefined),
  state: text,
  role,
  roles,
  groups: z
    .array(z.object({ name: text }))
    .nullish()
    .catch(undefined),
});
export type DirectoryUser = z.output<typeof DirectoryUser>;

export const Session = z.object({
  id: z.string(),
  user_id: text,
  organization_id: text,
  auth_method: text,
  status: text,
  created_at: text,
  ended_at: text,
});
export type Session = z.output<typeof Session>;

export const Factor = z.object({ id: z.string(), type: text });
export type Factor = z.output<typeof Factor>;

const record = z.record(z.string(), z.unknown());

/** An event, with all fields of its data. */
export const Event = z.object({
  id: text,
  event: z.string(),
  created_at: text,
  data: record.nullish().catch(undefined),
  context: record.nullish().catch(undefined),
});
export type Event = z.output<typeof Event>;

/** The string at a path in an event's data, such as `error.code`. Undefined if it is missing or empty. */
export function textAt(value: unknown, path: string): string | undefined {
  let at: unknown = value;
  for (const key of path.split('.')) at = record.safeParse(at).data?.[key];
  return typeof at === 'string' && at !== '' ? at : undefined;
}

/** The slugs of the roles that a membership or a directory user has. */
export function rolesOf(one: Pick<Membership, 'role' | 'roles'>): string[] {
  const slugs = [...(one.roles ?? []), ...(one.role ? [one.role] : [])].flatMap(({ slug }) => slug ?? []);
  return [...new Set(slugs)];
}

/** All addresses that a directory has for a user, in lower case. */
export function addressesOf({ email, username, emails }: DirectoryUser): string[] {
  const all = [email, username, ...(emails ?? []).map(({ value }) => value)];
  return all.flatMap((one) => one?.toLowerCase() ?? []);
}
