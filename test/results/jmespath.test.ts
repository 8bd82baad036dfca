import { getRegisteredFunctions } from '@jmespath-community/jmespath';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors/errors.ts';
import { compileQuery } from '../../src/results/jmespath.ts';

const RESPONSE = {
  object: 'list',
  data: [
    { id: 'user_1', state: 'active', email: 'ann@a.io', n: 3, tags: ['x', 'y'], group: { name: 'g' } },
    { id: 'user_2', state: 'inactive', email: 'bob@b.io', n: 1, tags: [], group: null },
    { id: 'user_3', state: 'inactive', email: null, n: 2, tags: ['y'] },
  ],
};

describe('a JMESPath expression is evaluated', () => {
  it.each<[string, unknown]>([
    ["data[?state=='inactive'].email", ['bob@b.io']],
    ['length(data)', 3],
    ['data[].{id: id, n: n}', RESPONSE.data.map(({ id, n }) => ({ id, n }))],
    ['data[?n > `1`].id', ['user_1', 'user_3']],
    ["data[?contains(tags, 'y')].id | [0]", 'user_1'],
    ['sort_by(data, &n)[-1].id', 'user_1'],
    ['group_by(data, &state) | keys(@)', ['active', 'inactive']],
    ['map(&n, data) | sum(@)', 6],
    ['data[0].group.name', 'g'],
    ['data[1].group.name', null],
    ['missing.field', null],
    ['"object"', 'list'],
    ['data[*].tags[]', ['x', 'y', 'y']],
    ["let $s = 'active' in data[?state==$s].id", ['user_1']],
    ["'length('", 'length('],
    ["data[?email < 'b'].id", ['user_1']],
    ["data[?email >= 'bob@b.io'].id", ['user_2']],
    ["'2026-03-01' > '2026-02-28T23:59:59Z'", true],
    ["'a' <= 'a'", true],
    ["'a' < 'a'", false],
    ["'\uFF5E' < '\u{1F600}'", true],
    ["'10' < `9`", null],
    ["`null` < 'a'", null],
    ['`[1]` < `[2]`', null],
    ['`true` >= `false`', null],
    ['`1e999` >= `1e999`', true],
    ['count_by(data, &state)', { inactive: 2, active: 1 }],
    ['count_by(data, &group.name)', { null: 2, g: 1 }],
    ['count_by(data, &n > `1`)', { true: 2, false: 1 }],
    ['count_by(data, &n)', { 1: 1, 2: 1, 3: 1 }],
    ['count_by(data[?n > `9`], &state)', {}],
    ['data[?state == `active`].id', ['user_1']],
    ['data[?email < `b`].id', ['user_1']],
    ["contains(['a', `b c`], ` b c`)", true],
    ['[`10`, `true`, `null`, `"x"`, `[1, 2]`, `{"a": 1}`]', [10, true, null, 'x', [1, 2], { a: 1 }]],
    ['[`2026-03-01`, `01`, `truely`, ``]', ['2026-03-01', '01', 'truely', '']],
    ['length(`a\\`b`)', 3],
    ['@', RESPONSE],
  ])('%s', (expression, result) => {
    expect(compileQuery(expression)(RESPONSE)).toEqual(result);
  });

  it('repeatedly once compiled, without changing its input', () => {
    const query = compileQuery('reverse(data)');
    const [one, two] = [{ data: [1, 2] }, { data: [3, 4] }];
    expect([query(one), query(two)]).toEqual([
      [2, 1],
      [4, 3],
    ]);
    expect([one, two]).toEqual([{ data: [1, 2] }, { data: [3, 4] }]);
  });
});

