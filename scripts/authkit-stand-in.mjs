// Stands in for AuthKit on this machine, for tests and for trying out `workos-mcp http`: a certified OAuth server with AuthKit's
// paths, dynamic registration, PKCE, and resource indicators, and users who sign in with a click. Not for anything else, because
// it asks for no password.
//   node scripts/authkit-stand-in.mjs [--port 8790] [--resource http://127.0.0.1:8787/mcp]…
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exportJWK, generateKeyPair } from 'jose';

/** The users who can sign in, with their claims. */
export const PEOPLE = {
  rita: { sub: 'user_rita', org_id: 'org_team', permissions: ['workos-mcp:read'] },
  oscar: { sub: 'user_oscar', org_id: 'org_team', permissions: ['workos-mcp:read', 'workos-mcp:write'] },
  ada: {
    sub: 'user_ada',
    org_id: 'org_team',
    permissions: ['workos-mcp:read', 'workos-mcp:write', 'workos-mcp:delete', 'workos-mcp:secrets'],
  },
  olga: { sub: 'user_olga', org_id: 'org_other', permissions: ['workos-mcp:read'] },
};

/**
 * Starts the stand-in on loopback. Options: `resources`, a function that returns the MCP resource indicators, as entered in the
 * dashboard; `accessTokenSeconds`, the lifetime of access tokens.
 */
export async function startStandIn({ port = 0, resources, people = PEOPLE, accessTokenSeconds = 300 }) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const starting = providerAt(url, { resources, people, accessTokenSeconds });
  server.on('request', async (request, response) => {
    const provider = await starting;
    // OAuth clients request this path, but the server knows only the one of OpenID Connect.
    if (request.url === '/.well-known/oauth-authorization-server') request.url = '/.well-known/openid-configuration';
    const [, uid, name] = /^\/sign-in\/([\w-]+)(?:\/(\w+))?$/.exec(request.url ?? '') ?? [];
    if (uid === undefined) provider.callback()(request, response);
    else await signIn(provider, { request, response, uid, name, people });
  });
  await starting;
  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function providerAt(url, { resources, people, accessTokenSeconds }) {
  // Imported lazily, because it prints warnings on untested versions of Node.
  const { Provider, errors } = await import('oidc-provider');
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'stand-in', use: 'sig', alg: 'RS256' };
  const claimsOf = (sub) => Object.values(people).find((one) => one.sub === sub);
  return new Provider(url, {
    jwks: { keys: [key] },
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      registration: '/oauth2/register',
      jwks: '/oauth2/jwks',
    },
    cookies: { keys: ['stand-in'] },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    responseTypes: ['code'],
    clientDefaults: { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] },
    pkce: { required: () => true },
    ttl: { AccessToken: accessTokenSeconds, Interaction: 600, Session: 3_600, Grant: 3_600, RefreshToken: 3_600 },
    issueRefreshToken: () => true,
    interactions: { url: (_context, { uid }) => `/sign-in/${uid}` },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo(_context, resource) {
          if (!resources().includes(resource)) throw new errors.InvalidTarget();
          return {
            scope: 'openid profile email offline_access',
            audience: resource,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
    extraTokenClaims(_context, token) {
      const { sub: _, ...claims } = claimsOf(token.accountId) ?? {};
      return claims;
    },
    // Signing in counts as consent.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope('openid profile email offline_access');
      for (const resource of resources()) grant.addResourceScope(resource, 'openid profile email offline_access');
      await grant.save();
      return grant;
    },
  });
}

/** Shows the page on which a user chooses who they are, and finishes the sign-in. */
async function signIn(provider, { request, response, uid, name, people }) {
  const person = name && Object.hasOwn(people, name) ? people[name] : undefined;
  if (!person) {
    const links = Object.entries(people).map(
      ([one, { permissions = [] }]) =>
        `<li><a href="/sign-in/${uid}/${one}">${one}</a>: ${permissions.join(', ') || 'nothing'}`,
    );
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>Sign in</title><h1>Who are you?</h1><ul>${links.join('')}</ul>`);
    return;
  }
  try {
    await provider.interactionFinished(request, response, { login: { accountId: person.sub }, consent: {} });
  } catch {
    response.writeHead(400).end('This sign-in has ended. Start again from the client.');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8790' },
      resource: { type: 'string', multiple: true, default: ['http://127.0.0.1:8787/mcp'] },
    },
  });
  const { url } = await startStandIn({ port: Number(values.port), resources: () => values.resource });
  process.stdout.write(`AuthKit's stand-in at ${url}, for ${values.resource.join(' and ')}\n`);
  process.stdout.write(`People: ${Object.keys(PEOPLE).join(', ')}. Press Ctrl-C to end it.\n`);
}
