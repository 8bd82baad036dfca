import { describe, expect, it } from 'vitest';
import { parseErrorBody } from '../../src/client/error-body.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

describe('every shape of error body that WorkOS sends is parsed', () => {
  const detail = [{ code: 'password_too_weak', message: 'Too weak' }];
  const field = [{ code: 'required', field: 'name' }];
  const property = [{ property: 'origin', constraints: { isUrl: 'no URL' } }];
  const instance = [{ instancePath: '/event/action' }];
  it.each<
    [shape: string, body: unknown, message: string, code?: string | undefined, errors?: unknown, details?: unknown]
  >([
    ['{message}', { message: "Organization not found: 'org_x'." }, "Organization not found: 'org_x'."],
    ['{message, code}', { message: 'Slow down', code: 'rate_limit_exceeded' }, 'Slow down', 'rate_limit_exceeded'],
    [
      '{message, code, entity_id}',
      { message: 'Gone', code: 'entity_not_found', entity_id: 'org_x' },
      'Gone',
      'entity_not_found',
      undefined,
      { entity_id: 'org_x' },
    ],
    [
      '{code, message, errors: [{code, message}]}',
      { code: 'password_strength_error', message: 'Weak', errors: detail },
      'Weak',
      'password_strength_error',
      detail,
    ],
    ['{message, errors: [{code, field}]}', { message: 'Invalid', errors: field }, 'Invalid', undefined, field],
    ['{message, errors: [{property, constraints}]}', { message: 'No', errors: property }, 'No', undefined, property],
    [
      '{message, code, errors: [{instancePath}]}',
      { message: 'Schema', code: 'invalid_audit_log', errors: instance },
      'Schema',
      'invalid_audit_log',
      instance,
    ],
    [
      '{message: [...], error}',
      { message: ['range_start must be a date', 'range_end must be a date'], error: 'Bad Request' },
      'range_start must be a date; range_end must be a date',
    ],
    ['{message, code, statusCode}', { message: 'Flag', code: 'not_found', statusCode: 404 }, 'Flag', 'not_found'],
    [
      '{error, error_description}',
      { error: 'invalid_grant', error_description: 'The code has expired' },
      'The code has expired',
      'invalid_grant',
    ],
    ['{error} as a code', { error: 'too_many_requests' }, 'too_many_requests', 'too_many_requests'],
    ['{error} as a sentence', { error: 'Object is not there' }, 'Object is not there'],
    ['{error} of /sso/profile', { error: 'Unauthorized' }, 'Unauthorized'],
    ['{errors} alone', { errors: field }, 'status 422 without a message', undefined, field],
    ['{code} alone', { code: 'user_code_expired' }, 'status 422 without a message', 'user_code_expired'],
    ['an empty object', {}, 'status 422 without a message'],
    ['an empty message', { message: '', error: 'invalid_request' }, 'invalid_request', 'invalid_request'],
    ['an empty list of messages', { message: [] }, 'status 422 without a message'],
    ['a message that is not a string', { message: { text: 'x' }, code: 7 }, 'status 422 without a message'],
    ['errors that are null', { message: 'No', errors: null }, 'No'],
    ['a bare JSON string', 'Ratelimited', 'Ratelimited', 'rate_limit_exceeded'],
    ['a bare JSON string with another spelling', 'rate limited', 'rate limited', 'rate_limit_exceeded'],
    ['another bare JSON string', 'No such thing', 'No such thing'],
    ['a bare empty JSON string', '', 'status 422 with application/json that is not a JSON object'],
    ['a number', 42, 'status 422 with application/json that is not a JSON object ("42")'],
    ['null', null, 'status 422 with application/json that is not a JSON object ("null")'],
    ['an array', ['a'], 'status 422 with application/json that is not a JSON object ("[\\"a\\"]")'],
  ])('%s', (_, body, message, code, errors, details) => {
    expect(parseErrorBody(422, JSON_TYPE, JSON.stringify(body))).toEqual({ message, code, errors, details });
  });
});

