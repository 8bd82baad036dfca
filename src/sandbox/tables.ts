import { type AgentTables, agentKinds } from './resources/agents.ts';
import { type ApiKeyTables, apiKeyKinds } from './resources/api-keys.ts';
import { type AuditLogTables, auditLogKinds } from './resources/audit-logs.ts';
import { type AuthenticationTables, authenticationKinds } from './resources/authentication.ts';
import { type AuthkitTables, authkitKinds } from './resources/authkit.ts';
import { type AuthorizationTables, authorizationKinds } from './resources/authorization.ts';
import { type ConnectTables, connectKinds } from './resources/connect.ts';
import { type DirectoryTables, directoryKinds } from './resources/directories.ts';
import { type EventTables, eventKinds } from './resources/events.ts';
import { type FeatureFlagTables, featureFlagKinds } from './resources/feature-flags.ts';
import { type GroupTables, groupKinds } from './resources/groups.ts';
import type { Kinds } from './resources/kind.ts';
import { type OrganizationTables, organizationKinds } from './resources/organizations.ts';
import { type PipesTables, pipesKinds } from './resources/pipes.ts';
import { type PortalTables, portalKinds } from './resources/portal.ts';
import { type SamlCertificateTables, samlCertificateKinds } from './resources/saml-certificates.ts';
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
    VaultTables,
    ConnectTables,
    ApiKeyTables,
    AgentTables,
    SamlCertificateTables,
    PortalTables,
    PipesTables {}

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
  ...connectKinds,
  ...apiKeyKinds,
  ...agentKinds,
  ...samlCertificateKinds,
  ...portalKinds,
  ...pipesKinds,
};
