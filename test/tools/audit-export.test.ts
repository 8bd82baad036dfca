import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError, RefusedError } from '../../src/errors/errors.ts';
import { summarize } from '../../src/tools/audit-export.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-csv-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Summarizes a file with this text. */
function summaryOf(text: string, { allRows = false, signal = new AbortController().signal } = {}) {
  const path = join(folder, 'export.csv');
  writeFileSync(path, text);
  return summarize(path, { allRows, signal });
}

const COLUMNS_300_000 = `${Array.from({ length: 300_000 }, (_, at) => `c${at}`).join(',')}\n`;

/** Records that break a limit or are not CSV, after two good rows. */
const OVER_A_LIMIT: readonly (readonly [what: string, record: string, reason: RegExp])[] = [
  ['too many cells', `${'x,'.repeat(2_000)}\n`, /more than 1000 columns/],
  ['three million cells', ','.repeat(3_000_000), /more than 1000 columns/],
  ['a long cell', `${'x'.repeat(2_000_000)}\n`, /longer than 1048576 characters/],
  ['a quote that is never closed', `"${'x\n'.repeat(2_000_000)}`, /longer than 1048576 characters/],
  [
    'many cells that are too long together',
    `${`${'x'.repeat(5_000)},`.repeat(900)}\n`,
    /longer than 1048576 characters/,
  ],
  ['text that is not CSV', '"a"b\nc\n', /text after a quoted cell/],
];

describe('an export with', () => {
  it.each(OVER_A_LIMIT)('%s is summarized up to that record, and the notes say why', async (_, record, reason) => {
    const { rows, first_rows, by_action, notes } = await summaryOf(`id,action\n1,a\n2,b\n${record}3,c\n`);
    expect({ rows, first_rows, by_action }).toEqual({
      rows: 2,
      first_rows: [{ id: '1', action: 'a' }],
      by_action: { a: 1, b: 1 },
    });
    expect(notes).toEqual([expect.stringMatching(/^The CSV could be read only up to row 2: /)]);
    expect(notes?.[0]).toMatch(reason);
    expect(notes?.[0]).toContain('the file is complete');
  });

  it.each(OVER_A_LIMIT)('%s cannot be queried, because the rest would be missing', async (_, record, reason) => {
    const error: unknown = await summaryOf(`id,action\n1,a\n${record}`, { allRows: true }).catch((caught) => caught);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ message: expect.stringMatching(reason), hint: expect.stringContaining(folder) });
  });

  it.each([false, true])('300,000 columns is read only up to the limit (queried: %s)', async (allRows) => {
    const ended = await summaryOf(COLUMNS_300_000.repeat(20), { allRows }).catch((error: unknown) => error);
    if (allRows) expect(ended).toMatchObject({ message: expect.stringContaining('more than 1000 columns') });
    else expect(ended).toMatchObject({ rows: 0, columns: [], notes: [expect.stringContaining('1000 columns')] });
  });
});

