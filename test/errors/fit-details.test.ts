import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitDetails } from '../../src/errors/fit-details.ts';
import { fitError, MAX_ERROR_CHARS } from '../../src/errors/fit-error.ts';

const ROOM = 2_400;
const token = 'YQyCkYfuVw2mI3tzSrk2C1Y7S'.repeat(10);
const organizations = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `org_01HYGGEB6FYMWQNWF3XDZG7${index}`,
    name: `Customer number ${index}`,
    profile: { about: 'x'.repeat(500) },
  }));

describe('the details of an error', () => {
  it('are unchanged if they fit', () => {
    const details = { pending_authentication_token: token, organizations: [{ id: 'org_1', about: { x: [1, null] } }] };
    expect(fitDetails(details, ROOM, [])).toBe(details);
  });

  it('lose what the next call does not need, and keep ids with their names', () => {
    const fitted = fitDetails({ organizations: organizations(12), pending_authentication_token: '…' }, ROOM, []);
    expect(fitted).toEqual({
      organizations: organizations(12).map(({ id, name }) => ({ id, name })),
      pending_authentication_token: '…',
    });
  });

  it('lose the ends of long lists, and say so', () => {
    const fitted = fitDetails({ organizations: organizations(400), user: { id: 'user_1' } }, ROOM, []);
    const ids = organizations(50).map(({ id }) => ({ id }));
    expect(fitted).toEqual({ organizations: [...ids, '… 350 more'], user: { id: 'user_1' } });
  });

  it('keep a secret that the caller asked for, however much there is beside it', () => {
    const hostile = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x${index}_id`, 'y'.repeat(200)]));
    expect(fitDetails({ ...hostile, pending_authentication_token: token }, ROOM, [token])).toEqual({
      pending_authentication_token: token,
    });
    expect(fitDetails(hostile, ROOM, [])).toBeUndefined();
  });

  it('never push the error over its limit or cut its hint', () => {
    const texts = fc.oneof(fc.string({ maxLength: 3_000, unit: 'binary' }), fc.constant('\u202e'.repeat(2_000)));
    const details = fc.dictionary(fc.oneof(fc.constantFrom('id', 'user_id', 'user'), texts), fc.jsonValue(), {
      maxKeys: 5,
    });
    fc.assert(
      fc.property(texts, details, fc.array(texts), (message, own, errors) => {
        const hint = 'Call authenticate_user. '.repeat(30);
        const secret_file = { path: `/tmp/${'folder/'.repeat(20)}x.json`, fields: ['pending_authentication_token'] };
        const shown = { ...own, pending_authentication_token: token };
        const fitted = fitError(
          { kind: 'permission', message, hint, tool: 'authenticate_user', details: shown, errors, secret_file },
          [token],
        );
        expect(JSON.stringify({ error: fitted }).length).toBeLessThanOrEqual(MAX_ERROR_CHARS);
        expect(fitted).toMatchObject({ hint, secret_file, details: { pending_authentication_token: token } });
      }),
      { numRuns: 200 },
    );
  });
});
