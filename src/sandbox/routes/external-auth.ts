import { newUser } from '../factories.ts';
import { isEmail, isObject, isString, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import { mergeMetadata } from '../metadata.ts';
import type { State } from '../state.ts';
import { userByEmail } from './users.ts';

export const externalAuthRoutes: Route[] = [['POST /authkit/oauth2/complete', completeExternalAuth]];

/** Creates or updates the user who signed in on the customer's login page, and redirects them back to AuthKit. */
function completeExternalAuth({ body }: ApiRequest, state: State): ApiResponse {
  const session = state.find('external_auth_sessions', requiredString(body, 'external_auth_id'));
  const given = isObject(body['user']) ? body['user'] : {};
  const externalId = requiredString(given, 'id');
  const email = requiredString(given, 'email');
  const [user] = state.where('users', { external_id: externalId });
  const metadata = mergeMetadata(user?.metadata ?? {}, given['metadata']);
  if (session._completed) throw refused('external_auth_session_already_completed');
  if (!isEmail(email)) throw refused('invalid_email');
  const owner = userByEmail(state, email);
  if (owner && owner.id !== user?.id) throw refused('email_not_available');
  if (user && owner?.id !== user.id) throw refused('email_change_not_allowed');
  const names = {
    first_name: optionalField(given, 'first_name', isString) ?? user?.first_name ?? null,
    last_name: optionalField(given, 'last_name', isString) ?? user?.last_name ?? null,
    name: optionalField(given, 'name', isString) ?? user?.name ?? null,
  };
  if (user) state.change('users', user, { ...names, metadata });
  else {
    state.add('users', newUser({ email, email_verified: true, external_id: externalId, metadata, ...names }));
  }
  state.change('external_auth_sessions', session, { _completed: true });
  const redirectUri = `https://auth.sandbox.example/oauth2/authorize/complete?state=${state.ids.token(25)}`;
  return { body: { redirect_uri: redirectUri } };
}

function refused(code: string) {
  return apiError(400, code, 'Request could not be processed.');
}
