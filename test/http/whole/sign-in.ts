import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';

const REDIRECT = 'http://127.0.0.1:9/callback';

/** A client's sign-in state. It follows the sign-in pages itself instead of opening a browser. */
export class SignIn implements OAuthClientProvider {
  /** What happened, in order. */
  readonly steps: string[] = [];
  readonly redirectUrl = REDIRECT;
  readonly clientMetadata = {
    client_name: 'team-client',
    redirect_uris: [REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  };
  readonly #name: string;
  readonly #onStep: (step: string) => void;
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = '';
  code = '';

  /** @param name a person known to the stand-in. `onStep` is called for each step. */
  constructor(name: string, onStep: (step: string) => void = () => {}) {
    this.#name = name;
    this.#onStep = onStep;
  }

  #step(step: string) {
    this.steps.push(step);
    this.#onStep(step);
  }

  clientInformation() {
    return this.#client;
  }

  saveClientInformation(client: OAuthClientInformationMixed) {
    this.#step('registered');
    this.#client = client;
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens: OAuthTokens) {
    this.#step(this.#tokens ? 'refreshed' : 'got a token');
    this.#tokens = tokens;
  }

  codeVerifier() {
    return this.#verifier;
  }

  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }

  async redirectToAuthorization(url: URL) {
    this.#step('signs in');
    this.code = await walk(url, this.#name);
  }

  /** Sends this access token from now on. */
  useAccessToken(access_token: string) {
    this.#tokens = { token_type: 'Bearer', ...this.#tokens, access_token };
  }
}

/** Follows a sign-in through to its authorization code. */
async function walk(start: URL, name: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let step = 0; step < 10; step++) {
    const cookie = [...cookies].map(([one, value]) => `${one}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, one = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(one, value);
    }
    const location = response.headers.get('location');
    if (location === null) {
      if (response.status !== 200) throw new Error(`${url.pathname}: ${response.status} ${await response.text()}`);
      url = new URL(`${url.pathname}/${name}`, url);
      continue;
    }
    url = new URL(location, url);
    const code = url.searchParams.get('code');
    if (code !== null) return code;
    const error = url.searchParams.get('error');
    if (error !== null) throw new Error(`${error}: ${url.searchParams.get('error_description')}`);
  }
  throw new Error('the sign-in does not end');
}

/** An SDK client, connected and signed in. */
export async function connectTo(url: string, signIn: SignIn): Promise<Client> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const client = new Client({ name: 'test', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: signIn });
    try {
      // The type of its session id does not fit the interface under exactOptionalPropertyTypes.
      await client.connect(transport as Parameters<Client['connect']>[0]);
      return client;
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await transport.finishAuth(signIn.code);
    }
  }
  throw new Error('the token is not accepted');
}
