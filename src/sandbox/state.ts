import { createIdGenerator, type IdGenerator, seededRandom } from './ids.ts';
import type {
  AuditLogEvent,
  AuditLogExport,
  Connection,
  Directory,
  DirectoryGroup,
  DirectoryUser,
  Fault,
  Invitation,
  Membership,
  Organization,
  OrganizationDomain,
  Permission,
  Role,
  User,
} from './records.ts';
import { seedAuditLogEvents } from './seed/audit-logs.ts';
import { seedDirectories } from './seed/directories.ts';
import { seedOrganizations } from './seed/organizations.ts';
import { seedRoles } from './seed/roles.ts';
import { seedUsers } from './seed/users.ts';

/** Objects of one kind by their id. */
export type Table<T> = Map<string, T>;

/** Everything that the sandbox remembers. */
export interface State {
  now: () => number;
  mint: IdGenerator;
  exportPolls: number;
  /** The address of an export's file; signed anew at each call. */
  exportLink: (exportId: string) => string;
  organizations: Table<Organization>;
  domains: Table<OrganizationDomain>;
  connections: Table<Connection>;
  directories: Table<Directory>;
  directoryGroups: Table<DirectoryGroup>;
  directoryUsers: Table<DirectoryUser>;
  users: Table<User>;
  memberships: Table<Membership>;
  invitations: Table<Invitation>;
  roles: Table<Role>;
  permissions: Table<Permission>;
  auditLogEvents: AuditLogEvent[];
  auditLogExports: Table<AuditLogExport>;
  /** Idempotency keys of audit log events that were taken, each with the time of its first use. */
  idempotencyKeys: Map<string, number>;
  /** Failures that were asked for and have not happened yet. */
  faults: Fault[];
  /** When each directory's users were last listed, for their rate limit. */
  directoryUserReads: Map<string, number[]>;
}

/** The state of a sandbox that nobody has used yet. It is the same at every start. */
export function seededState(settings: Pick<State, 'now' | 'exportPolls' | 'exportLink'>): State {
  const random = seededRandom(20260801);
  const mint = createIdGenerator(random);
  const { organizations, domains, connections } = seedOrganizations(mint);
  const { roles, permissions } = seedRoles(mint);
  const { directories, directoryGroups, directoryUsers } = seedDirectories(mint, random, organizations);
  const { users, memberships, invitations } = seedUsers(mint, random, organizations, directoryUsers);
  return {
    ...settings,
    mint,
    organizations: byId(organizations),
    domains: byId(domains),
    connections: byId(connections),
    directories: byId(directories),
    directoryGroups: byId(directoryGroups),
    directoryUsers: byId(directoryUsers),
    users: byId(users),
    memberships: byId(memberships),
    invitations: byId(invitations),
    roles: byId(roles),
    permissions: byId(permissions),
    auditLogEvents: seedAuditLogEvents(mint, random, { organizations, users, memberships }),
    auditLogExports: new Map(),
    idempotencyKeys: new Map(),
    faults: [],
    directoryUserReads: new Map(),
  };
}

function byId<T extends { id: string }>(records: T[]): Table<T> {
  return new Map(records.map((record) => [record.id, record]));
}
