import * as z from 'zod';
import { ApiError } from '../../errors/errors.ts';
import type { Report } from '../../reports/report.ts';
import { pagedWorkflow } from '../define.ts';
import { filled, page } from '../schemas.ts';
import type { OwnPageSource, WorkflowContext } from '../types.ts';
import { JoinedList } from './joined-list.ts';
import { findOrganization, User } from './lookup.ts';
import { type Member, type MemberFilter, matches, memberRow, people } from './member-rows.ts';
import { readsOf } from './reads.ts';

export const list_members = pagedWorkflow({
  title: 'List members',
  description:
    "List an organization's members as one table: name, email, roles, status, last sign-in and directory_state (none: no directory has this address; null: not known). role is one of the membership's own.",
  also: [
    'people of a customer with their emails and last login',
    'who has not signed in for months, never logged in',
    'members suspended in the directory but still active, deprovisioned',
    'admins of a tenant by name, search a person in a company',
    'seat report, access review, member table',
  ],
  input: {
    organization: z.string().describe('Id, name or domain'),
    role: filled().optional().describe('Slug'),
    status: z.enum(['active', 'inactive', 'pending']).optional().describe('Default: all'),
    search: filled().optional().describe('Part of name or email'),
    ...page,
  },
  effect: 'read',
  madeOf: ['list_organization_memberships'],
  pages: membersOf,
  listReport: membersReport,
});

/** The report with the table of members. */
async function membersReport(rows: readonly unknown[], { organization }: Input, now: number): Promise<Report> {
  const { resultReport } = await import('../result-report.ts');
  return resultReport({ members: rows }, { title: 'Members', subtitle: organization, now });
}

type Input = { organization: string; status?: string | undefined } & MemberFilter & {
    limit?: number | undefined;
    before?: string | undefined;
    after?: string | undefined;
    order?: 'asc' | 'desc' | undefined;
  };

const STATUSES = ['active', 'inactive', 'pending'];
/** The API's default. */
const DEFAULT_LIMIT = 10;
/** The most pages of 100 that are searched for one page of matches. */
const MAX_LOOKS = 5;

const MembershipPage = z.object({
  data: z.array(z.unknown()),
  list_metadata: z.object({ before: z.string().nullish(), after: z.string().nullish() }).nullish(),
});

/** The pages of an organization's members. Directories and users that were read for one page are reused for the next. */
function membersOf(input: Input, context: WorkflowContext): OwnPageSource {
  const { status, order } = input;
  const reads = readsOf(context);
  const isFiltered = input.role !== undefined || input.search !== undefined;
  let opened:
    | Promise<{ organization_id: string; users: JoinedList<User>; directories: ReturnType<typeof people> }>
    | undefined;
  const open = async () => {
    const text = input.organization.trim();
    const organization_id = /^org_\w+$/.test(text) ? text : (await findOrganization(reads, text)).id;
    const users = new JoinedList<User>({
      page: (after) => reads.list(User, 'list_users', { organization_id, ...(after && { after }) }),
      one: (user_id) => reads.object(User, 'get_user', { user_id }),
      keysOf: ({ id }) => [id],
    });
    return { organization_id, users, directories: people(reads, organization_id) };
  };
  const fetch = async (organization_id: string, limit: number, position: object) => {
    const statuses = status === undefined ? STATUSES : [status];
    const input = { organization_id, statuses, limit, ...(order && { order }), ...position };
    const parsed = MembershipPage.safeParse(await context.call('list_organization_memberships', input));
    if (parsed.success) return parsed.data;
    const request = { method: 'GET', path: '/user_management/organization_memberships', attempts: 1 };
    throw new ApiError('a response without a list', { request, status: 200 });
  };
  return async (after, limit = input.limit ?? DEFAULT_LIMIT) => {
    opened ??= open();
    const { organization_id, users, directories } = await opened;
    const backwards = after === undefined && input.before !== undefined;
    let cursor = after ?? input.after;
    let before: string | null = null;
    let looked = 0;
    let next: string | undefined;
    const members: Member[] = [];
    for (let look = 0; look < MAX_LOOKS && (look === 0 || (next !== undefined && members.length === 0)); look++) {
      const size = isFiltered && !backwards ? 100 : limit;
      const position = { ...(cursor && { after: cursor }), ...(backwards && { before: input.before }) };
      const response = await fetch(organization_id, size, position);
      if (look === 0) before = response.list_metadata?.before ?? null;
      next = response.list_metadata?.after ?? undefined;
      const found = response.data.map((one) => memberRow(one));
      await nameAll(found, users);
      looked += found.length;
      const wanted = found.filter((one) => matches(one, input));
      const last = wanted.length > limit ? wanted[limit - 1]?.organization_membership_id : null;
      for (const one of last ? wanted.slice(0, limit) : wanted) members.push(one);
      // The next call starts with the rest of this page.
      if (last) next = last;
      if (next === cursor || backwards) break;
      cursor = next;
    }
    await directories.find(members);
    const rows = members.map((one) => ({ ...one, directory_state: directories.stateOf(one.email) }));
    const more = backwards ? before !== null && 'before' : next !== undefined && 'after';
    const note = notesOn(rows, looked, more, reads.unread);
    return { object: 'list', data: rows, list_metadata: { before, after: next ?? null }, ...(note && { note }) };
  };
}

/** Looks up the users that the memberships did not include. */
async function nameAll(members: readonly Member[], users: JoinedList<User>): Promise<void> {
  const nameless = members.flatMap(({ email, user_id }) => (email === null && user_id !== null ? [user_id] : []));
  if (nameless.length === 0) return;
  await users.find(nameless);
  for (const member of members) {
    const user = member.email === null && member.user_id !== null ? users.get(member.user_id) : undefined;
    if (user) Object.assign(member, memberRow({ user }, member));
  }
}

function notesOn(
  rows: readonly { email: string | null; directory_state: string | null }[],
  looked: number,
  more: 'before' | 'after' | false,
  unread: readonly { tool: string; why: string }[],
): string | undefined {
  const notes = [
    rows.length === 0 &&
      more &&
      looked > 0 &&
      `None of the ${looked} members looked at matches. Continue with ${more}.`,
    rows.some(({ email }) => email === null) && 'email is null where the user could not be read.',
    rows.some(({ directory_state }) => directory_state === null) &&
      'directory_state is null where the directories were not read so far; explain_access looks at one person.',
    ...unread.map(({ tool, why }) => `${tool}: ${why}.`),
  ].filter(Boolean);
  return notes.length > 0 ? notes.join(' ') : undefined;
}
