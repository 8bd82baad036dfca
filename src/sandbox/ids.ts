import type { Random } from './random.ts';

/** The alphabet of Crockford's base 32, which ULIDs use: https://www.crockford.com/base32.html */
const CROCKFORD_BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Generates ids in WorkOS's format: a prefix and a ULID, whose first ten characters encode the creation time. */
export interface IdGenerator {
  /** An id for a record created at `time` (milliseconds). Ids with the same prefix sort by creation time. */
  at(prefix: string, time: number): string;
  /** An id that sorts after every id generated so far, even if the clock is behind the seed data. */
  next(prefix: string, now: number): string;
  /** A random string of upper-case letters and digits. */
  token(length: number): string;
  /** Whether this id was ever generated. Tells the id of a deleted record from a made-up one. */
  wasIssued(id: string): boolean;
}

export function createIdGenerator(random: Random): IdGenerator {
  const issued = new Set<string>();
  let latest = 0;

  const token = (length: number) => {
    let text = '';
    while (text.length < length) text += CROCKFORD_BASE32.charAt(Math.floor(random() * 32));
    return text;
  };

  const at = (prefix: string, time: number) => {
    latest = Math.max(latest, time);
    let encodedTime = '';
    for (let rest = time; encodedTime.length < 10; rest = Math.floor(rest / 32)) {
      encodedTime = CROCKFORD_BASE32.charAt(rest % 32) + encodedTime;
    }
    const id = `${prefix}_${encodedTime}${token(16)}`;
    issued.add(id);
    return id;
  };

  return {
    at,
    token,
    next: (prefix, now) => at(prefix, Math.max(now, latest + 1)),
    wasIssued: (id) => issued.has(id),
  };
}
