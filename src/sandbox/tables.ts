import { type AgentTables, agentKinds } from './resources/agents.ts';
import { type ApiKeyTables, apiKeyKinds } from './resources/api-keys.ts';
import { type AuditLogTables, auditLogKinds } from './resources/audit-logs.ts';
import { type AuthorizationTables, authorizationKinds } from './resources/authorization.ts';
import { type ConnectTables, connectKinds } from './resources/connect.ts';
import { type DirectoryTables, directoryKinds } from './resources/directories.ts';
import { type EventTables, eventKinds } from './resources/events.ts';
import type { Kinds } from './resources/kind.ts';
import { type OrganizationTables, organizationKinds } from './resources/organizations.ts';
import { type PipesTables, pipesKinds } from './resources/pipes.ts';
import { type PortalTables, portalKinds } from './resources/portal.ts';
import { type SamlCertificateTables, samlCertificateKinds } from './resources/saml-certificates.ts';
import { type UserTables, userKinds } from './resources/users.ts';

/** Everything the sandbox stores: the records of each table. */
export interface Tables
  extends OrganizationTables,
    DirectoryTables,
    UserTables,
    AuthorizationTables,
    AuditLogTables,
    EventTables,
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
  ...authorizationKinds,
  ...auditLogKinds,
  ...eventKinds,
  ...connectKinds,
  ...apiKeyKinds,
  ...agentKinds,
  ...samlCertificateKinds,
  ...portalKinds,
  ...pipesKinds,
};
