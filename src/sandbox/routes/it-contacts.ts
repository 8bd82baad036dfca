import { requiredString } from '../http/body-fields.ts';
import { apiError, notFound } from '../http/errors.ts';
import { compareAge } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { ItContact } from '../resources/portal.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { respond } from './resource-routes.ts';
import { requiredEmail } from './users.ts';

const ROOT = '/organizations/{organization_id}/it_contacts';

export const itContactRoutes: Route[] = [
  [`GET ${ROOT}`, listContacts],
  [`POST ${ROOT}`, createContact],
  [`DELETE ${ROOT}/{contact_id}`, deleteContact],
  [`POST ${ROOT}/{contact_id}/invite`, inviteContact],
  [`POST ${ROOT}/{contact_id}/revoke`, revokeInvitation],
];

/** The lifetime of the link in an invitation. */
const INVITATION_MS = 30 * 24 * 3_600_000;

/** The organization's contact with this address, ignoring case. */
export function contactByEmail(state: State, organizationId: string, email: string): ItContact | undefined {
  const contacts = state.where('it_contacts', { organization_id: organizationId });
  return contacts.find((contact) => contact.email.toLowerCase() === email.toLowerCase());
}

/** Lists all contacts without pagination, oldest first. */
function listContacts({ id }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', id);
  const contacts = state.where('it_contacts', { organization_id: organization.id }).sort(compareAge);
  const data = contacts.map((contact) => present(state, 'it_contacts', contact));
  // Not in the document, but the official SDK reads it.
  return { body: { object: 'list', data, list_metadata: { before: null, after: null } } };
}

function createContact({ id, body }: ApiRequest, state: State): ApiResponse {
  const organization = state.find('organizations', id);
  const email = requiredEmail(body, 'email');
  if (contactByEmail(state, organization.id, email)) {
    throw apiError(409, 'it_contact_already_exists', `The organization already has the IT contact '${email}'.`);
  }
  const contact = state.add('it_contacts', { organization_id: organization.id, email, _invited_until: null });
  return respond(state, 'it_contacts', contact);
}

function deleteContact(request: ApiRequest, state: State): ApiResponse {
  state.remove('it_contacts', contactOf(request, state).id);
  return {};
}

/** No email is sent. */
function inviteContact(request: ApiRequest, state: State): ApiResponse {
  const contact = contactOf(request, state);
  if (invited(state, contact.organization_id).length > 0) {
    const message = 'The organization already has an active invitation. Revoke it first.';
    throw apiError(409, 'it_contact_invitation_already_active', message);
  }
  state.change('it_contacts', contact, { _invited_until: timestamp(state.now() + INVITATION_MS) });
  return {};
}

/** Revokes the organization's invitation, whichever contact the path names. */
function revokeInvitation(request: ApiRequest, state: State): ApiResponse {
  const { organization_id } = contactOf(request, state);
  for (const contact of invited(state, organization_id)) {
    state.change('it_contacts', contact, { _invited_until: null });
  }
  return {};
}

function contactOf({ id, params }: ApiRequest, state: State): ItContact {
  const organization = state.find('organizations', requiredString(params, 'organization_id'));
  const contact = state.find('it_contacts', id);
  if (contact.organization_id !== organization.id) throw notFound('IT Contact', id);
  return contact;
}

function invited(state: State, organizationId: string): ItContact[] {
  return state
    .where('it_contacts', { organization_id: organizationId })
    .filter(({ _invited_until: until }) => until !== null && Date.parse(until) > state.now());
}
