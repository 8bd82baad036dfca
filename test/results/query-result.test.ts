import { expect, it } from 'vitest';
import { compileQuery } from '../../src/results/jmespath.ts';
import { queryResult } from '../../src/results/query-result.ts';

it('expressions that arrive together yield to the event loop between them', async () => {
  let turn = 0;
  let running = true;
  const count = () => {
    turn++;
    if (running) setImmediate(count);
  };
  count();
  const query = compileQuery('sum(data)');
  const { signal } = new AbortController();
  const turns = await Promise.all(
    Array.from({ length: 10 }, async (_, at) => {
      const { result } = await queryResult(query, { data: [at, 1] }, { written: false, maxChars: undefined, signal });
      expect(result).toBe(at + 1);
      return turn;
    }),
  );
  running = false;
  expect(new Set(turns).size).toBe(10);
});
