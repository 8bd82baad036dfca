// Connects to a team server as MCP clients do, signs in at AuthKit's stand-in as one of its people, and calls a tool.
//   node scripts/team-client.mjs URL --as NAME [TOOL ['JSON']]

import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** What a client remembers of a sign-in; `signIn` takes the place of a browser. */
export function memory(name, onStep = () => {}) {
  const known = {};
  const redirectUrl = 'http://127.0.0.1:9/callback';
  return {
    known,
    redirectUrl,
    clientMetadata: {
      client_name: 'team-client',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    clientInformation: () => known.client,
    saveClientInformation(client) {
      onStep('registered');
      known.client = client;
    },
    tokens: () => known.tokens,
    saveTokens(tokens) {
      onStep(known.tokens ? 'refreshed' : 'got a token');
      known.tokens = tokens;
    },
    codeVerifier: () => known.verifier,
    saveCodeVerifier(verifier) {
      known.verifier = verifier;
    },
    async redirectToAuthorization(url) {
      onStep('signs in');
      known.code = await signIn(url, name);
    },
  };
}

/** Follows a sign-in as a browser would, to the code at its end. */
async function signIn(start, name) {
  const cookies = new Map();
  let url = new URL(start);
  for (let step = 0; step < 10; step++) {
    const cookie = [...cookies].map(([one, value]) => `${one}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} });
    for (const line of response.headers.getSetCookie()) {
      const [, one, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(one);
      else cookies.set(one, value);
    }
    const location = response.headers.get('location');
    if (!location) {
      if (response.status !== 200)
        throw new Error(`${url.pathname} answered ${response.status}: ${await response.text()}`);
      // The page that asks who it is.
      url = new URL(`${url.pathname}/${name}`, url);
      continue;
    }
    url = new URL(location, url);
    const code = url.searchParams.get('code');
    if (code) return code;
    if (url.searchParams.has('error'))
      throw new Error(`${url.searchParams.get('error')}: ${url.searchParams.get('error_description')}`);
  }
  throw new Error('the sign-in does not end');
}

/** Waits for a server, and for where its people sign in, in case they have just been started. */
async function untilReady(url) {
  for (let tries = 0; tries < 50; tries++) {
    try {
      const metadata = await (await fetch(new URL('/.well-known/oauth-protected-resource', url))).json();
      const [authkit] = metadata.authorization_servers;
      if ((await fetch(new URL('/.well-known/oauth-authorization-server', authkit))).ok) return;
    } catch {
      // Not yet.
    }
    await delay(200);
  }
}

/** A client that is connected, signed in as one of the people of the stand-in. */
export async function connectAs(url, provider) {
  const open = async () => {
    const client = new Client({ name: 'team-client', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
    try {
      await client.connect(transport);
      return client;
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await transport.finishAuth(provider.known.code);
      return undefined;
    }
  };
  const client = (await open()) ?? (await open());
  if (!client) throw new Error('the token is not accepted');
  return client;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { as: { type: 'string', default: 'rita' } },
    allowPositionals: true,
  });
  const [url, tool, input = '{}'] = positionals;
  await untilReady(url);
  const client = await connectAs(
    url,
    memory(values.as, (step) => process.stderr.write(`${values.as} ${step}\n`)),
  );
  const { tools } = await client.listTools();
  if (!tool) process.stdout.write(`${tools.map(({ name }) => name).join('\n')}\n`);
  else {
    const { content } = await client.callTool({ name: tool, arguments: JSON.parse(input) });
    for (const block of content) process.stdout.write(`${block.text ?? JSON.stringify(block)}\n`);
  }
  await client.close();
}
