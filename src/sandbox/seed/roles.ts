import type { IdGenerator } from '../ids.ts';
import type { Permission, Role } from '../resources.ts';
import { timestamps } from '../timestamps.ts';

const CREATED = Date.parse('2026-01-05T08:00:00.000Z');

const PERMISSIONS: [slug: string, name: string, description: string | null, system?: boolean][] = [
  ['members:read', 'View members', 'See who belongs to the organization'],
  ['members:manage', 'Manage members', 'Invite, remove and change members'],
  ['billing:read', 'View billing', 'See invoices and the plan'],
  ['billing:manage', 'Manage billing', 'Change the plan and the payment method'],
  ['documents:read', 'Read documents', null],
  ['documents:write', 'Write documents', null],
  ['api-keys:manage', 'Manage API keys', 'Create and revoke API keys of the organization'],
  ['audit-logs:export', 'Export audit logs', 'Download audit log events as CSV'],
  ['widgets:users-table:manage', 'Manage the users table widget', 'Defined by WorkOS', true],
];

const ROLES: [slug: string, name: string, description: string | null, permissions: string[]][] = [
  ['admin', 'Admin', 'Full control of the organization', PERMISSIONS.map(([slug]) => slug)],
  ['member', 'Member', 'The default role', ['members:read', 'documents:read', 'documents:write']],
  ['billing-manager', 'Billing manager', 'Pays the bills', ['members:read', 'billing:read', 'billing:manage']],
  ['auditor', 'Auditor', 'Reads everything, changes nothing', ['members:read', 'documents:read', 'audit-logs:export']],
  ['support-agent', 'Support agent', null, ['members:read', 'documents:read']],
];

/** The environment's roles, in priority order, and its permissions. */
export function seedRoles(ids: IdGenerator) {
  const permissions = PERMISSIONS.map(([slug, name, description, system], index): Permission => {
    const at = CREATED + index * 1000;
    return {
      object: 'permission',
      id: ids.at('perm', at),
      slug,
      name,
      description,
      system: system ?? false,
      resource_type_slug: 'organization',
      ...timestamps(at),
    };
  });
  const roles = ROLES.map(([slug, name, description, granted], index): Role => {
    const at = CREATED + 60_000 + index * 1000;
    return {
      object: 'role',
      id: ids.at('role', at),
      slug,
      name,
      description,
      type: 'EnvironmentRole',
      resource_type_slug: 'organization',
      permissions: [...granted].sort(),
      ...timestamps(at),
    };
  });
  return { roles, permissions };
}
