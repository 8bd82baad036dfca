import { type AccessFacts, type Membership, ORGANIZATION_TYPE, roleOf } from './access-facts.ts';
import type { NextStep } from './findings.ts';
import { counts, giversOf, givingRoles, type Held } from './held-roles.ts';
import { rolesOf } from './records.ts';
import { listedPlain, plain } from './wording.ts';

/** The most useful next call for a member. */
export function nextStep(facts: AccessFacts, membership: Membership, held: readonly Held[]): NextStep | undefined {
  const { organization, user, directory, permission, resource, permissionFound } = facts;
  const organization_membership_id = membership.id;
  const isGone = directory && directory.user.state !== 'active' && typeof directory.user.state === 'string';
  if (membership.status === 'inactive') {
    return isGone
      ? {
          tool: 'get_directory_user',
          arguments: { directory_user_id: directory.user.id },
          why: 'The directory suspended the person. Undo it there, or it will happen again.',
        }
      : {
          tool: 'reactivate_organization_membership',
          arguments: { organization_membership_id },
          why: 'Restores the membership with its roles, if the person should have access.',
        };
  }
  if (membership.status === 'pending') {
    return {
      tool: 'list_invitations',
      arguments: {
        organization_id: organization.id,
        ...(user && /^[^\s@]+@[^\s@]+$/.test(user.email) && { email: user.email }),
      },
      why: 'Shows the invitation, which can be sent again.',
    };
  }
  if (permission === undefined || membership.status !== 'active') return undefined;
  if (permissionFound === null) {
    return { tool: 'list_permissions', arguments: { limit: 100 }, why: 'Shows how the permissions are spelled.' };
  }
  const isGiven = givingRoles(facts, held).some(({ on }) => counts(on, resource));
  if (resource?.authorized ?? isGiven) return undefined;
  if (resource && (resource.found?.organization_id !== organization.id || resource.authorized === null))
    return undefined;
  if (isGiven) {
    return {
      tool: 'get_permission',
      arguments: { permission_slug: permission },
      why: 'Shows which resource type the permission is for.',
    };
  }
  const isUnknown =
    facts.assignments?.more !== false || held.some(({ slug }) => !roleOf(facts.roles, slug)?.permissions);
  return resource?.authorized === undefined && isUnknown ? undefined : giveRole(facts, membership);
}

/** The call that grants the least access that includes the permission. */
function giveRole(facts: AccessFacts, membership: Membership): NextStep | undefined {
  const { roles, resource, permission = '' } = facts;
  const found = resource?.found;
  const [giver] = giversOf(facts, found?.resource_type_slug ?? ORGANIZATION_TYPE);
  const organization_membership_id = membership.id;
  if (!giver || !roles) return undefined;
  if (
    found &&
    giver.resource_type_slug === found.resource_type_slug &&
    giver.resource_type_slug !== ORGANIZATION_TYPE
  ) {
    return {
      tool: 'assign_membership_role',
      arguments: { organization_membership_id, role_slug: giver.slug, resource_id: found.id },
      why: `Gives ${plain(permission)} on this resource and everything below it.`,
    };
  }
  const own = rolesOf(membership);
  const has = new Set(own.flatMap((slug) => roleOf(roles, slug)?.permissions ?? []));
  const overwritten = membership.directory_managed ? ' The directory may set its own role again.' : '';
  if (own.length <= 1 && [...has].every((one) => giver.permissions?.includes(one))) {
    return {
      tool: 'update_organization_membership',
      arguments: { organization_membership_id, role_slug: giver.slug },
      why: `Replaces ${listedPlain(own, 1) || 'no role'} with ${plain(giver.slug)}, which has all its permissions and ${plain(permission)}.${overwritten}`,
    };
  }
  return {
    tool: 'update_organization_membership',
    arguments: { organization_membership_id, role_slugs: [...own, giver.slug] },
    why: `Adds ${plain(giver.slug)}. Needs multiple roles to be enabled; otherwise role_slug replaces the current one.${overwritten}`,
  };
}

/** The most useful next call for a person who is not a member, or not a user at all. */
export function nextWithoutMembership(facts: AccessFacts): NextStep | undefined {
  const { organization, user, asked, membership, permission } = facts;
  const role = permission === undefined ? undefined : giversOf(facts, ORGANIZATION_TYPE)[0]?.slug;
  const organization_id = organization.id;
  const withRole = role === undefined ? {} : { role_slug: role };
  if (user === null && asked.includes('@')) {
    return {
      tool: 'send_invitation',
      arguments: { email: asked, organization_id, ...withRole },
      why: 'Invites the person, if the address is right.',
    };
  }
  if (!user || membership !== null) return undefined;
  return {
    tool: 'create_organization_membership',
    arguments: { user_id: user.id, organization_id, ...withRole },
    why: 'Makes the user a member immediately, if they should be one.',
  };
}
