import { type AuditLogTables, auditLogKinds } from './resources/audit-logs.ts';
import { type AuthenticationTables, authenticationKinds } from './resources/authentication.ts';
import { type AuthkitTables, authkitKinds } from './resources/authkit.ts';
import { type AuthorizationTables, authorizationKinds } from './resources/authorization.ts';
import { type DirectoryTables, directoryKinds } from './resources/directories.ts';
import { type EventTables, eventKinds } from './resources/events.ts';
import { type FeatureFlagTables, featureFlagKinds } from './resources/feature-flags.ts';
import { type GroupTables, groupKinds } from './resources/groups.ts';
import type { Kinds } from './resources/kind.ts';
import { type OrganizationTables, organizationKinds } from './resources/organizations.ts';
import { type UserTables, userKinds } from './resources/users.ts';
import { type VaultTables, vaultKinds } from './resources/vault.ts';

/** Everything the sandbox stores: the records of each table. */
export interface Tables
  extends OrganizationTables,
    DirectoryTables,
    UserTables,
    AuthenticationTables,
    AuthkitTables,
    AuthorizationTables,
    GroupTables,
    FeatureFlagTables,
    AuditLogTables,
    EventTables,
    VaultTables {}

export type TableName = keyof Tables;

export const KINDS: Kinds<Tables> = {
  ...organizationKinds,
  ...directoryKinds,
  ...userKinds,
  ...authenticationKinds,
  ...authkitKinds,
  ...authorizationKinds,
  ...groupKinds,
  ...featureFlagKinds,
  ...auditLogKinds,
  ...eventKinds,
  ...vaultKinds,
};
