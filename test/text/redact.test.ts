import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskFields, maskSecret, redact, redactDeep, valuesAt } from '../../src/text/redact.ts';

describe('a masked secret shows', () => {
  it.each([
    ['a key', 'sk_test_abcdefghijklmnop1234', 'sk_test_…1234'],
    ['a live key', 'sk_live_abcdefghijklmnop1234', 'sk_live_…1234'],
    ['a token without a prefix', 'Zm9vYmFyYmF6cXV4Y29ycWU', '…ycWU'],
    ['a JWT', `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(40)}wxyz`, '…wxyz'],
    ['a link', 'https://exports.example.com/a.csv?sig=0123456789abcdef', '…cdef'],
    ['a code of six digits', '123456', '…'],
    ['a short code', 'ABCD-EFGH', '…'],
    ['fifteen characters', 'a1'.repeat(8).slice(1), '…'],
    ['sixteen characters', '0123456789abcdef', '…cdef'],
    ['a short secret after a long prefix', 'client_secret_short', '…'],
    ['an empty string', '', '…'],
  ])('%s', (_, secret, masked) => {
    expect(maskSecret(secret)).toBe(masked);
  });

  it('never more than its prefix and the last four characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9]{1,60}$/), fc.constantFrom('', 'sk_test_', 'whsec_'), (body, prefix) => {
        const masked = maskSecret(`${prefix}${body}`);
        expect(masked).toBe(body.length < 16 ? '…' : `${prefix}…${body.slice(-4)}`);
      }),
    );
  });
});

const SECRET = 'tok_0123456789ABCDEFGHIJ';
const MASKED = 'tok_…GHIJ';

describe('secret fields are masked', () => {
  it.each<[paths: string[], response: unknown, masked: unknown, found: string[]]>([
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
    [['data[].token'], { data: 'none' }, { data: 'none' }, []],
    [['a.b'], { a: 'text' }, { a: 'text' }, []],
    [['a.b'], null, null, []],
    [['constructor', 'toString.x'], {}, {}, []],
    [[], { token: SECRET }, { token: SECRET }, []],
  ])('%j', (paths, response, masked, found) => {
    const before = structuredClone(response);
    const result = maskFields(response, paths);
    expect(result.masked).toEqual(masked);
    expect(result.found.map(({ field }) => field)).toEqual(found);
    // The caller may still need the values.
    expect(response).toEqual(before);
  });

  it('and also returned unmasked', () => {
    const response = { a: SECRET, b: [{ c: { d: 1 } }] };
    expect(maskFields(response, ['a', 'b[].c']).found).toEqual([
      { field: 'a', value: SECRET },
      { field: 'b[0].c', value: { d: 1 } },
    ]);
  });
});

describe('text that looks like a secret is removed from logs and errors', () => {
  it.each([
    ['a key', 'key sk_live_abc123 is wrong', 'key [key] is wrong'],
    ['a key in JSON', '{"k":"sk_test_abcd"}', '{"k":"[key]"}'],
    ['a JWT', 'got eyJhbGciOi.eyJzdWIiOiIx.c2ln-_4 back', 'got [JWT] back'],
    ['a JWT without a signature', 'eyJhbGciOi.eyJzdWIiOiIx', '[JWT]'],
    ['an Authorization header', 'authorization: Bearer abcdefgh1234==', 'authorization: Bearer [token]'],
    ['a header in lower case', 'bearer abcdefgh1234', 'bearer [token]'],
    ['basic credentials', 'Basic dXNlcjpwYXNz', 'Basic [token]'],
    ['a PEM block', 'a -----BEGIN PRIVATE KEY-----\nMIIE\nvQIB\n-----END PRIVATE KEY----- b', 'a [PEM block] b'],
    ['a truncated PEM block', 'a -----BEGIN RSA PRIVATE KEY-----\nMIIE', 'a [PEM block]'],
    [
      'an Amazon link',
      'https://s3.example/a.csv?X-Amz-Date=1&X-Amz-Security-Token=tt%2F&X-Amz-Signature=0f0f&x=1',
      'https://s3.example/a.csv?X-Amz-Date=1&X-Amz-Security-Token=[signature]&X-Amz-Signature=[signature]&x=1',
    ],
    ['a Google link', 'https://g.example/a?X-Goog-Signature=0f0f', 'https://g.example/a?X-Goog-Signature=[signature]'],
    ['an Azure link', '"https://z.example/a?sv=1&sig=a%2Fb%3D"', '"https://z.example/a?sv=1&sig=[signature]"'],
    [
      'a CloudFront link',
      'https://c.example/a?Signature=abc~&Expires=1',
      'https://c.example/a?Signature=[signature]&Expires=1',
    ],
    ['an invitation link', '<https://x.example/invite?token=abc>', '<https://x.example/invite?token=[signature]>'],
    ['two keys', 'sk_a_1234 sk_b_5678', '[key] [key]'],
  ])('%s', (_, text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it.each([
    'Organization not found: org_01ABC',
    'task_1234 and risk_abcd are no keys',
    'The bearer of bad news',
    'basic plan',
    'design=1&token',
    'status 503 with an empty body',
  ])('but not other text: %s', (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('the secret arguments of the call are removed too', () => {
  it.each<[string, string, string[], string]>([
    ['verbatim', 'Password hunter22 is weak', ['hunter22'], 'Password [secret] is weak'],
    ['everywhere', 'hunter22hunter22', ['hunter22'], '[secret][secret]'],
    ['URL-encoded', 'GET /by_token/a%2Fb%20c failed', ['a/b c'], 'GET /by_token/[secret] failed'],
    ['escaped inside quotes', 'returned 400: "no \\"a\\\\b\\" here"', ['"a\\b"'], 'returned 400: "no [secret] here"'],
    ['longest first', 'x abcdefgh x abcd', ['abcd', 'abcdefgh'], 'x [secret] x [secret]'],
    ['with characters of replacement patterns', 'is $&.* ok', ['$&.*'], 'is [secret] ok'],
    ['with a lone surrogate', 'bad \ud800abc', ['\ud800abc'], 'bad [secret]'],
    ['unless they are too short to be secrets', 'a cat', ['a', 'cat'], 'a cat'],
    ['unless they are empty', 'a cat', [''], 'a cat'],
  ])('%s', (_, text, values, clean) => {
    expect(redact(text, values)).toBe(clean);
  });

  it('at any depth, and nothing else changes', () => {
    const value = { message: 'hunter22', n: 1, none: null, on: true, errors: [{ code: 'x', of: ['sk_test_1234', 2] }] };
    const before = structuredClone(value);
    expect(redactDeep(value, ['hunter22'])).toEqual({
      message: '[secret]',
      n: 1,
      none: null,
      on: true,
      errors: [{ code: 'x', of: ['[key]', 2] }],
    });
    expect(value).toEqual(before);
  });
});

it.each<[string[], unknown, string[]]>([
  [['password'], { password: 'hunter22', email: 'a@b.c' }, ['hunter22']],
  [['keys'], { keys: { a: 'x', b: ['y', { c: 'z' }], d: 1 } }, ['x', 'y', 'z']],
  [['events[].token'], { events: [{ token: 'x' }, {}] }, ['x']],
  [['password'], {}, []],
  [['password'], { password: null }, []],
  [[], { password: 'hunter22' }, []],
])('the secret values at %j of %j are %j', (paths, input, values) => {
  expect(valuesAt(input, paths)).toEqual(values);
});
