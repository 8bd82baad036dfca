import * as z from 'zod';
import { JoinedList } from './joined-list.ts';
import type { Reads } from './reads.ts';
import { addressesOf, Directory, DirectoryUser, Membership, rolesOf } from './records.ts';

/** One row of the table that list_members returns. */
export interface Member {
  name: string | null;
  email: string | null;
  user_id: string | null;
  organization_membership_id: string | null;
  roles: string[];
  status: string | null;
  last_sign_in_at: string | null;
}

/** Filters that are applied here, because the API does not have them. */
export interface MemberFilter {
  role?: string | undefined;
  search?: string | undefined;
}

/** A value that a response lacks is null in the table, never an error. */
const Row = Membership.extend({ id: z.string().nullish().catch(undefined) });

/** Turns a membership into a row. Missing values are taken from `known`. */
export function memberRow(membership: unknown, known?: Member): Member {
  const { data = {} as z.output<typeof Row> } = Row.safeParse(membership);
  const { user } = data;
  const parts = [user?.first_name, user?.last_name].filter(Boolean).join(' ');
  const roles = rolesOf(data);
  return {
    name: user?.name ?? (parts || null),
    email: user?.email ?? null,
    user_id: data.user_id ?? user?.id ?? known?.user_id ?? null,
    organization_membership_id: data.id ?? known?.organization_membership_id ?? null,
    roles: roles.length > 0 ? roles : (known?.roles ?? []),
    status: data.status ?? known?.status ?? null,
    last_sign_in_at: user?.last_sign_in_at ?? null,
  };
}

/** Whether a member matches the filter. A search ignores case and accents. */
export function matches({ name, email, roles }: Member, { role, search }: MemberFilter): boolean {
  if (role !== undefined && !roles.includes(role.trim())) return false;
  if (search === undefined) return true;
  const wanted = folded(search.trim());
  return [name, email].some((one) => one !== null && folded(one).includes(wanted));
}

function folded(one: string): string {
  return one.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The most directories that are read. */
const MAX_DIRECTORIES = 3;
/** If several directories have the person, the state that grants the most counts. Ordered from most to least. */
const STATES = ['active', 'suspended', 'inactive'];

/** Looks up the users of an organization's directories by email address. */
export function people(reads: Reads, organization_id: string) {
  let directories: Promise<readonly JoinedList<DirectoryUser>[] | undefined> | undefined;
  let known: readonly JoinedList<DirectoryUser>[] | undefined;
  let isWhole = false;
  const open = async () => {
    const found = await reads.list(Directory, 'list_directories', { organization_id });
    isWhole = found !== undefined && found.items.length <= MAX_DIRECTORIES && !found.more;
    return found?.items.slice(0, MAX_DIRECTORIES).map(({ id: directory }) => directoryOf(reads, directory));
  };
  return {
    /** Reads what is needed to know the states of these members, within limits. */
    async find(members: readonly Member[]): Promise<void> {
      if (members.length === 0) return;
      directories ??= open();
      known = await directories;
      const emails = members.flatMap(({ email }) => (isAddress(email) ? [keyOf(email)] : []));
      await Promise.all((known ?? []).map((directory) => directory.find(emails)));
    },
    /** The person's state. `none` means that no directory has the address, and null that this is not known. */
    stateOf(email: string | null): string | null {
      if (!known) return null;
      if (!isAddress(email)) return known.length === 0 && isWhole ? 'none' : null;
      const found = known.map((directory) => directory.get(keyOf(email)));
      const states = found.flatMap((user) => (user ? [user.state ?? 'unknown'] : []));
      const [state] = [...STATES.filter((one) => states.includes(one)), ...states];
      return state ?? (isWhole && found.every((user) => user === null) ? 'none' : null);
    },
  };
}

function directoryOf(reads: Reads, directory: string): JoinedList<DirectoryUser> {
  const keysOf = (user: DirectoryUser) => addressesOf(user).filter(isAddress);
  return new JoinedList<DirectoryUser>({
    page: (after) => reads.list(DirectoryUser, 'list_directory_users', { directory, ...(after && { after }) }),
    one: async (email) => {
      const found = await reads.list(DirectoryUser, 'list_directory_users', { directory, email, limit: 1 });
      // A record of another person would mean that the filter was not applied.
      return found?.items.length === 0 ? null : found?.items.find((user) => keysOf(user).includes(email));
    },
    keysOf,
  });
}

function isAddress(email: string | null | undefined): email is string {
  return typeof email === 'string' && /^[^\s@]+@[^\s@]+$/.test(email);
}

function keyOf(email: string): string {
  return email.toLowerCase();
}
