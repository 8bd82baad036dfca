import { createHash } from 'node:crypto';
import { totpCode } from '../../../src/sandbox/totp.ts';
import type { SandboxClient } from '../sandbox-client.ts';

const ROOT = '/user_management';

/** Sign-ins, their codes and factors, standalone SSO, the settings of AuthKit, waitlists and Radar. */
export async function authkitSession(client: SandboxClient): Promise<void> {
  await signIns(client);
  await emailCodes(client);
  await factors(client);
  await singleSignOn(client);
  await settings(client);
  await waitlists(client);
}

async function signIns({ sandbox, call }: SandboxClient): Promise<void> {
  const credentials = { client_id: sandbox.clientId, client_secret: sandbox.key };
  const user = { email: 'lin@signup.example', password: 'correct horse', email_verified: true };
  const { id } = (await call(`POST ${ROOT}/users`, user)).body;
  const signedIn = await call(`POST ${ROOT}/authenticate`, { ...credentials, grant_type: 'password', ...user });
  const refresh_token = signedIn.body['refresh_token'];
  await call(`POST ${ROOT}/authenticate`, { ...credentials, grant_type: 'refresh_token', refresh_token });
  const [session] = (await call(`GET ${ROOT}/users/${id}/sessions`)).body.data;
  await call(`GET ${ROOT}/sessions/logout?session_id=${session?.id}`);
  const verifier = 'a verifier of some length';
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = `client_id=${sandbox.clientId}&redirect_uri=http://localhost:3000/callback&response_type=code`;
  const redirect = await call(
    `GET ${ROOT}/authorize?${query}&provider=GoogleOAuth&login_hint=${user.email}&code_challenge=${challenge}`,
  );
  const code = new URL(redirect.headers.get('Location') ?? '').searchParams.get('code');
  await call(`POST ${ROOT}/authenticate`, {
    client_id: sandbox.clientId,
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
  });
  await call(`GET ${ROOT}/users/${id}/identities`);
  const [latest] = (await call(`GET ${ROOT}/users/${id}/sessions`)).body.data;
  await call(`POST ${ROOT}/sessions/revoke`, { session_id: latest?.id });
  await call(`POST ${ROOT}/users`, { ...user, email: 'jo@signup.example', email_verified: false });
  const refused = await call(`POST ${ROOT}/authenticate`, {
    ...credentials,
    grant_type: 'password',
    email: 'jo@signup.example',
    password: user.password,
  });
  const { email_verification_id, pending_authentication_token } = refused.body;
  const verification = await call(`GET ${ROOT}/email_verification/${email_verification_id}`);
  await call(`POST ${ROOT}/radar_challenges`, {
    user_id: verification.body['user_id'],
    pending_authentication_token,
    phone_number: '+15005550006',
  });
  await call(`POST ${ROOT}/authorize/device`, { client_id: sandbox.clientId });

  const invited = (await call(`POST ${ROOT}/invitations`, { email: 'mo@signup.example' })).body;
  await call(`GET ${ROOT}/invitations/by_token/${invited['token']}`);
  await call(`POST ${ROOT}/invitations/${invited.id}/resend`, {});
  await call(`POST ${ROOT}/users`, { email: 'mo@signup.example' });
  await call(`POST ${ROOT}/invitations/${invited.id}/accept`);
}

async function emailCodes({ call }: SandboxClient): Promise<void> {
  const { id } = (await call(`POST ${ROOT}/users`, { email: 'kim@signup.example' })).body;
  const magicAuth = await call(`POST ${ROOT}/magic_auth`, { email: 'kim@signup.example' });
  await call(`GET ${ROOT}/magic_auth/${magicAuth.body.id}`);
  await call(`POST ${ROOT}/users/${id}/email_verification/send`);
  await call(`POST ${ROOT}/users/${id}/email_verification/confirm`, { code: await newestCode(call) });
  await call(`POST ${ROOT}/users/${id}/email_change/send`, { new_email: 'kim@new.example' });
  await call(`POST ${ROOT}/users/${id}/email_change/confirm`, { code: await newestCode(call) });
  const reset = (await call(`POST ${ROOT}/password_reset`, { email: 'kim@new.example' })).body;
  await call(`GET ${ROOT}/password_reset/${reset.id}`);
  const token = reset['password_reset_token'];
  await call(`POST ${ROOT}/password_reset/confirm`, { token, new_password: 'a longer password' });
}

