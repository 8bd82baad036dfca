import { createHmac, generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { exportSPKI } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeysUnavailableError, TokenError, tokenVerifier } from '../../src/http/authorization.ts';
import { audiencesOf } from '../../src/http/metadata.ts';
import { type Issuer, newKey, startIssuer } from './issuer.ts';

const PUBLIC = 'https://mcp.example.com/mcp';
let issuer: Issuer;
let other: Issuer;
beforeAll(async () => {
  [issuer, other] = await Promise.all([startIssuer(PUBLIC), startIssuer(PUBLIC, await newKey('key_1'))]);
});
afterAll(() => Promise.all([issuer.close(), other.close()]));

let clock = 0;
let verify: ReturnType<typeof tokenVerifier>;
const fetchKeys = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
};
const verifier = (clientId?: string, publicUrl = PUBLIC) =>
  tokenVerifier({
    issuer: issuer.url,
    audiences: audiencesOf(publicUrl, clientId),
    fetch: fetchKeys,
    now: () => Date.now() + clock,
  });
beforeEach(() => {
  clock = 0;
  verify = verifier();
});

const inS = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = async () => (await issuer.token()).split('.')[1] ?? '';

describe('an AuthKit token for this server', () => {
  it('is accepted with its claims', async () => {
    const token = await issuer.token({ permissions: ['workos-mcp:read'] });
    expect(await verify(token)).toMatchObject({
      sub: 'user_ada',
      org_id: 'org_team',
      permissions: ['workos-mcp:read'],
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['expired less than a minute ago', { exp: inS(-50) }],
    ['is valid in less than a minute', { nbf: inS(50) }],
    ['names its audience in a list', { aud: [PUBLIC] }],
    ['names its audience twice', { aud: [PUBLIC, PUBLIC] }],
    ['was issued by a clock that runs ahead', { iat: inS(3_600) }],
  ])('is accepted if it %s', async (_, claims) => {
    expect(await verify(await issuer.token(claims))).toMatchObject({ sub: 'user_ada' });
  });

  it.each<[string, number, string | undefined]>([
    ['exp', -59, undefined],
    ['exp', -60, 'expired'],
    ['nbf', 60, undefined],
    ['nbf', 61, 'not valid yet'],
  ])('may be off by a minute because clocks differ: %s %i s from now', async (claim, seconds, problem) => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const verifyNow = tokenVerifier({ issuer: issuer.url, audiences: [PUBLIC], fetch: fetchKeys, now: () => now });
    const verified = verifyNow(await issuer.token({ [claim]: now / 1000 + seconds }));
    if (problem === undefined) expect(await verified).toMatchObject({ sub: 'user_ada' });
    else await expect(verified).rejects.toThrow(problem);
  });

  it('is accepted if its issuer ends with a slash', async () => {
    expect(await verify(await issuer.token({ iss: `${issuer.url}/` }))).toMatchObject({ sub: 'user_ada' });
  });

  it.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt', undefined])('is accepted with the type %s', async (typ) => {
    expect(await verify(await issuer.token({}, { typ }))).toMatchObject({ sub: 'user_ada' });
  });

  it('is accepted without a key id if there is only one key', async () => {
    const alone = await startIssuer(PUBLIC);
    const verifyAlone = tokenVerifier({ issuer: alone.url, audiences: [PUBLIC], fetch: fetchKeys });
    expect(await verifyAlone(await alone.token({}, { kid: undefined }))).toMatchObject({ sub: 'user_ada' });
    await alone.rotate();
    const verifyBoth = tokenVerifier({ issuer: alone.url, audiences: [PUBLIC], fetch: fetchKeys });
    await expect(verifyBoth(await alone.token({}, { kid: undefined }))).rejects.toThrow(
      'does not name its signing key',
    );
    await alone.close();
  });

  it('is accepted for the client id only with --accept-client-audience', async () => {
    const token = await issuer.token({ aud: 'client_env' });
    await expect(verify(token)).rejects.toThrow(TokenError);
    expect(await verifier('client_env')(token)).toMatchObject({ sub: 'user_ada' });
  });

  it.each(['https://mcp.example.com', 'https://mcp.example.com/'])(
    'may name a public URL without a path as %s',
    async (aud) => {
      const verifyRoot = verifier(undefined, 'https://mcp.example.com');
      expect(await verifyRoot(await issuer.token({ aud }))).toMatchObject({ sub: 'user_ada' });
    },
  );
});

