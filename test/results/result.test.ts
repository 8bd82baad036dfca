import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asObject, type CallResult, failed, success } from '../../src/results/result.ts';

const KEY = 'sk_test_0123456789abcdef';
const LIMIT = 2_000;

/** The structured content of a successful result, after checking what every result must satisfy. */
function shown(value: unknown, limit = LIMIT, key?: string): Record<string, unknown> {
  const result: CallResult = success(value, limit, key);
  expect(result.isError).toBeUndefined();
  expect(result.content).toHaveLength(1);
  const text = result.content[0]?.text ?? '';
  expect(text.length).toBeLessThanOrEqual(limit);
  // Some clients read the text, others the structured content; both must be the same.
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(result.structuredContent)));
  // Strict parsers refuse JSON with a lone surrogate.
  expect(text).not.toMatch(/\\ud[89a-f][0-9a-f]{2}/i);
  return JSON.parse(text);
}

const users = (count: number, padding = 100) =>
  Array.from({ length: count }, (_, at) => ({ id: `user_${at + 1}`, note: 'x'.repeat(padding) }));
const listOf = (data: readonly unknown[], after: string | null = null) => ({
  object: 'list',
  data,
  list_metadata: { before: null, after },
});

describe('a small response is returned unchanged', () => {
  it.each<[string, unknown, unknown]>([
    ['an object', { id: 'org_1', name: null }, { id: 'org_1', name: null }],
    ['a list', listOf(users(2), 'user_2'), listOf(users(2), 'user_2')],
    ['a bare array', [{ id: 'a' }], { data: [{ id: 'a' }] }],
    ['a string', 'ok', { result: 'ok' }],
    ['a number', 0, { result: 0 }],
    ['null', null, { result: null }],
    ['undefined', undefined, { result: null }],
  ])('%s', (_, value, expected) => {
    expect(shown(value)).toEqual(expected);
    expect(asObject(value)).toEqual(expected);
  });

  it('up to exactly the limit', () => {
    const value = { text: 'x'.repeat(LIMIT - '{"text":""}'.length) };
    expect(shown(value)).toEqual(value);
    expect(shown({ text: `${value.text}x` })).toMatchObject({ cut: true });
  });

  it('except the key, wherever WorkOS repeats it', () => {
    expect(shown({ id: `id ${KEY}`, [KEY]: [KEY] }, LIMIT, KEY)).toEqual({ id: 'id [key]', '[key]': ['[key]'] });
    expect(shown(listOf([...users(30), { id: KEY }]), LIMIT, KEY)).toMatchObject({ omitted: expect.any(Number) });
  });
});

describe('a list that is too long', () => {
  it('is cut between items, counts the rest, and has the cursor of the last item shown', () => {
    const result = shown(listOf(users(100), 'user_100'));
    const data = result['data'];
    if (!Array.isArray(data)) throw new Error('data is not an array');
    expect(data.length).toBeGreaterThan(5);
    expect(data).toEqual(users(100).slice(0, data.length));
    expect(result).toMatchObject({
      object: 'list',
      omitted: 100 - data.length,
      list_metadata: { before: null, after: `user_${data.length}` },
      hint: expect.stringMatching(/query/),
    });
  });

  it.each(['data', 'result', 'rows'])('is cut in the field %s', (field) => {
    const result = shown({ [field]: users(100), total: 7 });
    expect(result).toMatchObject({ total: 7, omitted: expect.any(Number) });
    const kept = result[field];
    expect(Array.isArray(kept) && kept.length + Number(result['omitted'])).toBe(100);
    expect(result).not.toHaveProperty('list_metadata');
  });

  it.each([
    ['many rows', users(100)],
    ['one huge row', [{ id: 'user_9', note: 'x'.repeat(9_000) }]],
  ])('keeps the cursor of the page if a JMESPath expression made %s of it', (_, result) => {
    const metadata = { before: null, after: 'user_10' };
    expect(shown({ result, list_metadata: metadata })).toMatchObject({ list_metadata: metadata });
  });

  it('keeps the cursor and the hint if all items are in a file', () => {
    const whole = { path: '/out/users.jsonl', items: 1000, hint: 'All 1000 items are in the file.' };
    for (const padding of [900, 9_000]) {
      const result = shown({ ...whole, ...listOf(users(3, padding), 'user_1000') });
      expect(result).toMatchObject({ ...whole, omitted: 2, list_metadata: { after: 'user_1000' } });
    }
  });

  it('cuts the first item if it alone is too large, and has its cursor', () => {
    const result = shown(listOf([{ id: 'user_1', note: 'x'.repeat(9_000) }, ...users(3)], 'user_3'));
    expect(result).toMatchObject({ omitted: 3, list_metadata: { after: 'user_1' } });
    expect(result['data']).toMatchObject([
      { id: 'user_1', cut: true, note: expect.stringMatching(/^x+… \(9000 characters\)$/) },
    ]);
  });

  it('has the cursor of the last item shown if a filter left out the last of the page', () => {
    const result = shown(listOf(users(100), 'user_250'));
    expect(result).toMatchObject({ list_metadata: { after: expect.stringMatching(/^user_\d\d?$/) } });
    expect(shown(listOf(users(100), 'om_250'))['list_metadata']).toEqual({ before: null });
  });

  it('has the cursor of members, which is the id of a membership', () => {
    const members = users(100).map(({ id, ...rest }) => ({
      organization_membership_id: id.replace('user', 'om'),
      ...rest,
    }));
    const result = shown(listOf(members, 'om_250'));
    expect(result).toMatchObject({ list_metadata: { after: expect.stringMatching(/^om_\d\d?$/) } });
  });

  it('has no cursor if the items have no ids', () => {
    const result = shown(listOf(Array(50).fill({ note: 'x'.repeat(100) }), 'cursor'));
    expect(result['list_metadata']).toEqual({ before: null });
    expect(result['hint']).not.toContain('after continues');
  });

  it('has no cursor if the cursors are not ids', () => {
    const result = shown(listOf(users(50), '0b9f3c1e-opaque'));
    expect(result['list_metadata']).toEqual({ before: null });
    expect(result).toMatchObject({ omitted: expect.any(Number), hint: expect.stringContaining('smaller limit') });
  });
});

