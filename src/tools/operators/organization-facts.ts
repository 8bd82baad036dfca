import type { Organization } from './lookup.ts';
import type { List, Unread } from './reads.ts';
import type { DirectoryUser, Event, Invitation, Membership } from './records.ts';
import type { Setup } from './sign-in-facts.ts';

/** What a diagnosis of an organization is made from. Undefined is what was not read. */
export interface OrganizationFacts {
  now: number;
  /** Its domains are undefined where only its id is known. */
  organization: (Pick<Organization, 'id' | 'name'> & Partial<Organization>) | undefined;
  setup: Setup | undefined;
  /** The first members, in every status. */
  members: List<Membership> | undefined;
  /** The newest invitations, in every state. */
  invitations: List<Invitation> | undefined;
  /** The first people of the first directories. */
  directoryUsers: List<DirectoryUser> | undefined;
  /** The last change that came from a directory; an empty list where there was none in 30 days. */
  lastSync: List<Event> | undefined;
  /** The newest failed sign-ins of the environment, newest first. */
  failures: List<Event> | undefined;
  /** Other organizations that share a domain, or have a similar name. */
  others: readonly Organization[] | undefined;
  unread: readonly Unread[];
}
