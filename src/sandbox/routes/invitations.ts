import { isText, optional } from '../http/body.ts';
import { page } from '../http/pagination.ts';
import { existing, Problem, type Reply, type Route, refused, type SandboxRequest } from '../http/reply.ts';
import { type Invitation, timestamp } from '../records.ts';
import { newInvitation } from '../seed/users.ts';
import type { State } from '../state.ts';
import { requiredEmail, userByEmail, userById } from './users.ts';

const ROOT = '/user_management/invitations';

export const invitationRoutes: Route[] = [
  ['GET', ROOT, listInvitations],
  ['POST', ROOT, sendInvitation],
  ['GET', `${ROOT}/{id}`, ({ id }, state) => ({ status: 200, body: invitationById(state, id) })],
  ['POST', `${ROOT}/{id}/revoke`, revokeInvitation],
];

function listInvitations(request: SandboxRequest, state: State): Reply {
  const organizationId = request.query.get('organization_id');
  const email = request.query.get('email')?.toLowerCase();
  const found = [...state.invitations.values()].filter(
    (invitation) =>
      (organizationId === null || invitation.organization_id === organizationId) &&
      (email === undefined || invitation.email.toLowerCase() === email),
  );
  return page(request, state, found);
}

/** No message is sent; the invitation only waits. */
function sendInvitation({ body }: SandboxRequest, state: State): Reply {
  const email = requiredEmail(body, 'email');
  const organizationId = optional(body, 'organization_id', isText) ?? null;
  const roleSlug = optional(body, 'role_slug', isText) ?? null;
  const inviter = optional(body, 'inviter_user_id', isText) ?? null;
  const days = optional(body, 'expires_in_days', isInteger) ?? 7;
  if (days < 1) throw refused(400, 'expires_in_days_too_short', 'expires_in_days must be at least 1.');
  if (days > 30) throw refused(400, 'expires_in_days_too_long', 'expires_in_days must be at most 30.');
  if (organizationId !== null) existing(state.organizations, 'Organization', organizationId);
  if (inviter !== null) userById(state, inviter);
  if (roleSlug !== null && ![...state.roles.values()].some(({ slug }) => slug === roleSlug)) {
    throw refused(400, 'invalid_role', `Role '${roleSlug}' is not a valid role.`);
  }
  refuseTwice(state, email, organizationId);
  const now = state.now();
  const invitation: Invitation = {
    ...newInvitation(state.mint, state.mint.next('invitation', now), email, now, days),
    organization_id: organizationId,
    inviter_user_id: inviter,
    role_slug: roleSlug,
  };
  state.invitations.set(invitation.id, invitation);
  return { status: 201, body: invitation };
}

function revokeInvitation({ id }: SandboxRequest, state: State): Reply {
  const invitation = invitationById(state, id);
  if (invitation.state !== 'pending') {
    throw new Problem(400, { code: 'invite_not_pending', message: 'Invite is not pending.' });
  }
  const now = timestamp(state.now());
  Object.assign(invitation, { state: 'revoked', revoked_at: now, updated_at: now } satisfies Partial<Invitation>);
  return { status: 200, body: invitation };
}

function refuseTwice(state: State, email: string, organizationId: string | null): void {
  const invited = [...state.invitations.values()].some(
    (invitation) =>
      invitation.state === 'pending' &&
      invitation.email.toLowerCase() === email.toLowerCase() &&
      invitation.organization_id === organizationId,
  );
  const user = userByEmail(state, email);
  const isMember = [...state.memberships.values()].some(
    (membership) => membership.user_id === user?.id && membership.organization_id === organizationId,
  );
  if (organizationId === null) {
    if (invited) throw refused(400, 'email_already_invited', `The email '${email}' is already invited.`);
    if (user) throw refused(400, 'user_already_exists', `A user with the email '${email}' already exists.`);
    return;
  }
  if (invited) {
    const message = `The email '${email}' is already invited to the organization.`;
    throw refused(400, 'email_already_invited_to_organization', message);
  }
  if (isMember) {
    throw refused(400, 'user_already_organization_member', `The user '${email}' is already a member.`);
  }
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

function invitationById(state: State, id: string): Invitation {
  return existing(state.invitations, 'Invitation', id);
}
