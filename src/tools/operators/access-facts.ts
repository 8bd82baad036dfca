import * as z from 'zod';
import { InputError } from '../../errors/errors.ts';
import { findOrganization, findUser, type Organization, User } from './lookup.ts';
import type { List, Reads, Unread } from './reads.ts';
import * as records from './records.ts';

const Slug = z.object({ slug: z.string() });

/** A user's membership in an organization. */
export const Membership = records.Membership.extend({
  user_id: z.string(),
  status: z.string(),
  user: User.nullish().catch(undefined),
});
export type Membership = z.output<typeof Membership>;

/** A role of an organization. Without `permissions`, the API did not return them. */
export const Role = z.object({
  slug: z.string(),
  type: z.string().nullish(),
  resource_type_slug: z.string().nullish(),
  permissions: z.array(z.string()).nullish(),
});
export type Role = z.output<typeof Role>;

const RoleList = z.object({ data: z.array(Role) });

const ResourceKey = z.object({ id: z.string(), external_id: z.string().nullish(), resource_type_slug: z.string() });

/** A role that a membership has on a resource. The organization is a resource too. */
export const Assignment = z.object({
  organization_membership_id: z.string().nullish(),
  role: Slug,
  resource: ResourceKey.nullish(),
  source: z.object({ type: z.string(), group_role_assignment_id: z.string().nullish() }).nullish(),
});
export type Assignment = z.output<typeof Assignment>;

export const Resource = ResourceKey.extend({
  organization_id: z.string(),
  parent_resource_id: z.string().nullish(),
});
export type Resource = z.output<typeof Resource>;

export const Permission = z.object({ slug: z.string(), resource_type_slug: z.string().nullish() });
export type Permission = z.output<typeof Permission>;

const Group = z.object({ id: z.string(), name: z.string() });
const GroupAssignment = z.object({ id: z.string(), group_id: z.string().nullish() });
const Check = z.object({ authorized: z.boolean() });

/** The resource type of organizations. The external id of such a resource is the organization's id. */
export const ORGANIZATION_TYPE = 'organization';

/** What is known about one person's access. Undefined means not requested or not readable, and null that it does not exist. */
export interface AccessFacts {
  organization: Pick<Organization, 'id' | 'name'>;
  /** As the caller gave it. */
  asked: string;
  user: Pick<User, 'id' | 'email'> | null | undefined;
  membership?: Membership | null | undefined;
  roles?: readonly Role[] | undefined;
  assignments?: List<Assignment> | undefined;
  /** By the id of the group's role assignment. */
  groups?: ReadonlyMap<string, { id: string; name: string }>;
  directory?: { name: string; user: records.DirectoryUser } | null | undefined;
  permission?: string | undefined;
  permissionFound?: Permission | null | undefined;
  resource?: ResourceFacts | undefined;
  unread: readonly Unread[];
}

/** What is known about the resource that was asked about. */
export interface ResourceFacts {
  asked: string;
  found: Resource | null | undefined;
  /** The ancestors, starting with the parent, as far as they were needed. */
  above: readonly Resource[];
  authorized?: boolean | null | undefined;
  /** The person's permissions on the resource. Read only if the question names no permission. */
  permissions?: List<Permission> | undefined;
}

/** How the caller names a resource. */
export interface ResourceName {
  resource_id?: string;
  resource_type_slug?: string;
  resource_external_id?: string;
}

/** Parses `authz_resource_…` or `type/external id`. @throws {InputError} */
export function resourceName(text: string): ResourceName {
  const slash = text.indexOf('/');
  const [type, external] = [text.slice(0, slash).trim(), text.slice(slash + 1).trim()];
  if (slash < 0 && text.trim() !== '') return { resource_id: text.trim() };
  if (slash > 0 && type !== '' && external !== '') return { resource_type_slug: type, resource_external_id: external };
  throw new InputError('resource is incomplete', ['resource'], 'Give its id, or type/external_id such as project/42.');
}

/** Finds the resource that a caller names, in whichever organization it is. */
export function findResource(reads: Reads, organization_id: string, name: ResourceName) {
  const { resource_id, resource_type_slug, resource_external_id: external_id } = name;
  return resource_id === undefined
    ? reads.object(Resource, 'get_fga_resource_by_external_id', { organization_id, resource_type_slug, external_id })
    : reads.object(Resource, 'get_fga_resource', { resource_id });
}

/**
 * Reads an organization's own roles and those of the environment. Every environment has a role, so a list without one (WorkOS's
 * emulator returns such lists) has only the organization's roles, and the environment's are read separately. If the
 * organization's list cannot be read, the environment's roles are still returned.
 */
export async function readRoles(reads: Reads, organization_id: string): Promise<readonly Role[] | undefined> {
  const all = await reads.object(RoleList, 'list_organization_roles', { organization_id });
  if (all?.data.some(({ type }) => type !== 'OrganizationRole')) return all.data;
  const environment = await reads.object(RoleList, 'list_roles', {});
  return environment ? [...(all?.data ?? []), ...environment.data] : all?.data;
}

/** Whether these are all roles of the organization, so that any other role does not exist. */
export function areAllRoles(roles: readonly Role[] | undefined, unread: readonly Unread[]): boolean {
  return roles !== undefined && !unread.some(({ tool }) => tool === 'list_organization_roles' || tool === 'list_roles');
}

/** The most ancestors of a resource that are read. */
const MAX_ABOVE = 3;

