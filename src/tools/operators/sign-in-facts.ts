import type { Organization, User } from './lookup.ts';
import type { List, Unread } from './reads.ts';
import type {
  Certificate,
  Connection,
  Directory,
  DirectoryUser,
  Event,
  Factor,
  Invitation,
  Membership,
  Session,
} from './records.ts';

/** The SSO connections and directories of one organization, and what is known of them. */
export interface Setup {
  connections: List<Connection> | undefined;
  directories: List<Directory> | undefined;
  /** The signing certificates of the identity provider, by connection. */
  certificates: ReadonlyMap<string, readonly Certificate[]>;
  /** What happened to them in the last 30 days, newest first. */
  events: List<Event> | undefined;
}

/** Somebody with an address, such as `an active member`. */
export interface Person {
  email: string;
  known: string;
}

/**
 * What a diagnosis of one person's sign-in is made from. Undefined is what was not read, so that nothing can be concluded
 * from it; null and an empty list are what does not exist.
 */
export interface SignInFacts {
  now: number;
  /** What the caller gave, without spaces around it. */
  asked: { user: string; organization: string | undefined };
  /** The address, in lower case. */
  email: string | undefined;
  user: User | null | undefined;
  /** Other users with exactly this address. */
  doubles: readonly User[];
  /** The organization that the diagnosis is about. Its domains are undefined where only its id is known. */
  organization: (Pick<Organization, 'id' | 'name'> & Partial<Organization>) | undefined;
  /** How the organization was found. */
  organizationFrom: 'asked' | 'membership' | 'domain' | 'invitation' | undefined;
  /** In every status. */
  memberships: List<Membership> | undefined;
  /** To this address, newest first. */
  invitations: List<Invitation> | undefined;
  /** The organizations that have the address's domain. */
  owners: List<Organization> | undefined;
  setup: Setup | undefined;
  /** The people with this address in the organization's directories. */
  directoryUsers: List<DirectoryUser> | undefined;
  /** The first members of the organization, and people of its directories, where somebody with a similar address is looked for. */
  people: List<Person> | undefined;
  /** Users that were deleted or changed in the last 30 days, newest first. */
  userEvents: List<Event> | undefined;
  /** The newest failed sign-ins of the environment, newest first. */
  failures: List<Event> | undefined;
  sessions: List<Session> | undefined;
  factors: List<Factor> | undefined;
  unread: readonly Unread[];
}