/** The error for an expression that must be invalid. */
function syntaxError(expression: string): InputError {
  try {
    compileQuery(expression);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error(`${expression} is valid`);
}

describe('the error for an invalid expression says where it is wrong', () => {
  it.each<[expression: string, position: number, about?: RegExp]>([
    ['', 0],
    ['data[', 5],
    ['data[?', 6],
    ["data[?state=='inactive'", 23],
    ['data[].{id: id', 14],
    ['data..id', 5],
    ['data[?state=inactive]', 11, /= is not a comparison; use ==/],
    ["data[?state='inactive'].email", 11, /= is not a comparison; use ==/],
    ['data[?n = `1`].id', 8, /= is not a comparison; use ==/],
    ["let $s = 'active' in data[?state=$s]", 32, /= is not a comparison; use ==/],
    ['length(data', 11],
    ['length(data))', 12],
    ['data[].{id}', 10],
    ['data email', 5],
    ['data[?a && ]', 11],
    ['lenght(data)', 0, /unknown function lenght\(\)/],
    ['data[?state == `active]', 15, /` is never closed/],
    ['data[?tags == `["a"`]', 14, /JSON literal/],
    ['data[?tags == `[a, b]`]', 14, /not a JSON literal/],
    ['data[?tags == ` {a: 1}`]', 14, /not a JSON literal/],
    ['data[?email == `"a`]', 15, /JSON literal/],
    ["data[?state == `active` && n = 'a']", 29, /= is not a comparison/],
    ['data[?state == `active` ++ 1', 27],
    ['data[#]', 5, /unknown character/],
    ["data['a' #]", 9, /unknown character/],
    ["data[?startswith(email, 'a')]", 6, /unknown function startswith\(\)/],
    ['data[].{n: count(tags)}', 11, /unknown function count\(\)/],
    ['SELECT(data)', 0, /unknown function SELECT\(\)/],
  ])('%s', (expression, position, about = /./) => {
    const { message, fields, hint } = syntaxError(expression);
    expect(message).toMatch(new RegExp(`^query is wrong at position ${position}: `));
    expect(message).toMatch(about);
    expect(message).toContain(`${expression.slice(0, position)} >>> ${expression.slice(position)}`.trim());
    expect(fields).toEqual(['query']);
    expect(hint).toContain("data[?state=='inactive'].email");
  });

  it('without repeating a long expression', () => {
    expect(syntaxError(`data[${'a'.repeat(3_000)}`).message.length).toBeLessThan(500);
    expect(syntaxError('a'.repeat(4_001)).message).toMatch(/query is longer than 4000 characters/);
  });

  it('but not for text that only looks like an unknown function', () => {
    expect(compileQuery("data[?email == 'nothing(x)'] | length(@)")(RESPONSE)).toBe(0);
    expect(compileQuery('"nothing"')({ nothing: 1 })).toBe(1);
  });
});

it('counts are ordered: the most frequent first, then by name', () => {
  const list = { data: ['b', 'c', 'a', 'c', 'b', 'toString', '__proto__'].map((kind) => ({ kind })) };
  const counts = compileQuery('count_by(data, &kind)')(list);
  expect(Object.entries(Object(counts))).toEqual([
    ['b', 2],
    ['c', 2],
    ['__proto__', 1],
    ['a', 1],
    ['toString', 1],
  ]);
});

describe('an expression that does not fit the response is an error that says so', () => {
  it.each([
    ['length(data)', { data: 5 }],
    ['sum(data)', { data: ['a'] }],
    ['sort_by(data, &n)', { data: [{ n: 1 }, { n: 'a' }] }],
    ['length(data)', {}],
    ["join(',', data)", { data: [1] }],
    ['length(data, data)', { data: [] }],
    ['keys(data)', { data: [] }],
    ['count_by(data, &tags)', { data: [{ tags: ['a'] }] }],
    ['count_by(data, &tags)', { data: [{ tags: {} }] }],
    ['count_by(data, &tags)', { data: 5 }],
    ["count_by(data, 'tags')", { data: [] }],
  ])('%s over %j', (expression, response) => {
    const query = compileQuery(expression);
    expect(() => query(response)).toThrow(InputError);
    expect(() => query(response)).toThrow(/^query does not fit this result: .+/);
    expect(() => query(response)).toThrow(expect.objectContaining({ hint: expect.stringContaining('Examples: ') }));
  });
});

it('the examples in the hint are valid, and the functions they use exist', () => {
  const hint = syntaxError('').hint ?? '';
  const examples = /Examples: (.*)\. Put strings/.exec(hint)?.[1]?.split(/, (?=data|length)/) ?? [];
  expect(examples).toHaveLength(3);
  for (const example of examples) expect(compileQuery(example)(RESPONSE)).not.toBeNull();
  expect(getRegisteredFunctions()).toEqual(expect.arrayContaining(['group_by', 'length', 'contains', 'sort_by']));
});
