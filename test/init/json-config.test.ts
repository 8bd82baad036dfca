import * as fc from 'fast-check';
import { parse } from 'jsonc-parser/lib/esm/main.js';
import { describe, expect, it } from 'vitest';
import { JsonConfig } from '../../src/init/json-config.ts';
import { hasAllOf } from './machine.ts';

const ENTRY = { command: 'node', args: ['a b', '[ c ]'], env: { KEY: '$' + '{KEY}' } };

/** White space and comments, as a person could leave them anywhere between two tokens. */
const gap = fc.constantFrom('', '', ' ', '\n  ', '\t', '\n\n', ' // note\n', '/* , } */', '\n  // "a": {},\n');

/** A value and how it could be written. */
const written: fc.Memo<string> = fc.memo((depth) => {
  const leaf = fc.constantFrom('1', 'null', 'true', '"x"', '"}, // no comment"', '"\\"/* */"');
  return depth <= 1 ? leaf : fc.oneof(leaf, listOf(written()), objectOf(fc.constantFrom('a', 'b', 'c'), written()));
});

function listOf(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.tuple(gap, item, gap)), gap, fc.boolean())
    .map(
      ([items, end, trailing]) =>
        `[${items.map((parts) => parts.join('')).join(',')}${items.length && trailing ? ',' : ''}${end}]`,
    );
}

function objectOf(name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const property = fc.tuple(name, gap, gap, gap, value, gap);
  return fc
    .tuple(fc.uniqueArray(property, { selector: ([key]) => key }), gap, fc.boolean())
    .map(
      ([all, end, trailing]) =>
        `{${all.map(([key, a, b, c, one, d]) => `${a}"${key}"${b}:${c}${one}${d}`).join(',')}${all.length && trailing ? ',' : ''}${end}}`,
    );
}

const servers = objectOf(fc.constantFrom('docs', 'mail'), written(3));
const file = fc
  .tuple(
    gap,
    fc.oneof(
      objectOf(fc.constantFrom('a', 'b'), written(3)),
      servers.map((one) => `{"servers":${one}}`),
    ),
    gap,
  )
  .map((parts) => parts.join(''));

describe('a property added to a JSON file', () => {
  it('is there, and nothing else is lost, not even a comment, however the file is written', () => {
    fc.assert(
      fc.property(file, (text) => {
        const after = new JsonConfig(text).withProperty(['servers', 'workos'], ENTRY);
        const [before, now] = [parse(text), parse(after)];
        expect(now).toEqual({ ...before, servers: { ...before.servers, workos: ENTRY } });
        expect(hasAllOf(after, text)).toBe(true);
        expect(comments(after)).toEqual(comments(text));
        expect(new JsonConfig(after).valueAt(['servers', 'workos'])).toEqual(ENTRY);
      }),
      { numRuns: 2_000 },
    );
  });

  it('can be a list item, whether the list has items, is empty or is missing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          listOf(written(2)).map((list) => `{"inputs":${list}}`),
          fc.constant('{ }'),
        ),
        (text) => {
          const after = new JsonConfig(text).withItem(['inputs'], ENTRY);
          expect(parse(after)).toEqual({ inputs: [...(parse(text).inputs ?? []), ENTRY] });
          expect(comments(after)).toEqual(comments(text));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['[]', 'is a list, not an object'],
    ['"text"', 'is a string, not an object'],
    ['null', 'is null, not an object'],
    ['{"servers": []}', 'has servers, which is a list, not an object'],
    ['{"servers": null}', 'has servers, which is null, not an object'],
    ['{"servers": {}, "servers": {}}', 'has "servers" twice in one object'],
    ['{"servers": {"workos": 1, "workos": 2}}', 'has "workos" twice in one object'],
    ['// nothing else', 'is not JSON'],
    ['{"servers": {"a": {}', 'is not JSON: CloseBraceExpected at line 1, column 21'],
    ['{\n  "servers": {}\n} }', 'is not JSON: EndOfFileExpected at line 3, column 3'],
    ['<<<<<<< HEAD\n{}', 'is not JSON'],
  ])('is refused in %j with a reason', (text, reason) => {
    expect(() => new JsonConfig(text).withProperty(['servers', 'workos'], ENTRY)).toThrow(reason);
  });
});

/** The comments of a text in order, without those inside strings. */
function comments(text: string): string[] {
  return (text.match(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g) ?? []).filter((one) => one.startsWith('/'));
}
