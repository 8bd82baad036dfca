import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, BudgetError } from '../../src/results/budget.ts';
import { compileQuery } from '../../src/results/jmespath.ts';
import { compareKeys } from '../../src/results/jmespath-order.ts';

const LIST = {
  data: Array.from({ length: 100 }, (_, at) => ({ id: `user_${at}`, email: `person${at}@example.com` })),
};
/** Each variable is a list of the one before it, twice: its value doubles, its memory does not. */
const doubling = (times: number, first: string, rest: string) =>
  `let $x = ${first} in ${'let $x = [$x, $x] in '.repeat(times)}${rest}`;

/** Comparisons of two texts that differ only in their last character. */
const alike = (times: number) =>
  `let $a = join('', [$l, 'a']) in let $b = join('', [$l, 'b']) in [${Array(times).fill('$a < $b').join(', ')}]`;

/** What stops an expression, or undefined if nothing does. */
function stopped(expression: string, budget = new Budget({ steps: 100_000, maxLength: 100_000 })): string | undefined {
  const query = compileQuery(expression);
  try {
    query(LIST, budget);
    return undefined;
  } catch (error) {
    if (error instanceof BudgetError) return error.reason;
    throw error;
  }
}

it('a long list or string is paid for before it is made, and refused if it is too long', () => {
  const budget = new Budget({ steps: 100, maxLength: 1_000 });
  expect(() => budget.reserve(1_001)).toThrow(expect.objectContaining({ reason: 'memory' }));
  budget.reserve(800);
  expect(() => budget.reserve(8)).toThrow(expect.objectContaining({ reason: 'time' }));
});

describe('an expression', () => {
  it.each([
    ['that combines a list with itself three times', 'let $d = data in $d[*].[$d[*].[$d[*].id]]', 'time'],
    ['whose value doubles at each step', `${doubling(60, 'data', 'to_string($x)')}`, 'memory'],
    [
      'that compares values that share their parts',
      `let $y = data[:] in ${doubling(40, 'data', '$x')} == ${doubling(40, '$y', '$x')}`,
      'time',
    ],
    ['that flattens a list into a larger one again and again', doubling(30, 'data', `$x${'[]'.repeat(29)}`), 'time'],
    ['that pads a string to a gigabyte', "pad_left('x', `1000000000`)", 'memory'],
    ['that pads a string to a gigabyte on the right', "pad_right('x', `1000000000`)", 'memory'],
    ['that joins many long strings', "join(',', map(&pad_left(id, `5000`), data))", 'memory'],
    [
      'that replaces each character by a long string',
      "replace(pad_left('', `5000`), ' ', pad_left('', `5000`))",
      'memory',
    ],
    ['that splits into single characters', "map(&split(pad_left(id, `50000`), ''), data)", 'time'],
    ['that searches a long text for a long text', "contains(pad_left('', `90000`), pad_left('', `40000`))", 'time'],
    ['that sorts a list for each of its items', 'map(&sort_by($.data, &email), map(&$.data, data)[])', 'time'],
    ['that groups a list for each of its items', 'map(&group_by($.data, &id), map(&$.data, data)[])', 'time'],
    ['that counts a list for each of its items', 'map(&count_by($.data, &id), map(&$.data, data)[])', 'time'],
    ['that counts long texts', 'map(&count_by($.data, &pad_left(id, `50000`)), data)', 'time'],
    ['that sorts long texts that begin alike', "sort(map(&join(pad_left('', `3000`), ['', id]), data))", 'time'],
    ['that compares long texts again and again', `let $l = pad_left('', \`50000\`) in ${alike(200)}`, 'time'],
    ['that zips long lists', `let $l = map(&$.data, data)[] in zip(${Array(6).fill('$l').join(', ')})`, 'memory'],
    ['that takes every character of a long string', "pad_left('', `90000`)[::2]", 'memory'],
  ])('%s is stopped', (_, expression, reason) => {
    expect(stopped(expression)).toBe(reason);
  });

  it('is stopped by the check of its budget', () => {
    const check = () => {
      throw new BudgetError('memory');
    };
    const budget = new Budget({ steps: Number.POSITIVE_INFINITY, maxLength: 100, check });
    expect(stopped('map(&map(&id, $.data), data)', budget)).toBe('memory');
  });
});

it('ordinary expressions are not stopped', () => {
  for (const expression of [
    'data[?contains(email, `"7@"`)].id',
    'sort_by(data, &email)[*].{id: id, email: email}',
    "join(', ', data[*].id)",
    'group_by(data, &email) | length(@)',
    'count_by(data, &email) | length(@)',
    "data[?email < 'person5'] | [?id >= `user_3`].id",
    'data[*].[id, email] | length(to_string(@))',
  ]) {
    expect(stopped(expression)).toBeUndefined();
  }
});

/** An unlimited budget that counts what is spent. */
class Meter extends Budget {
  spent = 0;

  constructor() {
    super({ steps: Number.POSITIVE_INFINITY, maxLength: Number.POSITIVE_INFINITY });
  }

