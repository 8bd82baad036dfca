import { InputError } from '../../errors/errors.ts';
import type { WorkflowContext } from '../types.ts';
import { word } from './findings.ts';
import { eventsOf, gatherCertificates, gatherDirectoryUsers, gatherSetup, gatherSetupEvents } from './gather-setup.ts';
import { findOrganization, Organization, User } from './lookup.ts';
import { type List, type Reads, readsOf } from './reads.ts';
import { Factor, Invitation, Membership, Session } from './records.ts';
import { FAILURES, USER_CHANGES } from './sign-in-events.ts';
import type { Person, SignInFacts } from './sign-in-facts.ts';
import { domainOf, isConsumerDomain, withoutTag } from './similar-address.ts';

/** The most requests for one diagnosis. */
export const MAX_REQUESTS = 12;

/** Every status of a membership. */
export const STATUSES = ['active', 'inactive', 'pending'];

/** The facts that the rounds of requests have collected. */
type Gathered = Omit<SignInFacts, 'now' | 'asked' | 'unread'>;

/**
 * Reads the facts for a diagnosis of a sign-in, in five rounds of parallel requests. The most important requests come first,
 * because their number is limited.
 * @param user an email address or a user id
 * @throws {InputError} if there is no such organization
 * @throws {NetworkError} if WorkOS cannot be reached
 */
export async function gatherSignIn(
  context: WorkflowContext,
  user: string,
  organization: string | undefined,
): Promise<SignInFacts> {
  const reads = readsOf(context, MAX_REQUESTS);
  const given = user.includes('@') ? user.toLowerCase() : undefined;
  const [found, asked, askedOwners, failures] = await Promise.all([
    readUser(reads, user),
    organization === undefined ? undefined : organizationAsked(reads, organization),
    given !== undefined && organization === undefined ? ownersOf(reads, given) : undefined,
    eventsOf(reads, FAILURES, {}, 2),
  ]);
  if (reads.unreachable) throw reads.unreachable;
  const email = given ?? found.user?.email.toLowerCase();
  const start: Gathered = {
    ...NOTHING,
    ...found,
    email,
    organization: asked,
    organizationFrom: asked && 'asked',
    owners: askedOwners,
    failures,
  };
  const gathered = found.user ? await ofUser(reads, start, found.user) : await ofAddress(reads, start, user);
  return { ...gathered, now: context.now(), asked: { user, organization }, unread: reads.unread };
}

const NOTHING: Gathered = {
  email: undefined,
  user: undefined,
  doubles: [],
  organization: undefined,
  organizationFrom: undefined,
  memberships: undefined,
  invitations: undefined,
  owners: undefined,
  setup: undefined,
  directoryUsers: undefined,
  people: undefined,
  userEvents: undefined,
  failures: undefined,
  sessions: undefined,
  factors: undefined,
};

/** Reads the facts about a person who has an account. */
async function ofUser(reads: Reads, start: Gathered, user: User): Promise<Gathered> {
  const email = user.email.toLowerCase();
  const asked = start.organization;
  const [memberships, sessions, owners, early] = await Promise.all([
    reads.list(Membership, 'list_organization_memberships', { user_id: user.id, statuses: STATUSES }),
    user.last_sign_in_at === null ? undefined : reads.list(Session, 'list_user_sessions', { user_id: user.id }),
    start.owners ?? (covers(asked, email) ? undefined : ownersOf(reads, email)),
    asked && gatherSetup(reads, asked.id),
  ]);
  const target = asked ?? (await organizationOf(reads, memberships, owners));
  const setup = early ?? (target && (await gatherSetup(reads, target.id)));
  const isActive = memberships?.items.some((one) => one.organization_id === target?.id && one.status === 'active');
  const directories = setup?.directories?.items ?? [];
  const [invitations, directoryUsers, certificates, people, factors, events] = await Promise.all([
    isActive ? undefined : reads.list(Invitation, 'list_invitations', { email: user.email }),
    directories.length > 0 ? gatherDirectoryUsers(reads, directories, email) : undefined,
    gatherCertificates(reads, setup?.connections?.items ?? []),
    target && memberships && !isActive && reads.left > 0 ? membersOf(reads, target.id) : undefined,
    reads.left > 0 ? reads.list(Factor, 'list_user_auth_factors', { user_id: user.id }) : undefined,
    target && reads.left > 0 ? gatherSetupEvents(reads, target.id) : undefined,
  ]);
  return {
    ...start,
    email,
    memberships,
    sessions,
    owners,
    organization: target,
    organizationFrom: start.organizationFrom ?? (target && originOf(target, memberships)),
    setup: setup && { ...setup, certificates, events },
    invitations,
    directoryUsers,
    people,
    factors,
  };
}

