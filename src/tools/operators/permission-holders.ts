import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import type { Finding } from '../finding.ts';
import {
  Assignment,
  areAllRoles,
  findResource,
  Membership,
  ORGANIZATION_TYPE,
  Permission,
  type Resource,
  type Role,
  readAbove,
  readRoles,
  resourceName,
} from './access-facts.ts';
import { type NextStep, unreadFindings, worstFirst } from './findings.ts';
import { findOrganization, type Organization } from './lookup.ts';
import type { List, Reads, Unread } from './reads.ts';
import { rolesOf } from './records.ts';
import { listedPlain, plain } from './wording.ts';

/** What is known about who has a permission. Undefined means not requested or not readable, and null that it does not exist. */
export interface HolderFacts {
  organization: Pick<Organization, 'id' | 'name'>;
  permission: string;
  permissionFound: Permission | null | undefined;
  roles: readonly Role[] | undefined;
  resource?: { asked: string; found: Resource | null | undefined } | undefined;
  /** The memberships that WorkOS itself lists as having the permission. */
  named: List<Membership> | undefined;
  /** The newest active memberships, which show the roles held in the organization. */
  memberships: List<Membership> | undefined;
  /** Assignments of roles with the permission, on the resource, on its ancestors, and on the organization. */
  assignments: readonly Assignment[];
  unread: readonly Unread[];
}

/** The answer of explain_access about a permission. Every id in it can be used in the next call. */
export interface HolderAnswer {
  summary: string;
  /** The roles that have the permission. */
  roles: readonly Record<string, unknown>[];
  people: readonly Record<string, unknown>[];
  findings: readonly Finding<string>[];
  next?: NextStep;
}

/** The most people in an answer, so that it stays small. */
const MAX_PEOPLE = 7;
const MAX_ROLES = 6;
/** In pages of 100 memberships. */
const MAX_PAGES = 2;

/** Reads who has a permission in an organization or on a resource, in parallel where possible. */
export async function gatherHolders(
  question: { organization: string; permission: string; resource?: string | undefined },
  reads: Reads,
): Promise<HolderFacts> {
  const { permission: permission_slug } = question;
  const name = question.resource === undefined ? undefined : resourceName(question.resource);
  const organization = await findOrganization(reads, question.organization);
  const { id: organization_id } = organization;
  const key = name ?? { resource_type_slug: ORGANIZATION_TYPE, resource_external_id: organization_id };
  const { resource_type_slug, resource_external_id: external_id } = key;
  const [roles, permissionFound, found, named, memberships] = await Promise.all([
    readRoles(reads, organization_id),
    reads.object(Permission, 'get_permission', { permission_slug }),
    name && findResource(reads, organization_id, name),
    key.resource_id === undefined
      ? reads.list(Membership, 'list_fga_members_by_external_id', {
          organization_id,
          resource_type_slug,
          external_id,
          permission_slug,
        })
      : reads.list(Membership, 'list_fga_resource_members', { resource_id: key.resource_id, permission_slug }),
    reads.list(Membership, 'list_organization_memberships', { organization_id, statuses: ['active'] }, MAX_PAGES),
  ]);
  const givers = (roles ?? []).filter(({ permissions }) => permissions?.includes(permission_slug));
  const [only, ...others] = givers.map(({ slug }) => slug);
  const role = only !== undefined && others.length === 0 ? { role_slug: only } : {};
  const organizationKey = { organization_id, resource_type_slug: ORGANIZATION_TYPE, external_id: organization_id };
  const isHere = found && found.organization_id === organization_id;
  const above = isHere ? await readAbove(reads, found, () => false) : [];
  const lists =
    only === undefined || (name && !isHere)
      ? []
      : await Promise.all([
          reads.list(Assignment, 'list_fga_assignments_by_external_id', { ...organizationKey, ...role }),
          ...(isHere ? [found, ...above] : []).map(({ id: resource_id }) =>
            reads.list(Assignment, 'list_fga_resource_assignments', { resource_id, ...role }),
          ),
        ]);
  return {
    organization,
    permission: permission_slug,
    permissionFound,
    roles,
    resource: name && { asked: question.resource ?? '', found },
    named,
    memberships,
    assignments: lists.flatMap((list) => list?.items ?? []),
    unread: reads.unread,
  };
}

