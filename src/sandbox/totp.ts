import { createHmac } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/** Whether a code is valid now or one step before or after: RFC 6238 with SHA-1, 6 digits, and 30 seconds. */
export function totpMatches(secret: string, code: string, now: number): boolean {
  return [-1, 0, 1].some((skew) => totpCode(secret, now + skew * STEP_MS) === code);
}

/** The code of a secret in base 32 at a time in milliseconds. */
export function totpCode(secret: string, time: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / STEP_MS)));
  const digest = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return `${(digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000}`.padStart(6, '0');
}

function decodeBase32(text: string): Buffer {
  const bits = Array.from(text.toUpperCase().replaceAll('=', ''), (character) =>
    BASE32.indexOf(character).toString(2).padStart(5, '0'),
  ).join('');
  return Buffer.from(Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2)));
}