  override spend(steps: number): void {
    this.spent += steps;
  }
}

describe('a text is charged to the budget', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\u{1F600}', '\uFF5E'), maxLength: 200 });
  const codePoints = (one: string) => Array.from(one, (character) => character.codePointAt(0) ?? 0);

  it('when compared: what two texts have in common is paid for, and they are ordered by code point', () => {
    fc.assert(
      fc.property(text, text, text, (same, left, right) => {
        const [one, other] = [same + left, same + right];
        const meter = new Meter();
        const order = Math.sign(compareKeys(one, other, meter));
        expect(meter.spent).toBeGreaterThanOrEqual(1 + same.length / 64);
        if (one !== other) expect(meter.spent).toBeGreaterThanOrEqual(1 + same.length / 8);
        const [units, others] = [codePoints(one), codePoints(other)];
        const at = units.findIndex((unit, index) => unit !== others[index]);
        const expected = at < 0 ? units.length - others.length : (units[at] ?? 0) - (others[at] ?? -1);
        expect(order).toBe(Math.sign(expected));
        expect(Math.sign(compareKeys(other, one, meter))).toBe(-order + 0);
      }),
    );
  });

  it('when counted: each item and its characters are paid for, and the counts add up', () => {
    const query = compileQuery('count_by(@, &@)');
    const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 50 }), fc.nat(50), (some, long) => {
        const list = [...some, ...Array.from({ length: long }, (_, at) => `${at}`.padEnd(1_000))];
        const meter = new Meter();
        const counts = Object.values(Object(query(list, meter)));
        expect(counts.reduce((sum: number, count) => sum + Number(count), 0)).toBe(list.length);
        const characters = list.reduce((sum: number, one) => sum + (typeof one === 'string' ? one.length : 0), 0);
        expect(meter.spent).toBeGreaterThanOrEqual(list.length + characters / 8);
      }),
    );
  });
});

describe('unlike in the library', () => {
  const value = {
    numbers: [10, 9, 1],
    words: ['b', 'C', '\u{1F600}', '\uFF5E'],
    many: Array.from({ length: 300_000 }, (_, at) => at),
    people: [
      { name: 'x', seen: '2024-02-01' },
      { name: 'y', seen: '2025-01-01' },
      { name: 'z', seen: '2024-02-01' },
    ],
    kinds: [{ kind: 'constructor' }, { kind: '__proto__' }],
  };
  const wide = new Budget({ steps: Number.POSITIVE_INFINITY, maxLength: Number.POSITIVE_INFINITY });

  it.each<[what: string, expression: string, result: unknown]>([
    ['numbers are sorted by value', 'sort(numbers)', [1, 9, 10]],
    ['strings are sorted by code point', 'sort(words)', ['C', 'b', '\uFF5E', '\u{1F600}']],
    ['max takes a list of any length', 'max(many)', 299_999],
    ['max_by takes strings', 'max_by(people, &seen).name', 'y'],
    ['equal items stay in order', 'sort_by(people, &seen)[*].name', ['x', 'z', 'y']],
    ['strings have an order', "people[?seen < '2024-12-31'].name", ['x', 'z']],
    ['a JavaScript property name can be counted', 'count_by(kinds, &kind) | keys(@)', ['__proto__', 'constructor']],
    ['let applies inside functions', "let $n = 'y' in map(&(name == $n), people)", [false, true, false]],
    ['a group can have any name', 'keys(group_by(kinds, &kind))', ['constructor', '__proto__']],
    ['an object has only its own fields', '[constructor, "__proto__", toString]', [null, null, null]],
    ['a long string can be reversed', "length(reverse(pad_left('', `200000`)))", 200_000],
    ['trimming the end of a long text is fast', "trim_right(join('', ['a', pad_left('', `50000`), 'b ']))[-1:]", 'b'],
  ])('%s', (_, expression, result) => {
    expect(compileQuery(expression)(value, wide)).toEqual(result);
  });
});

describe('an invalid expression of any shape is parsed only a few times', () => {
  it.each([
    ['brackets that are never closed', '['.repeat(4_000), 0],
    ['calls that are never closed', 'f('.repeat(1_900), 0],
    ['signs without an end', '!'.repeat(4_000), 0],
    ['a mistake at the end of a long path', `${'a.'.repeat(1_990)}..`, 3_980],
    ['a comma too many at the end of a long list', `[${'a,'.repeat(1_990)},]`, 3_981],
    ['a literal that is not JSON', `\`${'['.repeat(3_990)}\``, 0],
    ['a quote that is never closed', `a | "${'\\'.repeat(3_000)}`, 4],
  ])('%s', (_, expression, position) => {
    // The depth that is too deep depends on the stack; it is reported at position 0 or at the mistake.
    expect(() => compileQuery(expression)).toThrow(/^query is wrong at position \d+/);
    if (position > 0) expect(() => compileQuery(expression)).toThrow(`query is wrong at position ${position}: `);
  });
});
