import { createHash, createPublicKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { renderJwtTemplate } from './jwt-template.ts';
import { present } from './present.ts';
import type { Session, SigningKey } from './resources/authentication.ts';
import type { User } from './resources/users.ts';
import type { State } from './state.ts';

const LIFETIME_SECONDS = 300;

/**
 * Signs the access token of a session, which is valid for five minutes.
 * @param origin the sandbox's base URL, for the issuer
 */
export function accessToken(state: State, origin: string, user: User, session: Session): string {
  const now = Math.floor(state.now() / 1000);
  return signedToken(state, {
    ...templateClaims(state, user, session),
    iss: `${origin}/user_management/${state.environment.clientId}`,
    sub: user.id,
    sid: session.id,
    jti: state.ids.next('jti', state.now()),
    ...organizationClaims(state, session),
    exp: now + LIFETIME_SECONDS,
    iat: now,
  });
}

/** Signs a JWT with these claims. */
export function signedToken(state: State, claims: object): string {
  const key = signingKey(state);
  const signed = [{ alg: 'RS256', typ: 'JWT', kid: key.id }, claims].map(encode).join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key.private_key, 'base64url')}`;
}

/** The claims of a JWT that the sandbox has signed and that has not expired. Undefined for any other text. */
export function tokenClaims(state: State, token: string): Record<string, unknown> | undefined {
  const [header, payload = '', signature = ''] = token.split('.');
  const [key] = state.where('signing_keys');
  if (!key) return undefined;
  const publicKey = createPublicKey(key.private_key);
  const isOurs = createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(publicKey, signature, 'base64url');
  if (!isOurs) return undefined;
  // Only signedToken() makes tokens with this signature.
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  return Number(claims['exp']) * 1000 > state.now() ? claims : undefined;
}

/** The key set (JWKS) that verifies access tokens. Its one key has no certificate. */
export function publicKeys(state: State): object {
  const { id, private_key } = signingKey(state);
  const publicKey = createPublicKey(private_key);
  const { n, e } = publicKey.export({ format: 'jwk' });
  const thumbprint = createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64url');
  return { keys: [{ alg: 'RS256', kty: 'RSA', use: 'sig', x5c: [], n, e, kid: id, 'x5t#S256': thumbprint }] };
}

/** The signing key, which is created on first use. */
function signingKey(state: State): SigningKey {
  const [key] = state.where('signing_keys');
  if (key) return key;
  privateKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ format: 'pem', type: 'pkcs8' })
    .toString();
  return state.add('signing_keys', { private_key: privateKey });
}

/** Shared by all sandboxes of a process, because generating a key can take a second. */
let privateKey: string | undefined;

function organizationClaims(state: State, { user_id, organization_id }: Session): object {
  if (organization_id === undefined) return {};
  const [membership] = state.where('organization_memberships', { user_id, organization_id });
  const slugs = membership?.roles.map(({ slug }) => slug) ?? [];
  const permissions = state
    .where('roles')
    .filter(
      ({ slug, _organization_id }) => slugs.includes(slug) && (_organization_id ?? organization_id) === organization_id,
    )
    .flatMap((role) => role.permissions);
  return { org_id: organization_id, role: membership?.role.slug, roles: slugs, permissions: [...new Set(permissions)] };
}

function templateClaims(state: State, user: User, { organization_id }: Session): object {
  const [template] = state.where('jwt_templates');
  if (!template) return {};
  const organization = state.table('organizations').get(organization_id ?? '');
  const [membership] = state.where('organization_memberships', {
    user_id: user.id,
    organization_id: organization_id ?? '',
  });
  return renderJwtTemplate(template.content, {
    user: present(state, 'users', user),
    ...(organization ? { organization: present(state, 'organizations', organization) } : {}),
    ...(membership ? { organization_membership: present(state, 'organization_memberships', membership) } : {}),
  });
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
