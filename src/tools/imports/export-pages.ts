import * as z from 'zod';
import { ApiError, InputError } from '../../errors/errors.ts';
import type { WorkflowContext } from '../types.ts';
import {
  ExportedMembership,
  ExportedOrganization,
  ExportedUser,
  type ExportRow,
  membershipRow,
  organizationRow,
  userRow,
} from './export-rows.ts';

export const KINDS = ['users', 'organizations', 'memberships'] as const;
export type Kind = (typeof KINDS)[number];

/** The position from which an export continues. */
export const Cursor = z.object({
  /** The id after which the list continues. For memberships, this is the list of organizations. */
  after: z.string().optional(),
  /** The organization whose members are being listed, and the cursor in that list. */
  organization: z.string().optional(),
  members: z.string().optional(),
  /** The first id of the list. If a later page begins with it, WorkOS has lost the position and started over. */
  first: z.string().optional(),
  end: z.boolean().optional(),
});
export type Cursor = z.output<typeof Cursor>;

/** A page of rows, and the position after it. */
interface Fetched {
  rows: ExportRow[];
  cursor: Cursor;
}

/**
 * Fetches the next page of a kind.
 * @param upcoming Listed organizations whose members have not been fetched. Pass the same array for every page.
 * @throws {ApiError} {@link InputError} if the list cannot be continued
 */
export async function nextPage(
  context: WorkflowContext,
  kind: Kind,
  cursor: Cursor,
  upcoming: string[],
): Promise<Fetched> {
  if (kind === 'memberships') return nextMembers(context, cursor, upcoming);
  const { rows, next } =
    kind === 'users'
      ? await pageOf(context, cursor, 'list_users', ExportedUser, userRow)
      : await pageOf(context, cursor, 'list_organizations', ExportedOrganization, organizationRow);
  return { rows, cursor: next };
}

async function pageOf<T extends { id: string }>(
  context: WorkflowContext,
  cursor: Cursor,
  tool: string,
  shape: z.ZodType<T>,
  rowOf: (item: T) => ExportRow,
): Promise<{ rows: ExportRow[]; items: T[]; next: Cursor }> {
  const { items, after } = await page(context, tool, shape, { after: cursor.after });
  const [first] = items;
  if (cursor.after !== undefined && first !== undefined && first.id === cursor.first) {
    throw new InputError(
      'WorkOS can no longer resume this export where it stopped',
      [],
      'Remove the partial file to start again.',
    );
  }
  const start = cursor.first ?? first?.id;
  return {
    rows: items.map(rowOf),
    items,
    next: { ...(after === undefined ? { end: true } : { after }), first: start },
  };
}

/** Memberships are listed by organization. https://workos.com/docs/reference/authkit/organization-membership/list */
async function nextMembers(context: WorkflowContext, cursor: Cursor, upcoming: string[]): Promise<Fetched> {
  const { first } = cursor;
  if (cursor.organization === undefined) {
    if (upcoming.length === 0) {
      const { items, next } = await pageOf(
        context,
        cursor,
        'list_organizations',
        ExportedOrganization,
        organizationRow,
      );
      for (const { id } of items) upcoming.push(id);
      if (items.length === 0) return { rows: [], cursor: { end: true } };
      return { rows: [], cursor: { ...cursor, organization: upcoming.shift(), first: next.first } };
    }
    return { rows: [], cursor: { ...cursor, organization: upcoming.shift() } };
  }
  const { organization } = cursor;
  const { items, after } = await page(context, 'list_organization_memberships', ExportedMembership, {
    organization_id: organization,
    statuses: ['active', 'inactive', 'pending'],
    after: cursor.members,
  });
  const rows: ExportRow[] = [];
  for (const item of items) rows.push(membershipRow(item, item.user?.email ?? (await emailOf(context, item.user_id))));
  return { rows, cursor: after === undefined ? { after: organization, first } : { ...cursor, members: after } };
}

async function emailOf(context: WorkflowContext, user_id: string): Promise<string> {
  const answer = await context.call('get_user', { user_id }, { quiet: true });
  return z.object({ email: z.string() }).parse(answer).email;
}

async function page<T extends { id: string }>(
  context: WorkflowContext,
  tool: string,
  shape: z.ZodType<T>,
  input: Record<string, unknown>,
): Promise<{ items: T[]; after: string | undefined }> {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  // Oldest first, so that items created during the export come last.
  const answer = await context.call(tool, { ...given, limit: 100, order: 'asc' }, { quiet: true });
  const list = z.object({ data: z.array(shape), list_metadata: z.object({ after: z.string().nullish() }).nullish() });
  const { success, data } = list.safeParse(answer);
  if (!success) {
    const request = { method: 'GET', path: `/${tool}`, attempts: 1 };
    throw new ApiError('a response without the requested list', { request, status: 200 });
  }
  const after = data.list_metadata?.after ?? undefined;
  if (after !== undefined && after === input['after']) {
    throw new InputError(`The list of ${tool} does not end: a cursor repeated`, [], 'Call again later.');
  }
  return { items: data.data, after };
}
