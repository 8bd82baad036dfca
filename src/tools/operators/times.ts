/**
 * Parses a date from WorkOS into milliseconds since the epoch, or undefined if it is not a date. A date without a time zone, as
 * in some events (`2026-01-31 10:00:00.000`), is UTC.
 */
export function timeOf(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  const time = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}Z`)
    : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long ago a time is: `3 hours ago`. A future time, which can occur because clocks differ, gives `just now`. */
export function ago(time: number, now: number): string {
  return fromNow(Math.min(time, now), now);
}

/** How far a time is in the past or future: `3 hours ago`, `in 12 days`, `just now`. */
export function fromNow(time: number, now: number): string {
  const distance = Math.abs(now - time);
  const [unit, length] = UNITS.find(([, one]) => distance >= one) ?? ['minute', Number.POSITIVE_INFINITY];
  const count = Math.floor(distance / length);
  if (count === 0) return 'just now';
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return time <= now ? `${words} ago` : `in ${words}`;
}
