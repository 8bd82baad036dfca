import { escapeHtml } from './escape.ts';
import type { Status, TimelineEvent } from './report.ts';

/** Sizes in units of the drawing, which is scaled to the page. */
const WIDTH = 920;
const EDGE = 10;
const LANE_HEIGHT = 44;
const AXIS_HEIGHT = 30;
/** The number of intervals that the time is divided into. A lane has at most one mark for each. */
const BINS = 90;
/** The most kinds of events with a separate lane. */
const MAX_LANES = 7;
const OTHERS = 'Others';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Possible distances between labels of the axis, in milliseconds. */
const STEPS = [
  ...[1, 5, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 30, 61, 91, 182, 365, 730, 1826, 3652].map((days) => days * DAY_MS),
];
const MAX_LABELS = 7;

/** Several events of a lane at nearly the same time. */
interface Mark {
  bin: number;
  count: number;
  /** The worst status of the events. */
  status: Status | undefined;
}

/** Draws events as marks, on one line for each kind. Marks of more events are larger. Returns at most about 100 kB. */
export function timelineSvg(events: readonly TimelineEvent[], label: string): string {
  const lanes = lanesOf(events);
  const { start, end } = rangeOf(events);
  const scale = (at: number) => EDGE + ((at - start) / (end - start)) * (WIDTH - 2 * EDGE);
  const binOf = (at: number) => Math.min(BINS - 1, Math.floor(((at - start) / (end - start)) * BINS));
  const height = lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
  const axis = lanes.length * LANE_HEIGHT + 4;
  const marks = lanes.map(({ own }) => marksOf(own, binOf));
  const most = marks.flat().reduce((sum, { count }) => Math.max(sum, count), 1);
  const middle = (bin: number) => start + ((bin + 0.5) / BINS) * (end - start);
  const body = lanes.map(({ name, own }, at) => {
    const y = at * LANE_HEIGHT + 32;
    const drawn = (marks[at] ?? []).map((mark) => {
      const from = start + (mark.bin / BINS) * (end - start);
      return markSvg(mark, scale(middle(mark.bin)), y, most, `${numberText(mark.count)} from ${timeText(from)}`);
    });
    return [
      `<text class="lane" x="${EDGE}" y="${y - 17}">${escapeHtml(name, 70)}</text>`,
      `<text x="${WIDTH - EDGE}" y="${y - 17}" text-anchor="end">${numberText(own.length)}</text>`,
      `<line x1="${EDGE}" x2="${WIDTH - EDGE}" y1="${y}" y2="${y}"/>`,
      ...drawn,
    ].join('');
  });
  const labels = ticksOf(start, end).map(({ at, text }) => {
    const x = scale(at);
    const anchor = x < 40 ? 'start' : x > WIDTH - 50 ? 'end' : 'middle';
    return `<line x1="${round(x)}" x2="${round(x)}" y1="${axis}" y2="${axis + 6}"/><text x="${round(x)}" y="${axis + 20}" text-anchor="${anchor}">${text}</text>`;
  });
  const about = `${numberText(events.length)} events from ${timeText(start)} to ${timeText(end)}`;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(`${label}: ${about}`)}">`,
    `<line x1="${EDGE}" x2="${WIDTH - EDGE}" y1="${axis}" y2="${axis}"/>`,
    ...body,
    ...labels,
    '</svg>',
  ].join('');
}

/** The most frequent kinds first, then the others together. */
function lanesOf(events: readonly TimelineEvent[]): { name: string; own: readonly TimelineEvent[] }[] {
  const byLane = new Map<string, TimelineEvent[]>();
  for (const event of events) {
    const own = byLane.get(event.lane);
    if (own) own.push(event);
    else byLane.set(event.lane, [event]);
  }
  const sorted = [...byLane].map(([name, own]) => ({ name, own })).sort((a, b) => b.own.length - a.own.length);
  const rest = sorted.slice(MAX_LANES);
  if (rest.length < 2) return sorted;
  return [...sorted.slice(0, MAX_LANES), { name: OTHERS, own: rest.flatMap(({ own }) => own) }];
}

/** The time from the first event to the last, extended to at least an hour. */
function rangeOf(events: readonly TimelineEvent[]): { start: number; end: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { at } of events) {
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  const missing = Math.max(0, HOUR_MS - (last - first)) / 2;
  return { start: first - missing, end: last + missing };
}

const WORST: readonly (Status | undefined)[] = ['problem', 'warning', undefined, 'ok', 'skipped'];

function marksOf(events: readonly TimelineEvent[], binOf: (at: number) => number): Mark[] {
  const marks = new Map<number, Mark>();
  for (const { at, status } of events) {
    const bin = binOf(at);
    const mark = marks.get(bin);
    const worst = mark && WORST.indexOf(mark.status) < WORST.indexOf(status) ? mark.status : status;
    marks.set(bin, { bin, count: (mark?.count ?? 0) + 1, status: worst });
  }
  return [...marks.values()].sort((a, b) => a.bin - b.bin);
}

/** A dot, or a diamond if something failed, so that the meaning does not depend on color alone. */
function markSvg({ count, status }: Mark, x: number, y: number, most: number, title: string): string {
  const r = 3 + 6 * Math.sqrt((count - 1) / Math.max(1, most - 1));
  const inside = `<title>${title}</title>`;
  if (status === 'problem') {
    const d = r + 1.5;
    return `<path d="M${round(x)} ${round(y - d)}l${round(d)} ${round(d)}l${round(-d)} ${round(d)}l${round(-d)} ${round(-d)}z">${inside}</path>`;
  }
  return `<circle${status ? ` class="${status}"` : ''} cx="${round(x)}" cy="${y}" r="${round(r)}">${inside}</circle>`;
}

/** Round times in the range, few enough for their labels to fit side by side. */
function ticksOf(start: number, end: number): { at: number; text: string }[] {
  const step = STEPS.find((one) => (end - start) / one <= MAX_LABELS) ?? (end - start) / MAX_LABELS;
  const ticks: { at: number; text: string }[] = [];
  let day = '';
  for (let at = Math.ceil(start / step) * step; at <= end; at += step) {
    const text = timeText(at);
    const [date = '', time = ''] = text.split(' ');
    ticks.push({ at, text: step >= DAY_MS ? date : date === day ? time : `${date} ${time}` });
    day = date;
  }
  return ticks;
}

/** `2026-11-26 04:26`, in UTC. */
function timeText(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 16).replace('T', ' ');
}

function numberText(value: number): string {
  return value.toLocaleString('en-US');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
