import type { Kinds, Row } from './kind.ts';

export interface Role extends Row {
  object: 'role';
  slug: string;
  name: string;
  description: string | null;
  type: 'EnvironmentRole' | 'OrganizationRole';
  resource_type_slug: string;
  permissions: string[];
  /** The organization of a custom role. */
  _organization_id: string | null;
}

export interface Permission extends Row {
  object: 'permission';
  slug: string;
  name: string;
  description: string | null;
  system: boolean;
  resource_type_slug: string;
}

export interface AuthorizationTables {
  roles: Role;
  permissions: Permission;
}

export const authorizationKinds: Kinds<AuthorizationTables> = {
  roles: { object: 'role', prefix: 'role', noun: 'Role', events: 'role' },
  permissions: { object: 'permission', prefix: 'perm', noun: 'Permission', events: 'permission' },
};
