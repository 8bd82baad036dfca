import * as z from 'zod';
import { InputError } from '../../errors/errors.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { inParallel } from '../in-parallel.ts';
import type { WorkflowContext } from '../types.ts';
import { isAdminRole } from './admin-roles.ts';
import { findOrganization, findUser } from './lookup.ts';
import { type Reads, readsOf, type Unread } from './reads.ts';
import * as records from './records.ts';

/** These fields are required, because without them it is unclear what would be ended. */
const Membership = records.Membership.extend({
  user_id: z.string(),
  organization_id: z.string(),
  status: z.string(),
}).transform(({ organization_name, ...rest }) => ({
  ...rest,
  organization: organization_name || rest.organization_id,
  roles: records.rolesOf(rest),
}));
export type Membership = z.output<typeof Membership>;

const Invitation = records.Invitation.extend({ email: z.string(), state: z.string() });
const Named = z.object({ id: z.string() });
const AuthorizedApp = z.object({ application: Named });

/** What is known about one person's access in the requested organizations. */
export interface OffboardFacts {
  /** `id` is missing if the person was invited but has no user yet. */
  user: { id?: string; email: string };
  memberships: readonly Membership[];
  sessions: readonly records.Session[];
  invitations: readonly z.output<typeof Invitation>[];
  /** Whether another active admin exists, by the id of each organization in which this person is an admin. */
  otherAdmin: ReadonlyMap<string, 'yes' | 'no' | 'unknown'>;
  /** Their active records in directories. */
  directoryUsers: readonly { organization_id: string; id: string }[];
  apiKeys: readonly string[];
  apps: readonly string[];
  /** The requested organizations in which this person has nothing. */
  nothingIn: readonly string[];
  /** The tools whose lists were not read to the end. */
  cut: readonly string[];
  unread: readonly Unread[];
}

/** In pages of 100. */
export const MAX_PAGES = 100;
/** The most pages of active members that are searched for another admin. */
const MAX_MEMBER_PAGES = 5;
const AT_ONCE = 4;

/**
 * Reads what access a person has. It takes one request for each page of each list and, for each organization, one or more for its
 * members and directories.
 * @throws {InputError} if there is no such person or organization
 */
export async function readOffboardFacts(
  context: WorkflowContext,
  { user: named, organizations }: { user: string; organizations?: readonly string[] | undefined },
): Promise<OffboardFacts> {
  const reads = readsOf(context);
  const found = await findUser(reads, named.trim());
  if (found === undefined) {
    const why = reads.unread[0]?.why ?? 'no answer';
    throw new InputError(`The user could not be looked up: ${why}`, ['user'], 'Nothing was changed. Try again.');
  }
  const email = found?.email ?? named.trim();
  const byUser = found ? { user_id: found.id } : undefined;
  const cut: string[] = [];
  const all = async <T>(shape: z.ZodType<T>, tool: string, input: Record<string, unknown> | undefined) => {
    const list = input && (await reads.list(shape, tool, input, MAX_PAGES));
    if (list?.more && !reads.unread.some((one) => one.tool === tool)) cut.push(tool);
    return list?.items ?? [];
  };
  const [memberships, sessions, invitations, apiKeys, apps] = await Promise.all([
    all(
      Membership,
      'list_organization_memberships',
      byUser && { ...byUser, statuses: ['active', 'inactive', 'pending'] },
    ),
    all(records.Session, 'list_user_sessions', byUser),
    all(Invitation, 'list_invitations', email.includes('@') ? { email } : undefined),
    all(Named, 'list_user_api_keys', byUser),
    all(AuthorizedApp, 'list_user_authorized_apps', byUser),
  ]);
  // Protects other people if the API does not apply the filter.
  const isTheirs = ({ user_id }: { user_id?: string | null | undefined }) => (user_id ?? found?.id) === found?.id;
  const pending = invitations.filter((one) => one.state === 'pending' && isSame(one.email, email));
  if (!found && (pending.length === 0 || !email.includes('@'))) {
    throw new InputError(
      `There is no user ${quoteUntrusted(named, 80)}, and no open invitation to that address`,
      ['user'],
      'Find the person with list_users; their address may have changed.',
    );
  }
  const wanted = organizations && (await organizationIds(reads, organizations, memberships.filter(isTheirs)));
  const isWanted = (id: string | null | undefined) => !wanted || (id && wanted.has(id));
  const chosen = memberships.filter((one) => isTheirs(one) && isWanted(one.organization_id));
  const active = sessions.filter((one) => isTheirs(one) && isActive(one) && isWanted(one.organization_id));
  const invited = pending.filter(({ organization_id }) => isWanted(organization_id));
  const touched = new Set([...chosen, ...active, ...invited].map(({ organization_id }) => organization_id));
  const otherAdmin = new Map<string, 'yes' | 'no' | 'unknown'>();
  const directoryUsers: { organization_id: string; id: string }[] = [];
  let done = 0;
  await inParallel(chosen, AT_ONCE, async ({ id, organization_id, status, roles }) => {
    const [admin, synced] = await Promise.all([
      status === 'active' && roles.some(isAdminRole) ? hasOtherAdmin(reads, organization_id, id) : undefined,
      activeDirectoryUsers(reads, organization_id, email),
    ]);
    if (admin) otherAdmin.set(organization_id, admin);
    for (const one of synced) directoryUsers.push({ organization_id, id: one });
    context.progress(++done, chosen.length, `${done} of ${chosen.length} organizations checked`);
  });
  return {
    user: found ? { id: found.id, email } : { email },
    memberships: chosen,
    sessions: active,
    invitations: invited,
    otherAdmin,
    // The order of the responses must not change the plan.
    directoryUsers: directoryUsers.sort((a, b) => (a.id < b.id ? -1 : 1)),
    apiKeys: apiKeys.map(({ id }) => id),
    apps: apps.map(({ application }) => application.id),
    nothingIn: [...(wanted ?? [])].flatMap(([id, name]) => (touched.has(id) ? [] : [name])),
    cut,
    unread: reads.unread,
  };
}

