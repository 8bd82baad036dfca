import LANDSCAPE from './landscape.json' with { type: 'json' };
import type { Rows, SavedState } from './state.ts';

const DAY_MS = 86_400_000;

/** The API's format of a time. */
const TIME_LENGTH = '2026-01-31T00:00:00.000Z'.length;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/**
 * The sample data that a sandbox starts with. Its times are shifted by whole days, so that it always looks as if it was last used
 * yesterday.
 * @param now in milliseconds
 */
export function sampleLandscape(now: number): SavedState {
  const { as_of, ...tables } = LANDSCAPE;
  const days = Math.max(0, Math.floor((now - Date.parse(as_of)) / DAY_MS));
  // The rows are checked against the document by test/sandbox/landscape.test.ts.
  const rows = moved(tables, days * DAY_MS) as Rows;
  return { ids: { seed: 20260801, latest: Date.parse(as_of) + days * DAY_MS }, tables: rows };
}

/** A copy of a value with all times shifted by a number of milliseconds. */
function moved(value: unknown, by: number): unknown {
  if (typeof value === 'string') {
    const isTime = value.length === TIME_LENGTH && TIME.test(value);
    return isTime ? new Date(Date.parse(value) + by).toISOString() : value;
  }
  if (Array.isArray(value)) return value.map((item) => moved(item, by));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) copy[name] = moved(inner, by);
  return copy;
}
