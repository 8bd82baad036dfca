import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvParser } from '../../src/tools/csv.ts';
import type { ImportRow } from '../../src/tools/imports/columns.ts';
import { csvCells } from '../../src/tools/imports/export-rows.ts';
import { KeyIndex } from '../../src/tools/imports/key-index.ts';
import { type Done, type Found, nextStep, type Step } from '../../src/tools/imports/next-step.ts';
import { eachOf } from '../../src/tools/imports/pool.ts';
import { timeLeft } from '../../src/tools/imports/time-left.ts';

describe('an index of keys', () => {
  it('knows the line of each of 100,000 keys', () => {
    const index = new KeyIndex();
    for (let line = 1; line <= 100_000; line++) expect(index.add(`person.${line}@x.example`, line)).toBeUndefined();
    for (const line of [1, 2, 77_777, 100_000]) expect(index.add(`person.${line}@x.example`, 5)).toBe(line);
  });
});

describe('the steps of a row', () => {
  const row: ImportRow = {
    row: 1,
    line: 2,
    email: 'a@b.example',
    external_id: undefined,
    fields: { email: 'a@b.example', first_name: 'A', locale: 'en' },
    organization_id: 'org_1',
    roles: ['admin'],
    status: undefined,
  };
  const user = { id: 'user_1', email: 'a@b.example', first_name: 'B', locale: null, external_id: null, metadata: {} };
  const membership = (status: string, slug: string) => ({
    id: 'om_1',
    organization_id: 'org_1',
    status,
    role: { slug },
    roles: null,
  });
  const founds = fc.record(
    {
      user: fc.constantFrom(null, user),
      membership: fc.constantFrom(
        null,
        membership('active', 'admin'),
        membership('active', 'member'),
        membership('inactive', 'x'),
      ),
      invited: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const steps = fc.uniqueArray(fc.constantFrom<Step[]>('create', 'set_locale', 'update', 'add', 'set_role', 'invite'));
  const modes = fc.constantFrom('create', 'invite', 'update');

  it('end from any state, and never repeat a step that is known to be done', () => {
    fc.assert(
      fc.property(founds, steps, steps, modes, (start, did, maybe, mode) => {
        // fast-check leaves keys out, which the type cannot say.
        let found = start as Found;
        const done: { did: Set<Step>; maybe: Set<Step> } = { did: new Set(did), maybe: new Set(maybe) };
        for (let turn = 0; turn < 12; turn++) {
          const next = nextStep(row, found, done, { mode });
          if (next.kind === 'end') return;
          if (next.kind === 'look') {
            expect(found[next.for]).toBeUndefined();
            found = { user: null, membership: null, invited: false, ...found };
            continue;
          }
          // A user or membership that was deleted since is created again.
          const isAnew = (next.step === 'create' || next.step === 'add') && done.did.has(next.step);
          if (!isAnew) expect(done.did.has(next.step)).toBe(false);
          done.did.add(next.step);
          if (next.step === 'create') found = { user, membership: null };
          else if (next.step === 'invite') found = { ...found, invited: true };
          else if (next.step === 'add' || next.step === 'set_role')
            found = { ...found, membership: membership('active', 'admin') };
          else found = { ...found, user: { ...user, ...row.fields, id: 'user_1', email: user.email } };
        }
        throw new Error('never ends');
      }),
    );
  });

  it('do not change an existing user in mode create', () => {
    const nothing: Done = { did: new Set(), maybe: new Set() };
    expect(nextStep(row, { user, membership: membership('active', 'member') }, nothing, { mode: 'create' })).toEqual({
      kind: 'end',
      outcome: 'unchanged',
    });
  });

  it('continue after a create whose response was lost', () => {
    const maybe: Done = { did: new Set(), maybe: new Set<Step>(['create']) };
    expect(nextStep(row, { user }, maybe, { mode: 'create' })).toMatchObject({ kind: 'step', step: 'set_locale' });
    expect(nextStep(row, { user: null }, maybe, { mode: 'create' })).toMatchObject({ kind: 'step', step: 'create' });
  });
});

describe('a pool', () => {
  it('handles one item per key at a time, in order', async () => {
    const order: number[] = [];
    let [running, most] = [0, 0];
    async function* items() {
      for (let item = 0; item < 100; item++) yield item;
    }
    await eachOf(
      items(),
      8,
      (item) => String(item % 3),
      async (item) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(item);
        running -= 1;
      },
    );
    expect(most).toBe(3);
    for (const key of [0, 1, 2]) {
      const own = order.filter((item) => item % 3 === key);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    expect(order).toHaveLength(100);
  });

  it('starts nothing after a failure, waits for running items, and throws the error', async () => {
    let begun = 0;
    let ended = 0;
    async function* items() {
      for (let item = 0; item < 1_000; item++) yield item;
    }
    const work = async (item: number) => {
      begun += 1;
      await new Promise((resolve) => setImmediate(resolve));
      ended += 1;
      if (item === 5) throw new Error('five');
    };
    await expect(eachOf(items(), 4, String, work)).rejects.toThrow('five');
    expect(begun).toBeLessThan(20);
    expect(ended).toBe(begun);
  });
});

describe('a CSV cell', () => {
  it('is read back as it was written, and is never a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { minLength: 1, maxLength: 5 }), (cells) => {
        const parser = new CsvParser({ columns: 10, characters: 10_000 });
        const line = csvCells(cells);
        const [record = []] = [...parser.push(line), ...parser.end()];
        // A single empty cell is an empty line.
        if (cells.length === 1 && cells[0] === '') return;
        expect(record.map((cell) => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell))).toEqual(cells);
        expect(record.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
      }),
      { examples: [[['=1', "'=1", "''=1", "'x", '\t', '\r\n', '"', ' a']]] },
    );
  });
});

describe('the remaining time', () => {
  it.each([
    [0, 100, 0, 2, ''],
    [5, 100, 3_000, 2, ''],
    [5, 100, 20_000, 2, ', about 380 s left'.replace('380 s', '7 min')],
    [500, 1_000, 1_000, 2, ', about 20 s left'],
    [1_000, 100_000, 40_000, 2, ', about 66 min left'],
    [1_000, 1_000_000, 40_000, 2, ', about 11.1 h left'],
    [100, 100, 40_000, 2, ''],
  ])('after %i of %i rows in %i ms, with %i writes each: %j', (done, total, ms, writes, text) => {
    expect(timeLeft(done, total, ms, writes)).toBe(text);
  });
});
