import { roleOf } from '../authorization.ts';
import { newInvitation } from '../factories.ts';
import { isInteger, isString, optionalField } from '../http/body-fields.ts';
import { apiError, HttpError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { get, list } from './resource-routes.ts';
import { requiredEmail, userByEmail, userById } from './users.ts';

const ROOT = '/user_management/invitations';

export const invitationRoutes: Route[] = [
  [`GET ${ROOT}`, list('invitations', { organization_id: 'organization_id', email: 'email' })],
  [`POST ${ROOT}`, sendInvitation],
  [`GET ${ROOT}/{id}`, get('invitations')],
  [`POST ${ROOT}/{id}/revoke`, revokeInvitation],
];

/** Stores the invitation. No email is sent. */
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
  return { body: present(state, 'invitations', invitation) };
}

function revokeInvitation({ id }: ApiRequest, state: State): ApiResponse {
  const invitation = state.find('invitations', id);
  if (invitation.state !== 'pending') {
    throw new HttpError(400, { code: 'invite_not_pending', message: 'Invite is not pending.' });
  }
  state.change('invitations', invitation, { state: 'revoked', revoked_at: timestamp(state.now()) });
  state.emit('invitation.revoked', invitation);
  return { body: present(state, 'invitations', invitation) };
}

/** Throws a 400 if the address is already invited, or already belongs to a user or member. */
function rejectDuplicate(state: State, email: string, organizationId: string | null): void {
  const invited = state
    .where('invitations')
    .some(
      (invitation) =>
        invitation.state === 'pending' &&
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
