import { requiredString } from '../http/body-fields.ts';
import { apiError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { State } from '../state.ts';
import { get, respond } from './resource-routes.ts';
import { requiredEmail } from './users.ts';

export const teamRoutes: Route[] = [
  ['POST /platform/teams', createTeam],
  ['GET /platform/teams/{team_id}', get('teams')],
];

/** A person administers only one team. A new team has not been paid for, so its production environment is inactive. */
function createTeam({ body }: ApiRequest, state: State): ApiResponse {
  const name = requiredString(body, 'name');
  const email = requiredEmail(body, 'admin_email').toLowerCase();
  if (state.where('teams', { _admin_email: email }).length > 0) {
    throw apiError(409, 'user_already_exists', `A user with the email '${email}' already exists.`);
  }
  return respond(state, 'teams', state.add('teams', { name, production_state: 'Inactive', _admin_email: email }));
}
