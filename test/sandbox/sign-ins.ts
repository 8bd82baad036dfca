import type { SandboxClient, SandboxResponse } from './sandbox-client.ts';

const WORKOS_GRANTS = ['email-verification:code', 'magic-auth:code', 'mfa-totp', 'organization-selection'];

export const PASSWORD = 'correct horse battery';

/** Creates a verified user with a password. */
export async function createUser({ call }: SandboxClient, email: string, more: object = {}): Promise<string> {
  const body = { email, password: PASSWORD, email_verified: true, ...more };
  return (await call('POST /user_management/users', body)).body.id;
}

/** Authenticates with a grant type. Those of WorkOS may be given without their prefix. */
export function authenticate(client: SandboxClient, grant: string, body: object): Promise<SandboxResponse> {
  const grant_type = WORKOS_GRANTS.includes(grant) ? `urn:workos:oauth:grant-type:${grant}` : grant;
  const credentials = { client_id: client.sandbox.clientId, client_secret: client.sandbox.key };
  return client.call('POST /user_management/authenticate', { ...credentials, grant_type, ...body });
}

export function signIn(client: SandboxClient, email: string, password = PASSWORD): Promise<SandboxResponse> {
  return authenticate(client, 'password', { email, password });
}

/** Makes the user a member of an organization, and returns the organization's id. */
export async function join(client: SandboxClient, user_id: string, organization: string): Promise<string> {
  const organization_id = await client.idOf('/organizations', organization);
  await client.call('POST /user_management/organization_memberships', { user_id, organization_id, role_slug: 'admin' });
  return organization_id;
}

/** What the sandbox would have sent, newest first. */
export async function messages({ call }: SandboxClient): Promise<Record<string, string>[]> {
  // The endpoint answers with an array, which the client's type of response does not know.
  return (await call('GET /_sandbox/messages')).body as unknown as Record<string, string>[];
}

/** The claims of an access token. */
export function claimsOf({ body }: SandboxResponse): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(body['access_token']).split('.')[1] ?? '', 'base64url').toString());
}

/** A query parameter of the URL that a response redirects to. */
export function redirected({ headers }: SandboxResponse, parameter: string): string | null {
  return new URL(headers.get('Location') ?? '').searchParams.get(parameter);
}
