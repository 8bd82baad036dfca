import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskFields, maskSecret } from '../../src/text/mask-fields.ts';

describe('a masked secret shows', () => {
  it.each([
    ['a key', 'sk_test_abcdefghijklmnop1234', 'sk_test_…1234'],
    ['a live key', 'sk_live_abcdefghijklmnop1234', 'sk_live_…1234'],
    ['a token without a kind', 'Zm9vYmFyYmF6cXV4Y29ycWU', '…ycWU'],
    ['a JWT', `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(40)}wxyz`, '…wxyz'],
    ['a link', 'https://exports.example.com/a.csv?sig=0123456789abcdef', '…cdef'],
    ['a code of six digits', '123456', '…'],
    ['a short code', 'ABCD-EFGH', '…'],
    ['fifteen characters', 'a1'.repeat(8).slice(1), '…'],
    ['sixteen characters', '0123456789abcdef', '…cdef'],
    ['a short secret behind a long kind', 'client_secret_short', '…'],
    ['the empty text', '', '…'],
  ])('%s', (_, secret, seen) => {
    expect(maskSecret(secret)).toBe(seen);
  });

  it('never more than its kind and four characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9]{1,60}$/), fc.constantFrom('', 'sk_test_', 'whsec_'), (body, kind) => {
        const seen = maskSecret(`${kind}${body}`);
        expect(seen).toBe(body.length < 16 ? '…' : `${kind}…${body.slice(-4)}`);
      }),
    );
  });
});

const SECRET = 'tok_0123456789ABCDEFGHIJ';
const MASKED = 'tok_…GHIJ';

describe('secret fields are masked', () => {
  it.each<[paths: string[], answer: unknown, masked: unknown, found: string[]]>([
    [['token'], { id: 1, token: SECRET }, { id: 1, token: MASKED }, ['token']],
    [
      ['totp.secret'],
      { totp: { secret: SECRET, issuer: 'x' } },
      { totp: { secret: MASKED, issuer: 'x' } },
      ['totp.secret'],
    ],
    [
      ['data[].token'],
      { data: [{ token: SECRET }, { id: 2 }, { token: null }, { token: SECRET }], list_metadata: {} },
      { data: [{ token: MASKED }, { id: 2 }, { token: null }, { token: MASKED }], list_metadata: {} },
      ['data[0].token', 'data[3].token'],
    ],
    [
      ['a[].b[].c'],
      { a: [{ b: [{ c: SECRET }] }, { b: [] }] },
      { a: [{ b: [{ c: MASKED }] }, { b: [] }] },
      ['a[0].b[0].c'],
    ],
    [['keys[]'], { keys: [SECRET, SECRET] }, { keys: [MASKED, MASKED] }, ['keys[0]', 'keys[1]']],
    [['token'], [{ token: SECRET }], [{ token: MASKED }], ['[0].token']],
    [['[].token'], [{ token: SECRET }], [{ token: MASKED }], ['[0].token']],
    [['user.token'], { user: [{ token: SECRET }] }, { user: [{ token: MASKED }] }, ['user[0].token']],
    [
      ['code', 'link.url'],
      { code: '123456', link: { url: SECRET } },
      { code: '…', link: { url: MASKED } },
      ['code', 'link.url'],
    ],
    [['value'], { value: { user: 'a', pass: 'b' } }, { value: '…' }, ['value']],
    [['value'], { value: 123456 }, { value: '…' }, ['value']],
    [['value'], { value: '' }, { value: '…' }, ['value']],
    [['value'], { value: null }, { value: null }, []],
    [['value'], {}, {}, []],
    [['data[].token'], { data: 'none' }, { data: '…' }, ['data']],
    [['a.b'], { a: 'text' }, { a: '…' }, ['a']],
    [['a.b'], { a: true, c: 'text' }, { a: true, c: 'text' }, []],
    [['a.b'], null, null, []],
    [['constructor', 'toString.x'], {}, {}, []],
    [[], { token: SECRET }, { token: SECRET }, []],
  ])('%j', (paths, answer, masked, found) => {
    const before = structuredClone(answer);
    const result = maskFields(answer, paths);
    expect(result.masked).toEqual(masked);
    expect(result.found.map(({ field }) => field)).toEqual(found);
    // The caller may still need the values.
    expect(answer).toEqual(before);
  });

  it('and returned unmasked beside the result', () => {
    const answer = { a: SECRET, b: [{ c: { d: 1 } }] };
    expect(maskFields(answer, ['a', 'b[].c']).found).toEqual([
      { field: 'a', value: SECRET },
      { field: 'b[0].c', value: { d: 1 } },
    ]);
  });
});
