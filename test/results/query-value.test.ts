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

describe('a value that says nothing comes with the keys that the response has', () => {
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
    ['null from an object whose data is no list', null, { id: 1, data: { a: 1 } }, ['id', 'data']],
    ['names that an expression has to quote', [], { data: [{ 'Actor Name': 1 }] }, ['"Actor Name"']],
    ['names that nobody can see', [], { data: [{ 'a\u202e"b\n': 1 }] }, ['"a\\u{202e}\\"b\\n"']],
    ['a name of JavaScript', [], { data: [JSON.parse('{"__proto__": 1}')] }, ['__proto__']],
  ])('%s', (_, value, response, keys) => {
    expect(queryValue(value, response, { after: 'x' })).toEqual({ result: value ?? null, keys, after: 'x' });
  });

  it('and with no more than fit', () => {
    const item = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`${'n'.repeat(900)}${at}`, at]));
    const { keys } = queryValue([], { data: Array(50).fill(item) }, {});
    expect(JSON.stringify(keys).length).toBeLessThan(3_000);
    const narrow = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`n${at}`, at]));
    expect(queryValue([], { data: [narrow] }, {})['keys']).toEqual([...Object.keys(narrow).slice(0, 40), '…']);
  });
});

describe('a condition on a field that no item has is told, with the keys that there are', () => {
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

  it('nor anything of an empty list', () => {
    expect(told('data[?nope]', { data: [] })).toBeUndefined();
  });
});

describe('a value stands alone', () => {
  it.each<[what: string, value: unknown, response: unknown]>([
    ['that is 0', 0, LIST],
    ['that is false', false, LIST],
    ['that is an empty text', '', LIST],
    ['that has something somewhere', [null, { a: [null, 0] }], LIST],
    ['from an empty list', null, { object: 'list', data: [] }],
    ['from a list of texts', [], { data: ['a', 'b'] }],
    ['from an empty object', null, {}],
    ['from a response that is no object', null, 'text'],
  ])('%s', (_, value, response) => {
    expect(queryValue(value, response, {})).toEqual({ result: value });
  });

  it('that is far larger than its memory, without being read to its end', () => {
    const shared = Array.from({ length: 60 }).reduce<unknown>((inner) => [inner, inner], null);
    const wide = Array(5_000).fill(Array(5_000).fill(Array(5_000).fill(null)));
    expect(queryValue(shared, LIST, {})).not.toHaveProperty('keys');
    expect(queryValue(wide, LIST, {})).not.toHaveProperty('keys');
  });
});
