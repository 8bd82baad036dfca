import type { Person } from '../call/caller.ts';
import { callTool } from '../call/pipeline.ts';
import type { Runtime } from '../call/runtime.ts';
import { asObject } from '../results/result.ts';

/** The permissions of a person cannot be looked up at the moment. */
export class LookupError extends Error {
  override readonly name = 'LookupError';
}

/** How long an answer is cached, in milliseconds. A revoked permission still counts for up to this long. */
const LIFETIME_MS = 60_000;

/** The longest list of memberships or roles, in characters. */
const MAX_LOOKED_UP = 10_000_000;

/** The most people whose permissions are cached. */
const MAX_REMEMBERED = 10_000;

/**
 * Looks up the permissions that a person has through their roles in their organization. AuthKit's tokens for MCP clients say who
 * a person is and in which organization, but not what they may do. https://workos.com/docs/authkit/connect/token-claims
 */
export function permissionLookup(runtime: Runtime): (person: Person) => Promise<readonly string[]> {
  // The settings that allow or forbid calls do not apply to this lookup, which the server makes for itself.
  const config = { ...runtime.config, readOnly: true, excludeTools: [], maxResultChars: MAX_LOOKED_UP };
  const own: Runtime = { ...runtime, config, trail: undefined };
  const known = new Map<string, { until: number; permissions: Promise<readonly string[]> }>();
  return async ({ id, organization }) => {
    if (organization === undefined) return [];
    const key = JSON.stringify([id, organization]);
    const now = runtime.now();
    const found = known.get(key);
    if (found && now < found.until) return found.permissions;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const permissions = lookUp(own, id, organization);
    known.set(key, { until: now + LIFETIME_MS, permissions });
    permissions.catch(() => known.delete(key));
    return permissions;
  };
}

async function lookUp(runtime: Runtime, user_id: string, organization_id: string): Promise<readonly string[]> {
  const active = { user_id, organization_id, statuses: ['active'] };
  const memberships = await listOf(runtime, 'list_organization_memberships', active);
  const slugs = memberships
    // Filtered again, in case the API ignores a filter.
    .filter(
      (one) => one['user_id'] === user_id && one['organization_id'] === organization_id && one['status'] === 'active',
    )
    .flatMap(({ role, roles }) => [role, roles].flat().map((one) => asObject(one)['slug']))
    .filter((slug) => typeof slug === 'string');
  if (slugs.length === 0) return [];
  const roles = await listOf(runtime, 'list_organization_roles', { organization_id });
  return roles
    .filter(({ slug }) => typeof slug === 'string' && slugs.includes(slug))
    .flatMap(({ permissions }) => [permissions].flat().filter((one) => typeof one === 'string'));
}

/** @throws {LookupError} */
async function listOf(
  runtime: Runtime,
  tool: string,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>[]> {
  const { signal } = new AbortController();
  const caller = { origin: 'program' as const, signal, progress: () => {}, ask: undefined };
  const { structuredContent, content } = await callTool(runtime, caller, tool, input);
  const list = structuredContent?.['data'];
  if (Array.isArray(list)) return list.map(asObject);
  const { kind } = asObject(asObject(JSON.parse(content[0]?.text ?? '{}'))['error']);
  // A person who does not exist in this environment has no roles in it.
  if (kind === 'not_found' || kind === 'input') return [];
  throw new LookupError(`${tool} failed: ${kind}`);
}
