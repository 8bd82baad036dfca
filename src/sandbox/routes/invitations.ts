import { newInvitation } from '../factories.ts';
import { isInteger, isString, optionalField } from '../http/body-fields.ts';
import { apiError, findOrThrow, HttpError } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiRequest, ApiResponse, Route } from '../http/route.ts';
import type { Invitation } from '../resources.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { requiredEmail, userByEmail, userById } from './users.ts';

const ROOT = '/user_management/invitations';

export const invitationRoutes: Route[] = [
  ['GET', ROOT, listInvitations],
  ['POST', ROOT, sendInvitation],
  ['GET', `${ROOT}/{id}`, ({ id }, state) => ({ status: 200, body: invitationById(state, id) })],
  ['POST', `${ROOT}/{id}/revoke`, revokeInvitation],
];

function listInvitations(request: ApiRequest, state: State): ApiResponse {
  const organizationId = request.query.get('organization_id');
  const email = request.query.get('email')?.toLowerCase();
  const found = [...state.invitations.values()].filter(
    (invitation) =>
      (organizationId === null || invitation.organization_id === organizationId) &&
      (email === undefined || invitation.email.toLowerCase() === email),
  );
  return paginate(request, state, found);
}

/** Stores the invitation. No email is sent. */
function sendInvitation({ body }: ApiRequest, state: State): ApiResponse {
  const email = requiredEmail(body, 'email');
  const organizationId = optionalField(body, 'organization_id', isString) ?? null;
  const roleSlug = optionalField(body, 'role_slug', isString) ?? null;
  const inviter = optionalField(body, 'inviter_user_id', isString) ?? null;
  const days = optionalField(body, 'expires_in_days', isInteger) ?? 7;
  if (days < 1) throw apiError(400, 'expires_in_days_too_short', 'expires_in_days must be at least 1.');
  if (days > 30) throw apiError(400, 'expires_in_days_too_long', 'expires_in_days must be at most 30.');
  if (organizationId !== null) findOrThrow(state.organizations, 'Organization', organizationId);
  if (inviter !== null) userById(state, inviter);
  if (roleSlug !== null && ![...state.roles.values()].some(({ slug }) => slug === roleSlug)) {
    throw apiError(400, 'invalid_role', `Role '${roleSlug}' is not a valid role.`);
  }
  rejectDuplicate(state, email, organizationId);
  const now = state.now();
  const invitation: Invitation = {
    ...newInvitation(state.ids, state.ids.next('invitation', now), email, now, days),
    organization_id: organizationId,
    inviter_user_id: inviter,
    role_slug: roleSlug,
  };
  state.invitations.set(invitation.id, invitation);
  return { status: 201, body: invitation };
}

function revokeInvitation({ id }: ApiRequest, state: State): ApiResponse {
  const invitation = invitationById(state, id);
  if (invitation.state !== 'pending') {
    throw new HttpError(400, { code: 'invite_not_pending', message: 'Invite is not pending.' });
  }
  const now = timestamp(state.now());
  Object.assign(invitation, { state: 'revoked', revoked_at: now, updated_at: now } satisfies Partial<Invitation>);
  return { status: 200, body: invitation };
}

/** Throws a 400 if the address is already invited, or already belongs to a user or member. */
function rejectDuplicate(state: State, email: string, organizationId: string | null): void {
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

function invitationById(state: State, id: string): Invitation {
  return findOrThrow(state.invitations, 'Invitation', id);
}
