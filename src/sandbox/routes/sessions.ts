import { HttpError, validationError } from '../http/errors.ts';
import { paginate } from '../http/pagination.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { present } from '../present.ts';
import type { Session } from '../resources/authentication.ts';
import type { State } from '../state.ts';
import { isPast, timestamp } from '../timestamps.ts';

export const sessionRoutes: Route[] = [
  ['GET /user_management/users/{id}/sessions', listSessions],
  ['GET /user_management/users/{id}/identities', listIdentities],
  ['POST /user_management/sessions/revoke', revoke],
  ['GET /user_management/sessions/logout', logOut],
];

/** Ends an active session. */
export function endSession(state: State, session: Session): void {
  state.change('sessions', session, { status: 'revoked', ended_at: timestamp(state.now()) });
  state.emit('session.revoked', session);
}

/** Parses an absolute URL to which a browser will be redirected. @throws HttpError 422 if it is not one */
export function redirectUrl(field: string, text: string): URL {
  if (!URL.canParse(text)) throw validationError(field, 'must be an absolute URL');
  return new URL(text);
}

function listSessions(request: ApiRequest, state: State): ApiResponse {
  state.find('users', request.id);
  const found = state.where('sessions', { user_id: request.id });
  return paginate(request, found, (session) => present(state, 'sessions', session));
}

function listIdentities({ id }: ApiRequest, state: State): ApiResponse {
  state.find('users', id);
  const identities = state.where('identities', { _user_id: id });
  return { body: identities.map(({ idp_id, type, provider }) => ({ idp_id, type, provider })) };
}

function revoke({ body }: ApiRequest, state: State): ApiResponse {
  const session = state.table('sessions').get(String(body['session_id']));
  if (!session) throw new HttpError(400, { message: `Session not found: '${body['session_id']}'.` });
  if (session.status !== 'active' || isPast(session.expires_at, state)) {
    throw new HttpError(400, { message: 'The session has already ended.' });
  }
  endSession(state, session);
  return {};
}

/** Signs a browser out, which also ends the session. */
function logOut({ query }: ApiRequest, state: State): ApiResponse {
  const url = redirectUrl('return_to', query.get('return_to') ?? homeUrl(state));
  const session = state.table('sessions').get(query.get('session_id') ?? '');
  if (!session) throw validationError('session_id', 'is not a known session');
  if (session.status === 'active') endSession(state, session);
  return { status: 302, headers: { Location: url.href } };
}

/** The start page of the application, to which a sign-out redirects by default. */
export function homeUrl(state: State): string {
  const [uri] = state.where('redirect_uris', { default: true });
  // A URI such as `myapp:callback` has no host, and so no start page.
  return uri && URL.canParse('/', uri.uri) ? new URL('/', uri.uri).href : 'https://app.sandbox.example/';
}
