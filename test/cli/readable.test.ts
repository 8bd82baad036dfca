import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorLines, readable } from '../../src/cli/readable.ts';
import { terminalOf, widthOf } from '../../src/cli/terminal.ts';

const plain = { columns: 60, colour: false };
const show = (value: Record<string, unknown>, columns = 60) => readable(value, { columns, colour: false });

describe('a result on a terminal', () => {
  it('is a table if it is a list, with the most telling columns first and the others named below', () => {
    const user = (id: string, email: string, day: number) => ({
      object: 'user',
      id,
      created_at: `2026-01-0${day}T00:00:00.000Z`,
      last_sign_in_at: null,
      verified: true,
      email,
      state: 'active',
    });
    const data = [user('user_1', 'ana@kestrel.example', 1), user('user_2', 'b@kestrel.example', 2)];
    expect(show({ object: 'list', data, list_metadata: { before: null, after: 'user_2' } }, 64)).toEqual([
      'id      email                state   created_at',
      'user_1  ana@kestrel.example  active  2026-01-01T00:00:00.000Z',
      'user_2  b@kestrel.example    active  2026-01-02T00:00:00.000Z',
      'Not shown: verified',
      '',
      'There is more: after=user_2',
    ]);
  });

  it('is aligned fields if it is an object', () => {
    const value = { id: 'org_1', note: null, domains: [{ domain: 'a.example' }], metadata: { plan: 'x' }, tags: [] };
    expect(show(value)).toEqual([
      'id        org_1',
      'note      -',
      'domains',
      '  domain',
      '  a.example',
      'metadata',
      '  plan  x',
      'tags      none',
    ]);
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['an empty list', { object: 'list', data: [] }, ['none']],
    ['values of an expression', { result: ['a', 1, null] }, ['a', '1', '-']],
    ['one value of an expression', { result: 57, items: 57 }, ['result  57', 'items   57']],
  ])('shows %s', (_, value, lines) => {
    expect(show(value)).toEqual(lines);
  });

  it('shows in full why rows of a batch failed', () => {
    const message = `it ${'really '.repeat(20)}failed`;
    const lines = show({
      count: 2,
      rows: [
        { index: 0, ok: true, value: { id: 'user_1' } },
        { index: 1, ok: false, error: { kind: 'api', message, request_id: 'req_1' } },
      ],
    });
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(`row 1 api: ${message} request_id req_1`);
  });

  it('shows a preview in full, because a person has to agree to it', () => {
    const target = `delete_user ${'x'.repeat(200)}`;
    const with_ = { memberships: 3 };
    const text = show({ changed: false, preview: [{ tool: 'delete_user', target, with: with_ }] }).join('\n');
    expect(text).toContain('x'.repeat(200));
    expect(text).toMatch(/memberships +3/);
  });

  it('keeps any list within the width, and every id whole', () => {
    const wide = fc.string({ unit: 'grapheme', maxLength: 60 });
    const row = fc.record({
      id: fc.stringMatching(/^user_[A-Z0-9]{4,26}$/),
      name: wide,
      東京: wide,
      nested: fc.record({ a: wide }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.integer({ min: 40, max: 200 }), (data, columns) => {
        const lines = show({ data }, columns);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        for (const { id } of data) expect(lines.some((line) => line.startsWith(id))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('lets nothing from WorkOS control the terminal', () => {
    const evil = '\x1b[2J\x1b]0;owned\x07\u009b31m\u202ex\u200b\r\n\x08';
    const value = {
      [evil]: evil,
      data: [{ id: evil, [evil]: evil, nested: { [evil]: evil }, list: [evil], objects: [{ a: evil }] }],
      list_metadata: { after: evil },
    };
    const error = {
      kind: 'api',
      message: evil,
      hint: evil,
      request_id: evil,
      errors: [{ code: evil }],
      details: { a: evil },
    };
    const lines = [
      ...show(value),
      ...show({ a: evil, b: { c: [evil] }, d: [{ e: evil }] }),
      ...errorLines(error, plain),
    ];
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(lines.join('\n')).toContain('\\u{1b}[2J');
  });

  it('uses color only for its own words', () => {
    const coloured = readable({ id: 'org_1', data: [{ id: 'a' }] }, { columns: 60, colour: true }).join('\n');
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(show({ id: 'org_1', data: [{ id: 'a' }] }).join('\n'));
    expect(coloured).toContain('\x1b[1mid\x1b[0m');
  });
});

describe('a terminal', () => {
  it.each<[object, Record<string, string>, object | undefined]>([
    [{ isTTY: true, columns: 120 }, { TERM: 'xterm' }, { columns: 120, colour: true }],
    [{ isTTY: true, columns: 120 }, { NO_COLOR: '1' }, { columns: 120, colour: false }],
    [{ isTTY: true, columns: 120 }, { NO_COLOR: '' }, { columns: 120, colour: true }],
    [{ isTTY: true, columns: 0 }, { TERM: 'dumb' }, { columns: 80, colour: false }],
    [{ isTTY: false }, { TERM: 'xterm' }, undefined],
    [{}, {}, undefined],
  ])('%j with %j is %j', (stream, env, terminal) => {
    expect(terminalOf(stream, env)).toEqual(terminal);
  });
});