describe('a body that is not JSON becomes a readable message', () => {
  it.each([
    ['an empty body', '', '', 'status 502 with an empty body'],
    ['whitespace', 'text/plain', ' \n', 'status 502 with an empty body'],
    [
      'plain text',
      'text/plain',
      'upstream is down',
      'status 502 with text/plain that is not a JSON object ("upstream is down")',
    ],
    [
      'text without a content type',
      '',
      'no upstream',
      'status 502 with a body that is not a JSON object ("no upstream")',
    ],
    [
      'an HTML page with a title',
      'text/html; charset=utf-8',
      '<!doctype html><html><head><TITLE lang="en">\n 502 Bad Gateway </TITLE></head><body>cloud</body></html>',
      'status 502 with text/html that is not a JSON object ("502 Bad Gateway")',
    ],
    [
      'an HTML page without a title',
      'text/html',
      '<html><b>Oh</b>',
      'status 502 with text/html that is not a JSON object',
    ],
    [
      'truncated JSON',
      'application/json',
      '{"message": "Organiz',
      'status 502 with application/json that is not a JSON object',
    ],
  ])('%s', (_, type, text, message) => {
    expect(parseErrorBody(502, type, text)).toEqual({ message, code: undefined, errors: undefined });
  });
});

describe('a long message is cut', () => {
  it.each<[string, unknown]>([
    ['a message', { message: 'x'.repeat(5_000) }],
    ['a list of messages', { message: Array(500).fill('too long') }],
    ['a bare string', 'x'.repeat(5_000)],
  ])('%s', (_, body) => {
    const { message } = parseErrorBody(400, JSON_TYPE, JSON.stringify(body));
    expect(message).toHaveLength(601);
    expect(message).toMatch(/…$/);
  });

  it('never in the middle of a character', () => {
    const { message } = parseErrorBody(400, JSON_TYPE, JSON.stringify({ message: `x${'🦊'.repeat(400)}` }));
    expect(() => encodeURIComponent(message)).not.toThrow();
  });

  it('even if it is the text of a page', () => {
    expect(parseErrorBody(500, 'text/plain', 'y'.repeat(5_000)).message.length).toBeLessThan(300);
    expect(parseErrorBody(500, 'text/html', `<title>${'z'.repeat(150)}`).message.length).toBeLessThan(300);
  });
});

describe('a body crafted to be slow to parse is read only in part, in linear time', () => {
  const MEGABYTES = 4_000_000;
  const fill = (part: string) => part.repeat(MEGABYTES / part.length);
  it.each([
    ['tags that never close', fill('<title')],
    ['tags in capitals, with attributes', fill('<TITLE lang="en" ')],
    ['titles that never close', fill('<title>')],
    ['an endless title', `<title>${fill('x')}`],
    ['spaces', fill(' ')],
    ['tabs before a tag', `${fill('\t')}<title`],
    ['quotes', fill('"')],
    ['open lists', fill('[')],
    ['open objects', fill('{"a":')],
    ['nested lists', `${fill('[')}${fill(']')}`],
    ['a long list of messages', `{"message":[${fill('"x",')}"x"]}`],
    ['a message of escapes', `{"message":"${fill('\\u202e')}"}`],
    ['one long word', fill('a')],
    ['blank lines in the prefix that is read', `${'\n'.repeat(40_000)}"}`],
    ['spaces after a bracket', `[${' '.repeat(60_000)}x`],
    ['tags in the prefix that is read', fill('<title').slice(0, 60_000)],
    ['lists in the prefix that is read', `{"message":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
  ])('%s', (_, text) => {
    const started = performance.now();
    const { message } = parseErrorBody(502, 'text/html', text);
    // Milliseconds. With quadratic time it would be a second or more.
    expect(performance.now() - started).toBeLessThan(250);
    expect(message).toMatch(/^status 502 with /);
    expect(message.length).toBeLessThan(900);
  });

  it('so a title far down a page is not found', () => {
    const page = `<p>${'x'.repeat(70_000)}<title>Far down</title>`;
    expect(parseErrorBody(502, 'text/html', page).message).not.toContain('Far down');
  });

  it.each<[string, string, string]>([
    ['is too long', `{"message":"${'x'.repeat(70_000)}"}`, 'application/json longer than 65536 bytes'],
    ['is nested', `{"message":"no","errors":${'['.repeat(201)}${']'.repeat(201)}}`, 'nested deeper than 200 levels'],
  ])('and the message says so if it %s', (_, text, words) => {
    expect(parseErrorBody(400, JSON_TYPE, text).message).toContain(words);
  });

  it('keeps reasonably nested errors', () => {
    const errors: unknown = JSON.parse(`${'['.repeat(150)}"]"${']'.repeat(150)}`);
    expect(parseErrorBody(400, JSON_TYPE, JSON.stringify({ message: 'no', errors }))).toEqual({
      message: 'no',
      code: undefined,
      errors,
    });
  });

  it('joins a list of mixed values into one message', () => {
    const body = '{"message": ["one", 2, null, ["three"], {"toString": "four"}]}';
    expect(parseErrorBody(400, JSON_TYPE, body).message).toBe('one; 2; null; ["three"]; {"toString":"four"}');
  });
});
