import type { WorkflowContext } from '../types.ts';
import { eventsOf, gatherCertificates, gatherSetup, gatherSetupEvents } from './gather-setup.ts';
import { MAX_REQUESTS, organizationAsked, STATUSES } from './gather-sign-in.ts';
import { Organization } from './lookup.ts';
import type { OrganizationFacts } from './organization-facts.ts';
import { type List, type Reads, readsOf } from './reads.ts';
import { type Directory, DirectoryUser, Invitation, Membership } from './records.ts';
import { FAILURES, SYNCS } from './sign-in-events.ts';

/**
 * Reads the facts for a diagnosis of an organization, in three rounds of parallel requests.
 * @param name an id, a name, or a domain
 * @throws {InputError} if there is no such organization
 * @throws {NetworkError} if WorkOS cannot be reached
 */
export async function gatherOrganization(context: WorkflowContext, name: string): Promise<OrganizationFacts> {
  const reads = readsOf(context, MAX_REQUESTS);
  const organization = await organizationAsked(reads, name);
  if (reads.unreachable) throw reads.unreachable;
  const facts: OrganizationFacts = {
    now: context.now(),
    organization,
    setup: undefined,
    members: undefined,
    invitations: undefined,
    directoryUsers: undefined,
    lastSync: undefined,
    failures: undefined,
    others: undefined,
    unread: reads.unread,
  };
  if (!organization) return facts;
  const organization_id = organization.id;
  const [setup, members, invitations, events, failures, lastSync] = await Promise.all([
    gatherSetup(reads, organization_id),
    reads.list(Membership, 'list_organization_memberships', { organization_id, statuses: STATUSES }),
    reads.list(Invitation, 'list_invitations', { organization_id }),
    gatherSetupEvents(reads, organization_id),
    eventsOf(reads, FAILURES, {}),
    eventsOf(reads, SYNCS, { organization_id, limit: 10 }),
  ]);
  const [directoryUsers, certificates, others] = await Promise.all([
    peopleOf(reads, setup.directories?.items),
    gatherCertificates(reads, setup.connections?.items ?? []),
    othersLike(reads, organization),
  ]);
  return {
    ...facts,
    setup: { ...setup, certificates, events },
    members,
    invitations,
    directoryUsers,
    lastSync,
    failures,
    others,
  };
}

/** The first hundred users of the first linked directory. */
async function peopleOf(
  reads: Reads,
  directories: readonly Directory[] | undefined,
): Promise<List<DirectoryUser> | undefined> {
  const [first, ...others] = directories?.filter(({ state }) => state === 'linked') ?? [];
  if (!first) return undefined;
  const found = await reads.list(DirectoryUser, 'list_directory_users', { directory: first.id });
  return found && { ...found, more: found.more || others.length > 0 };
}

async function othersLike(
  reads: Reads,
  { id, name, domains }: Pick<Organization, 'id' | 'name'> & Partial<Organization>,
): Promise<readonly Organization[] | undefined> {
  const wanted = domains?.map(({ domain }) => domain.toLowerCase()) ?? [];
  const [longest = ''] = name.split(/\s+/).sort((a, b) => b.length - a.length);
  const read = await Promise.all([
    wanted.length > 0 && reads.left > 0
      ? reads.list(Organization, 'list_organizations', { domains: wanted.slice(0, 10), limit: 20 })
      : undefined,
    domains && longest.length > 2 && reads.left > 0
      ? reads.list(Organization, 'list_organizations', { search: longest.slice(0, 60), limit: 50 })
      : undefined,
  ]);
  if (read.every((one) => one === undefined)) return undefined;
  const found = read.flatMap((one) => one?.items ?? []).filter((one) => one.id !== id);
  return [...new Map(found.map((one) => [one.id, one])).values()];
}
