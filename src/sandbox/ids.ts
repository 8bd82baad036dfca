const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A source of numbers in [0, 1) that gives the same row of them for the same seed (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes ids in WorkOS's style: a prefix and 26 characters of which the first ten are the time. */
export interface IdGenerator {
  /** An id for an object made at that time; objects of one kind sort by it. */
  id(prefix: string, at: number): string;
  /** An id that sorts after every id made so far, even where the clock stands before the seed data. */
  next(prefix: string, now: number): string;
  /** Random letters and digits. */
  token(length: number): string;
  /** Whether that id was ever made, so that a cursor on a deleted object can be told from an invented one. */
  made(id: string): boolean;
}

export function createIdGenerator(random: Random): IdGenerator {
  const made = new Set<string>();
  let latest = 0;

  const token = (length: number) => {
    let text = '';
    while (text.length < length) text += CROCKFORD.charAt(Math.floor(random() * 32));
    return text;
  };

  const id = (prefix: string, at: number) => {
    latest = Math.max(latest, at);
    let time = '';
    for (let left = at; time.length < 10; left = Math.floor(left / 32)) time = CROCKFORD.charAt(left % 32) + time;
    const minted = `${prefix}_${time}${token(16)}`;
    made.add(minted);
    return minted;
  };

  return {
    id,
    token,
    next: (prefix, now) => id(prefix, Math.max(now, latest + 1)),
    made: (candidate) => made.has(candidate),
  };
}