async function factors({ call }: SandboxClient): Promise<void> {
  const enrolled = await call('POST /auth/factors/enroll', {
    type: 'totp',
    totp_issuer: 'Juniper & Sons',
    totp_user: 'kim@new.example',
  });
  const factor = `/auth/factors/${enrolled.body.id}`;
  await call(`GET ${factor}`);
  const challenge = (await call(`POST ${factor}/challenge`, {})).body;
  await call(`POST /auth/challenges/${challenge.id}/verify`, { code: totpCode(secretOf(enrolled.body), 0) });
  await call(`DELETE ${factor}`);
  const [user] = (await call(`GET ${ROOT}/users`)).body.data;
  await call(`POST ${ROOT}/users/${user?.id}/auth_factors`, { type: 'totp' });
  await call(`GET ${ROOT}/users/${user?.id}/auth_factors`);
}

async function singleSignOn({ sandbox, call, idOf }: SandboxClient): Promise<void> {
  const organization = await idOf('/organizations', 'Acme Robotics');
  const query = `client_id=${sandbox.clientId}&redirect_uri=http://localhost:3000/callback&response_type=code`;
  const redirect = await call(`GET /sso/authorize?${query}&organization=${organization}`);
  const code = new URL(redirect.headers.get('Location') ?? '').searchParams.get('code');
  const credentials = { client_id: sandbox.clientId, client_secret: sandbox.key };
  const { body } = await call('POST /sso/token', { ...credentials, grant_type: 'authorization_code', code });
  const profile = await call('GET /sso/profile', undefined, { Authorization: `Bearer ${body['access_token']}` });
  await call(`GET /sso/jwks/${sandbox.clientId}`);
  const logout = await call('POST /sso/logout/authorize', { profile_id: profile.body.id });
  await call(`GET /sso/logout?token=${logout.body['logout_token']}`);
}

async function settings({ call }: SandboxClient): Promise<void> {
  const redirect = await call(`POST ${ROOT}/redirect_uris`, { uri: 'https://other.sandbox.example/callback' });
  await call(`GET ${ROOT}/redirect_uris`);
  await call(`DELETE ${ROOT}/redirect_uris/${redirect.body.id}`);
  await call(`POST ${ROOT}/cors_origins`, { origin: 'https://other.sandbox.example' });
  await call(`GET ${ROOT}/cors_origins`);
  await call(`PUT ${ROOT}/jwt_template`, { content: '{"email": {{ user.email }}}' });
  await call(`GET ${ROOT}/jwt_template`);
  const resource = await call(`POST ${ROOT}/authkit_oauth_resources`, { uri: 'https://mcp.other.example' });
  await call(`GET ${ROOT}/authkit_oauth_resources`);
  await call(`DELETE ${ROOT}/authkit_oauth_resources/${resource.body.id}`);
}

async function waitlists({ call }: SandboxClient): Promise<void> {
  await call(`GET ${ROOT}/waitlists`);
  await call(`GET ${ROOT}/waitlists/default`);
  const { data } = (await call(`GET ${ROOT}/waitlists/default/entries?state=pending`)).body;
  await call(`POST ${ROOT}/waitlist_entries/${data[0]?.id}/deny`);
  const entry = (await call(`POST ${ROOT}/waitlists/default/entries`, { email: 'Pat@earlybird.example' })).body;
  await call(`POST ${ROOT}/waitlist_entries/${entry.id}/approve`);
  await call(`DELETE ${ROOT}/waitlist_entries/${entry.id}`);

  const attempt = await call('POST /radar/attempts', {
    ip_address: '192.0.2.1',
    user_agent: 'curl',
    email: 'pat@earlybird.example',
    auth_method: 'Password',
    action: 'sign-in',
  });
  await call(`PUT /radar/attempts/${attempt.body['attempt_id']}`, { attempt_status: 'success' });
  await call('POST /radar/lists/ip_address/block', { entry: '192.0.2.1' });
  await call('DELETE /radar/lists/ip_address/block', { entry: '192.0.2.1' });
  await call(`GET ${ROOT}/radar_challenges/radar_challenge_01M6CHX4J0CAV0G4ZGJHPBK3B9`);
}

async function newestCode(call: SandboxClient['call']): Promise<unknown> {
  // This endpoint of the sandbox answers with an array, which the client's type does not have.
  const [message] = (await call('GET /_sandbox/messages')).body as unknown as { code: string }[];
  return message?.code;
}

/** The secret of a newly enrolled factor. */
function secretOf(factor: object): string {
  return (factor as { totp: { secret: string } }).totp.secret;
}
