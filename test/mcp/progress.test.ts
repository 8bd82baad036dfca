import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProgressCounter } from '../../src/mcp/progress.ts';

type Report = readonly [done: number, total?: number | undefined];

const shown = (reports: readonly Report[]) => {
  const counter = new ProgressCounter();
  return reports.map(([done, total]) => counter.next(done, total));
};

describe('progress', () => {
  it.each<[what: string, reports: Report[], shown: string[]]>([
    [
      'counts the rows of a batch',
      [
        [1, 3],
        [2, 3],
        [3, 3],
      ],
      ['1/3', '2/3', '3/3'],
    ],
    ['counts the items of a list', [[100], [200], [230]], ['100', '200', '230']],
    [
      'counts the seconds of a wait from its start',
      [
        [0, 60],
        [1, 60],
        [2.5, 60],
      ],
      ['0/60', '1/60', '2/60'],
    ],
    ['grows with each wait, even without anything to count', [[0], [0], [0]], ['0', '1', '2']],
    [
      'still ends at its total after waits in between',
      [[1, 3], [0], [0], [2, 3], [3, 3]],
      ['1/3', '2', '3', '4/5', '5/5'],
    ],
    ['continues with the items after waits in between', [[0], [0], [100], [0], [200]], ['0', '1', '100', '101', '200']],
    [
      'grows even if the same value is reported again',
      [
        [5, 9],
        [5, 9],
        [5, 9],
      ],
      ['5/9', '6/10', '7/11'],
    ],
    ['grows even if less is reported than before', [[50], [7, 9]], ['50', '51/53']],
    ['raises a total that it would exceed', [[61, 60]], ['61/61']],
  ])('%s', (_, reports, expected) => {
    const texts = shown(reports).map(({ progress, total }) =>
      [progress, ...(total === undefined ? [] : [total])].join('/'),
    );
    expect(texts).toEqual(expected);
  });

  it('consists of growing whole numbers that never exceed the total, whatever is reported', () => {
    const number = fc.oneof(fc.nat(500), fc.double({ min: 0, max: 500, noNaN: true }));
    const report = fc.tuple(number, fc.option(number, { nil: undefined }));
    fc.assert(
      fc.property(fc.array(report, { maxLength: 30 }), (reports) => {
        let last = -1;
        for (const { progress, total } of shown(reports)) {
          expect(Number.isInteger(progress)).toBe(true);
          expect(progress).toBeGreaterThan(last);
          if (total !== undefined) expect(Number.isInteger(total) && total >= progress).toBe(true);
          last = progress;
        }
      }),
    );
  });
});
