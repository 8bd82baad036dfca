import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

/** A key pair of an issuer. */
interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** A token issuer on loopback, as a resource server sees it: it publishes keys. */
export interface Issuer {
  url: string;
  /** How often its keys were fetched. */
  fetches(): number;
  /** Signs a token that is valid for `audience`, with `claims` and `header` as overrides. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: SigningKey): Promise<string>;
  /** Publishes a new key and signs with it from now on. */
  rotate(): Promise<void>;
  /** The key that it signs with. */
  key(): SigningKey;
  /** The status with which it answers from now on. */
  failWith(status: number): void;
  /** Changes what it publishes instead of its keys from now on; without `change`, the keys unchanged. */
  publish(change?: (keys: readonly Record<string, unknown>[]) => unknown): void;
  close(): Promise<void>;
}

/** An unpublished key pair. */
export async function newKey(kid: string): Promise<SigningKey> {
  return { kid, ...(await generateKeyPair('RS256', { extractable: true })) };
}

/** Generated once, because it is slow. */
const firstKey = newKey('key_1');

export async function startIssuer(audience: string, first?: SigningKey): Promise<Issuer> {
  let keys = [first ?? (await firstKey)];
  let fetches = 0;
  let status = 200;
  let change = (keys: readonly Record<string, unknown>[]): unknown => keys;
  const server = createServer(async (_request, response) => {
    fetches++;
    const published = await Promise.all(
      keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' })),
    );
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: change(published) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const current = () => keys.at(-1) ?? (undefined as never);
  return {
    url,
    fetches: () => fetches,
    key: current,
    failWith(next) {
      status = next;
    },
    publish(next = (all) => all) {
      change = next;
    },
    async rotate() {
      keys = [...keys, await newKey(`key_${keys.length + 1}`)];
    },
    token(claims = {}, header = {}, key = current()) {
      const now = Math.floor(Date.now() / 1000);
      const payload = {
        iss: url,
        aud: audience,
        sub: 'user_ada',
        org_id: 'org_team',
        iat: now,
        exp: now + 300,
        ...claims,
      };
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header }).sign(key.privateKey);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
