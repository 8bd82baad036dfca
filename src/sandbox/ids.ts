import { Random } from './random.ts';

/** The alphabet of Crockford's base 32, which ULIDs use: https://www.crockford.com/base32.html */
const CROCKFORD_BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The alphabet of RFC 4648's base 32, which TOTP secrets use. */
const RFC4648_BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The state of a generator, which is kept between runs. */
export interface IdState {
  seed: number;
  /** The latest time in an id, in milliseconds. */
  latest: number;
}

/** Generates ids in WorkOS's format: a prefix and a ULID, whose first ten characters encode the creation time. */
export class IdGenerator {
  readonly #random: Random;
  #latest: number;
  #given: { id: string; prefix: string } | undefined;

  constructor({ seed, latest }: IdState) {
    this.#random = new Random(seed);
    this.#latest = latest;
  }

  /** An id for a record created at `now` (milliseconds). It sorts after every id with the same prefix so far. */
  next(prefix: string, now: number): string {
    const given = this.#take(prefix);
    if (given !== undefined) return given;
    this.#latest = Math.max(now, this.#latest + 1);
    let encodedTime = '';
    for (let rest = this.#latest; encodedTime.length < 10; rest = Math.floor(rest / 32)) {
      encodedTime = CROCKFORD_BASE32.charAt(rest % 32) + encodedTime;
    }
    return `${prefix}_${encodedTime}${this.token(16)}`;
  }

  /** Makes this the next id for the prefix, even if it does not start with it. Undefined cancels this. */
  give(id: string | undefined, prefix: string): void {
    this.#given = id === undefined ? undefined : { id, prefix };
  }

  #take(prefix: string): string | undefined {
    if (this.#given?.prefix !== prefix) return undefined;
    const { id } = this.#given;
    this.#given = undefined;
    return id;
  }

  /** A random string of upper-case letters and digits. */
  token(length: number, alphabet = CROCKFORD_BASE32): string {
    let text = '';
    while (text.length < length) text += alphabet.charAt(Math.floor(this.#random.next() * alphabet.length));
    return text;
  }

  /** Random bytes, such as the key material of the vault. */
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => Math.floor(this.#random.next() * 256)));
  }

  /** A UUID (version 7) for a record created at `now` (milliseconds). It sorts after every UUID so far. */
  uuid(now: number, prefix = ''): string {
    const given = this.#take(prefix);
    if (given !== undefined) return given;
    this.#latest = Math.max(now, this.#latest + 1);
    const time = this.#latest.toString(16).padStart(12, '0');
    const random = this.bytes(9).toString('hex');
    const variant = '89ab'.charAt(Math.floor(this.#random.next() * 4));
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(3, 6)}-${random.slice(6)}`;
  }

  /** A secret for TOTP. */
  totpSecret(): string {
    return this.token(32, RFC4648_BASE32);
  }

  /** A random code of decimal digits, such as the API sends by email. */
  digits(length: number): string {
    let text = '';
    while (text.length < length) text += `${Math.floor(this.#random.next() * 10)}`;
    return text;
  }

  state(): IdState {
    return { seed: this.#random.seed, latest: this.#latest };
  }
}
