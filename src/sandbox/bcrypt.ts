import { timingSafeEqual } from 'node:crypto';

/** Checking a hash with a higher cost would block the sandbox for minutes. */
export const MOST_COST = 14;

const ROUNDS = 16;
const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const TEXT = Buffer.from('OrpheanBeholderScryDoubt');

/** The initial subkeys and boxes of Blowfish, which are the digits of pi. */
let initial: Uint32Array | undefined;

/**
 * Whether a password matches a bcrypt hash, such as `$2b$10$…`.
 * https://www.usenix.org/legacy/events/usenix99/provos/provos_html/node5.html
 */
export function bcryptMatches(hash: string, password: string): boolean {
  const [, cost = '', salt = '', digest = ''] = /^\$2[abxy]\$(\d\d)\$(.{22})(.{31})$/.exec(hash) ?? [];
  // A zero byte ends the password, and only the first 72 bytes count.
  const key = Buffer.concat([Buffer.from(password), Buffer.of(0)]).subarray(0, 72);
  const actual = digestOf(key, decode(salt, 16), Number(cost));
  const expected = decode(digest, 23);
  return expected.length === actual.length && timingSafeEqual(actual, expected);
}

function digestOf(key: Uint8Array, salt: Uint8Array, cost: number): Buffer {
  initial ??= digitsOfPi(18 + 4 * 256);
  // The 18 subkeys, then the four boxes of 256.
  const state = initial.slice();
  const [keyWords, saltWords] = [wordsOf(key, 18), wordsOf(salt, 18)];
  const none = new Uint32Array(4);
  expand(state, keyWords, saltWords.subarray(0, 4));
  for (let turn = 0; turn < 2 ** cost; turn++) {
    expand(state, keyWords, none);
    expand(state, saltWords, none);
  }
  const block = wordsOf(TEXT, 6);
  for (let turn = 0; turn < 64; turn++) for (const at of [0, 2, 4]) encrypt(state, block, at);
  const out = Buffer.alloc(24);
  for (const [at, word] of block.entries()) out.writeUInt32BE(word, 4 * at);
  return out.subarray(0, 23);
}

/** Mixes a key into the subkeys, then replaces subkeys and boxes with the salt encrypted under them. */
function expand(state: Uint32Array, key: Uint32Array, salt: Uint32Array): void {
  for (let at = 0; at < 18; at++) state[at] = word(state, at) ^ word(key, at);
  const block = new Uint32Array(2);
  for (let at = 0; at < state.length; at += 2) {
    block[0] = word(block, 0) ^ word(salt, at & 2);
    block[1] = word(block, 1) ^ word(salt, (at & 2) + 1);
    encrypt(state, block, 0);
    state[at] = word(block, 0);
    state[at + 1] = word(block, 1);
  }
}

/** Encrypts the two words at an index with Blowfish. */
function encrypt(state: Uint32Array, block: Uint32Array, place: number): void {
  let left = word(block, place);
  let right = word(block, place + 1);
  for (let round = 0; round < ROUNDS; round += 2) {
    left ^= word(state, round);
    right ^= mixed(state, left) ^ word(state, round + 1);
    left ^= mixed(state, right);
  }
  block[place] = right ^ word(state, ROUNDS + 1);
  block[place + 1] = left ^ word(state, ROUNDS);
}

function mixed(state: Uint32Array, value: number): number {
  const box = (at: number, shift: number) => word(state, 18 + 256 * at + ((value >>> shift) & 0xff));
  return (((box(0, 24) + box(1, 16)) ^ box(2, 8)) + box(3, 0)) | 0;
}

function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}

/** Reads `count` words from the bytes, starting over at the end. */
function wordsOf(bytes: Uint8Array, count: number): Uint32Array {
  const byte = (at: number) => bytes[at % bytes.length] ?? 0;
  return Uint32Array.from({ length: count }, (_, at) =>
    [0, 1, 2, 3].reduce((sum, offset) => (sum << 8) | byte(4 * at + offset), 0),
  );
}

/** The first binary digits of pi after the point, as 32-bit words. Machin's formula: pi = 16 arctan 1/5 - 4 arctan 1/239. */
function digitsOfPi(words: number): Uint32Array {
  const guard = 64n;
  const bits = BigInt(32 * words) + guard;
  const arctan = (inverse: bigint) => {
    let power = (1n << bits) / inverse;
    let sum = power;
    for (let divisor = 3n, sign = -1n; power > 0n; divisor += 2n, sign = -sign) {
      power /= inverse * inverse;
      sum += sign * (power / divisor);
    }
    return sum;
  };
  const pi = 16n * arctan(5n) - 4n * arctan(239n);
  const digits = ((pi - (3n << bits)) >> guard).toString(16).padStart(8 * words, '0');
  return Uint32Array.from({ length: words }, (_, at) => Number.parseInt(digits.slice(8 * at, 8 * at + 8), 16));
}

/** Decodes bcrypt's base64, which uses a different alphabet. */
function decode(text: string, length: number): Buffer {
  const bits = Array.from(text, (character) => ALPHABET.indexOf(character).toString(2).padStart(6, '0')).join('');
  return Buffer.from(Array.from({ length }, (_, at) => Number.parseInt(bits.slice(8 * at, 8 * at + 8), 2)));
}
