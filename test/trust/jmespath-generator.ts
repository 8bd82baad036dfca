import fc from 'fast-check';
import { anyText } from './generators.ts';

const expression = fc.letrec<{ list: string; text: string; number: string; condition: string; any: string }>((tie) => {
  const depthIdentifier = fc.createDepthIdentifier();
  /** At the maximum depth, only the first choice is used. */
  const choice = (leaf: fc.Arbitrary<string>, ...others: fc.Arbitrary<string>[]) =>
    fc.oneof(
      { maxDepth: 6, depthIdentifier },
      { weight: others.length, arbitrary: leaf },
      ...others.map((arbitrary) => ({ weight: 2, arbitrary })),
    );
  const [list, text, number, condition, any] = [tie('list'), tie('text'), tie('number'), tie('condition'), tie('any')];
  /** Inserts expressions into a template. */
  const of = (parts: TemplateStringsArray, ...given: fc.Arbitrary<string>[]) =>
    fc.tuple(...given).map((values) => parts.reduce((sum, part, at) => sum + (values[at - 1] ?? '') + part));
  const field = fc.constantFrom('id', 'email', 'count', 'tags', 'data', '"odd name"', '@');
  const bound = fc.constantFrom('', '0', '1', '-1', '7', '-99');
  const step = fc.constantFrom('', '1', '2', '-1', '0');
  const quoted = fc.constantFrom(
    "''",
    "' '",
    "'a'",
    "'user_1'",
    "'ü'",
    "'@'",
    '`"x"`',
    '`active`',
    '`2026-03-01`',
    "'__proto__'",
  );
  const literal = fc.constantFrom('`0`', '`1`', '`-1`', '`2.5`', '`30`', '`1e9`', '`1e308`');
  const comparison = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
  const operator = fc.constantFrom('+', '-', '*', '/', '//', '%', '×', '÷');
  return {
    list: choice(
      fc.constantFrom('data', '$.data', 'data[*]', '@', '$d', 'tags'),
      of`${list}[*].${field}`,
      of`${list}[*].[${any}, ${any}]`,
      of`${list}[].{id: id, b: ${any}}`,
      of`${list}[?${condition}]`,
      of`${list}[]`,
      of`${list}[${bound}:${bound}:${step}]`,
      of`sort_by(${list}, &${any})`,
      of`sort(${list})`,
      of`map(&${any}, ${list})`,
      of`reverse(${list})`,
      of`[${any}, ${any}]`,
      of`keys(${any})`,
      of`values(${any})`,
      of`items(${any})`,
      of`split(${text}, ${text})`,
      of`zip(${list}, ${list})`,
      of`to_array(${any})`,
    ),
    text: choice(
      fc.oneof(quoted, field),
      of`to_string(${any})`,
      of`join(${text}, ${list})`,
      of`pad_left(${text}, ${number})`,
      of`pad_right(${text}, ${number}, ${text})`,
      of`replace(${text}, ${text}, ${text})`,
      of`reverse(${text})`,
      of`upper(${text})`,
      of`trim(${text}, ${text})`,
      of`type(${any})`,
      of`${text}[${bound}:${bound}:${step}]`,
    ),
    number: choice(
      fc.oneof(literal, fc.constant('count')),
      of`length(${any})`,
      of`sum(${list})`,
      of`max(${list})`,
      of`avg(${list})`,
      of`find_first(${text}, ${text})`,
      of`to_number(${text})`,
      of`(${number} ${operator} ${number})`,
      of`-${number}`,
    ),
    condition: choice(
      of`${field} ${comparison} ${literal}`,
      of`${any} ${comparison} ${any}`,
      of`${text} ${comparison} ${text}`,
      of`!${condition}`,
      of`${condition} && ${condition}`,
      of`(${condition} || ${condition})`,
      of`contains(${any}, ${text})`,
      of`starts_with(${text}, ${text})`,
    ),
    any: choice(
      field,
      list,
      list,
      text,
      number,
      condition,
      of`{a: ${any}, "b c": ${any}}`,
      of`group_by(${list}, &${any})`,
      of`count_by(${list}, &${any})`,
      of`count_by(${list}, &to_string(${any}))`,
      of`max_by(${list}, &${any})`,
      of`min_by(${list}, &${any})`,
      of`from_items(${any})`,
      of`merge(${any}, ${any})`,
      of`not_null(${any}, ${any})`,
      of`let $d = ${any} in ${any}`,
      of`(${any} | ${any})`,
      of`${any}.${field}`,
      of`${any}.*`,
      of`(${condition} ? ${any} : ${any})`,
    ),
  };
}).any;

/** The same construct nested in itself many times. */
const nestedExpression = fc
  .record({
    wrap: fc.constantFrom(
      ['[', ']', 400],
      ['(', ')', 400],
      ['!', '', 3_000],
      ['-', '', 3_000],
      ['to_array(', ')', 300],
      ['{a: ', '}', 300],
      ['data[*].[', ']', 300],
      ['$.data[*].[', ']', 5],
      ['map(&', ', $.data)', 5],
      ['let $d = [@, @] in ', '', 100],
      ['let $d = [$d, $d] in ', '', 100],
      ['@ | ', '', 900],
      ['@ == ', '', 500],
      ["join(',', [", ", 'x'])", 200],
      ['count_by(', ', &@)', 200],
      ['`a` < ', '', 500],
    ),
    inner: fc.constantFrom('data', '@', '$d', 'to_string($d)', 'length(data)', '$d == $d', 'id', ''),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ wrap: [open, close, most], inner, share }) => {
    const times = 1 + Math.floor(Number(most) * share);
    return `let $d = data in ${String(open).repeat(times)}${inner}${String(close).repeat(times)}`;
  });

/** An expression with something removed or inserted. */
const brokenExpression = fc
  .tuple(
    expression,
    fc.nat(200),
    fc.nat(3),
    fc.oneof(anyText, fc.constantFrom('[', ']', '(', '`', "'", '"', '&', '|', '=')),
  )
  .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

/** JMESPath expressions: grammatical, nested, broken, and any text. */
export const jmespath: fc.Arbitrary<string> = fc.oneof(
  { weight: 14, arbitrary: expression },
  { weight: 2, arbitrary: nestedExpression },
  { weight: 3, arbitrary: brokenExpression },
  { weight: 1, arbitrary: anyText },
);
