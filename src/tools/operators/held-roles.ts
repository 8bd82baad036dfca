import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import {
  type AccessFacts,
  type Membership,
  ORGANIZATION_TYPE,
  type ResourceFacts,
  type Role,
  roleOf,
} from './access-facts.ts';
import { rolesOf } from './records.ts';
import { plain } from './wording.ts';

/** A role that the person has, in the organization or on one resource. */
export interface Held {
  slug: string;
  from: 'membership' | 'directory' | 'group';
  group?: { id: string; name: string } | undefined;
  /** Undefined means the whole organization. */
  on: { id: string; name: string } | undefined;
}

/** The roles of a membership. A role that is held in several ways is listed once for each. */
export function rolesHeld(
  { assignments, groups, directory, organization }: AccessFacts,
  membership: Membership,
): Held[] {
  const ofDirectory = new Set(directory ? rolesOf(directory.user) : []);
  const own = rolesOf(membership);
  const isOrganization = (resource: { resource_type_slug: string } | null | undefined) =>
    !resource || resource.resource_type_slug === ORGANIZATION_TYPE;
  const others = (assignments?.items ?? []).flatMap(({ role, resource, source }): Held[] => {
    const isGroup = source?.type === 'group';
    const whole = isOrganization(resource) || resource?.external_id === organization.id;
    if (!isGroup && whole && own.includes(role.slug)) return [];
    const name = `${resource?.resource_type_slug}/${resource?.external_id ?? resource?.id}`;
    return [
      {
        slug: role.slug,
        from: isGroup ? 'group' : 'membership',
        group: isGroup ? groups?.get(source?.group_role_assignment_id ?? '') : undefined,
        on: whole || !resource ? undefined : { id: resource.id, name },
      },
    ];
  });
  const mine = own
    .filter((slug) => membership.directory_managed || !others.some((one) => !one.on && one.slug === slug))
    .map((slug): Held => {
      const from = membership.directory_managed && ofDirectory.has(slug) ? 'directory' : 'membership';
      return { slug, from, on: undefined };
    });
  return [...mine, ...others];
}

/** Whether a role held on `on` applies to the resource asked about. A role applies to its resource and everything below it. */
export function counts(on: Held['on'], resource: ResourceFacts | undefined): boolean {
  if (!on) return true;
  if (!resource) return false;
  return [resource.found, ...resource.above].some((one) => one?.id === on.id);
}

/** The held roles that have the permission. */
export function givingRoles({ roles, permission }: AccessFacts, held: readonly Held[]): Held[] {
  return held.filter(({ slug }) => permission !== undefined && roleOf(roles, slug)?.permissions?.includes(permission));
}

/** Describes how a role is held: `the role editor inherited from workspace/ws-1 through the group "Finance"`. */
export function wayOf({ slug, from, group, on }: Held, resource: ResourceFacts | undefined): string {
  const isDirect = on && on.id === resource?.found?.id;
  const where = isDirect
    ? ' directly'
    : on
      ? ` inherited from ${plain(on.name)}`
      : resource
        ? ' in the whole organization'
        : '';
  const through =
    from === 'group' ? ` through ${group ? `the group ${quoteUntrusted(group.name, 40)}` : 'a group'}` : '';
  return `the role ${plain(slug)}${where}${through}${from === 'directory' ? ' from the directory' : ''}`;
}

/** The roles that have the permission, starting with those that grant the least else. */
export function giversOf({ roles = [], permission }: AccessFacts, type: string): Role[] {
  const size = ({ permissions }: Role) => permissions?.length ?? 0;
  return [...new Set(roles.map(({ slug }) => slug))]
    .flatMap((slug) => roleOf(roles, slug) ?? [])
    .filter((role) => permission !== undefined && role.permissions?.includes(permission))
    .filter(({ resource_type_slug: of }) => [type, ORGANIZATION_TYPE, null, undefined].includes(of))
    .sort((a, b) => Number(b.resource_type_slug === type) - Number(a.resource_type_slug === type) || size(a) - size(b));
}
