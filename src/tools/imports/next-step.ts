import * as z from 'zod';
import type { ImportRow, RowOptions } from './columns.ts';

/** The fields of a user that an import reads. */
export const FoundUser = z.looseObject({
  id: z.string(),
  email: z.string(),
  external_id: z.string().nullish(),
  locale: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
export type FoundUser = z.output<typeof FoundUser>;

const Role = z.object({ slug: z.string() });

/** The fields of a membership that an import reads. */
export const FoundMembership = z.object({
  id: z.string(),
  organization_id: z.string(),
  status: z.string(),
  role: Role.nullish(),
  roles: z.array(Role).nullish(),
});
export type FoundMembership = z.output<typeof FoundMembership>;

/** What exists at WorkOS for a row. Undefined means not looked up yet, and null means that it does not exist. */
export interface Found {
  user?: FoundUser | null;
  membership?: FoundMembership | null;
  /** Whether there is a pending invitation to the row's organization. */
  invited?: boolean;
}

/** The writes that an import makes for a row. */
export const STEPS = ['create', 'set_locale', 'update', 'add', 'set_role', 'invite'] as const;
export type Step = (typeof STEPS)[number];

/** The ways in which a row can end. */
export const OUTCOMES = [
  'created',
  'added',
  'invited',
  'updated',
  'unchanged',
  'skipped',
  'missing',
  'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The next action for a row: a lookup, a write, or the end. */
export type Next =
  | { kind: 'look'; for: keyof Found }
  | { kind: 'step'; step: Step; tool: string; input: Record<string, unknown> }
  | { kind: 'end'; outcome: Outcome; why?: string };

/** The tool that each step calls. */
export const TOOL_OF: Readonly<Record<Step, string>> = {
  create: 'create_user',
  set_locale: 'update_user',
  update: 'update_user',
  add: 'create_organization_membership',
  set_role: 'update_organization_membership',
  invite: 'send_invitation',
};

/** The steps that this import has taken for a row. */
export interface Done {
  did: ReadonlySet<Step>;
  /** Steps that may have been taken, because their response was lost. A lookup shows whether they were. */
  maybe: ReadonlySet<Step>;
}

/**
 * Decides what comes next for a row, from what exists and what this import has already done for it. Pure, and the same for a dry
 * run, a run, and a resumed run.
 */
export function nextStep(row: ImportRow, found: Found, done: Done, { mode }: Pick<RowOptions, 'mode'>): Next {
  if (row.status !== undefined && row.status !== 'active') {
    return { kind: 'end', outcome: 'skipped', why: `the membership is ${row.status}` };
  }
  if (found.user === undefined) return { kind: 'look', for: 'user' };
  if (mode === 'invite') return nextOfInvitation(row, found, done);
  const next = mode === 'create' ? nextOfNewUser(row, found.user, done) : nextOfChange(row, found.user, done);
  if (next) return next;
  return nextOfMembership(row, found, done, mode);
}

function nextOfInvitation(row: ImportRow, { user, membership, invited }: Found, done: Done): Next {
  const { email, organization_id, roles, fields } = row;
  const end: Next = { kind: 'end', outcome: outcomeOf(done) };
  if (done.did.has('invite') || (user && organization_id === undefined)) return end;
  if (user && membership === undefined) return { kind: 'look', for: 'membership' };
  if (membership?.status === 'inactive') return { kind: 'end', outcome: 'skipped', why: 'the membership is inactive' };
  if (membership) return end;
  if (invited === undefined) return { kind: 'look', for: 'invited' };
  // It may also be ours, from an attempt whose response was lost.
  if (invited) return end;
  return step('invite', { email, organization_id, role_slug: roles[0], locale: fields['locale'] });
}

/** Undefined if the user exists and needs no further step. */
function nextOfNewUser(
  { fields }: ImportRow,
  user: FoundUser | null | undefined,
  { did, maybe }: Done,
): Next | undefined {
  const { locale, ...others } = fields;
  if (!user) return step('create', others);
  // The API takes no locale for a new user. https://workos.com/docs/reference/authkit/user/create
  const isOurs = did.has('create') || maybe.has('create');
  return isOurs && !did.has('set_locale') && locale !== undefined && user.locale !== locale
    ? step('set_locale', { user_id: user.id, locale })
    : undefined;
}

function nextOfChange(row: ImportRow, user: FoundUser | null | undefined, { did }: Done): Next | undefined {
  if (!user) return { kind: 'end', outcome: 'missing' };
  if (did.has('update')) return undefined;
  const changes = changesOf(row, user);
  return Object.keys(changes).length > 0 ? step('update', { user_id: user.id, ...changes }) : undefined;
}

/** The fields that differ from the row. Passwords cannot be compared, so they always count as different. */
function changesOf({ fields }: ImportRow, user: FoundUser): Record<string, unknown> {
  const { metadata, ...others } = fields;
  const changed = Object.entries(others).filter(([name, value]) => {
    const now = user[name];
    return name === 'email' ? String(value).toLowerCase() !== String(now).toLowerCase() : value !== now;
  });
  const pairs = Object.entries(Object(metadata)).filter(([key, value]) => user.metadata?.[key] !== value);
  return { ...Object.fromEntries(changed), ...(pairs.length > 0 && { metadata: Object.fromEntries(pairs) }) };
}

function nextOfMembership(row: ImportRow, { user, membership }: Found, done: Done, mode: RowOptions['mode']): Next {
  const { organization_id, roles } = row;
  if (organization_id === undefined || !user) return { kind: 'end', outcome: outcomeOf(done) };
  if (membership === undefined) return { kind: 'look', for: 'membership' };
  if (!membership) return step('add', { user_id: user.id, organization_id, ...roleArguments(roles) });
  // The membership was deactivated, or the person has not accepted it yet.
  if (membership.status !== 'active') {
    return outcomeOf(done) !== 'unchanged'
      ? { kind: 'end', outcome: outcomeOf(done) }
      : {
          kind: 'end',
          outcome: 'skipped',
          why: `the membership is ${membership.status === 'pending' ? 'pending' : 'inactive'}`,
        };
  }
  const differs = mode === 'update' && roles.length > 0 && !done.did.has('set_role') && !hasRoles(membership, roles);
  if (!differs) return { kind: 'end', outcome: outcomeOf(done) };
  return step('set_role', { organization_membership_id: membership.id, ...roleArguments(roles) });
}

/** The outcome of a row, given the steps taken for it. */
export function outcomeOf({ did, maybe }: Done): Outcome {
  const done = new Set([...did, ...maybe]);
  if (done.has('create')) return 'created';
  if (done.has('invite')) return 'invited';
  if (done.has('update') || done.has('set_role')) return 'updated';
  return done.has('add') ? 'added' : 'unchanged';
}

function hasRoles({ role, roles }: FoundMembership, wanted: readonly string[]): boolean {
  const present = roles?.map(({ slug }) => slug) ?? (role ? [role.slug] : []);
  return present.length === wanted.length && wanted.every((slug) => present.includes(slug));
}

function roleArguments(roles: readonly string[]): Record<string, unknown> {
  if (roles.length === 0) return {};
  return roles.length === 1 ? { role_slug: roles[0] } : { role_slugs: roles };
}

function step(name: Step, input: Record<string, unknown>): Next {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  return { kind: 'step', step: name, tool: TOOL_OF[name], input: given };
}
