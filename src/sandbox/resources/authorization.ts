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

/** An FGA resource. Those of type `organization` are not stored but derived from the organizations. */
export interface AuthorizationResource extends Row {
  object: 'authorization_resource';
  name: string;
  description: string | null;
  organization_id: string;
  parent_resource_id: string | null;
  external_id: string;
  resource_type_slug: string;
}

/**
 * A role that a membership has on a resource below its organization. The roles on the organization itself are the
 * membership's `roles`. The API also returns the `resource` and a `source`.
 */
export interface RoleAssignment extends Row {
  object: 'role_assignment';
  organization_membership_id: string;
  role: { slug: string };
  _resource_id: string;
  _organization_id: string;
  _user_id: string;
}

/** A role that the members of a group have on a resource or on the organization. The API also returns the `resource`. */
export interface GroupRoleAssignment extends Row {
  object: 'group_role_assignment';
  group_id: string;
  role: { slug: string };
  _resource_id: string;
  _organization_id: string;
}

export interface AuthorizationTables {
  roles: Role;
  permissions: Permission;
  authorization_resources: AuthorizationResource;
  role_assignments: RoleAssignment;
  group_role_assignments: GroupRoleAssignment;
}

export const authorizationKinds: Kinds<AuthorizationTables> = {
  roles: { object: 'role', prefix: 'role', noun: 'Role', events: 'role' },
  permissions: { object: 'permission', prefix: 'perm', noun: 'Permission', events: 'permission' },
  authorization_resources: {
    object: 'authorization_resource',
    ownerField: 'resource_id',
    prefix: 'authz_resource',
    noun: 'Authorization Resource',
  },
  role_assignments: { object: 'role_assignment', prefix: 'role_assignment', noun: 'Role Assignment' },
  group_role_assignments: { object: 'group_role_assignment', prefix: 'gra', noun: 'Group Role Assignment' },
};
