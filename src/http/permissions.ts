import type { Person } from '../call/caller.ts';
import { PERMISSIONS, type Rights } from '../config/rights.ts';
import type { Claims } from './authorization.ts';

/** The rights that these permissions give. Unknown permissions are ignored. Pure. */
export function rightsOf(permissions: readonly unknown[]): Rights {
  const has = (right: keyof Rights) => permissions.includes(PERMISSIONS[right]);
  return { read: has('read'), write: has('write'), delete: has('delete'), secrets: has('secrets') };
}

/** The bearer of a token. */
export function personOf({ sub, org_id }: Claims): Person {
  return { id: sub, organization: typeof org_id === 'string' && org_id !== '' ? org_id : undefined };
}

/** The permissions in a token; undefined if it has no such claim. A claim that is not a list gives none. */
export function permissionsIn({ permissions }: Claims): readonly unknown[] | undefined {
  if (permissions === undefined) return undefined;
  return Array.isArray(permissions) ? permissions : [];
}

/** The permissions and roles that a team needs, for `--setup`. */
export const TEAM_PERMISSIONS: Readonly<Record<keyof Rights, { name: string; description: string }>> = {
  read: { name: 'WorkOS MCP: read', description: 'View everything in WorkOS through workos-mcp' },
  write: { name: 'WorkOS MCP: write', description: 'Add and change things in WorkOS through workos-mcp' },
  delete: {
    name: 'WorkOS MCP: delete',
    description: 'Delete and replace things in WorkOS through workos-mcp, and make changes that need consent',
  },
  secrets: { name: 'WorkOS MCP: secrets', description: 'Receive WorkOS secrets through workos-mcp' },
};

/** A role for a team, with the rights that it gives. */
interface TeamRole {
  slug: string;
  name: string;
  description: string;
  rights: readonly (keyof Rights)[];
}

export const TEAM_ROLES: readonly TeamRole[] = [
  {
    slug: 'workos-mcp-reader',
    name: 'WorkOS MCP reader',
    description: 'May view everything through workos-mcp',
    rights: ['read'],
  },
  {
    slug: 'workos-mcp-operator',
    name: 'WorkOS MCP operator',
    description: 'May also add and change things through workos-mcp',
    rights: ['read', 'write'],
  },
  {
    slug: 'workos-mcp-admin',
    name: 'WorkOS MCP admin',
    description: 'May do everything through workos-mcp',
    rights: ['read', 'write', 'delete', 'secrets'],
  },
];