describe('a token is refused', () => {
  const cases: [string, () => string | Promise<string>, RegExp][] = [
    ['that is empty', () => '', /malformed/],
    ['that is not a JWT', () => 'AAAA', /malformed/],
    ['that is too long', () => 'A'.repeat(9_000), /too long/],
    ['that has expired', () => issuer.token({ exp: inS(-120) }), /expired/],
    ['that never expires', () => issuer.token({ exp: undefined }), /no expiry/],
    ['that is not valid yet', () => issuer.token({ nbf: inS(120) }), /not valid yet/],
    ['from another issuer', () => other.token(), /another issuer|signature|unknown key/],
    ['from another issuer that claims to be this one', () => other.token({ iss: issuer.url }), /signature/],
    [
      'whose issuer starts with the URL of this one',
      () => issuer.token({ iss: `${issuer.url}.evil.example` }),
      /another issuer/,
    ],
    ['without an issuer', () => issuer.token({ iss: undefined }), /another issuer/],
    ['for another audience', () => issuer.token({ aud: 'https://other.example.com/mcp' }), /another audience/],
    [
      'for an audience that starts with the public URL',
      () => issuer.token({ aud: `${PUBLIC}/admin` }),
      /another audience/,
    ],
    ['for the origin without the path', () => issuer.token({ aud: 'https://mcp.example.com' }), /another audience/],
    ['without an audience', () => issuer.token({ aud: undefined }), /another audience/],
    [
      'for another audience as well',
      () => issuer.token({ aud: [PUBLIC, 'https://other.example.com'] }),
      /not for this server alone/,
    ],
    ['without a subject', () => issuer.token({ sub: undefined }), /has no subject/],
    ['with an empty subject', () => issuer.token({ sub: '' }), /has no subject/],
    ['that is not signed', async () => `${encode({ alg: 'none' })}.${await payloadOf()}.`, /RS256|malformed/],
    [
      'whose algorithm is None',
      async () => `${encode({ alg: 'None', kid: 'key_1' })}.${await payloadOf()}.`,
      /RS256|malformed/,
    ],
    ['signed with the public key as an HMAC secret', signedWithPublicKey, /RS256/],
    ['signed with an unpublished key', async () => issuer.token({}, {}, await newKey('key_x')), /unknown key/],
    [
      'signed with an unpublished key under a published key id',
      async () => issuer.token({}, {}, await newKey('key_1')),
      /signature/,
    ],
    ['signed with a key in its own header', withOwnKey, /unknown key|signature|malformed/],
    ['whose payload was changed', changedPayload, /signature/],
    ['that is an ID token', () => issuer.token({ nonce: 'n' }), /ID token/],
    ['that is an ID token with at_hash', () => issuer.token({ at_hash: 'h' }), /ID token/],
    ['without its signature', async () => (await issuer.token()).replace(/[^.]*$/, ''), /signature|malformed/],
    ['with critical extensions', () => signed({ alg: 'RS256', kid: 'key_1', crit: ['x'], x: 1 }), /malformed/],
    ['with an unencoded payload', () => signed({ alg: 'RS256', kid: 'key_1', crit: ['b64'], b64: false }), /./],
    ['with the type of a logout token', () => issuer.token({}, { typ: 'logout+jwt' }), /not an access token/],
    ['with the type of a DPoP proof', () => issuer.token({}, { typ: 'dpop+jwt' }), /not an access token/],
    ['that is bound to a key', () => issuer.token({ cnf: { jkt: 'x' } }), /bound to a key/],
    ['whose audience is not a string', () => issuer.token({ aud: { [PUBLIC]: true } }), /another audience/],
    ['whose audience is a list with a null', () => issuer.token({ aud: [PUBLIC, null] }), /alone|audience/],
    ['whose expiry is not a number', () => issuer.token({ exp: `${inS(300)}` }), /wrong claim|no expiry|malformed/],
    ['whose issuer has two slashes', () => issuer.token({ iss: `${issuer.url}//` }), /another issuer/],
    ['that is encrypted', () => `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`, /malformed/],
  ];
  it.each(cases)('%s', async (_, token, reason) => {
    const error = await verify(await token()).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TokenError);
    expect(error).toHaveProperty('message', expect.stringMatching(reason));
  });

  /** A token with a header that no library would write, signed with the right key. */
  async function signed(header: Record<string, unknown>): Promise<string> {
    const text = `${encode(header)}.${await payloadOf()}`;
    return `${text}.${sign('sha256', Buffer.from(text), KeyObject.from(issuer.key().privateKey)).toString('base64url')}`;
  }

  /** HS256 with the bytes of the public key, which anyone can get. */
  async function signedWithPublicKey(): Promise<string> {
    const pem = await exportSPKI(issuer.key().publicKey);
    const text = `${encode({ alg: 'HS256', kid: 'key_1', typ: 'JWT' })}.${await payloadOf()}`;
    return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
  }

  async function withOwnKey(): Promise<string> {
    const key = await newKey('key_1');
    const { exportJWK } = await import('jose');
    const jwk = await exportJWK(key.publicKey);
    return issuer.token({}, { jwk, jku: `${other.url}/oauth2/jwks`, x5u: other.url }, key);
  }

  async function changedPayload(): Promise<string> {
    const [header, payload = '', signature] = (await issuer.token()).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return [header, encode({ ...claims, permissions: ['workos-mcp:delete'] }), signature].join('.');
  }
});

