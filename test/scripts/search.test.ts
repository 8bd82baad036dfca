import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('npm run search prints the figures of docs/performance.md', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/search.mjs'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const [, first, inFive, inTen, destructive] =
    /^\| 100 held-out \| ([\d.]+) % \| ([\d.]+) % \| ([\d.]+) % \| (\d+) \|$/m.exec(stdout) ?? [];
  const [, ten, five, one] =
    /(\d+) find a right tool among the first ten, (\d+) among the first five, and (\d+) in first place/.exec(
      readFileSync('docs/performance.md', 'utf8'),
    ) ?? [];
  expect([first, inFive, inTen, destructive].map(Number)).toEqual([one, five, ten, 0].map(Number));
});
