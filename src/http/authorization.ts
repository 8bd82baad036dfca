import { createHash, createPublicKey } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import { parseJson } from '../text/redact.ts';

/** The claims of an accepted token. */
export interface Claims extends JWTPayload {
  sub: string;
}

/** The token is not accepted. The message is for its bearer. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** Tokens cannot be checked at the moment, because the issuer's keys are unavailable. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** Options for tokenVerifier(). */
interface AuthorizationOptions {
  /** AuthKit's URL: the issuer of tokens. */
  issuer: string;
  /** Accepted audiences: the URL of this server, and values that are equivalent to it. */
  audiences: readonly string[];
  /** Fetches the issuer's keys. */
  fetch(url: string, headers: Headers): Promise<{ status: number; text: string }>;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** How many seconds the clocks of two machines may differ. */
const CLOCK_SKEW_S = 60;

/** The shortest time between two lookups of unknown keys, however many key ids clients make up. */
const KEY_COOLDOWN_MS = 10_000;

/** Keys that are no longer published are forgotten after this time. */
const KEY_MAX_AGE_MS = 10 * 60 * 1000;

/** How long the last keys stay valid while AuthKit does not answer. */
const KEY_STALE_MS = 60 * 60 * 1000;

/** The pause after a failed request to AuthKit. */
const FAILURE_PAUSE_MS = 1_000;

const MAX_TOKEN_LENGTH = 8 * 1024;

/** An accepted token is not checked again for this long. A check is a quarter of the cost of a call. */
const ACCEPTED_MS = 10_000;
const MAX_ACCEPTED = 1_000;

/**
 * Checks the access tokens that AuthKit issues for this server.
 * @returns A function that resolves to the claims of a token. @throws {TokenError} {@link KeysUnavailableError}
 */
export function tokenVerifier(options: AuthorizationOptions): (token: string) => Promise<Claims> {
  const { issuer, audiences, now = Date.now } = options;
  const keys = createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`), {
    cooldownDuration: KEY_COOLDOWN_MS,
    cacheMaxAge: KEY_MAX_AGE_MS,
    [customFetch]: keyFetcher(options, now),
  });
  const accepted = new Map<string, { claims: Claims; until: number }>();
  return async (token) => {
    if (token.length > MAX_TOKEN_LENGTH) throw new TokenError('The token is too long');
    // The map is keyed by hash, so the timing of the lookup reveals nothing about a token.
    const hash = createHash('sha256').update(token).digest('base64');
    const known = accepted.get(hash);
    if (known && now() < known.until) return known.claims;
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      // Never the algorithm that the token itself asks for.
      algorithms: ['RS256'],
      // Some systems write an issuer without a path with a trailing slash.
      issuer: [issuer, `${issuer}/`],
      audience: [...audiences],
      clockTolerance: CLOCK_SKEW_S,
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(now()),
    }).catch((error: unknown) => {
      throw error instanceof errors.JOSEError ? new TokenError(reasonOf(error)) : error;
    });
    const { sub, aud } = payload;
    const wrongKind = kindProblem(payload, protectedHeader.typ);
    if (wrongKind !== undefined) throw new TokenError(wrongKind);
    if (typeof sub !== 'string' || sub === '') throw new TokenError('The token has no subject');
    // A service in another audience could use the token here in the name of its bearer.
    if ([aud].flat().some((one) => one === undefined || !audiences.includes(one))) {
      throw new TokenError('The token is not for this server alone');
    }
    const claims = { ...payload, sub };
    if (accepted.size >= MAX_ACCEPTED) accepted.clear();
    const end = ((payload.exp ?? 0) + CLOCK_SKEW_S) * 1000;
    accepted.set(hash, { claims, until: Math.min(now() + ACCEPTED_MS, end) });
    return claims;
  };
}

/** Why a token that AuthKit signed is not an access token that can be accepted, or undefined. */
function kindProblem({ nonce, at_hash, cnf }: JWTPayload, typ: string | undefined): string | undefined {
  // An ID token is for the client that signed the user in, and passes through more hands.
  if (nonce !== undefined || at_hash !== undefined) return 'The token is an ID token, not an access token';
  // https://www.rfc-editor.org/rfc/rfc9068#section-2.1, and the types that earlier issuers write.
  if (typ !== undefined && !/^(?:application\/)?(?:at\+)?jwt$/i.test(typ)) return 'The token is not an access token';
  // A client that has the token need not have the key. https://www.rfc-editor.org/rfc/rfc9449#section-7.2
  if (cnf !== undefined) return 'The token is bound to a key, which this server cannot check';
  return undefined;
}

/** Returns the fetch function for jose. If fetching fails, it returns the last keys for a limited time. */
function keyFetcher({ fetch }: AuthorizationOptions, now: () => number) {
  let last: { text: string; at: number } | undefined;
  let failed: { error: KeysUnavailableError; at: number } | undefined;
  return async (url: string, { headers }: { headers: Headers }): Promise<Response> => {
    if (failed && now() < failed.at + FAILURE_PAUSE_MS) return stale(failed.error);
    try {
      const { status, text } = await fetch(url, headers);
      if (status !== 200) throw new Error(`status ${status}`);
      const keys = usableKeys(text);
      if (!keys) throw new Error('the response has no usable key');
      last = { text: JSON.stringify({ keys }), at: now() };
      failed = undefined;
      return new Response(last.text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failed = { error: new KeysUnavailableError(`${url} cannot be read: ${reason}`), at: now() };
      return stale(failed.error);
    }
  };

  function stale(error: KeysUnavailableError): Response {
    if (last && now() < last.at + KEY_STALE_MS) return new Response(last.text);
    throw error;
  }
}

/** The fields that are needed of a published key. A key is rejected if its private half is published too. */
const rsaKey = z.object({
  kty: z.literal('RSA'),
  n: z.string(),
  e: z.string(),
  d: z.undefined().optional(),
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
});

const keySet = z.object({ keys: z.array(z.unknown()) });

/** The smallest key that RS256 allows and jose accepts. https://www.rfc-editor.org/rfc/rfc7518#section-3.3 */
const MIN_KEY_BITS = 2_048;

/**
 * The keys of a set that can check a token; undefined if the text is not a key set, or none of its keys can. Broken keys are
 * filtered out, because jose would keep one until it fetches the set again, and fail on every token.
 */
function usableKeys(text: string): z.infer<typeof rsaKey>[] | undefined {
  const { data: set } = keySet.safeParse(parseJson(text));
  const usable = set?.keys.flatMap((key) => rsaKey.safeParse(key).data ?? []).filter(isUsable) ?? [];
  return usable.length > 0 || set?.keys.length === 0 ? usable : undefined;
}

function isUsable({ kty, n, e }: z.infer<typeof rsaKey>): boolean {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    return (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_KEY_BITS;
  } catch {
    return false;
  }
}

/** The reason in this server's own words, because jose's messages can contain parts of the token. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const claims: Readonly<Record<string, string>> = {
      iss: 'The token has another issuer',
      aud: 'The token is for another audience',
      exp: 'The token has no expiry',
      nbf: 'The token is not valid yet',
      sub: 'The token has no subject',
    };
    return claims[error.claim] ?? 'A claim of the token is wrong';
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is not signed with RS256';
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'The token does not name its signing key';
  if (error instanceof errors.JWKSNoMatchingKey) return 'The token is signed with an unknown key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is wrong';
  return 'The token is malformed';
}