describe('the signing keys of AuthKit', () => {
  it('are fetched once for many tokens, even concurrent ones', async () => {
    const before = issuer.fetches();
    const token = await issuer.token();
    await Promise.all(Array.from({ length: 20 }, () => verify(token)));
    await verify(token);
    expect(issuer.fetches() - before).toBe(1);
  });

  it('are not fetched again for each made-up key id', async () => {
    await verify(await issuer.token());
    const before = issuer.fetches();
    for (let at = 0; at < 20; at++) await verify(await issuer.token({}, { kid: `made-up-${at}` })).catch(() => {});
    expect(issuer.fetches() - before).toBeLessThanOrEqual(1);
  });

  it('make tokens uncheckable, not invalid, while they cannot be fetched', async () => {
    issuer.failWith(500);
    const token = await issuer.token();
    await expect(verify(token)).rejects.toThrow(KeysUnavailableError);
    const before = issuer.fetches();
    // AuthKit is not asked again at once.
    await expect(verify(token)).rejects.toThrow(KeysUnavailableError);
    expect(issuer.fetches()).toBe(before);
    issuer.failWith(200);
    clock += 1_001;
    expect(await verify(token)).toMatchObject({ sub: 'user_ada' });
  });

  const [{ publicKey: small }, { privateKey: own }] = [
    generateKeyPairSync('rsa', { modulusLength: 1_024 }),
    generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  ];
  const broken: [string, unknown][] = [
    ['null', null],
    ['of another type', { kty: 'oct', k: 'AAAA' }],
    ['without a modulus', { kty: 'RSA', e: 'AQAB' }],
    ['with a number as its modulus', { kty: 'RSA', e: 'AQAB', n: 5 }],
    ['with a malformed modulus', { kty: 'RSA', e: 'AQAB', n: '!!' }],
    ['too short', small.export({ format: 'jwk' })],
    ['published with its private part', own.export({ format: 'jwk' })],
  ];
  it.each(broken)('make tokens uncheckable, not invalid, while the only one is %s', async (_, key) => {
    const token = await issuer.token();
    const named = (kid: string) => (key === null ? key : { ...Object(key), kid, alg: 'RS256' });
    issuer.publish((keys) => keys.map(({ kid }) => named(String(kid))));
    await expect(verify(token)).rejects.toThrow(KeysUnavailableError);
    // A good key next to it is used.
    issuer.publish((keys) => [named('another'), ...keys]);
    clock += 1_001;
    expect(await verify(token)).toMatchObject({ sub: 'user_ada' });
    issuer.publish();
  });

  describe('as time passes', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
    afterEach(() => void vi.useRealTimers());
    const pass = (ms: number) => void vi.setSystemTime(Date.now() + ms);

    it('do not keep an accepted token valid after it expires', async () => {
      const token = await issuer.token({ exp: inS(5) });
      expect(await verify(token)).toMatchObject({ sub: 'user_ada' });
      // The clocks of two machines may differ by a minute.
      pass(64_000);
      expect(await verify(token)).toMatchObject({ sub: 'user_ada' });
      pass(2_000);
      await expect(verify(token)).rejects.toThrow('expired');
    });

    it('are fetched again for an unknown key id, so that a new key is used', async () => {
      await verify(await issuer.token());
      await issuer.rotate();
      pass(11_000);
      expect(await verify(await issuer.token())).toMatchObject({ sub: 'user_ada' });
    });

    it('stay in use while AuthKit publishes broken ones', async () => {
      await verify(await issuer.token());
      issuer.publish((keys) => keys.map((key) => ({ ...key, n: '!!' })));
      pass(11 * 60_000);
      expect(await verify(await issuer.token())).toMatchObject({ sub: 'user_ada' });
      issuer.publish();
    });

    it('stay in use for an hour while AuthKit does not answer', async () => {
      await verify(await issuer.token());
      issuer.failWith(503);
      pass(30 * 60_000);
      expect(await verify(await issuer.token())).toMatchObject({ sub: 'user_ada' });
      pass(31 * 60_000);
      await expect(issuer.token().then(verify)).rejects.toThrow(KeysUnavailableError);
      issuer.failWith(200);
    });
  });
});
