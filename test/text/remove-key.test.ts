import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { removeKey, removeKeyFromText } from '../../src/text/remove-key.ts';

const KEY = 'sk_live_Zm9vL2Jhcj8_QUJD-0123456789xyz';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');
const percent = (text: string) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16)}`).join('');

describe('a key is removed', () => {
  it.each<[string, string]>([
    ['verbatim', KEY],
    ['in upper case', KEY.toUpperCase()],
    ['in lower case', KEY.toLowerCase()],
    ['in base64', base64(KEY)],
    ['in base64 without padding', base64(KEY).replaceAll('=', '')],
    ['in URL-safe base64', base64url(KEY)],
    ['as the user of a Basic header', base64(`${KEY}:`)],
    ['as the password of a Basic header', base64(`u:${KEY}`)],
    ['as the password of another Basic header', base64(`us:${KEY}`)],
    ['inside JSON in base64', base64(JSON.stringify({ api_key: KEY, n: 1 }))],
    ['inside JSON in URL-safe base64', base64url(JSON.stringify({ key: KEY }))],
    ['percent-encoded throughout', percent(KEY)],
    ['percent-encoded in upper case', percent(KEY).toUpperCase()],
    ['percent-encoded twice', encodeURIComponent(percent(KEY))],
    ['percent-encoded in part', KEY.replaceAll('_', '%5F').replaceAll('-', '%2d')],
    ['percent-encoded in part and in upper case', KEY.toUpperCase().replaceAll('_', '%5f')],
    ['as Unicode escapes', Array.from(KEY, (one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('')],
    ['with one quoted Unicode escape', KEY.replace('_', '\\\\u005F')],
    ['in hexadecimal', Buffer.from(KEY).toString('hex')],
    ['in upper-case hexadecimal', Buffer.from(KEY).toString('hex').toUpperCase()],
    ['in a hex dump', (Buffer.from(KEY).toString('hex').match(/../g) ?? []).join(' ')],
  ])('%s', (_, spelling) => {
    for (const [before, after] of [
      ['', ''],
      ['a ', ' z'],
      ['"', '"'],
      ['x=', '&y=1'],
      ['\\n', '\\n'],
    ]) {
      const clean = removeKeyFromText(`${before}${spelling}${after}`, KEY);
      expect(clean).toContain('[key]');
      expect(clean).not.toContain(spelling.slice(spelling.length / 2 - 4, spelling.length / 2 + 4));
      expect(clean.startsWith(before ?? '')).toBe(true);
      expect(clean.endsWith(after ?? '')).toBe(true);
    }
    const nested = { [spelling]: [spelling, { a: `b ${spelling}` }], n: 1, none: null };
    expect(JSON.stringify(removeKey(nested, KEY))).not.toContain(spelling.slice(4, 20));
  });

  it('wherever it is in a text that is encoded in base64', () => {
    const around = fc.string({ unit: 'grapheme', maxLength: 20 });
    const key = fc.stringMatching(/^[A-Za-z0-9_-]{20,60}$/);
    fc.assert(
      fc.property(key, around, around, fc.constantFrom('base64', 'base64url'), (secret, before, after, alphabet) => {
        const text = Buffer.from(`${before}${secret}${after}`).toString(alphabet);
        const clean = removeKeyFromText(text, secret);
        expect(clean).toContain('[key]');
        // What is left does not even decode to the beginning of the key.
        const left = clean.split('[key]').map((part) => Buffer.from(part, alphabet).toString('latin1'));
        for (const part of left) expect(part).not.toContain(secret.slice(0, 4));
      }),
      { numRuns: 40 },
    );
  });

  it('if it is broken off at the end of a cut text', () => {
    for (const spelling of [
      KEY,
      KEY.toUpperCase(),
      base64(`u:${KEY}`),
      Buffer.from(KEY).toString('hex'),
      percent(KEY),
    ]) {
      for (let length = 36; length < spelling.length; length++) {
        for (const end of ['', '…', '…"', '\\"']) {
          expect(removeKeyFromText(`a ${spelling.slice(0, length)}${end}`, KEY)).not.toContain(spelling.slice(8, 30));
        }
      }
    }
  });

  it('and JSON around it stays JSON', () => {
    for (const spelling of [KEY, base64(`\nu${KEY}`), base64(`\n${KEY}`), `\n${base64url(KEY)}\t`]) {
      const json = JSON.stringify({ a: `\n${spelling}\n`, b: `\\${spelling}\\` });
      expect(Object.keys(JSON.parse(removeKeyFromText(json, KEY)))).toEqual(['a', 'b']);
    }
  });
});

describe('nothing else is removed', () => {
  it.each([
    'sk_live_',
    'sk_live_…6xyz',
    KEY.slice(0, 20),
    KEY.slice(10),
    KEY.replace('Zm9v', 'Zm9w'),
    base64(KEY.slice(0, 20)),
    '100% of \\u0041',
    '',
  ])('%s', (text) => {
    const inside = { text: `a ${text} b`, list: [text.replace(/^sk_live_Zm9vL2Jhcj8_.*/, '')] };
    expect(removeKey(inside, KEY)).toBe(inside);
  });

  it('if there is no key, or one too short to tell from a word', () => {
    for (const key of [undefined, '', 'user', 'sk_test'])
      expect(removeKeyFromText('user sk_test', key)).toBe('user sk_test');
  });
});

it.each([
  ['a possible beginning of the key', 'sk_live_Z '],
  ['most of the key', KEY.slice(0, -1)],
  ['most of the key in base64', base64(KEY).slice(0, -4)],
  ['percent signs', '%'],
  ['percent signs of percent signs', '%25'],
  ['backslashes', '\\'],
  ['backslashes and u', '\\u00'],
  ['ordinary text', 'Organization org_01EHZNVPK3SFK441A1RGBX of acme.example. '],
])('a text of three megabytes that repeats %s is searched in linear time', (_, part) => {
  const text = part.repeat(3_000_000 / part.length);
  const started = performance.now();
  removeKeyFromText(text, KEY);
  // A quadratic search would take hours.
  expect(performance.now() - started).toBeLessThan(5_000);
});
