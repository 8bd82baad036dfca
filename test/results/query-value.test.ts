import { describe, expect, it } from 'vitest';
import { compileQuery } from '../../src/results/jmespath.ts';
import { queryValue } from '../../src/results/query-value.ts';

const LIST = {
  object: 'list',
  data: [
    { id: 'user_1', email: 'a@b.io' },
    { id: 'user_2', state: null },
  ],
};
const OBJECT = { id: 'org_1', domains: [] };
const [OF_ITEMS, OF_OBJECT] = [
  ['id', 'email', 'state'],
  ['id', 'domains'],
];

describe('a value that says nothing comes with the keys of the response', () => {
  it.each<[what: string, value: unknown, response: unknown, keys: unknown]>([
    ['null', null, LIST, OF_ITEMS],
    ['undefined', undefined, LIST, OF_ITEMS],
    ['an empty list', [], LIST, OF_ITEMS],
    ['a list of nulls', [null, null], LIST, OF_ITEMS],
    ['a list of lists of nulls', [[null, null], []], LIST, OF_ITEMS],
    ['a list of objects of nulls', [{ a: null }, { a: [] }], LIST, OF_ITEMS],
    ['no groups', {}, LIST, OF_ITEMS],
    ['null from the rows of an export', null, { path: '/a', rows: [{ action: 'x' }], columns: [] }, ['action']],
    ['null from an object', null, OBJECT, OF_OBJECT],
    ['an object of nulls from an object', { name: null }, OBJECT, OF_OBJECT],
    ['null from an object whose data is not a list', null, { id: 1, data: { a: 1 } }, ['id', 'data']],
    ['a name that an expression has to quote', [], { data: [{ 'Actor Name': 1 }] }, ['"Actor Name"']],
    ['a name with invisible characters', [], { data: [{ 'a\u202e"b\n': 1 }] }, ['"a\\u{202e}\\"b\\n"']],
    ['a JavaScript property name', [], { data: [JSON.parse('{"__proto__": 1}')] }, ['__proto__']],
  ])('%s', (_, value, response, keys) => {
    expect(queryValue(value, response, { after: 'x' })).toEqual({ result: value ?? null, keys, after: 'x' });
  });

  it('but only as many as fit', () => {
    const item = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`${'n'.repeat(900)}${at}`, at]));
    const { keys } = queryValue([], { data: Array(50).fill(item) }, {});
    expect(JSON.stringify(keys).length).toBeLessThan(3_000);
    const narrow = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`n${at}`, at]));
    expect(queryValue([], { data: [narrow] }, {})['keys']).toEqual([...Object.keys(narrow).slice(0, 40), '…']);
  });
});

describe('a condition on a field that no item has is reported', () => {
  const told = (expression: string, response: object = LIST) => {
    const query = compileQuery(expression);
    return queryValue(query(response), response, {}, query.conditions)['no_item_has'];
  };

  it.each<[expression: string, fields: string[]]>([
    ['data[?lastSignInAt == null].id', ['lastSignInAt']],
    ["data[?status != 'active']", ['status']],
    ["length(data[?!status && contains(not_null(mail, ''), 'x') || email.domain])", ['status', 'mail']],
    ["let $x = 'a' in data[?nope == $x]", ['nope']],
    ['data[?nope[0].state && state]', ['nope']],
    ['data[?nope[?id]]', ['nope']],
    ['data[?state == true]', ['true, which needs backticks']],
    ['{all: data[?none], some: data[?state]}', ['none']],
  ])('%s', (expression, fields) => {
    expect(told(expression)).toEqual(fields);
  });

  it.each([
    'data[?state == null].id',
    'data[?email].{nope: nope}',
    'data[?email.nope]',
    "data[?contains(keys(@), 'nope')]",
    'data[].nope',
    'other[?nope]',
    'data[].email | [?nope]',
    'data[?`{"type": "Field", "name": "nope"}`]',
  ])('but not %s', (expression) => {
    expect(told(expression)).toBeUndefined();
  });

  it('nor any condition on an empty list', () => {
    expect(told('data[?nope]', { data: [] })).toBeUndefined();
  });
});

describe('a value', () => {
  it.each<[what: string, value: unknown, response: unknown]>([
    ['that is 0', 0, LIST],
    ['that is false', false, LIST],
    ['that is an empty text', '', LIST],
    ['with something deep inside', [null, { a: [null, 0] }], LIST],
    ['from an empty list', null, { object: 'list', data: [] }],
    ['from a list of texts', [], { data: ['a', 'b'] }],
    ['from an empty object', null, {}],
    ['from a response that is not an object', null, 'text'],
  ])('%s comes without keys', (_, value, response) => {
    expect(queryValue(value, response, {})).toEqual({ result: value });
  });

  it('far larger than its memory comes without keys, and is not read to its end', () => {
    const shared = Array.from({ length: 60 }).reduce<unknown>((inner) => [inner, inner], null);
    const wide = Array(5_000).fill(Array(5_000).fill(Array(5_000).fill(null)));
    expect(queryValue(shared, LIST, {})).not.toHaveProperty('keys');
    expect(queryValue(wide, LIST, {})).not.toHaveProperty('keys');
  });
});
