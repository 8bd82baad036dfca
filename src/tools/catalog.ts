import { apiKeys } from './api-keys.ts';
import { auditLogs } from './audit-logs.ts';
import { authentication } from './authentication.ts';
import { authkit } from './authkit.ts';
import { connect } from './connect.ts';
import type { Tool, Toolset } from './define.ts';
import { diagnostics } from './diagnostics.ts';
import { directorySync } from './directory-sync.ts';
import { discovery } from './discovery.ts';
import { events } from './events.ts';
import { featureFlags } from './feature-flags.ts';
import { fga } from './fga.ts';
import { groups } from './groups.ts';
import { invitations } from './invitations.ts';
import { type McpDefinition, mcpDefinition } from './mcp-definition.ts';
import { memberships } from './memberships.ts';
import { mfa } from './mfa.ts';
import { organizations } from './organizations.ts';
import { pipes } from './pipes.ts';
import { portal } from './portal.ts';
import { radar } from './radar.ts';
import { roles } from './roles.ts';
import { sso } from './sso.ts';
import { users } from './users.ts';
import { vault } from './vault.ts';

/** Every toolset, in the order in which lists show them: what operators need most comes first. */
export const toolsets: readonly Toolset[] = [
  organizations,
  sso,
  directorySync,
  users,
  memberships,
  roles,
  auditLogs,
  diagnostics,
  discovery,
  invitations,
  groups,
  portal,
  fga,
  featureFlags,
  events,
  apiKeys,
  authentication,
  authkit,
  mfa,
  connect,
  pipes,
  radar,
  vault,
];

/** Every tool by its name. */
export const tools: ReadonlyMap<string, Tool> = new Map(
  toolsets.flatMap((toolset) => toolset.tools.map((tool) => [tool.name, tool] as const)),
);

/** One tool as the start of the server needs it; the build writes all of them down. */
export interface CatalogEntry {
  toolset: string;
  core: boolean;
  effect: Tool['effect'];
  definition: McpDefinition;
}

/** All entries, computed from the declarations. */
export function catalogEntries(): CatalogEntry[] {
  return [...tools.values()].map((tool) => ({
    toolset: tool.toolset,
    core: tool.core,
    effect: tool.effect,
    definition: mcpDefinition(tool),
  }));
}
