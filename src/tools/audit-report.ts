import * as z from 'zod';
import type { Report, TimelineEvent } from '../reports/report.ts';
import { parseJson } from '../text/redact.ts';
import { type ExportSummary, readRecords } from './audit-export.ts';
import { resultReport } from './result-report.ts';

/** The most rows in the timeline, and the most in the table. The file has all of them. */
const MAX_EVENTS = 100_000;
const MAX_LISTED = 1_000;

/** The columns of the table: their names in the export, their headings, and their kinds. */
const COLUMNS = [
  ['occurred_at', 'Time', 'time'],
  ['action', 'Action', 'text'],
  ['actor_name', 'Actor', 'text'],
  ['actor_id', 'Actor id', 'code'],
  ['targets', 'Targets', 'text'],
  ['context_location', 'From', 'text'],
] as const;

/** The summary of an export, with the file that holds all of it. */
export interface ExportResult extends ExportSummary {
  path: string;
  bytes: number;
}

/**
 * The report of an export: the events over time, the most active actors, and the single events.
 * @param about What was exported, for the title.
 * @param now The time in milliseconds since the epoch.
 * @throws {CancelledError}
 */
export async function auditReport(
  result: ExportResult,
  about: { organization_id: string; range_start: string; range_end: string },
  now: number,
  signal: AbortSignal,
): Promise<Report> {
  const events: TimelineEvent[] = [];
  const rows: string[][] = [];
  let [total, places]: [number, number[] | undefined] = [0, undefined];
  await readRecords(result.path, signal, (record) => {
    if (!places) {
      const names = record.map((name) => name.toLowerCase().replace(/[ .]/g, '_'));
      places = COLUMNS.map(([name]) => names.indexOf(name));
      return true;
    }
    total++;
    const cells = places.map((at) => record[at] ?? '');
    const [time = '', lane = ''] = cells;
    const at = Date.parse(time);
    if (events.length < MAX_EVENTS && !Number.isNaN(at)) {
      events.push({ at, lane: lane || '(none)', ...(FAILURE.test(lane) && { status: 'problem' }) });
    }
    if (rows.length < MAX_LISTED) rows.push(cells.map((cell, place) => (place === TARGETS ? namesOf(cell) : cell)));
    return true;
  });
  const { by_action, by_actor, notes = [], path } = result;
  return resultReport(
    {
      summary: `${counted(total, 'event')} by ${counted(by_actor.length, 'actor')}`,
      file: path,
      ...(notes.length > 0 && { notes }),
    },
    {
      title: 'Audit log',
      subtitle: `${about.organization_id}, ${about.range_start} to ${about.range_end}`,
      now,
      headings: { file: 'Complete file' },
      sections: [
        {
          kind: 'timeline',
          title: 'Events over time',
          events,
          ...(total > MAX_EVENTS && { note: `The first ${MAX_EVENTS.toLocaleString('en-US')} events of the file.` }),
        },
        {
          kind: 'table',
          title: 'By actor',
          columns: [{ name: 'Actor' }, { name: 'Id', kind: 'code' }, { name: 'Events', kind: 'number' }],
          rows: by_actor.map(({ id, name, count }) => [name, id, count]),
        },
        {
          kind: 'table',
          title: 'By action',
          columns: [{ name: 'Action' }, { name: 'Events', kind: 'number' }],
          rows: Object.entries(by_action),
        },
        {
          kind: 'table',
          title: 'Events',
          columns: COLUMNS.map(([, name, kind]) => ({ name, kind })),
          rows,
          total,
        },
      ],
    },
  );
}

const TARGETS = COLUMNS.findIndex(([name]) => name === 'targets');

/** Matches actions that mean a failure. */
const FAILURE = /(?:^|[._\s-])(?:fail|den(?:y|ied)|reject|block|error|unauthorized)/i;

const Targets = z.array(
  z.object({ type: z.string().optional(), id: z.string().optional(), name: z.string().nullish() }),
);

/** The names or ids of an event's targets, which the file has as JSON. */
function namesOf(cell: string): string {
  const { data } = Targets.safeParse(parseJson(cell));
  return data ? data.map(({ type, id, name }) => [type, name || id].filter(Boolean).join(' ')).join(', ') : cell;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}