describe('a huge object is cut inside', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a long string', { id: 'org_1', text: 'x'.repeat(50_000) }],
    ['many long strings', { id: 'org_1', texts: Array(200).fill('x'.repeat(500)) }],
    ['a long list', { id: 'org_1', roles: Array.from({ length: 5_000 }, (_, at) => at) }],
    ['wide and deep', { id: 'org_1', a: Array(60).fill({ b: Array(60).fill({ c: 'x'.repeat(60) }) }) }],
    ['emoji', { id: 'org_1', text: '🦊'.repeat(9_000), odd: `x${'🦊'.repeat(9_000)}` }],
    ['many small fields', { id: 'org_1', ...Object.fromEntries(users(3_000).map(({ id }) => [id, 1])) }],
  ])('%s', (_, value) => {
    expect(shown(value)).toMatchObject({ id: 'org_1', cut: true, hint: expect.stringContaining('query') });
  });

  it('down to its field names if nothing else fits', () => {
    const value = Object.fromEntries(users(40).map(({ id }) => [`${id}_${'k'.repeat(30)}`, 'x'.repeat(100)]));
    expect(shown(value)).toMatchObject({ cut: true });
  });

  it('down to as many field names as fit', () => {
    const value = Object.fromEntries(users(60).map(({ id }) => [`${id}_${'k'.repeat(200)}`, 1]));
    expect(shown(value)['keys']).toContainEqual(expect.stringMatching(/^user_1_k+…$/));
  });

  it.each<[string, object]>([
    ['an item with a long name', { result: { ['c'.repeat(9_000)]: 'x' } }],
    ['a column with a long name', { rows: 1, columns: ['c'.repeat(9_000)], first_rows: [{ ['c'.repeat(9_000)]: '' }] }],
    ['many fields', Object.fromEntries(users(300).map(({ id }) => [id, 'x'.repeat(50)]))],
  ])('but keeps the path of its file: %s', (_, value) => {
    expect(shown({ ...value, path: '/out/export.csv' })).toMatchObject({ path: '/out/export.csv', cut: true });
  });
});

it('any result is valid, within the limit, and accounts for every item', () => {
  const item = fc.record(
    {
      id: fc.stringMatching(/^[a-z]{1,8}_[A-Z0-9]{1,20}$/),
      name: fc.string({ unit: 'binary', maxLength: 800 }),
      more: fc.jsonValue(),
    },
    { requiredKeys: ['id', 'name'] },
  );
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 40 }),
      fc.integer({ min: 1_000, max: 6_000 }),
      fc.constantFrom('data', 'result', 'rows'),
      (items, limit, field) => {
        // A lone surrogate that WorkOS sent is not ours to remove.
        const list: unknown[] = JSON.parse(JSON.stringify(items).replace(/\\ud[89a-f][0-9a-f]{2}/gi, '?'));
        const value = {
          object: 'list',
          [field]: list,
          list_metadata: { before: null, after: items.at(-1)?.id ?? null },
        };
        const result = shown(value, limit);
        const kept = result[field];
        if (!Array.isArray(kept)) throw new Error(`${field} is not an array any more`);
        const { omitted = 0 } = result;
        expect(kept.length + Number(omitted)).toBe(list.length);
        const whole = kept.length !== 1 || !('cut' in kept[0]);
        if (whole) expect(kept).toEqual(list.slice(0, kept.length));
        const last = items[kept.length - 1];
        const after = field === 'data' && (omitted || !whole) ? last?.id : (items.at(-1)?.id ?? null);
        const isEnd = after === null && !('omitted' in result || 'cut' in result);
        expect(result['list_metadata']).toEqual(isEnd ? undefined : { before: null, after });
        // Nothing else is left out if there was room for it.
        const { list_metadata, ...rest } = value;
        if (JSON.stringify(value).length <= limit) expect(result).toEqual(isEnd ? rest : value);
      },
    ),
    { numRuns: 60 },
  );
});

it('an error is a single text block that no client can mistake for a success', () => {
  const error = { kind: 'input' as const, message: 'No', hint: 'Yes', tool: 'get_user' };
  expect(failed(error)).toEqual({ content: [{ type: 'text', text: JSON.stringify({ error }) }], isError: true });
});
