import { describe, expect, it } from 'vitest';
import { type PlanOptions, placeholders, planRequest, type Route } from '../../src/client/request-plan.ts';
import { InputError } from '../../src/errors/errors.ts';

const QUERY: PlanOptions = { send: 'query', hasBody: false };
const BODY: PlanOptions = { send: 'body', hasBody: true };

describe('a path value stays one segment', () => {
  it.each([
    ['plain', 'org_01', 'org_01'],
    ['slash', 'a/b', 'a%2Fb'],
    ['parent directory', '../users', '..%2Fusers'],
    ['parent directory, already encoded', '%2e%2e', '%252e%252e'],
    ['parent directory with encoded slashes', '..%2f..', '..%252f..'],
    ['backslash', '..\\users', '..%5Cusers'],
    ['query', 'a?limit=1', 'a%3Flimit%3D1'],
    ['fragment', 'a#b', 'a%23b'],
    ['semicolon and at', 'a;b@c', 'a%3Bb%40c'],
    ['space', 'Acme Corp', 'Acme%20Corp'],
    ['plus', 'a+b', 'a%2Bb'],
    ['three dots', '...', '...'],
    ['dots inside a name', 'user.signed_in', 'user.signed_in'],
    ['colon of a slug', 'posts:read', 'posts%3Aread'],
    ['braces of another placeholder', '{organization_id}', '%7Borganization_id%7D'],
    ['replacement pattern', '$&$1', '%24%26%241'],
    ['umlaut', 'Zürich', 'Z%C3%BCrich'],
    ['emoji', '🦊', '%F0%9F%A6%8A'],
    ['right-to-left override', '\u202Egro', '%E2%80%AEgro'],
  ])('%s', (_, value, segment) => {
    const { path } = planRequest('GET /organizations/{organization_id}/domains', { organization_id: value }, QUERY);
    expect(path).toBe(`/organizations/${segment}/domains`);
    // A URL parser along the way does not change the path.
    expect(new URL(`https://api.workos.com${path}`).pathname).toBe(path);
  });
});

describe('a path value that would leave its segment is refused, and the error names the argument', () => {
  it.each<[string, unknown, RegExp]>([
    ['empty', '', /organization_id must be a non-empty string/],
    ['missing', undefined, /organization_id must be a non-empty string/],
    ['null', null, /organization_id must be a non-empty string/],
    ['number', 7, /organization_id must be a non-empty string/],
    ['array', ['a'], /organization_id must be a non-empty string/],
    ['object', { toString: () => 'org_1' }, /organization_id must be a non-empty string/],
    ['one dot', '.', /organization_id cannot be "\."/],
    ['two dots', '..', /organization_id cannot be "\.\."/],
    ['NUL', 'a\u0000b', /organization_id contains a control character/],
    ['newline', 'a\nHost: evil', /organization_id contains a control character/],
    ['tab', 'a\tb', /organization_id contains a control character/],
    ['delete', 'a\u007f', /organization_id contains a control character/],
    ['C1 control', 'a\u0085', /organization_id contains a control character/],
    ['lone high surrogate', 'a\ud83e', /organization_id contains an unpaired surrogate/],
    ['lone low surrogate', '\udd8a', /organization_id contains an unpaired surrogate/],
  ])('%s', (_, value, message) => {
    const planning = () => planRequest('DELETE /organizations/{organization_id}', { organization_id: value }, QUERY);
    expect(planning).toThrow(InputError);
    expect(planning).toThrow(message);
    expect(planning).toThrow(expect.objectContaining({ fields: ['organization_id'] }));
  });
});

describe('a route', () => {
  it('gets each value at its placeholder, and the rest is sent in the body', () => {
    const route = 'PATCH /fga/{type}/{id}/{type}';
    expect(planRequest(route, { id: 'b/c', name: 'n', type: 'a' }, BODY)).toEqual({
      method: 'PATCH',
      path: '/fga/a/b%2Fc/a',
      query: '',
      body: { name: 'n' },
    });
  });

  it('without placeholders is the path', () => {
    expect(planRequest('GET /organizations', {}, QUERY)).toEqual({
      method: 'GET',
      path: '/organizations',
      query: '',
      body: undefined,
    });
  });

  it.each<[Route, string[]]>([
    ['GET /organizations', []],
    ['GET /organizations/{organization_id}', ['organization_id']],
    ['PUT /a/{first}/b/{second}', ['first', 'second']],
  ])('%s has the placeholders %j', (route, names) => {
    expect(placeholders(route)).toEqual(names);
  });
});

describe('the query string', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['nothing', {}, ''],
    ['numbers and booleans', { limit: 5, exact: false }, 'limit=5&exact=false'],
    ['undefined is left out', { a: undefined, b: 'x' }, 'b=x'],
    ['an empty string is kept', { search: '' }, 'search='],
    ['reserved characters', { email: 'a+b@x.io', search: 'A&B=C #1' }, 'email=a%2Bb%40x.io&search=A%26B%3DC%20%231'],
    ['an array is joined by commas', { events: ['a', 'b'] }, 'events=a,b'],
    ['a comma inside an item is encoded, unlike one between items', { events: ['a,b', 'c'] }, 'events=a%2Cb,c'],
    ['an empty array is left out', { events: [], limit: 1 }, 'limit=1'],
    ['an object is sent by key', { filter: { a: 1, 'b c': 'x&y' } }, 'filter%5Ba%5D=1&filter%5Bb%20c%5D=x%26y'],
    ['an empty object is left out', { filter: {} }, ''],
    ['a hostile name', { 'a&b': '1' }, 'a%26b=1'],
  ])('%s', (_, input, query) => {
    expect(planRequest('GET /events', input, QUERY).query).toBe(query);
  });

  it('repeats the name for each item if the route requires that', () => {
    const { query } = planRequest(
      'GET /authorize',
      { scopes: ['a b', 'c'], none: [] },
      { ...QUERY, repeatArrays: true },
    );
    expect(query).toBe('scopes=a%20b&scopes=c');
  });

  it.each<[string, Record<string, unknown>]>([
    ['a string', { search: '\ud800' }],
    ['an item', { search: ['a', '\ud800'] }],
    ['a value of an object', { search: { a: '\ud800' } }],
    ['a key of an object', { search: { '\ud800': 'a' } }],
  ])('refuses a lone surrogate in %s', (_, input) => {
    expect(() => planRequest('GET /events', input, QUERY)).toThrow(/search contains an unpaired surrogate/);
  });
});

describe('the body', () => {
  it.each<[string, Record<string, unknown>, PlanOptions, unknown]>([
    [
      'keeps null, which clears a field',
      { name: null, metadata: { planRequest: null } },
      BODY,
      { name: null, metadata: { planRequest: null } },
    ],
    ['drops undefined', { name: undefined, slug: 's' }, BODY, { slug: 's' }],
    ['is {} if no field is given', {}, BODY, {}],
    ['is undefined if the route has none', {}, { send: 'body', hasBody: false }, undefined],
    [
      'keeps false, 0, empty strings and arrays',
      { a: false, b: 0, c: '', d: [] },
      BODY,
      { a: false, b: 0, c: '', d: [] },
    ],
    ['accepts a field named like an object property', { constructor: 'x' }, BODY, { constructor: 'x' }],
  ])('%s', (_, input, options, body) => {
    expect(planRequest('POST /organizations', input, options)).toMatchObject({ query: '', body });
  });

  it('accepts a lone surrogate, which JSON can escape', () => {
    expect(JSON.stringify(planRequest('POST /users', { name: '\ud800' }, BODY).body)).toBe('{"name":"\\ud800"}');
  });
});
