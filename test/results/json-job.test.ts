import { describe, expect, it } from 'vitest';
import { Budget } from '../../src/results/budget.ts';
import { JobLineReader, toJobLines } from '../../src/results/job-lines.ts';
import { JobError, type JsonJob } from '../../src/results/json-job.ts';
import { jsonPieces } from '../../src/results/json-pieces.ts';
import { scanJson } from '../../src/results/json-scan.ts';
import { decodeJson, runJob } from '../../src/results/run-job.ts';
import { jsonSize } from '../../src/text/json-size.ts';

const VALUES: unknown[] = [
  [],
  {},
  null,
  'text',
  -1.5,
  true,
  [1, 'two', [3], { four: null }],
  { a: { b: [] }, c: [{}, {}] },
  { left_out: undefined, kept: 1 },
  { data: Array.from({ length: 5_000 }, (_, at) => ({ id: `user_${at}`, name: 'é'.repeat(50) })), after: null },
  { text: 'x'.repeat(200_000) },
];

describe('the size of a value', () => {
  it('is the length of its JSON, up to a few commas', () => {
    for (const value of VALUES) {
      const length = JSON.stringify(value).length;
      const size = jsonSize(value, Number.POSITIVE_INFINITY);
      expect(size).toBeLessThanOrEqual(length);
      expect(size).toBeGreaterThanOrEqual(length * 0.5);
    }
  });

  it('is measured no further than the limit', () => {
    let looked = 0;
    jsonSize(Array(100_000).fill('text'), 100, (values) => {
      looked += values;
    });
    expect(looked).toBeLessThan(30);
  });

  it('is infinite if a value is nested too deeply', () => {
    const deep = Array.from({ length: 100_000 }).reduce<unknown>((inner) => [inner], 1);
    expect(jsonSize(deep, 1_000_000)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the JSON pieces of a value', () => {
  it('join to its JSON', () => {
    for (const value of VALUES) expect([...jsonPieces(value)].join('')).toBe(JSON.stringify(value));
  });

  it('end with an error if each of sixty nested lists holds the next one twice', () => {
    const endless = Array.from({ length: 60 }).reduce<unknown>((inner) => [inner, inner], 'text');
    expect(() => [...jsonPieces(endless)]).toThrow(JobError);
  });

  it('have a limited size even for a long list', () => {
    const items = Array(500_000).fill({ action: 'user.signed_in' });
    const pieces = [...jsonPieces({ rows: [{ index: 0, value: { data: items } }] })];
    expect(pieces.length).toBeGreaterThan(10);
    for (const piece of pieces) expect(piece.length).toBeLessThan(200_000);
  });
});

describe('the lines of a result', () => {
  const objects = VALUES.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

  it('are read back as the same result', () => {
    for (const value of objects) {
      if (typeof value !== 'object') continue;
      const reader = new JobLineReader<string>();
      for (const line of toJobLines('head', { ...value })) reader.add(line);
      expect(reader.result()).toEqual({ head: 'head', value: JSON.parse(JSON.stringify(value)) });
    }
  });

  it('give no result if the last line is missing', () => {
    const lines = [...toJobLines('head', { data: Array(300_000).fill('text') })];
    const reader = new JobLineReader<string>();
    for (const line of lines.slice(0, -1)) reader.add(line);
    expect(lines.length).toBeGreaterThan(3);
    expect(reader.result()).toBeUndefined();
  });
});

describe('a text', () => {
  it.each([
    ['that is nested too deeply', '['.repeat(100_000), 'nested'],
    ['of objects nested too deeply', '{"a":'.repeat(5_000), 'nested'],
    ['of more lists than fit the memory', `[${'[],'.repeat(2_500_000)}0]`, 'memory'],
    ['of more numbers than fit the memory', `[${'0,'.repeat(9_000_000)}0]`, 'memory'],
  ])('%s is not parsed', (_, text, problem) => {
    expect(scanJson(Buffer.from(text))).toBe(problem);
  });

  it('is parsed if its brackets are in strings', () => {
    expect(scanJson(Buffer.from(JSON.stringify({ text: `\\"${'[{,'.repeat(3_000_000)}` })))).toBeUndefined();
  });
});

describe('a job', () => {
  const run = (job: Partial<JsonJob>, text: string) =>
    runJob(
      { written: false, ...job },
      () => decodeJson(Buffer.from(text)),
      new Budget({ steps: 100_000, maxLength: 100_000 }),
    );
  const response = { status: 200, keys: 'sk_test_key1234', secretPaths: ['data[].token'] };
  const page = JSON.stringify({
    data: [
      { id: 'a', token: 'secret-token-aaaaaaaa' },
      { id: 'b', token: 'secret-token-bbbbbbbb', echo: 'sk_test_key1234' },
    ],
    list_metadata: { before: null, after: 'b' },
  });

  it('masks secrets and removes the key before the expression runs, and returns what was masked', () => {
    const { value, found } = run({ response, expression: 'data[].[token, echo][]' }, page);
    expect(value).toEqual({ result: ['…aaaa', '…bbbb', '[key]'], list_metadata: { before: null, after: 'b' } });
    expect(found).toEqual([
      { field: 'data[0].token', value: 'secret-token-aaaaaaaa' },
      { field: 'data[1].token', value: 'secret-token-bbbbbbbb' },
    ]);
  });

  it('cuts a result to size, with room for the file of its secrets', () => {
    const data = Array.from({ length: 1_000 }, (_, at) => ({ id: `item_${at}`, note: 'x'.repeat(50) }));
    const text = JSON.stringify({ data, list_metadata: { before: null, after: 'item_999' } });
    const { value } = run({ response, maxChars: 5_000 }, text);
    expect(value).toMatchObject({
      omitted: expect.any(Number),
      list_metadata: { after: expect.stringMatching(/^item_/) },
    });
    expect(JSON.stringify(value).length).toBeLessThanOrEqual(5_000);
    const withSecrets = run({ response: { ...response, secretPaths: ['data[].note'] }, maxChars: 40_000 }, text);
    expect(
      JSON.stringify(withSecrets.value).length + JSON.stringify(withSecrets.found.map(({ field }) => field)).length,
    ).toBeLessThanOrEqual(40_000);
  });

  it('keeps as many items as are needed', () => {
    expect(run({ response: { ...response, take: 1 } }, page).value['data']).toHaveLength(1);
  });

  it('reads an empty body, a bare list and a 202 like any response', () => {
    expect(run({ response }, ' \n').value).toEqual({ ok: true, status: 200 });
    expect(run({ response: { ...response, secretPaths: [] } }, '[1, 2]').value).toEqual({ data: [1, 2] });
    expect(run({ response: { ...response, status: 202 } }, '{}').value).toEqual({
      note: expect.stringMatching(/later/),
    });
  });

  it.each<[string, Partial<JsonJob>, string, object]>([
    ['a text that is not JSON', { response }, '<html>', { reason: 'not-json' }],
    ['an expression that does not fit', { expression: 'sum(data)' }, '{"data": ["a"]}', { reason: 'query' }],
    [
      'an expression that takes too long',
      { expression: 'data[*].[$.data[*].[$.data[*].[$.data]]]' },
      page.replace('[', `[${'0,'.repeat(200)}`),
      { reason: 'time' },
    ],
    [
      'a result that is too large to return',
      {},
      JSON.stringify({ text: 'x'.repeat(17_000_000) }),
      { reason: 'too-large' },
    ],
  ])('fails for %s', (_, job, text, failure) => {
    const failed = () => run(job, text);
    expect(failed).toThrow(JobError);
    expect(failed).toThrow(expect.objectContaining({ failure: expect.objectContaining(failure) }));
  });

  it('returns the response to a write even if the expression fails', () => {
    const { value } = run({ response, written: true, expression: 'sum(id)' }, '{"id": "org_1"}');
    expect(value).toEqual({ id: 'org_1', query_error: expect.stringMatching(/^query does not fit this result: /) });
  });
});
