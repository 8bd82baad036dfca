import { newUser } from '../factories.ts';
import { isObject, isString, optionalField, requiredString } from '../http/body-fields.ts';
import { apiError, HttpError } from '../http/errors.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { State } from '../state.ts';
import { validKey } from './api-keys.ts';
import { get } from './resource-routes.ts';
import { userByEmail } from './users.ts';

export const agentRegistrationRoutes: Route[] = [
  ['GET /agents/registrations/{id}', get('agent_registrations')],
  ['PATCH /agents/claims/attempts', linkClaimAttempt],
  ['POST /agents/credentials/validate', validateCredential],
];

/** Links one of the customer's users to a claim, and returns the code with which the agent completes it. */
function linkClaimAttempt({ body }: ApiRequest, state: State): ApiResponse {
  const token = requiredString(body, 'claim_attempt_token');
  const [registration] = state.where('agent_registrations', { _claim_attempt_token: token });
  const claim = registration?.claim;
  if (!registration || !claim) throw refused(400, 'invalid_claim');
  if (claim.claim_completion) throw refused(409, 'already_claimed');
  if (Date.parse(claim.expires_at) <= state.now()) throw refused(410, 'claim_expired');
  const given = isObject(body['user']) ? body['user'] : {};
  const externalId = requiredString(given, 'external_id');
  const email = requiredString(given, 'email');
  const [user] = state.where('users', { external_id: externalId });
  if (user && user.email.toLowerCase() !== email.toLowerCase()) throw refused(400, 'email_mismatch');
  if (!user && userByEmail(state, email)) throw refused(409, 'email_already_in_use');
  const organizations = state
    .where('organization_memberships', { user_id: user?.id ?? '', status: 'active' })
    .flatMap(({ organization_id }) => state.table('organizations').get(organization_id) ?? [])
    .map(({ id, name }) => ({ id, name }));
  const chosen = optionalField(body, 'organization_id', isString);
  if (chosen !== undefined && !organizations.some(({ id }) => id === chosen))
    throw refused(400, 'invalid_organization');
  if (chosen === undefined && organizations.length > 1) {
    const message = 'Request could not be processed.';
    throw new HttpError(409, { code: 'organization_selection_required', message, organizations });
  }
  const { id } = user ?? state.add('users', newUser({ email, external_id: externalId }));
  state.change('agent_registrations', registration, {
    agent_identity: { ...registration.agent_identity, userland_user_id: id },
    organization_id: chosen ?? organizations[0]?.id ?? registration.organization_id,
  });
  const code = state.ids.token(8);
  return {
    body: {
      id: registration.id,
      status: registration.status,
      user_code: `${code.slice(0, 4)}-${code.slice(4)}`,
      organizations,
    },
  };
}

function refused(status: number, code: string) {
  return apiError(status, code, 'Request could not be processed.');
}

/** An unknown credential is reported as invalid, not as an error. */
function validateCredential({ body }: ApiRequest, state: State): ApiResponse {
  const credential = requiredString(body, 'credential');
  const key = body['type'] === 'api_key' ? validKey(state, credential) : undefined;
  const [registration] =
    body['type'] === 'api_key'
      ? state.where('agent_registrations', { id: key?._agent_registration_id ?? '' })
      : state.where('agent_registrations', { _access_token: credential });
  const expiresAt = key ? key.expires_at : (registration?._access_token_expires_at ?? null);
  const isAlive = registration?.status === 'verified' || registration?.status === 'unverified';
  const valid = isAlive && (expiresAt === null || Date.parse(expiresAt) > state.now());
  return {
    body: { valid, registration_id: valid ? registration.id : null, expires_at: valid ? expiresAt : null },
  };
}
