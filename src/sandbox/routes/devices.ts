import { escapeHtml, page } from '../http/page.ts';
import type { ApiResponse } from '../http/response.ts';
import type { ApiRequest, Route } from '../http/route.ts';
import type { DeviceAuthorization } from '../resources/authentication.ts';
import { oauthError } from '../sign-in.ts';
import type { State } from '../state.ts';
import { isPast, timestamp } from '../timestamps.ts';
import { userByEmail } from './users.ts';

const PAGE = '/_sandbox/pages/device';
const LIFETIME_SECONDS = 300;

/** Sign-in on a device without a browser, and the page on which a person approves it. */
export const deviceRoutes: Route[] = [
  ['POST /user_management/authorize/device', authorizeDevice],
  [`GET ${PAGE}`, showDevice],
  [`POST ${PAGE}`, decide],
];

function authorizeDevice({ body, origin }: ApiRequest, state: State): ApiResponse {
  if (body['client_id'] !== state.environment.clientId) throw oauthError('invalid_client', 'Invalid client ID.');
  const { device_code, user_code } = state.add('device_authorizations', {
    device_code: state.ids.token(43),
    user_code: `${state.ids.token(4)}-${state.ids.token(4)}`,
    expires_at: timestamp(state.now() + LIFETIME_SECONDS * 1000),
    status: 'pending',
    user_id: null,
  });
  const verification_uri = `${origin}${PAGE}`;
  const complete = `${verification_uri}?user_code=${user_code}`;
  return {
    body: {
      device_code,
      user_code,
      verification_uri,
      verification_uri_complete: complete,
      expires_in: LIFETIME_SECONDS,
      interval: 5,
    },
  };
}

function showDevice({ query }: ApiRequest, state: State): ApiResponse {
  const first = [...state.table('users').values()][0]?.email ?? '';
  const field = (label: string, name: string, value: string) =>
    `<p><label>${label} <input name="${name}" value="${escapeHtml(value)}"></label></p>`;
  return page(
    'Sign in to a device',
    `<form method="post" action="${PAGE}">${field('Code', 'user_code', query.get('user_code') ?? '')}` +
      `${field('Sign in as', 'email', first)}` +
      '<button name="decision" value="approve">Approve</button> <button name="decision" value="deny">Deny</button></form>',
  );
}

/** Approves as the user with the `email`, or as the first user, unless the `decision` is `deny`. */
function decide({ body }: ApiRequest, state: State): ApiResponse {
  const code = String(body['user_code']).trim().toUpperCase();
  const [device] = state.where('device_authorizations', { user_code: code, status: 'pending' });
  if (!device || isPast(device.expires_at, state)) return page('The code is unknown or has expired', '', 404);
  const email = body['email'];
  const user = email ? userByEmail(state, String(email)) : state.where('users')[0];
  const isDenied = body['decision'] === 'deny';
  if (!user && !isDenied) return page('There is no such user', '', 404);
  const outcome: Partial<DeviceAuthorization> = isDenied
    ? { status: 'denied' }
    : { status: 'approved', user_id: user?.id ?? null };
  state.change('device_authorizations', device, outcome);
  return page(isDenied ? 'Denied' : 'Approved', '<p>You can close this page and go back to your device.</p>');
}