/** One way in which a person has the permission. */
interface Way {
  role: string;
  from: 'membership' | 'group' | 'directory';
  on?: string;
}

/** Says who has a permission, and through which role. It claims nothing that the facts do not show. */
export function answerHolders(facts: HolderFacts): HolderAnswer {
  const { organization, permission, resource, roles, unread } = facts;
  const givers = (roles ?? []).filter((role) => role.permissions?.includes(permission));
  const where = resource
    ? `on ${plain(resource.asked)} in ${quoteUntrusted(organization.name, 60)}`
    : `in ${quoteUntrusted(organization.name, 60)}`;
  const wrong = wrongQuestion(facts);
  const people = wrong ? [] : holders(facts, givers);
  const more = !wrong && Boolean(isNamed(facts) ? facts.named?.more : facts.memberships?.more);
  const isKnown = isNamed(facts) || (facts.memberships !== undefined && permissionsAreKnown(facts));
  const findings = [...(wrong ? [wrong] : notes(facts, givers, people.length)), ...unreadFindings(unread)];
  const count = `${more ? 'at least ' : ''}${people.length} ${people.length === 1 ? 'person has' : 'people have'}`;
  const next = people.length > MAX_PEOPLE || more ? nextPage(facts, givers) : undefined;
  const by =
    givers.length > 0
      ? `; the roles with it: ${listedPlain(
          givers.map(({ slug }) => slug),
          4,
        )}`
      : '';
  return {
    summary:
      wrong?.detail ??
      (isKnown
        ? `${count} ${plain(permission)} ${where}${by}`
        : `the people with ${plain(permission)} ${where} could not be read`),
    roles: givers.slice(0, MAX_ROLES).map(({ slug, resource_type_slug }) => ({
      role: slug,
      ...(resource_type_slug && resource_type_slug !== ORGANIZATION_TYPE && { resource_type_slug }),
    })),
    people: [
      ...people.slice(0, MAX_PEOPLE),
      ...(people.length > MAX_PEOPLE ? [{ more: people.length - MAX_PEOPLE }] : []),
    ],
    findings: worstFirst(findings),
    ...(next && { next }),
  };
}

/** The finding if the permission or the resource does not exist here. */
function wrongQuestion({
  permission,
  permissionFound,
  resource,
  organization,
}: HolderFacts): Finding<string> | undefined {
  if (permissionFound === null) {
    return {
      check: 'permission',
      status: 'problem',
      detail: `there is no permission ${plain(permission)}`,
      fix: 'list_permissions shows them all.',
    };
  }
  if (!resource || resource.found === undefined) return undefined;
  if (resource.found === null) {
    return {
      check: 'resource',
      status: 'problem',
      detail: `there is no resource ${plain(resource.asked)}`,
      fix: 'Give its id or type/external_id; list_fga_resources finds it.',
    };
  }
  const { organization_id } = resource.found;
  if (organization_id === organization.id) return undefined;
  return {
    check: 'resource',
    status: 'problem',
    detail: `the resource ${plain(resource.asked)} belongs to another organization, ${plain(organization_id)}`,
  };
}

/** Whether the permissions of every role are known. */
function permissionsAreKnown({ roles, unread }: HolderFacts): boolean {
  return areAllRoles(roles, unread) && roles?.every(({ permissions }) => permissions) === true;
}

/** Whether WorkOS itself lists the people. An empty list may mean that it does not know the organization as a resource. */
function isNamed({ named, resource }: HolderFacts): boolean {
  return named !== undefined && (named.items.length > 0 || resource !== undefined);
}