/** Compares addresses without regard to case. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Whether a session has not ended. */
export function isActive({ status }: records.Session): boolean {
  return (status ?? 'active') === 'active';
}

/** The ids of the requested organizations, with the names by which they were requested. */
async function organizationIds(
  reads: Reads,
  asked: readonly string[],
  memberships: readonly Membership[],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const text of new Set(asked.map((one) => one.trim()))) {
    // An organization of the person takes precedence over another one with the same name.
    const named = memberships.filter(
      ({ organization_id, organization }) =>
        organization_id === text || organization.toLowerCase() === text.toLowerCase(),
    );
    const [only, ...others] = new Set(named.map(({ organization_id }) => organization_id));
    const id = only !== undefined && others.length === 0 ? only : (await findOrganization(reads, text)).id;
    ids.set(id, text);
  }
  return ids;
}

async function hasOtherAdmin(reads: Reads, organization_id: string, ownId: string): Promise<'yes' | 'no' | 'unknown'> {
  let after: string | undefined;
  for (let page = 0; page < MAX_MEMBER_PAGES; page++) {
    const input = { organization_id, statuses: ['active'], ...(after !== undefined && { after }) };
    const list = await reads.list(Membership, 'list_organization_memberships', input);
    if (!list) return 'unknown';
    const others = list.items.filter((one) => one.id !== ownId && one.organization_id === organization_id);
    if (others.some(({ status, roles }) => status === 'active' && roles.some(isAdminRole))) return 'yes';
    if (!list.more) return 'no';
    after = list.after;
  }
  return 'unknown';
}

async function activeDirectoryUsers(reads: Reads, organization_id: string, email: string): Promise<string[]> {
  const directories = await reads.list(records.Directory, 'list_directories', { organization_id });
  const syncing = directories?.items.filter(({ state }) => state !== 'unlinked' && state !== 'deleting') ?? [];
  const found: string[] = [];
  for (const { id: directory } of syncing) {
    const users = await reads.list(records.DirectoryUser, 'list_directory_users', { directory, email });
    for (const one of users?.items ?? []) {
      if (one.state === 'active' && records.addressesOf(one).includes(email.toLowerCase())) found.push(one.id);
    }
  }
  return found;
}
