import { newInvitation } from '../factories.ts';
import { isObject } from '../http/body-fields.ts';
import { apiError, notFound, validationError } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { sendMessage } from '../messages.ts';
import { present } from '../present.ts';
import type { Waitlist, WaitlistEntry } from '../resources/authkit.ts';
import type { State } from '../state.ts';
import { timestamp } from '../timestamps.ts';
import { isPending, mailInvitation } from './invitations.ts';
import { remove } from './resource-routes.ts';
import { requiredEmail, userByEmail } from './users.ts';

const LISTS = '/user_management/waitlists';
const ENTRIES = '/user_management/waitlist_entries';

export const waitlistRoutes: Route[] = [
  [`GET ${LISTS}`, listWaitlists],
  [`GET ${LISTS}/{id}`, ({ id }, state) => ({ body: present(state, 'waitlists', findWaitlist(state, id)) })],
  [`GET ${LISTS}/{id}/entries`, listEntries],
  [`POST ${LISTS}/{id}/entries`, createEntry],
  [`POST ${ENTRIES}/{id}/approve`, approve],
  [`POST ${ENTRIES}/{id}/deny`, deny],
  [`DELETE ${ENTRIES}/{id}`, remove('waitlist_entries')],
];

/** Waitlists are not paginated. */
function listWaitlists(_request: ApiRequest, state: State): ApiResponse {
  const data = state.where('waitlists').map((waitlist) => present(state, 'waitlists', waitlist));
  return { body: { object: 'list', data, list_metadata: { before: null, after: null } } };
}

function listEntries(request: ApiRequest, state: State): ApiResponse {
  const wanted = request.query.get('state');
  const email = request.query.get('email')?.toLowerCase();
  const found = state
    .where('waitlist_entries', { waitlist_id: findWaitlist(state, request.id).id })
    .filter((entry) => (!wanted || entry.state === wanted) && (email === undefined || entry.email === email));
  return paginate(request, found, (entry) => present(state, 'waitlist_entries', entry));
}

/** An existing entry is returned unchanged. */
function createEntry({ id, body }: ApiRequest, state: State): ApiResponse {
  const email = requiredEmail(body, 'email').toLowerCase();
  const fields = parseFields(body['additional_fields'] ?? {});
  const known = id === 'default' ? defaultWaitlist(state) : findWaitlist(state, id);
  if (userByEmail(state, email)) {
    throw apiError(422, 'user_already_exists', `A user with the email '${email}' already exists.`);
  }
  const [existing] = state.where('waitlist_entries', { email });
  if (existing) return { body: present(state, 'waitlist_entries', existing) };
  const waitlist = known ?? state.add('waitlists', { name: 'Default', _default: true });
  const entry = state.add('waitlist_entries', {
    email,
    state: 'pending',
    approved_at: null,
    additional_fields: fields,
    waitlist_id: waitlist.id,
  });
  if (body['send_confirmation_email'] === true) sendMessage(state, { to: email, kind: 'waitlist_confirmation' });
  emit(state, 'created', entry);
  return { body: present(state, 'waitlist_entries', entry) };
}

/** Also undoes a denial. The person is invited, unless an invitation is still pending. */
function approve({ id }: ApiRequest, state: State): ApiResponse {
  const entry = state.find('waitlist_entries', id);
  if (entry.state === 'approved') throw invalidState(entry);
  const time = state.now();
  state.change('waitlist_entries', entry, { state: 'approved', approved_at: timestamp(time) });
  emit(state, 'approved', entry);
  const pending = state.where('invitations', { email: entry.email }).find((known) => isPending(state, known));
  mailInvitation(state, pending ?? state.add('invitations', newInvitation(state.ids, entry.email, time, 7)));
  return { body: present(state, 'waitlist_entries', entry) };
}

function deny({ id }: ApiRequest, state: State): ApiResponse {
  const entry = state.find('waitlist_entries', id);
  if (entry.state !== 'pending') throw invalidState(entry);
  state.change('waitlist_entries', entry, { state: 'denied' });
  emit(state, 'denied', entry);
  return { body: present(state, 'waitlist_entries', entry) };
}

/** Finds a waitlist by its id or the word `default`. @throws HttpError 404 if there is none */
function findWaitlist(state: State, id: string): Waitlist {
  const waitlist = id === 'default' ? defaultWaitlist(state) : state.table('waitlists').get(id);
  if (!waitlist) throw notFound('Waitlist', id);
  return waitlist;
}

function defaultWaitlist(state: State): Waitlist | undefined {
  return state.where('waitlists', { _default: true })[0];
}

function parseFields(value: unknown): Record<string, string> {
  const fields = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    fields.map(([name, text]) => {
      if (typeof text !== 'string') throw validationError(`additional_fields.${name}`, 'must be a string');
      return [name, text];
    }),
  );
}

function invalidState({ state }: WaitlistEntry) {
  return apiError(422, 'invalid_state', `The waitlist entry is ${state}.`);
}

/** Events use another name for entries. */
function emit(state: State, verb: string, entry: WaitlistEntry): void {
  state.emit(`waitlist_user.${verb}`, { ...entry, object: 'waitlist_user' });
}
