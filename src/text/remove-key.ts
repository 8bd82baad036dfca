/** A key, or several if it was replaced while the process ran. */
export type Keys = string | readonly string[] | undefined;

/**
 * Removes an API key from all strings and property names in a value, in every spelling that {@link removeKeyFromText}
 * knows. Returns the same object if it contains no key.
 */
export function removeKey(value: unknown, keys: Keys): unknown {
  let clean = value;
  for (const spellings of spellingsOf(keys)) if (contains(clean, spellings)) clean = replaceIn(clean, spellings);
  return clean;
}

/**
 * Removes an API key from a text: as it is, in upper or lower case, percent-encoded in whole or in part, as Unicode
 * escapes, in hexadecimal, and in base64 at any alignment (a Basic header encodes more than the key alone). The beginning of a
 * key at the end of a cut text is removed too.
 */
export function removeKeyFromText(text: string, keys: Keys): string {
  return spellingsOf(keys).reduce(replaceInText, text);
}

/** A shorter text is not a key, and removing it would garble the output. */
const MIN_KEY = 8;

/** A shorter beginning may be just a prefix such as `sk_test_`. */
const MIN_CUT = 9;

/** Replaces a key. */
const REMOVED = '[key]';

/** The precomputed patterns for one key. */
interface Spellings {
  /** The beginnings of all spellings. A quick first test for every string of every response, of which hardly any matches. */
  beginning: RegExp;
  /** The whole key, or its beginning at the end of a text. */
  plain: RegExp;
  /** The same with single characters percent-encoded or as Unicode escapes. */
  escaped: RegExp;
}

const known = new Map<string, Spellings>();

function spellingsOf(keys: Keys): Spellings[] {
  return [keys ?? []].flat().flatMap((key) => {
    if (key.length < MIN_KEY) return [];
    const spellings = known.get(key) ?? spell(key);
    known.set(key, spellings);
    return [spellings];
  });
}

function spell(key: string): Spellings {
  const characters = Array.from(key);
  const bytes = Buffer.from(key);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const base64 = [0, 1, 2].map((before) => base64Inside(bytes, before));
  const literal = characters.map(literally);
  const beginnings = [
    literal.slice(0, MIN_CUT).join(''),
    hex.slice(0, MIN_CUT).join('[ :]?'),
    ...base64.map((text) => Array.from(text.slice(0, MIN_CUT), eitherAlphabet).join('')),
    '%(?:25)*[2-7][0-9a-f]',
    '\\\\u00',
  ];
  return {
    beginning: new RegExp(beginnings.join('|'), 'i'),
    plain: new RegExp(
      [
        wholeOrBroken(literal),
        wholeOrBroken(hex.flatMap(([high = '', low = ''], at) => [at === 0 ? high : `[ :]?${high}`, low])),
        // The characters at either end also encode neighboring bytes.
        ...base64.map((text, before) => {
          const inside = wholeOrBroken(Array.from(text, eitherAlphabet));
          return `${before === 0 ? '' : '(?<!\\\\)[\\w+/-]?'}${inside}`;
        }),
      ].join('|'),
      'gi',
    ),
    escaped: new RegExp(wholeOrBroken(characters.map(escapedOrNot), BROKEN_ESCAPE), 'gi'),
  };
}

/** The base64 digits that depend on these bytes alone, if `before` other bytes modulo 3 precede them. */
function base64Inside(bytes: Uint8Array, before: number): string {
  const all = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replaceAll('=', '');
  return all.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

const BROKEN_ESCAPE = '(?:%(?:25){0,4}[0-9a-f]?|\\\\{1,8}u[0-9a-f]{0,3})?';

/** Matches all units, or at least the first few of them before the end of a text, which may be quoted. */
function wholeOrBroken(units: readonly string[], broken = ''): string {
  const rest = units.slice(MIN_CUT);
  const optional = rest.map((unit) => `(?:${unit}`).join('') + ')?'.repeat(rest.length);
  return `${units.slice(0, MIN_CUT).join('')}(?:${rest.join('')}|${optional}${broken}(?=\\\\{0,8}(?:…|"|$)))`;
}

function eitherAlphabet(digit: string): string {
  if (digit === '+' || digit === '-') return '[+-]';
  if (digit === '/' || digit === '_') return '[/_]';
  return digit;
}

function literally(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function escapedOrNot(character: string): string {
  const cases = [...new Set([character.toLowerCase(), character.toUpperCase()])];
  const encoded = cases.map((one) => Array.from(Buffer.from(one), (byte) => `%(?:25){0,4}${hexOf(byte)}`).join(''));
  const escapes = cases.map((one) => `\\\\{1,8}u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
  return `(?:${[literally(character), ...encoded, ...escapes].join('|')})`;
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function replaceInText(text: string, spellings: Spellings): string {
  if (!mayHold(text, spellings)) return text;
  return text.replace(spellings.plain, REMOVED).replace(spellings.escaped, REMOVED);
}

function mayHold(text: string, { beginning }: Spellings): boolean {
  return text.length >= MIN_CUT && beginning.test(text);
}

function holds(text: string, spellings: Spellings): boolean {
  return mayHold(text, spellings) && replaceInText(text, spellings) !== text;
}

/** Copies nothing, so a value without a key is cheap to check. */
function contains(value: unknown, spellings: Spellings): boolean {
  if (typeof value === 'string') return holds(value, spellings);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => contains(item, spellings));
  for (const name in value) {
    // The loop has just found the name on the object.
    if (holds(name, spellings) || contains((value as Record<string, unknown>)[name], spellings)) return true;
  }
  return false;
}

function replaceIn(value: unknown, spellings: Spellings): unknown {
  if (typeof value === 'string') return replaceInText(value, spellings);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, spellings));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [replaceInText(name, spellings), replaceIn(item, spellings)]),
  );
}
