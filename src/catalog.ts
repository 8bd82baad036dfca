import { type Definition, define } from './definition.ts';
import type { Tool, Toolset } from './tool.ts';
import { apiKeys } from './tools/api_keys.ts';
import { auditLogs } from './tools/audit_logs.ts';
import { authentication } from './tools/authentication.ts';
import { authkit } from './tools/authkit.ts';
import { connect } from './tools/connect.ts';
import { diagnostics } from './tools/diagnostics.ts';
import { directorySync } from './tools/directory_sync.ts';
import { discovery } from './tools/discovery.ts';
import { events } from './tools/events.ts';
import { featureFlags } from './tools/feature_flags.ts';
import { fga } from './tools/fga.ts';
import { groups } from './tools/groups.ts';
import { invitations } from './tools/invitations.ts';
import { memberships } from './tools/memberships.ts';
import { mfa } from './tools/mfa.ts';
import { organizations } from './tools/organizations.ts';
import { pipes } from './tools/pipes.ts';
import { portal } from './tools/portal.ts';
import { radar } from './tools/radar.ts';
import { roles } from './tools/roles.ts';
import { sso } from './tools/sso.ts';
import { users } from './tools/users.ts';
import { vault } from './tools/vault.ts';

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
export interface Entry {
  toolset: string;
  core: boolean;
  effect: Tool['effect'];
  definition: Definition;
}

/** All entries, computed from the declarations. */
export function entries(): Entry[] {
  return [...tools.values()].map((tool) => ({
    toolset: tool.toolset,
    core: tool.core,
    effect: tool.effect,
    definition: define(tool),
  }));
}
