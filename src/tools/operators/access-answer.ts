import { nearestWord } from '../../text/did-you-mean.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { truncate } from '../../text/truncate.ts';
import type { Finding } from '../finding.ts';
import {
  type AccessFacts,
  areAllRoles,
  type Membership,
  ORGANIZATION_TYPE,
  type ResourceFacts,
  type Role,
  roleOf,
} from './access-facts.ts';
import { nextStep, nextWithoutMembership } from './access-next.ts';
import { listed, type NextStep, unreadFindings, worstFirst } from './findings.ts';
import { counts, giversOf, givingRoles, type Held, rolesHeld, wayOf } from './held-roles.ts';
import { rolesOf } from './records.ts';
import { listedPlain, plain } from './wording.ts';

/** The answer of explain_access about one person. Every id in it can be used in the next call. */
export interface AccessAnswer {
  summary: string;
  membership?: Record<string, unknown>;
  roles: readonly Record<string, unknown>[];
  permissions?: readonly string[];
  findings: readonly Finding<string>[];
  next?: NextStep;
}

/** The most items of a kind in an answer, so that it stays small. */
const MAX_ROLES = 4;
const MAX_PERMISSIONS = 20;
/** The longest name, in characters. */
const MAX_NAME = 60;

/**
 * Says what a person may do in an organization, and why. It claims nothing that the facts do not show: what could not be read
 * becomes a skipped finding.
 */
export function answerAccess(facts: AccessFacts): AccessAnswer {
  const { organization, user, membership, unread } = facts;
  const skipped = unreadFindings(unread);
  const where = quoteUntrusted(organization.name, 60);
  if (!user || !membership) {
    const findings = [...(user ? missingMembership(facts) : missingUser(facts)), ...skipped];
    const [first] = findings;
    const next = nextWithoutMembership(facts);
    return { summary: first?.detail ?? '', roles: [], findings: worstFirst(findings), ...(next && { next }) };
  }
  const held = rolesHeld(facts, membership);
  const isActive = membership.status === 'active';
  const findings = [
    ...membershipFindings(facts, membership),
    ...permissionFindings(facts, membership, held),
    ...roleFindings(facts, held),
    ...directoryFindings(facts, membership),
    ...skipped,
  ];
  const next = nextStep(facts, membership, held);
  const permissions = facts.permission === undefined ? permissionsOf(facts, membership, held) : undefined;
  const asked = findings.find(({ check }) => check === 'permission' || check === 'resource');
  const slugs = [...new Set(held.filter(({ on }) => !on).map(({ slug }) => slug))];
  const roles = slugs.length > 0 ? `the role${slugs.length > 1 ? 's' : ''} ${listedPlain(slugs, 4)}` : 'no role';
  const who = `${plain(user.email)} is ${isActive ? 'an active' : `${article(membership.status)} ${plain(membership.status)}`} member of ${where}`;
  const so = isActive ? '' : ', so no roles apply';
  return {
    summary: `${who} with ${roles}${so}${asked ? `; ${asked.detail}` : ''}`,
    membership: {
      organization_membership_id: membership.id,
      user_id: user.id,
      organization_id: organization.id,
      status: membership.status,
      ...(membership.directory_managed && { directory_managed: true }),
    },
    roles: shownRoles(held),
    ...(permissions && { permissions: shownPermissions(permissions) }),
    findings: worstFirst(findings),
    ...(next && { next }),
  };
}

function missingUser({ asked, user }: AccessFacts): Finding<string>[] {
  if (user === undefined)
    return [{ check: 'user', status: 'skipped', detail: `${plain(asked)} could not be looked up` }];
  const other = /^(om|directory_user|org|profile)_/.test(asked) ? ', which is the id of another object' : '';
  return [
    {
      check: 'user',
      status: 'problem',
      detail: `there is no user ${plain(asked)}${other}`,
      fix: 'Check the address, or find the person with list_members and search.',
    },
  ];
}

function missingMembership({ user, membership, organization }: AccessFacts): Finding<string>[] {
  const who = plain(user?.email ?? '');
  return membership === undefined
    ? [{ check: 'membership', status: 'skipped', detail: `whether ${who} is a member could not be read` }]
    : [
        {
          check: 'membership',
          status: 'problem',
          detail: `${who} is not a member of ${quoteUntrusted(organization.name, 60)}, so no roles or permissions apply`,
        },
      ];
}

