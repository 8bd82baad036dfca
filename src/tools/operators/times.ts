/**
 * Milliseconds since the epoch of a date that WorkOS sent; undefined where it is none. One without a zone, as some events
 * have it (`2026-01-31 10:00:00.000`), is in UTC.
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

/** How long something is ago: `3 hours ago`. What is ahead, because clocks differ, was just now. */
export function ago(time: number, now: number): string {
  return fromNow(Math.min(time, now), now);
}

/** How long something is ago or ahead: `3 hours ago`, `in 12 days`, `just now`. */
export function fromNow(time: number, now: number): string {
  const distance = Math.abs(now - time);
  const [unit, length] = UNITS.find(([, one]) => distance >= one) ?? ['minute', Number.POSITIVE_INFINITY];
  const count = Math.floor(distance / length);
  if (count === 0) return 'just now';
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return time <= now ? `${words} ago` : `in ${words}`;
}
