import { describe, expect, it } from 'vitest';
import { inParallel } from '../../src/tools/in-parallel.ts';

describe('calls that run a few at a time', () => {
  it('stay within the limit, and return their results in the order of the list', async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel([5, 1, 4, 2, 3, 0], 2, async (turns, index) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      running--;
      return `${index}: ${turns}`;
    });
    expect(results).toEqual(['0: 5', '1: 1', '2: 4', '3: 2', '4: 3', '5: 0']);
    expect(most).toBe(2);
  });

  it('do not start after a failure, which is thrown', async () => {
    const begun: number[] = [];
    const failing = inParallel([0, 1, 2, 3, 4, 5], 2, async (one) => {
      begun.push(one);
      await Promise.resolve();
      if (one === 1) throw new Error('the second');
    });
    await expect(failing).rejects.toThrow('the second');
    expect(begun.length).toBeLessThan(6);
  });
});