it('the summary of an export shortens long cells', async () => {
  const wide = `${Array.from({ length: 900 }, (_, at) => `column_${at}_${'n'.repeat(300)}`)}\n`;
  const cells = `${'x'.repeat(600)},`.repeat(900);
  const summary = await summaryOf(wide + `${cells}\n`.repeat(3));
  expect(summary.rows).toBe(3);
  expect(JSON.stringify(summary).length).toBeLessThan(1_000_000);
  const { first_rows } = await summaryOf(`id,note\n1,${'"'.padEnd(1_000_001, '""')}"\n`);
  expect(first_rows[0]).toEqual({ id: '1', note: expect.stringMatching(/^"{10000}\u2026$/) });
});

describe('counts per actor', () => {
  it('show the 25 most frequent and the sum of the others', async () => {
    const rows = Array.from({ length: 40 }, (_, actor) => `x,user_${actor}\n`.repeat(40 - actor));
    const { by_actor } = await summaryOf(`action,actor_id\n${rows.join('')}`);
    expect(by_actor).toHaveLength(26);
    expect(by_actor[0]).toEqual({ id: 'user_0', count: 40 });
    expect(by_actor.slice(-2)).toEqual([
      { id: 'user_24', count: 16 },
      { id: '(others)', count: 120 },
    ]);
  });

  it('stay small with any number of actors, and say that they are not exact', async () => {
    const rows = Array.from({ length: 30_000 }, (_, at) => `x,user_${at}\n`);
    const { by_actor, notes } = await summaryOf(`action,actor_id\nx,user_0\n${rows.join('')}x,user_0\nx,user_29999\n`);
    expect(by_actor).toContainEqual({ id: 'user_0', count: 3 });
    expect(by_actor.reduce((sum, { count }) => sum + count, 0)).toBe(30_003);
    expect(notes).toEqual([expect.stringContaining('More than 10000 different actors')]);
  });

  it('tell people with the same name apart, and show the first of several names', async () => {
    const rows = ['Ada,user_1', 'Ada,user_2', ',user_1', 'Ada L.,user_1', 'Ada,', 'user_2,', ','].join('\n');
    expect((await summaryOf(`actor_name,actor_id\n${rows}\n`)).by_actor).toEqual([
      { id: 'user_1', name: 'Ada', count: 3 },
      { id: 'user_2', name: 'Ada', count: 1 },
      { name: 'Ada', count: 1 },
      { name: 'user_2', count: 1 },
    ]);
  });

  it('cut long names', async () => {
    const long = 'x'.repeat(100_000);
    const columns = 'action,actor_id,actor_name';
    const { by_actor, by_action } = await summaryOf(`${columns}\n${`${long},${long}y,${long}z\n`.repeat(2)}`);
    const cut = expect.stringMatching(/^x{200}…$/);
    expect(by_actor).toEqual([{ id: cut, name: cut, count: 2 }]);
    expect(JSON.stringify([by_actor, by_action]).length).toBeLessThan(1_000);
  });

  it.each([
    ['Actor Name,actor_id', 'Ada,user_1', [{ id: 'user_1', name: 'Ada', count: 1 }]],
    ['actor.name,Actor.ID', ',user_1', [{ id: 'user_1', count: 1 }]],
    ['actor_name,actor_id', 'Ada,', [{ name: 'Ada', count: 1 }]],
    ['id,actor', '1,user_2', [{ id: 'user_2', count: 1 }]],
    ['id,what', '1,2', []],
    ['actor_id,__proto__', 'constructor,x', [{ id: 'constructor', count: 1 }]],
  ])('find their column in %j', async (header, row, counts) => {
    expect((await summaryOf(`${header}\n${row}\n`)).by_actor).toEqual(counts);
  });
});

describe('a query', () => {
  it('gets every row, even with missing or extra cells', async () => {
    const { rows } = await summaryOf('id,note\n1,a\n2\n3,c,d\n', { allRows: true });
    expect(rows).toEqual([
      { id: '1', note: 'a' },
      { id: '2', note: '' },
      { id: '3', note: 'c' },
    ]);
  });

  it.each([
    ['500,000 rows', `id\n${'1\n'.repeat(500_001)}`],
    ['32 MiB', `id,note\n${`1,${'x'.repeat(100_000)}\n`.repeat(340)}`],
    [
      '32 MiB of column names',
      `${Array.from({ length: 100 }, (_, at) => `${at}${'n'.repeat(3_000)}`)}\n${`${','.repeat(99)}\n`.repeat(120)}`,
    ],
    ['1,000,000 cells', `${Array.from({ length: 900 }, (_, at) => `c${at}`)}\n${`${','.repeat(899)}\n`.repeat(1_112)}`],
  ])('is refused over %s', async (_, text) => {
    await expect(summaryOf(text, { allRows: true })).rejects.toMatchObject({
      name: 'RefusedError',
      message: 'query cannot run over this export: it has more than 500000 rows, 1000000 cells or 32 MiB',
      hint: expect.stringMatching(/export\.csv.*shorter range/),
    });
    expect(await summaryOf(text)).not.toHaveProperty('notes');
  });
});

describe('a cancelled call', () => {
  it.each([false, true])('stops while the file is being read (queried: %s)', async (allRows) => {
    const cancel = new AbortController();
    const ended = summaryOf(`id,action\n${'1,user.signed_in\n'.repeat(400_000)}`, { allRows, signal: cancel.signal });
    setImmediate(() => setImmediate(() => cancel.abort()));
    const started = performance.now();
    await expect(ended).rejects.toThrow(CancelledError);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('does not start to read the file', async () => {
    await expect(summaryOf('id\n1\n', { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  });
});

it('an empty export says which tool lists the names of actions', async () => {
  const { notes } = await summaryOf('id,action\n');
  expect(notes).toEqual(['No event matches. list_audit_log_actions lists the values that actions accepts.']);
});

it('an unreadable file gets a note instead of an error', async () => {
  const summary = await summarize(join(folder, 'missing.csv'), {
    allRows: false,
    signal: new AbortController().signal,
  });
  expect(summary).toMatchObject({ rows: 0, notes: [expect.stringContaining('ENOENT')] });
});
