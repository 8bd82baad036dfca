import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import MUTANTS from './mutants.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (file: string) => readFileSync(`${root}/${file}`, 'utf8');

/** The rows of the table in SECURITY.md: a promise with the tests that it names. */
const promises = [...text('SECURITY.md').matchAll(/^\| \*\*(.+?)\*\*(.*)\|(.*)\|$/gm)].map(
  ([, promise = '', , tests = '']) => ({
    promise,
    tests: [...tests.matchAll(/`(test\/[\w/-]+\.test\.ts)`/g)].map(([, file = '']) => file),
  }),
);
const mutants = Object.entries(MUTANTS).flatMap(([promise, rows]) => rows.map((row) => ({ promise, ...row })));

describe('npm run mutants', () => {
  it('covers every promise of SECURITY.md, in the same order', () => {
    expect(promises.map(({ promise }) => promise)).toEqual(Object.keys(MUTANTS));
  });

  it.each(promises)('runs every test that SECURITY.md names for: $promise', ({ promise, tests }) => {
    const run = mutants.filter((one) => one.promise === promise).flatMap((one) => one.tests);
    expect([...new Set(run)].sort()).toEqual([...tests].sort());
    expect(tests.filter((file) => !existsSync(`${root}/${file}`))).toEqual([]);
  });

  it.each(mutants)('finds its line in $file: $find', ({ file, find, replace }) => {
    expect(text(file).split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  });
});
