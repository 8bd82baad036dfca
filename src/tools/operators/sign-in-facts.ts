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

/** The SSO connections and directories of one organization, with their details. */
export interface Setup {
  connections: List<Connection> | undefined;
  directories: List<Directory> | undefined;
  /** The identity provider's signing certificates, by connection id. */
  certificates: ReadonlyMap<string, readonly Certificate[]>;
  /** Events about the setup and the members in the last 30 days, newest first. */
  events: List<Event> | undefined;
}

/** A person with an address, and what they are, such as `an active member`. */
export interface Person {
  email: string;
  known: string;
}

/**
 * The facts for a diagnosis of one person's sign-in. Undefined means not read, so that nothing can be concluded from it. Null or
 * an empty list means that nothing exists.
 */
export interface SignInFacts {
  now: number;
  /** The caller's arguments, trimmed. */
  asked: { user: string; organization: string | undefined };
  /** The address, in lower case. */
  email: string | undefined;
  user: User | null | undefined;
  /** Other users with exactly this address. */
  doubles: readonly User[];
  /** The organization that the diagnosis is about. `domains` is undefined if only the id is known. */
  organization: (Pick<Organization, 'id' | 'name'> & Partial<Organization>) | undefined;
  /** How the organization was found. */
  organizationFrom: 'asked' | 'membership' | 'domain' | 'invitation' | undefined;
  /** Memberships of any status. */
  memberships: List<Membership> | undefined;
  /** Invitations to this address, newest first. */
  invitations: List<Invitation> | undefined;
  /** The organizations that own the address's domain. */
  owners: List<Organization> | undefined;
  setup: Setup | undefined;
  /** The users with this address in the organization's directories. */
  directoryUsers: List<DirectoryUser> | undefined;
  /** People to search for similar addresses: the first members of the organization, and the user of a variant of the address. */
  people: List<Person> | undefined;
  /** Users that were deleted or changed in the last 30 days, newest first. */
  userEvents: List<Event> | undefined;
  /** The newest failed sign-ins of the environment, newest first. */
  failures: List<Event> | undefined;
  sessions: List<Session> | undefined;
  factors: List<Factor> | undefined;
  unread: readonly Unread[];
}