function shownRoles(held: readonly Held[]): Record<string, unknown>[] {
  const shown = held.slice(0, MAX_ROLES).map(({ slug, from, group, on }) => ({
    role: slug,
    from,
    ...(group && { group: truncate(group.name, MAX_NAME), group_id: group.id }),
    ...(on && { on: truncate(on.name, MAX_NAME), resource_id: on.id }),
  }));
  return held.length > MAX_ROLES ? [...shown, { more: held.length - MAX_ROLES }] : shown;
}

/** All permissions from the roles in the organization, or those on the resource that was asked about. */
function permissionsOf({ roles, resource }: AccessFacts, { status }: Membership, held: readonly Held[]) {
  if (status !== 'active') return [];
  if (resource) return resource.permissions?.items.map(({ slug }) => slug);
  const own = held.filter(({ on }) => !on).map(({ slug }) => roleOf(roles, slug)?.permissions);
  if (!own.some(Boolean)) return held.length > 0 ? undefined : [];
  return [...new Set(own.flatMap((permissions) => permissions ?? []))].sort();
}

function shownPermissions(slugs: readonly string[]): string[] {
  if (slugs.length <= MAX_PERMISSIONS) return [...slugs];
  return [...slugs.slice(0, MAX_PERMISSIONS), `… ${slugs.length - MAX_PERMISSIONS} more`];
}

function membershipFindings({ user }: AccessFacts, { status }: Membership): Finding<string>[] {
  if (status === 'active') return [{ check: 'membership', status: 'ok', detail: 'active' }];
  const why: Record<string, string> = {
    inactive: 'the membership is inactive: no roles or permissions apply until it is reactivated',
    pending: `the membership is pending: ${plain(user?.email ?? 'the person')} has not accepted the invitation, so no roles apply yet`,
  };
  const detail = why[status] ?? `the membership is ${plain(status)}, not active, so its roles may not apply`;
  return [{ check: 'membership', status: 'problem', detail }];
}

/** Whether the person has the permission, through which role, and which roles would grant it. */
function permissionFindings(facts: AccessFacts, membership: Membership, held: readonly Held[]): Finding<string>[] {
  const { permission, permissionFound, roles, resource, organization } = facts;
  const noResource = resource && resourceProblem(resource, organization.id);
  if (noResource) return [noResource];
  if (permission === undefined) return [];
  const name = plain(permission);
  if (permissionFound === null) {
    const known = [...new Set(roles?.flatMap((role) => role.permissions ?? []))];
    const near = nearestWord(permission, known, Math.max(2, Math.floor(permission.length / 3)));
    return [
      {
        check: 'permission',
        status: 'problem',
        detail: `there is no permission ${name}`,
        fix: near
          ? `Did you mean ${plain(near)}? list_permissions shows them all.`
          : 'list_permissions shows them all.',
      },
    ];
  }
  const isUnknown = !roles || held.some(({ slug }) => !roleOf(roles, slug)?.permissions);
  const giving = givingRoles(facts, held);
  const here = giving.filter(({ on }) => counts(on, resource));
  const elsewhere = giving.filter((one) => !here.includes(one));
  const where = resource ? ` on ${plain(resourceLabel(resource))}` : '';
  const ways = here.map((one) => wayOf(one, resource));
  const isActive = membership.status === 'active';
  const would = isActive ? '' : ' once the membership is active';
  const found = (status: Finding['status'], detail: string, fix?: string): Finding<string>[] => [
    { check: resource ? 'resource' : 'permission', status, detail, ...(fix && { fix }) },
  ];
  const authorized = resource ? resource.authorized : undefined;
  if (authorized === null)
    return found('problem', `WorkOS found no permission ${name}${where}`, 'list_permissions shows them all.');
  if (authorized === true) {
    return found(
      'ok',
      `${name}${where} is allowed: ${ways.length > 0 ? listed(ways, 3) : 'through a role that could not be read'}`,
    );
  }
  if (ways.length > 0 && authorized === false && isActive) {
    return found(
      'warning',
      `WorkOS does not allow ${name}${where}, although ${ways[0]} lists it: the permission may be for another resource type, or the role was assigned just now`,
    );
  }
  if (ways.length > 0) {
    const unchecked = resource && isActive ? '; not confirmed with WorkOS' : '';
    return found(isActive ? 'ok' : 'problem', `${name}${where} is granted by ${listed(ways, 3)}${would}${unchecked}`);
  }
  if (isUnknown && authorized === undefined) {
    return found(
      'skipped',
      `whether the roles include ${name} is unknown: the permissions of the roles could not be read`,
    );
  }
  const givers = giversOf(facts, resource?.found?.resource_type_slug ?? ORGANIZATION_TYPE);
  const only =
    elsewhere.length > 0
      ? `; only on ${listedPlain(
          elsewhere.map(({ on }) => on?.name ?? ''),
          3,
        )}`
      : '';
  const isWhole = authorized === false || facts.assignments?.more === false;
  const more = isWhole ? '' : '; not all role assignments could be read';
  return found(
    isWhole ? 'problem' : 'warning',
    `${name}${where} is not granted by ${listedPlain([...new Set(held.map(({ slug }) => slug))], 4) || 'any role'}${only}${more}`,
    roles ? giversText(givers) : undefined,
  );
}

