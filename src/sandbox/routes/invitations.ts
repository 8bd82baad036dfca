import { roleFields, roleOf } from '../authorization.ts';
import { newInvitation } from '../factories.ts';
import { isInteger, isString, optionalField } from '../http/body-fields.ts';
import { apiError, notFound } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { sendMessage } from '../messages.ts';
import { present } from '../present.ts';
import type { Invitation, User } from '../resources/users.ts';
import type { State } from '../state.ts';
import { isPast, timestamp } from '../timestamps.ts';
import { get, list } from './resource-routes.ts';
import { requiredEmail, userByEmail, userById } from './users.ts';

const ROOT = '/user_management/invitations';

export const invitationRoutes: Route[] = [
  [`GET ${ROOT}`, list('invitations', { organization_id: 'organization_id', email: 'email' })],
  [`POST ${ROOT}`, sendInvitation],
  [`GET ${ROOT}/by_token/{token}`, getByToken],
  [`GET ${ROOT}/{id}`, get('invitations')],
  [`POST ${ROOT}/{id}/accept`, accept],
  [`POST ${ROOT}/{id}/resend`, resend],
  [`POST ${ROOT}/{id}/revoke`, revokeInvitation],
];

/** Whether an invitation can still be accepted. */
export function isPending(state: State, { state: status, expires_at }: Invitation): boolean {
  return status === 'pending' && !isPast(expires_at, state);
}

function sendInvitation({ body }: ApiRequest, state: State): ApiResponse {
  const email = requiredEmail(body, 'email');
  const organizationId = optionalField(body, 'organization_id', isString) ?? null;
  const roleSlug = optionalField(body, 'role_slug', isString) ?? null;
  const inviter = optionalField(body, 'inviter_user_id', isString) ?? null;
  const days = optionalField(body, 'expires_in_days', isInteger) ?? 7;
  if (days < 1) throw apiError(400, 'expires_in_days_too_short', 'expires_in_days must be at least 1.');
  if (days > 30) throw apiError(400, 'expires_in_days_too_long', 'expires_in_days must be at most 30.');
  if (organizationId !== null) state.find('organizations', organizationId);
  if (inviter !== null) userById(state, inviter);
  if (roleSlug !== null && !roleOf(state, organizationId, roleSlug)) {
    throw apiError(400, 'invalid_role', `Role '${roleSlug}' is not a valid role.`);
  }
  rejectDuplicate(state, email, organizationId);
  const invitation = state.add('invitations', {
    ...newInvitation(state.ids, email, state.now(), days),
    organization_id: organizationId,
    inviter_user_id: inviter,
    role_slug: roleSlug,
  });
  mailInvitation(state, invitation);
  return { body: present(state, 'invitations', invitation) };
}

function getByToken({ id: token }: ApiRequest, state: State): ApiResponse {
  const [invitation] = state.where('invitations', { token });
  if (!invitation) throw notFound('Invitation', token);
  return { body: present(state, 'invitations', invitation) };
}

function accept({ id }: ApiRequest, state: State): ApiResponse {
  const invitation = state.find('invitations', id);
  if (!isPending(state, invitation)) throw apiError(400, 'invite_not_pending', 'Invite is not pending.');
  const user = userByEmail(state, invitation.email);
  if (!user) throw apiError(400, 'invalid_invite', `There is no user with the email '${invitation.email}' yet.`);
  acceptInvitation(state, invitation, user);
  return { body: present(state, 'invitations', invitation) };
}

/** Accepts a pending invitation, and makes the user a member of its organization. */
export function acceptInvitation(state: State, invitation: Invitation, user: User): void {
  const { organization_id, role_slug } = invitation;
  state.change('invitations', invitation, {
    state: 'accepted',
    accepted_at: timestamp(state.now()),
    accepted_user_id: user.id,
  });
  state.emit('invitation.accepted', invitation);
  if (organization_id === null) return;
  const given = roleOf(state, organization_id, role_slug ?? '');
  const [membership] = state.where('organization_memberships', { user_id: user.id, organization_id });
  if (membership) {
    state.change('organization_memberships', membership, { status: 'active' });
    return;
  }
  state.add('organization_memberships', {
    user_id: user.id,
    organization_id,
    status: 'active',
    directory_managed: false,
    custom_attributes: {},
    // The role may have been deleted since.
    ...roleFields(given ? [given.slug] : []),
  });
}

function resend({ id }: ApiRequest, state: State): ApiResponse {
  const invitation = state.find('invitations', id);
  const status = invitation.state === 'pending' && !isPending(state, invitation) ? 'expired' : invitation.state;
  if (status !== 'pending') throw apiError(400, `invite_${status}`, `The invitation is ${status}.`);
  state.change('invitations', invitation, {});
  state.emit('invitation.resent', invitation);
  mailInvitation(state, invitation);
  return { body: present(state, 'invitations', invitation) };
}

/** Sends the link to the invited person. */
export function mailInvitation(state: State, { email, accept_invitation_url }: Invitation): void {
  sendMessage(state, { to: email, kind: 'invitation', url: accept_invitation_url });
}

function revokeInvitation({ id }: ApiRequest, state: State): ApiResponse {
  const invitation = state.find('invitations', id);
  if (!isPending(state, invitation)) throw apiError(400, 'invite_not_pending', 'Invite is not pending.');
  state.change('invitations', invitation, { state: 'revoked', revoked_at: timestamp(state.now()) });
  state.emit('invitation.revoked', invitation);
  return { body: present(state, 'invitations', invitation) };
}

/** @throws HttpError 400 if the address is already invited, or already belongs to a user or member */
function rejectDuplicate(state: State, email: string, organizationId: string | null): void {
  const invited = state
    .where('invitations')
    .some(
      (invitation) =>
        isPending(state, invitation) &&
        invitation.email.toLowerCase() === email.toLowerCase() &&
        invitation.organization_id === organizationId,
    );
  const user = userByEmail(state, email);
  const isMember = state
    .where('organization_memberships')
    .some((membership) => membership.user_id === user?.id && membership.organization_id === organizationId);
  if (organizationId === null) {
    if (invited) throw apiError(400, 'email_already_invited', `The email '${email}' is already invited.`);
    if (user) throw apiError(400, 'user_already_exists', `A user with the email '${email}' already exists.`);
    return;
  }
  if (invited) {
    const message = `The email '${email}' is already invited to the organization.`;
    throw apiError(400, 'email_already_invited_to_organization', message);
  }
  if (isMember) {
    throw apiError(400, 'user_already_organization_member', `The user '${email}' is already a member.`);
  }
}
