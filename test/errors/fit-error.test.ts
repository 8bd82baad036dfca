import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/errors/explain.ts';
import { fitError, MAX_ERROR_CHARS } from '../../src/errors/fit-error.ts';

const error: Explanation = { kind: 'api', message: 'It failed.', hint: 'Try later.', tool: 'get_user' };
const sizeOf = (one: Explanation) => JSON.stringify({ error: one }).length;

describe('an error that is small enough', () => {
  it('is unchanged, in the same order', () => {
    const full: Explanation = {
      ...error,
      status: 422,
      code: 'invalid',
      errors: [{ field: 'name', codes: ['required', 7, null, true] }],
      request_id: 'req_1',
      retry_after_s: 3,
      attempts: 2,
    };
    expect(JSON.stringify(fitError(full))).toBe(JSON.stringify(full));
    expect(JSON.stringify(fitError(error))).toBe(JSON.stringify(error));
  });

  it('has its invisible characters escaped, in values and names', () => {
    expect(
      fitError({
        ...error,
        message: 'a\u202Eb',
        code: '\u001b[2J',
        errors: [{ 'x\u200b': ['\u0000'] }],
        request_id: '\n',
      }),
    ).toMatchObject({
      message: 'a\\u{202e}b',
      code: '\\u{1b}[2J',
      errors: [{ 'x\\u{200b}': ['\\u{0}'] }],
      request_id: '\\u{a}',
    });
  });
});

describe('an error that is too large', () => {
  const many = Array.from({ length: 400 }, (_, index) => ({ field: `field_${index}`, code: 'required' }));

  it('is cut between its errors, and says how many are left out', () => {
    const { errors, ...rest } = fitError({ ...error, errors: many });
    expect(rest).toEqual(error);
    const shown = errors as unknown[];
    expect(shown.slice(0, -1)).toEqual(many.slice(0, shown.length - 1));
    expect(shown.length).toBeGreaterThan(80);
    expect(shown.at(-1)).toBe(`… ${400 - shown.length + 1} more`);
  });

  it.each<[string, unknown]>([
    ['one large error', [{ field: 'x'.repeat(9_000) }]],
    ['an object', { name: 'x'.repeat(9_000) }],
    ['a string of quotes', '"'.repeat(9_000)],
  ])('shows the beginning of the JSON of %s', (_, errors) => {
    const fitted = fitError({ ...error, errors });
    expect(fitted.errors).toMatch(/…$/);
    expect(sizeOf(fitted)).toBeGreaterThan(3_900);
    expect(sizeOf(fitted)).toBeLessThanOrEqual(MAX_ERROR_CHARS);
  });

  it('leaves out its errors before it cuts its message', () => {
    const message = 'm'.repeat(3_850);
    expect(fitError({ ...error, message, errors: many })).toEqual({ ...error, message });
  });

  it('keeps its hint and cuts its message if that is too long', () => {
    const fitted = fitError({ ...error, message: '"'.repeat(9_000) });
    expect(fitted).toMatchObject({ hint: 'Try later.', message: expect.stringMatching(/^"+…$/) });
    expect(sizeOf(fitted)).toBeLessThanOrEqual(MAX_ERROR_CHARS);
  });

  it('is at most 4,000 characters, whatever is in it', () => {
    const text = fc.string({ unit: 'binary', maxLength: 9_000, size: 'max' });
    const anything = fc.oneof(text, fc.array(text, { maxLength: 30 }), fc.dictionary(text, text), fc.jsonValue());
    fc.assert(
      fc.property(text, text, text, text, text, anything, (message, hint, tool, code, request_id, errors) => {
        const fitted = fitError({ kind: 'api', message, hint, tool, code, request_id, errors, attempts: 1 });
        expect(sizeOf(fitted)).toBeLessThanOrEqual(MAX_ERROR_CHARS);
        expect(JSON.stringify(fitted)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      // Looking for a shorter failing text would take hours.
      { numRuns: 40, endOnFailure: true },
    );
  });
});
