import { expect, it } from 'vitest';
import { ago, fromNow, timeOf } from '../../src/tools/operators/times.ts';

const NOW = Date.parse('2026-11-02T09:00:00.000Z');

it.each([
  ['2026-11-02T08:00:00.000Z', '1 hour ago'],
  // Some events have neither the T nor a zone, and are in UTC.
  ['2026-11-02 08:57:00.123', '2 minutes ago'],
  ['2026-11-02T08:57:00', '3 minutes ago'],
  ['2026-10-31T09:00:00+02:00', '2 days ago'],
  ['2026-11-02T08:59:30Z', 'just now'],
  ['2026-11-05T09:00:00Z', 'in 3 days'],
])('%s is %s', (text, words) => {
  expect(fromNow(timeOf(text) ?? 0, NOW)).toBe(words);
});

it.each(['', 'yesterday', '2026-13-45', null, undefined])('%j is not a time', (text) => {
  expect(timeOf(text)).toBeUndefined();
});

it('a time from a clock ahead of ours is just now', () => {
  expect(ago(NOW + 90_000, NOW)).toBe('just now');
});
