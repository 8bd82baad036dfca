import { agents } from './agents.ts';
import { apiKeys } from './api-keys.ts';
import { auditLogs } from './audit-logs.ts';
import { authentication } from './authentication.ts';
import { authkit } from './authkit.ts';
import { connect } from './connect.ts';
import { diagnostics } from './diagnostics.ts';
import { directorySync } from './directory-sync.ts';
import { discovery } from './discovery.ts';
import { dispatcherFor } from './effects.ts';
import { environments } from './environments.ts';
import { events } from './events.ts';
import { featureFlags } from './feature-flags.ts';
import { fga } from './fga.ts';
import { groups } from './groups.ts';
import { imports } from './imports.ts';
import { invitations } from './invitations.ts';
import { type McpDefinition, mcpDefinition } from './mcp-definition.ts';
import { memberships } from './memberships.ts';
import { mfa } from './mfa.ts';
import { operators } from './operators.ts';
import { organizations } from './organizations.ts';
import { pipes } from './pipes.ts';
import { platform } from './platform.ts';
import { portal } from './portal.ts';
import { radar } from './radar.ts';
import { forRemote } from './remote-tools.ts';
import { roles } from './roles.ts';
import { sso } from './sso.ts';
import type { Effect, GrantsAccess, Secrets, Tool, Toolset } from './types.ts';
import { users } from './users.ts';
import { vault } from './vault.ts';
import { waitlists } from './waitlists.ts';

/** All toolsets, in the order of listings: what operators need most comes first. */
export const toolsets: readonly Toolset[] = [
  organizations,
  sso,
  directorySync,
  users,
  memberships,
  roles,
  auditLogs,
  diagnostics,
  operators,
  discovery,
  environments,
  invitations,
  groups,
  portal,
  fga,
  featureFlags,
  events,
  imports,
  apiKeys,
  authentication,
  authkit,
  mfa,
  connect,
  pipes,
  radar,
  vault,
  agents,
  waitlists,
  platform,
];

/** All tools by name. */
export const tools: ReadonlyMap<string, Tool> = new Map(
  toolsets.flatMap((toolset) => toolset.tools.map((tool) => [tool.name, tool] as const)),
);

/** What the server needs to know about a tool at startup. The build writes all entries to a file. */
export interface CatalogEntry {
  toolset: string;
  core: boolean;
  effect: Effect;
  /** The tools that run inside it. */
  madeOf: readonly string[];
  /** See the fields with these names in types.ts. */
  between: boolean;
  everywhere: boolean;
  /** This field and the other optional ones are omitted if empty, because every server reads them at startup. */
  secrets?: Pick<Secrets, 'class'>;
  /** The call_ tool that runs it; undefined for the tools of `discovery`. */
  dispatcher: string | undefined;
  /** See the fields with these names in types.ts. */
  grantsAccess?: GrantsAccess;
  localOnly?: boolean;
  /** The arguments that a team's server takes, if they differ. */
  remoteSchema?: McpDefinition['inputSchema'];
  definition: McpDefinition;
}

/** Computes all entries from the declarations. */
export function catalogEntries(): CatalogEntry[] {
  return [...tools.values()].map((tool) => ({
    toolset: tool.toolset,
    core: tool.core,
    effect: tool.effect,
    madeOf: tool.madeOf,
    between: tool.between,
    everywhere: tool.everywhere,
    ...(tool.secrets.class !== undefined && { secrets: { class: tool.secrets.class } }),
    ...(tool.grantsAccess.length > 0 && { grantsAccess: tool.grantsAccess }),
    ...(tool.localOnly && { localOnly: true }),
    ...(forRemote(tool) !== tool && { remoteSchema: mcpDefinition(forRemote(tool)).inputSchema }),
    dispatcher: tool.toolset === discovery.name ? undefined : dispatcherFor(tool.effect),
    definition: mcpDefinition(tool),
  }));
}
