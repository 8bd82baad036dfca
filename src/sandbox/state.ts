import { createIdGenerator, type IdGenerator } from './ids.ts';
import { seededRandom } from './random.ts';
import type {
  AuditLogEvent,
  AuditLogExport,
  Connection,
  Directory,
  DirectoryGroup,
  DirectoryUser,
  Invitation,
  Membership,
  Organization,
  OrganizationDomain,
  Permission,
  Role,
  User,
} from './resources.ts';
import { seedAuditLogEvents } from './seed/audit-logs.ts';
import { seedDirectories } from './seed/directories.ts';
import { seedOrganizations } from './seed/organizations.ts';
import { seedRoles } from './seed/roles.ts';
import { seedUsers } from './seed/users.ts';

/** Everything the sandbox stores. */
export interface State {
  /** The clock, in milliseconds. */
  now: () => number;
  ids: IdGenerator;
  /** How many fetches of an audit log export find it pending before it is ready. */
  exportPolls: number;
  /** Signs a new download URL for an export's file. */
  signExportUrl: (exportId: string) => string;
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
  /** The time at which each Idempotency-Key for an audit log event was first used. */
  idempotencyKeys: Map<string, number>;
  /** Faults that are still to be injected. */
  faults: Fault[];
  /** For each directory the times at which its users were listed in the last second, for their rate limit. */
  directoryUserReads: Map<string, number[]>;
}

/** Records by id. */
export type Table<T> = Map<string, T>;

/** An error to return for the next matching requests. */
export interface Fault {
  status: number;
  /** How many more requests fail. */
  times: number;
  /** The Retry-After header, in seconds. */
  retry_after?: number;
  /** In upper case. Any method if left out. */
  method?: string;
  /** A path that matches itself and everything below it. Any path if left out. */
  path?: string;
}

/** The initial state. Its data is the same on every start. */
export function createSeededState(settings: Pick<State, 'now' | 'exportPolls' | 'signExportUrl'>): State {
  const random = seededRandom(20260801);
  const ids = createIdGenerator(random);
  const { organizations, domains, connections } = seedOrganizations(ids);
  const { roles, permissions } = seedRoles(ids);
  const { directories, directoryGroups, directoryUsers } = seedDirectories(ids, random, organizations);
  const { users, memberships, invitations } = seedUsers(ids, random, organizations, directoryUsers);
  return {
    ...settings,
    ids,
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
    auditLogEvents: seedAuditLogEvents(ids, random, { organizations, users, memberships }),
    auditLogExports: new Map(),
    idempotencyKeys: new Map(),
    faults: [],
    directoryUserReads: new Map(),
  };
}

function byId<T extends { id: string }>(records: T[]): Table<T> {
  return new Map(records.map((record) => [record.id, record]));
}
