import * as z from 'zod';
import { InputError } from '../../errors/errors.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import type { Reads } from './reads.ts';

/** The fields of an organization that composites read. */
export const Organization = z.object({
  id: z.string(),
  name: z.string(),
  domains: z
    .array(z.object({ id: z.string().optional(), domain: z.string(), state: z.string().nullish() }))
    .nullish()
    .transform((domains) => domains ?? []),
  allow_profiles_outside_organization: z.boolean().nullish(),
});
export type Organization = z.output<typeof Organization>;

/** The fields of a user that composites read. */
export const User = z.object({
  id: z.string(),
  email: z.string(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  email_verified: z.boolean().nullish(),
  last_sign_in_at: z.string().nullish(),
  created_at: z.string().nullish(),
});
export type User = z.output<typeof User>;

/** The most candidates that are named if a name is ambiguous. */
const MAX_CANDIDATES = 5;

/**
 * Finds the user with this id or email address. Null means that there is none, and undefined that it could not be read.
 * @throws {InputError} if the text is neither an id nor an email address
 */
export async function findUser(reads: Reads, user: string): Promise<User | null | undefined> {
  const text = user.trim();
  if (/^[\w-]+$/.test(text)) return reads.object(User, 'get_user', { user_id: text });
  if (!/^[^\s@]+@[^\s@]+$/.test(text)) {
    throw new InputError(
      `${quoteUntrusted(text, 60)} is not an email address or user id`,
      ['user'],
      'Find the person with list_members and search.',
    );
  }
  const found = await reads.list(User, 'list_users', { email: text, limit: 1 });
  // Without this check, the user of another address would be returned if the filter is not applied.
  return found && (found.items.find((one) => one.email.toLowerCase() === text.toLowerCase()) ?? null);
}

/**
 * Finds the organization with this id, name, or domain. Part of a name is enough if only one organization matches.
 * @throws {InputError} if none or more than one matches, or if the lookup failed
 */
export async function findOrganization(reads: Reads, organization: string): Promise<Organization> {
  const text = organization.trim();
  if (text === '') throw new InputError('organization is empty', ['organization'], 'Give its id, name or domain.');
  if (/^org_\w+$/.test(text)) {
    const found = await reads.object(Organization, 'get_organization', { organization_id: text });
    if (found) return found;
    throw missing(reads, text, 'get_organization');
  }
  const byDomain = isDomain(text)
    ? await reads.list(Organization, 'list_organizations', { domains: [text.toLowerCase()], limit: 10 })
    : undefined;
  const found = byDomain?.items.length
    ? byDomain
    : await reads.list(Organization, 'list_organizations', { search: text, limit: 10 });
  const exact = found?.items.filter(({ name }) => name.toLowerCase() === text.toLowerCase()) ?? [];
  const candidates = exact.length > 0 ? exact : (found?.items ?? []);
  const [only, ...others] = candidates;
  if (!only) throw missing(reads, text, 'list_organizations');
  if (others.length === 0 && !found?.more) return only;
  if (exact.length === 1) return only;
  const named = candidates.slice(0, MAX_CANDIDATES).map(({ id, name }) => `${quoteUntrusted(name, 60)} (${id})`);
  throw new InputError(
    `More than one organization matches ${quoteUntrusted(text, 60)}: ${named.join(', ')}${candidates.length > named.length || found?.more ? ', …' : ''}`,
    ['organization'],
    'Call again with the id of the right one.',
  );
}

function isDomain(text: string): boolean {
  return /^[^\s@/]+\.[^\s@/.]{2,}$/.test(text);
}

function missing(reads: Reads, text: string, tool: string): InputError {
  const unread = reads.unread.find((one) => one.tool === tool);
  return unread
    ? new InputError(`The organization could not be looked up: ${unread.why}`, ['organization'], 'Give its id.')
    : new InputError(
        `There is no organization with the id, name or domain ${quoteUntrusted(text, 60)}`,
        ['organization'],
        'Search with list_organizations.',
      );
}
