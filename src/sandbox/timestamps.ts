/** Formats a time in milliseconds as the API does, in ISO 8601. */
export function timestamp(time: number): string {
  return new Date(time).toISOString();
}

/** The timestamps of a record created at `time` (milliseconds) and not changed since. */
export function timestamps(time: number): { created_at: string; updated_at: string } {
  return { created_at: timestamp(time), updated_at: timestamp(time) };
}

/** Whether a time has passed on this clock. */
export function isPast(time: string, { now }: { now: () => number }): boolean {
  return Date.parse(time) <= now();
}