/** Reads the facts about an address or id without a user, or one that could not be looked up. */
async function ofAddress(reads: Reads, start: Gathered, given: string): Promise<Gathered> {
  const { email } = start;
  const asked = start.organization;
  const [invitations, userEvents, owners, early] = await Promise.all([
    email === undefined ? undefined : reads.list(Invitation, 'list_invitations', { email: given }),
    eventsOf(reads, USER_CHANGES, {}),
    start.owners ?? (email === undefined || covers(asked, email) ? undefined : ownersOf(reads, email)),
    asked && gatherSetup(reads, asked.id),
  ]);
  const invitedTo = invitations?.items.find(({ organization_id }) => organization_id)?.organization_id;
  // An invitation is stronger evidence than a domain.
  const owner = owners?.items.find(({ id }) => !invitedTo || id === invitedTo);
  const wanted = invitedTo ?? owner?.id;
  const [setup, invited] = await Promise.all([
    early ?? (wanted ? gatherSetup(reads, wanted) : undefined),
    !asked && !owner && invitedTo ? readOrganization(reads, invitedTo) : undefined,
  ]);
  const target = asked ?? owner ?? invited;
  const directories = setup?.directories?.items ?? [];
  const [directoryUsers, people, variant] = await Promise.all([
    email !== undefined && directories.length > 0 ? gatherDirectoryUsers(reads, directories, email) : undefined,
    target && start.user === null && email !== undefined ? membersOf(reads, target.id) : undefined,
    email !== undefined && reads.left > 0 ? variantOf(reads, email, given, target) : undefined,
  ]);
  const certificates = await gatherCertificates(reads, reads.left > 0 ? (setup?.connections?.items ?? []) : []);
  return {
    ...start,
    invitations,
    userEvents,
    owners,
    organization: target,
    organizationFrom: start.organizationFrom ?? (invitedTo ? 'invitation' : owner && 'domain'),
    setup: setup && { ...setup, certificates },
    directoryUsers,
    people: people && { ...people, items: [...(variant ?? []), ...people.items] },
    ...(people === undefined && variant && { people: { items: variant, more: true } }),
  };
}

async function readUser(reads: Reads, user: string): Promise<Pick<SignInFacts, 'user' | 'doubles'>> {
  if (!user.includes('@')) return { user: await reads.object(User, 'get_user', { user_id: user }), doubles: [] };
  const found = await reads.list(User, 'list_users', { email: user, limit: 10 });
  const same = found?.items.filter(({ email }) => email.toLowerCase() === user.toLowerCase()) ?? [];
  // The account with the latest sign-in is the one in use.
  const [first, ...doubles] = [...same].sort((a, b) =>
    (b.last_sign_in_at ?? '').localeCompare(a.last_sign_in_at ?? ''),
  );
  return { user: first ?? (found && null), doubles };
}

/** The organization that was asked for. If the settings or the key do not allow reading it, only its id. */
export async function organizationAsked(reads: Reads, organization: string): Promise<SignInFacts['organization']> {
  const unreadBefore = reads.unread.length;
  try {
    return await findOrganization(reads, organization);
  } catch (error) {
    if (!(error instanceof InputError) || reads.unread.length === unreadBefore) throw error;
    return /^org_\w+$/.test(organization) ? { id: organization, name: organization } : undefined;
  }
}

async function readOrganization(reads: Reads, id: string): Promise<SignInFacts['organization']> {
  return (await reads.object(Organization, 'get_organization', { organization_id: id })) ?? { id, name: id };
}

/**
 * Chooses the organization if the caller named none: a membership's organization that owns the address's domain, the only
 * membership's, or, without memberships, the domain's owner.
 */
async function organizationOf(
  reads: Reads,
  memberships: List<Membership> | undefined,
  owners: List<Organization> | undefined,
): Promise<SignInFacts['organization']> {
  const ids = [...new Set(memberships?.items.flatMap(({ organization_id }) => organization_id ?? []))];
  const owner = owners?.items.find(({ id }) => ids.includes(id)) ?? (ids.length === 0 ? owners?.items[0] : undefined);
  if (owner) return owner;
  const [only, ...others] = ids;
  return only !== undefined && others.length === 0 ? readOrganization(reads, only) : undefined;
}

function originOf({ id }: { id: string }, memberships: List<Membership> | undefined): SignInFacts['organizationFrom'] {
  return memberships?.items.some((one) => one.organization_id === id) ? 'membership' : 'domain';
}

async function ownersOf(reads: Reads, email: string): Promise<List<Organization> | undefined> {
  const domain = domainOf(email);
  if (domain === undefined || isConsumerDomain(domain)) return { items: [], more: false };
  const found = await reads.list(Organization, 'list_organizations', { domains: [domain], limit: 10 });
  return found && { ...found, items: found.items.filter((one) => hasDomain(one, domain)) };
}

function covers(organization: SignInFacts['organization'], email: string): boolean {
  const domain = domainOf(email);
  return domain !== undefined && organization !== undefined && hasDomain(organization, domain);
}

function hasDomain({ domains }: Partial<Organization>, domain: string): boolean {
  return domains?.some((one) => one.domain.toLowerCase() === domain) ?? false;
}

/** The first hundred members of an organization. */
async function membersOf(reads: Reads, organization_id: string): Promise<List<Person> | undefined> {
  const input = { organization_id, statuses: STATUSES };
  const found = await reads.list(Membership, 'list_organization_memberships', input);
  if (!found) return undefined;
  const items = found.items.flatMap(({ user, status }) =>
    user?.email ? [{ email: user.email, known: status ? `${word(status)} member` : 'a member' }] : [],
  );
  // Older versions of the API do not return the members' users.
  return items.length > 0 || found.items.length === 0 ? { items, more: found.more } : undefined;
}

/**
 * Looks up the user whose address the given one may stand for: the address in lower case, without the part after a plus sign, or
 * in the organization's domain.
 */
async function variantOf(
  reads: Reads,
  email: string,
  given: string,
  target: SignInFacts['organization'],
): Promise<Person[] | undefined> {
  const local = (withoutTag(email) ?? email).slice(0, (withoutTag(email) ?? email).lastIndexOf('@'));
  const [domain] = target?.domains ?? [];
  const moved = domain && !covers(target, email) ? `${local}@${domain.domain.toLowerCase()}` : undefined;
  const variant = withoutTag(email) ?? moved ?? (given === email ? undefined : email);
  if (variant === undefined) return undefined;
  const found = await reads.list(User, 'list_users', { email: variant, limit: 10 });
  return found?.items.flatMap((one) =>
    one.email.toLowerCase() === variant ? [{ email: one.email, known: 'a user' }] : [],
  );
}
