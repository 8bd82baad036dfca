import { forgetExpired } from './expiry.ts';
import type { AuthorizationCode, Profile, SignIn } from './resources/authentication.ts';
import type { User } from './resources/users.ts';
import type { State } from './state.ts';
import { timestamp } from './timestamps.ts';

const CODE_LIFETIME_MS = 600_000;

/** Where a person signs in from: a connection, or a provider without one. */
export interface Origin {
  connection_id: string;
  connection_type: string;
  organization_id: string | null;
}

/** The origin for an OAuth provider or magic links, whose connection belongs to no organization. */
export function sharedOrigin(state: State, connection_type: string): Origin {
  const [known] = state.where('profiles', { connection_type, organization_id: null });
  const connection_id = known?.connection_id ?? state.ids.next('conn', state.now());
  return { connection_id, connection_type, organization_id: null };
}

/** A person's profile at an origin, created on the first sign-in. The person need not be a user. */
export function profileOf(state: State, origin: Origin, email: string, user: User | undefined): Profile {
  const [known] = state.where('profiles', { connection_id: origin.connection_id, email });
  if (known) return known;
  const { first_name = null, last_name = null, name = null } = user ?? {};
  const idp_id = `00u${state.ids.token(17)}`;
  return state.add('profiles', {
    ...origin,
    idp_id,
    email,
    first_name,
    last_name,
    name,
    raw_attributes: { id: idp_id, email, firstName: first_name, lastName: last_name },
    _access_token: null,
    _access_token_expires_at: null,
    _logout_token: null,
  });
}

/** Creates a code for either a sign-in or a profile, which is valid for ten minutes. */
export function newAuthorizationCode(
  state: State,
  target: { sign_in: SignIn } | { profile_id: string },
  codeChallenge: string | null,
): AuthorizationCode {
  forgetExpired(state, 'authorization_codes');
  return state.add('authorization_codes', {
    sign_in: null,
    profile_id: null,
    ...target,
    code: state.ids.token(26),
    code_challenge: codeChallenge,
    expires_at: timestamp(state.now() + CODE_LIFETIME_MS),
  });
}