function holders(facts: HolderFacts, givers: readonly Role[]): Record<string, unknown>[] {
  const { named, memberships, assignments } = facts;
  const gives = new Set(givers.map(({ slug }) => slug));
  const ways = new Map<string, Way[]>();
  const add = (id: string, way: Way) => {
    const known = ways.get(id) ?? [];
    if (!known.some(({ role, on }) => role === way.role && on === way.on)) ways.set(id, [...known, way]);
  };
  for (const { organization_membership_id: id, role, source, resource } of assignments) {
    if (!id || !gives.has(role.slug)) continue;
    const isWhole = !resource || resource.resource_type_slug === ORGANIZATION_TYPE;
    const on = isWhole ? {} : { on: `${resource.resource_type_slug}/${resource.external_id ?? resource.id}` };
    add(id, { role: role.slug, from: source?.type === 'group' ? 'group' : 'membership', ...on });
  }
  for (const membership of memberships?.items ?? []) {
    for (const slug of rolesOf(membership)) if (gives.has(slug)) add(membership.id, { role: slug, from: 'membership' });
  }
  const emails = new Map(memberships?.items.map(({ id, user }) => [id, user?.email]));
  const from = isNamed(facts) ? (named?.items ?? []) : (memberships?.items ?? []).filter(({ id }) => ways.has(id));
  return [...new Map(from.map((one) => [one.id, one])).values()].map(({ id, user, user_id }) => {
    const [way, ...others] = ways.get(id) ?? [];
    const email = user?.email ?? emails.get(id);
    return {
      ...(email === undefined ? { user_id } : { email }),
      organization_membership_id: id,
      ...(way ?? { role: null }),
      ...(others.length > 0 && { also: listedPlain([...new Set(others.map(({ role }) => role))], 2) }),
    };
  });
}

function notes(facts: HolderFacts, givers: readonly Role[], people: number): Finding<string>[] {
  const { permission, permissionFound, resource, roles, memberships } = facts;
  const type = permissionFound?.resource_type_slug;
  const isKnown = permissionsAreKnown(facts);
  const silent = roles?.some((role) => !role.permissions) ?? false;
  const found = (check: string, status: Finding['status'], detail: string, fix?: string): Finding<string> => ({
    check,
    status,
    detail,
    ...(fix && { fix }),
  });
  return [
    ...(isKnown && givers.length === 0
      ? [found('roles', 'problem', `no role has ${plain(permission)}`, 'add_role_permission gives it to a role.')]
      : []),
    ...(silent ? [found('roles', 'skipped', 'WorkOS did not return the permissions of all roles')] : []),
    ...(type && type !== ORGANIZATION_TYPE && !resource
      ? [
          found(
            'permission',
            'warning',
            `${plain(permission)} is for resources of type ${plain(type)}: only organization-wide roles were checked`,
            `Give resource, such as ${plain(type)}/42, to see who has it there.`,
          ),
        ]
      : []),
    ...(!isNamed(facts) && memberships?.more
      ? [found('people', 'skipped', `only the newest ${memberships.items.length} active memberships were checked`)]
      : []),
    ...(people > 0 || !isKnown || givers.length === 0
      ? []
      : [found('people', 'warning', `no one has a role with ${plain(permission)}`)]),
  ];
}

/** The call that lists everybody, if the answer is cut. */
function nextPage(facts: HolderFacts, givers: readonly Role[]): NextStep {
  const { organization, permission, resource } = facts;
  const why = 'Lists all of them.';
  if (resource?.found) {
    const { id: resource_id } = resource.found;
    return {
      tool: 'list_fga_resource_members',
      arguments: { resource_id, permission_slug: permission, all_pages: true },
      why,
    };
  }
  const [role] = givers;
  if (isNamed(facts) && (givers.length !== 1 || !role)) {
    const { id } = organization;
    return {
      tool: 'list_fga_members_by_external_id',
      arguments: {
        organization_id: id,
        resource_type_slug: ORGANIZATION_TYPE,
        external_id: id,
        permission_slug: permission,
        all_pages: true,
      },
      why,
    };
  }
  return {
    tool: 'list_members',
    arguments: { organization: organization.id, ...(role && { role: role.slug }), status: 'active', all_pages: true },
    why: role ? `Lists all with the role ${plain(role.slug)}.` : 'Lists all members with their roles.',
  };
}
