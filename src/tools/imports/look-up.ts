import * as z from 'zod';
import { ApiError } from '../../errors/errors.ts';
import type { WorkflowContext } from '../types.ts';
import { emailKey, type ImportRow, type RowOptions } from './columns.ts';
import { type Found, FoundMembership, FoundUser, type Step } from './next-step.ts';

const Users = z.object({ data: z.array(FoundUser) });
const Memberships = z.object({ data: z.array(FoundMembership) });
const Invitations = z.object({
  data: z.array(z.object({ email: z.string(), state: z.string(), organization_id: z.string().nullish() })),
});

/** The tool that looks up a user, by the column that users are matched by. */
export const LOOK_UP_TOOLS: Readonly<Record<RowOptions['match'], string>> = {
  email: 'list_users',
  external_id: 'get_user_by_external_id',
};

/** The tool that looks up one part of what exists for a row. */
export function lookUpTool(what: keyof Found, match: RowOptions['match']): string {
  if (what === 'user') return LOOK_UP_TOOLS[match];
  return what === 'membership' ? 'list_organization_memberships' : 'list_invitations';
}

/** Looks up one part of what exists for a row. Results for other people and organizations are ignored. */
export async function lookUp(
  context: WorkflowContext,
  row: ImportRow,
  found: Found,
  what: keyof Found,
  match: RowOptions['match'],
): Promise<Found> {
  const call = (tool: string, input: Record<string, unknown>) => context.call(tool, input, { quiet: true });
  const { organization_id } = row;
  if (what === 'user') return { ...found, user: await userOf(call, row, match) };
  if (what === 'membership') {
    const input = { user_id: found.user?.id, organization_id, statuses: ['active', 'inactive', 'pending'], limit: 10 };
    const { data } = readable(Memberships, await call('list_organization_memberships', input), 'memberships');
    return { ...found, membership: data.find((one) => one.organization_id === organization_id) ?? null };
  }
  const input = { email: row.email, ...(organization_id !== undefined && { organization_id }), limit: 100 };
  const { data } = readable(Invitations, await call('list_invitations', input), 'invitations');
  const invited = data.some(
    (one) =>
      one.state === 'pending' &&
      emailKey(one.email) === emailKey(row.email ?? '') &&
      (one.organization_id ?? undefined) === organization_id,
  );
  return { ...found, invited };
}

/** What exists after a step, according to its response, or undefined if the response does not show it. */
export function afterStep(found: Found, step: Step, answer: unknown): Found | undefined {
  if (step === 'invite') return { ...found, invited: true };
  if (step === 'add' || step === 'set_role') {
    const { success, data } = FoundMembership.safeParse(answer);
    return success ? { ...found, membership: data } : undefined;
  }
  const { success, data } = FoundUser.safeParse(answer);
  if (!success) return undefined;
  // A user who was just created has no memberships.
  return { ...found, user: data, ...(step === 'create' && { membership: null }) };
}

type Call = (tool: string, input: Record<string, unknown>) => Promise<unknown>;

async function userOf(call: Call, row: ImportRow, match: RowOptions['match']): Promise<FoundUser | null> {
  if (match === 'external_id') {
    try {
      const answer = await call(LOOK_UP_TOOLS.external_id, { external_id: row.external_id });
      return readable(FoundUser, answer, 'a user');
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }
  const email = row.email ?? '';
  const { data } = readable(Users, await call(LOOK_UP_TOOLS.email, { email, limit: 10 }), 'users');
  return data.find((user) => emailKey(user.email) === emailKey(email)) ?? null;
}

/** @throws {ApiError} if the response does not have the expected shape */
function readable<T>(shape: z.ZodType<T>, answer: unknown, what: string): T {
  const { success, data } = shape.safeParse(answer);
  if (success) return data;
  const request = { method: 'GET', path: '/user_management', attempts: 1 };
  throw new ApiError(`a response without ${what}`, { request, status: 200 });
}