function giversText(givers: readonly Role[]): string {
  return givers.length > 0
    ? `Roles that have it: ${listedPlain(
        givers.map(({ slug }) => slug),
        5,
      )}.`
    : 'No role has it. add_role_permission gives it to a role, and so to everyone with that role.';
}

function resourceProblem({ asked, found }: ResourceFacts, organizationId: string): Finding<string> | undefined {
  if (found === null) {
    return {
      check: 'resource',
      status: 'problem',
      detail: `there is no resource ${plain(asked)}`,
      fix: 'Give its id or type/external_id; list_fga_resources finds it.',
    };
  }
  if (!found || found.organization_id === organizationId) return undefined;
  return {
    check: 'resource',
    status: 'problem',
    detail: `the resource ${plain(asked)} belongs to another organization, ${plain(found.organization_id)}, where this membership has no effect`,
  };
}

function roleFindings({ roles, assignments, unread }: AccessFacts, held: readonly Held[]): Finding<string>[] {
  const isWhole = areAllRoles(roles, unread);
  const gone = [...new Set(held.map(({ slug }) => slug))].filter((slug) => isWhole && !roleOf(roles, slug));
  const silent = held.filter(({ slug }) => roleOf(roles, slug) && !roleOf(roles, slug)?.permissions);
  return [
    ...(gone.length > 0
      ? [
          {
            check: 'roles',
            status: 'warning',
            detail: `roles that the organization does not have: ${listedPlain(gone, 4)}`,
          } as const,
        ]
      : []),
    ...(silent.length > 0
      ? [{ check: 'roles', status: 'skipped', detail: 'WorkOS did not return the permissions of the roles' } as const]
      : []),
    ...(assignments?.more
      ? [{ check: 'roles', status: 'skipped', detail: 'there are more role assignments than were read' } as const]
      : []),
  ];
}

function directoryFindings({ directory }: AccessFacts, membership: Membership): Finding<string>[] {
  if (directory === null && membership.directory_managed) {
    const detail = 'a directory manages the membership, but none has a user with this address';
    return [{ check: 'directory', status: 'warning', detail }];
  }
  if (!directory) return [];
  const { name, user } = directory;
  const groups = listedPlain(
    (user.groups ?? []).flatMap(({ name: group }) => (group ? [truncate(group, 30)] : [])),
    4,
  );
  const slugs = listedPlain(rolesOf(user), 4);
  const here = quoteUntrusted(name, 40);
  if (user.state !== 'active' && typeof user.state === 'string') {
    return [{ check: 'directory', status: 'warning', detail: `${plain(user.state)} in the directory ${here}` }];
  }
  if (!membership.directory_managed) return [];
  const from = groups && ` The person is in its groups ${groups}.`;
  return [
    {
      check: 'directory',
      status: 'ok',
      detail: `the directory ${here} gives ${slugs ? `the role ${slugs}` : 'its default role'}.${from} Which group maps to which role is set in the dashboard; the API does not show it`,
    },
  ];
}

function resourceLabel({ found, asked }: ResourceFacts): string {
  return found?.external_id ? `${found.resource_type_slug}/${found.external_id}` : asked;
}

function article(status: string): string {
  return /^[aeiou]/i.test(status) ? 'an' : 'a';
}
