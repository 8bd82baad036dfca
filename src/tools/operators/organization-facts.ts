import type { Organization } from './lookup.ts';
import type { List, Unread } from './reads.ts';
import type { DirectoryUser, Event, Invitation, Membership } from './records.ts';
import type { Setup } from './sign-in-facts.ts';

/** The facts for a diagnosis of an organization. Undefined means not read. */
export interface OrganizationFacts {
  now: number;
  /** `domains` is undefined if only the id is known. */
  organization: (Pick<Organization, 'id' | 'name'> & Partial<Organization>) | undefined;
  setup: Setup | undefined;
  /** The first members, of any status. */
  members: List<Membership> | undefined;
  /** The newest invitations, in any state. */
  invitations: List<Invitation> | undefined;
  /** The first users of the first linked directory. */
  directoryUsers: List<DirectoryUser> | undefined;
  /** The newest changes from a directory. Empty if there were none in 30 days. */
  lastSync: List<Event> | undefined;
  /** The newest failed sign-ins of the environment, newest first. */
  failures: List<Event> | undefined;
  /** Other organizations that share a domain, or have a similar name. */
  others: readonly Organization[] | undefined;
  unread: readonly Unread[];
}