/** Reads the ancestors of a resource, nearest first, until `isEnough` accepts one. */
export async function readAbove(reads: Reads, from: Resource, isEnough: (resource: Resource) => boolean) {
  const above: Resource[] = [];
  let at: Resource | null | undefined = from;
  while (at?.parent_resource_id && above.length < MAX_ABOVE && !isEnough(at)) {
    at = await reads.object(Resource, 'get_fga_resource', { resource_id: at.parent_resource_id });
    if (!at || at.resource_type_slug === ORGANIZATION_TYPE || above.some(({ id }) => id === at?.id)) break;
    above.push(at);
  }
  return above;
}

/** A question about one person's access. */
export interface AccessQuestion {
  organization: string;
  user: string;
  permission?: string | undefined;
  resource?: string | undefined;
}

/** The most groups whose role assignments are read to find the origin of a role. */
const MAX_GROUPS = 3;

const MAX_DIRECTORIES = 2;

/** Reads the facts for an answer about one person, in parallel where possible. */
export async function gatherAccess(question: AccessQuestion, reads: Reads): Promise<AccessFacts> {
  const { permission } = question;
  const name = question.resource === undefined ? undefined : resourceName(question.resource);
  const [organization, user] = await Promise.all([
    findOrganization(reads, question.organization),
    findUser(reads, question.user),
  ]);
  const { id: organization_id } = organization;
  const facts = { organization, asked: question.user.trim(), user, permission, unread: reads.unread };
  if (!user) {
    const roles = permission === undefined || user === undefined ? undefined : await readRoles(reads, organization_id);
    return { ...facts, roles };
  }
  const statuses = ['active', 'inactive', 'pending'];
  const [memberships, roles, found] = await Promise.all([
    reads.list(Membership, 'list_organization_memberships', { user_id: user.id, organization_id, statuses }),
    readRoles(reads, organization_id),
    name && findResource(reads, organization_id, name),
  ]);
  const all = memberships?.items;
  const membership = all && (all.find(({ status }) => status === 'active') ?? all[0] ?? null);
  const resource = name && { asked: question.resource ?? '', found, above: [] };
  if (!membership) return { ...facts, membership, roles, resource };
  const organization_membership_id = membership.id;
  const isHere = found?.organization_id === organization_id;
  const [assignments, check, permissions] = await Promise.all([
    reads.list(Assignment, 'list_membership_role_assignments', { organization_membership_id }, 2),
    name && permission !== undefined && found !== null && (found === undefined || isHere)
      ? reads.object(Check, 'check_authorization', {
          organization_membership_id,
          permission_slug: permission,
          ...(found ? { resource_id: found.id } : name),
        })
      : undefined,
    found && isHere && permission === undefined
      ? reads.list(Permission, 'list_fga_permissions', { organization_membership_id, resource_id: found.id })
      : undefined,
  ]);
  const gives = ({ role }: Assignment) =>
    permission === undefined || (roleOf(roles, role.slug)?.permissions?.includes(permission) ?? false);
  const given = (assignments?.items ?? []).filter(gives);
  const isEnough = ({ id }: Resource) => given.some(({ resource: on }) => on?.id === id);
  const isGranted = roles?.some((role) => permission !== undefined && role.permissions?.includes(permission));
  const fromGroups = assignments?.items.filter(({ source }) => source?.type === 'group') ?? [];
  const [above, groups, directory, permissionFound] = await Promise.all([
    found && isHere && check?.authorized !== false ? readAbove(reads, found, isEnough) : [],
    readGroups(reads, organization_membership_id, fromGroups),
    membership.directory_managed === false ? undefined : readDirectoryUser(reads, organization_id, user.email),
    permission !== undefined && roles && !isGranted
      ? reads.object(Permission, 'get_permission', { permission_slug: permission })
      : undefined,
  ]);
  return {
    ...facts,
    membership,
    roles,
    assignments,
    groups,
    directory,
    permissionFound,
    resource: resource && { ...resource, above, authorized: check === null ? null : check?.authorized, permissions },
  };
}

/** The role with this slug. The organization's own roles take precedence over the environment's. */
export function roleOf(roles: readonly Role[] | undefined, slug: string): Role | undefined {
  const same = roles?.filter((role) => role.slug === slug) ?? [];
  return same.find(({ type }) => type === 'OrganizationRole') ?? same[0];
}

/** Finds the groups that a membership's roles come from. */
async function readGroups(reads: Reads, organization_membership_id: string, assignments: readonly Assignment[]) {
  const found = new Map<string, { id: string; name: string }>();
  if (assignments.length === 0) return found;
  const groups = await reads.list(Group, 'list_organization_membership_groups', { organization_membership_id });
  const looked = (groups?.items ?? []).slice(0, MAX_GROUPS);
  const lists = await Promise.all(
    looked.map(({ id: group_id }) => reads.list(GroupAssignment, 'list_group_role_assignments', { group_id })),
  );
  for (const [at, list] of lists.entries()) {
    const group = looked[at];
    for (const { id } of list?.items ?? []) if (group) found.set(id, group);
  }
  return found;
}

/** The person's record in the first of the organization's directories that has one, or null if none does. */
async function readDirectoryUser(
  reads: Reads,
  organization_id: string,
  email: string,
): Promise<AccessFacts['directory']> {
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return undefined;
  const directories = await reads.list(records.Directory, 'list_directories', { organization_id });
  for (const { id, name } of (directories?.items ?? []).slice(0, MAX_DIRECTORIES)) {
    const users = await reads.list(records.DirectoryUser, 'list_directory_users', { directory: id, email, limit: 1 });
    if (!users) return undefined;
    const [user] = users.items;
    // A record of another person would mean that the filter was not applied.
    if (user?.email && user.email.toLowerCase() !== email.toLowerCase()) return undefined;
    if (user) return { name: name ?? id, user };
  }
  return directories && directories.items.length <= MAX_DIRECTORIES ? null : undefined;
}
