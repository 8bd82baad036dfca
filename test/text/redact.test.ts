import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import { redact, valuesAt } from '../../src/text/redact.ts';

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

it('nothing that looks like a secret is logged', () => {
  const lines: string[] = [];
  const logger = createLogger('info', () => undefined, {
    writableLength: 0,
    write: (line) => lines.push(String(line)) > 0,
  });
  logger.info({ stack: 'Error: Bearer 0123456789abcdef' }, 'sk_live_0123456789abcdef');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('Bearer [token]');
  expect(lines[0]).not.toContain('0123456789abcdef');
});
