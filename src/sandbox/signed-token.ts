import { createHmac } from 'node:crypto';
import { isObject } from './http/body-fields.ts';

export type Claims = Record<string, unknown>;

/** Signs a JWT that the sandbox itself can verify. The key is not secret, because it protects nothing. */
export function signedToken(claims: Claims): string {
  const text = [{ alg: 'HS256', typ: 'JWT' }, claims].map(encode).join('.');
  return `${text}.${sign(text)}`;
}

/** The claims of a token that `signedToken` made. Undefined for any other text. */
export function signedClaims(token: string): Claims | undefined {
  const end = token.lastIndexOf('.');
  return end > 0 && sign(token.slice(0, end)) === token.slice(end + 1) ? readClaims(token) : undefined;
}

/** The claims of a JWT, without checking its signature. Undefined if it is not a JWT. */
function readClaims(token: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sign(text: string): string {
  return createHmac('sha256', 'sandbox').update(text).digest('base64url');
}
