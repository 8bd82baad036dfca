import { createHash, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto';
import { bcryptMatches, MOST_COST } from './bcrypt.ts';
import { isString, isStringOrNull, optionalField, rejectBoth } from './http/body-fields.ts';
import { apiError, HttpError } from './http/errors.ts';
import type { StoredPassword } from './resources/users.ts';
import type { State } from './state.ts';

const BASE64 = '[A-Za-z0-9+/._-]+={0,2}';

/** Shorter hashes are refused: an empty one would match every password. */
const LEAST_HASH_BYTES = 16;

/** Checking a hash with more iterations would block the sandbox for minutes. */
const MOST_ITERATIONS = 10_000_000;
const MOST_PARALLEL = 16;

/** The digests that PBKDF2 can use. */
const DIGESTS: readonly string[] = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

/** The digest of each type, and its length in bytes. The rest of a salted hash is the salt. */
const SSHA = { ssha: { digest: 'sha1', length: 20 }, ssha256: { digest: 'sha256', length: 32 } };

/** The format of an imported hash, by type. */
const FORMATS: Record<string, RegExp> = {
  bcrypt: /^\$2[abxy]\$\d{2}\$[./A-Za-z0-9]{53}$/,
  scrypt: new RegExp(`^\\$scrypt\\$(?:v=1\\$)?[a-z]+=\\d+(?:,[a-z]+=\\d+)*\\$${BASE64}\\$${BASE64}$`),
  'firebase-scrypt': new RegExp(`^\\$firebase-scrypt(?:\\$[a-z]+=(?:${BASE64}))+$`),
  pbkdf2: new RegExp(
    `^\\$pbkdf2(?:-sha\\d+)?\\$(?:[a-z]+=)?[a-z0-9]+(?:[,$][a-z]+=[a-z0-9]+)*\\$${BASE64}\\$${BASE64}$`,
  ),
  argon2: new RegExp(`^\\$argon2(?:id|i|d)\\$(?:v=\\d+\\$)?m=\\d+,t=\\d+,p=\\d+\\$${BASE64}\\$${BASE64}$`),
  ssha: new RegExp(`^(?:\\{SSHA\\})?${BASE64}$`),
  ssha256: new RegExp(`^(?:\\{SSHA256\\})?${BASE64}$`),
};

/**
 * The password or imported hash that a body sets, as it is stored. Undefined if it sets neither.
 * @throws HttpError 400 if the password is too weak or the hash is malformed
 */
export function parsePassword(body: Record<string, unknown>, state: State): StoredPassword | undefined {
  if (body['password'] !== undefined && body['password_hash'] !== undefined) {
    throw apiError(400, 'password_and_password_hash_provided', 'Provide either a password or a password hash.');
  }
  rejectBoth(body, 'password', 'password_hash_type');
  const password = optionalField(body, 'password', isStringOrNull);
  if (typeof password === 'string') {
    checkStrength(password, 'password_strength_error');
    return hashed(password, state);
  }
  const hash = optionalField(body, 'password_hash', isString);
  const type = optionalField(body, 'password_hash_type', isString);
  if (hash === undefined && type === undefined) return undefined;
  if (hash === undefined || type === undefined || !isHash(type, hash)) {
    throw apiError(400, 'invalid_password_hash', `The password hash is not a valid ${type ?? ''} hash.`);
  }
  return { type, hash, salt_first: body['password_salt_position'] === 'prefix' };
}

/** Whether a text is a hash of this type that a password can be checked against. */
function isHash(type: string, text: string): boolean {
  if (!FORMATS[type]?.test(text)) return false;
  if (type === 'ssha' || type === 'ssha256') return sshaBytes(text).length >= SSHA[type].length;
  if (type !== 'scrypt' && type !== 'pbkdf2') return true;
  if (phcParts(text).expected.length < LEAST_HASH_BYTES) return false;
  if (type === 'scrypt') return scryptOptions(text).p <= MOST_PARALLEL;
  const { digest, iterations } = pbkdf2Options(text);
  return DIGESTS.includes(digest) && iterations >= 1 && iterations <= MOST_ITERATIONS;
}

/** @throws HttpError 400 with this code if the password is too short */
export function checkStrength(password: string, code: string): void {
  if (password.length >= 10) return;
  throw new HttpError(400, {
    message: 'Password does not meet strength requirements.',
    code,
    errors: [{ code: 'password_too_short', message: 'Password must be at least 10 characters long.' }],
  });
}

/** Hashes a new password with a salt, for storage. */
export function hashed(password: string, state: State): StoredPassword {
  const salt = Buffer.from(state.ids.token(16));
  const hash = scryptSync(password, salt, 32, { N: 4096, r: 8, p: 1 });
  const text = `$scrypt$v=1$n=4096,r=8,p=1$${salt.toString('base64')}$${hash.toString('base64')}`;
  return { type: 'scrypt', hash: text, salt_first: false };
}

/**
 * Whether a password matches the stored hash.
 * @throws HttpError 501 if the sandbox cannot check a hash of its type
 */
export function passwordMatches(stored: StoredPassword, password: string): boolean {
  const { type, hash } = stored;
  if (type === 'scrypt') return scryptMatches(hash, password);
  if (type === 'bcrypt' && Number(hash.slice(4, 6)) <= MOST_COST) return bcryptMatches(hash, password);
  if (type === 'pbkdf2') return pbkdf2Matches(hash, password);
  if (type === 'ssha' || type === 'ssha256') return sshaMatches(type, stored, password);
  throw new HttpError(501, {
    message: `The sandbox cannot check imported ${type} hashes. Set a password with PUT /user_management/users/{id}.`,
    code: 'not_simulated',
  });
}

function scryptMatches(hash: string, password: string): boolean {
  const { salt, expected } = phcParts(hash);
  try {
    return isEqual(scryptSync(password, salt, expected.length, scryptOptions(hash)), expected);
  } catch {
    throw apiError(501, 'not_simulated', 'The sandbox cannot check a scrypt hash with these parameters.');
  }
}

function scryptOptions(hash: string): { N: number; r: number; p: number } {
  const { numbers } = phcParts(hash);
  const log = numbers.get('ln');
  const N = log === undefined ? Number(numbers.get('n') ?? 16_384) : 2 ** Number(log);
  return { N, r: Number(numbers.get('r') ?? 8), p: Number(numbers.get('p') ?? 1) };
}

function pbkdf2Matches(hash: string, password: string): boolean {
  const { salt, expected } = phcParts(hash);
  const { digest, iterations } = pbkdf2Options(hash);
  return isEqual(pbkdf2Sync(password, salt, iterations, expected.length, digest), expected);
}

function pbkdf2Options(hash: string): { digest: string; iterations: number } {
  const { numbers, head } = phcParts(hash);
  return {
    digest: /sha\d+/.exec(hash)?.[0] ?? 'sha256',
    iterations: Number(numbers.get('i') ?? head.find((part) => /^\d+$/.test(part)) ?? 600_000),
  };
}

function sshaMatches(type: keyof typeof SSHA, { hash, salt_first }: StoredPassword, password: string): boolean {
  const { digest, length } = SSHA[type];
  const bytes = sshaBytes(hash);
  const salt = bytes.subarray(length);
  const parts = salt_first ? [salt, Buffer.from(password)] : [Buffer.from(password), salt];
  return isEqual(createHash(digest).update(Buffer.concat(parts)).digest(), bytes.subarray(0, length));
}

function sshaBytes(hash: string): Buffer {
  return Buffer.from(hash.replace(/^\{\w+\}/, ''), 'base64');
}

/** The parts of a hash in the PHC string format: `$name$n=4096,r=8$salt$hash`. */
function phcParts(text: string) {
  const parts = text.split('$').slice(1);
  const [salt = '', hash = ''] = parts.slice(-2);
  const head = parts.slice(1, -2).flatMap((part) => part.split(','));
  const numbers = new Map(head.map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']));
  return { salt: Buffer.from(salt, 'base64'), expected: Buffer.from(hash, 'base64'), numbers, head };
}

function isEqual(actual: Buffer, expected: Buffer): boolean {
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
