import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNestedDeeper } from '../../src/text/json-nesting.ts';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe('the nesting of JSON', () => {
  it('is that of the value it stands for', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8, depthSize: 'large' }), (json) => {
        const depth = depthOf(JSON.parse(json));
        expect(isNestedDeeper(json, depth)).toBe(false);
        if (depth > 0) expect(isNestedDeeper(json, depth - 1)).toBe(true);
      }),
    );
  });

  it.each([
    ['[[1]]', 2],
    ['{"a":{"b":[]}}', 3],
    ['[[],[],[],{}]', 2],
    ['["[[[[", "\\"[[", "\\\\", [1]]', 2],
    ['"["', 0],
    ['', 0],
  ])('of %s is %i', (json, depth) => {
    expect(isNestedDeeper(json, depth)).toBe(false);
    if (depth > 0) expect(isNestedDeeper(json, depth - 1)).toBe(true);
  });

  it('is found in tens of megabytes of brackets without parsing them', () => {
    expect(isNestedDeeper('['.repeat(30_000_000))).toBe(true);
  });
});
