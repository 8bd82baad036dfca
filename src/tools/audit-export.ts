import { createReadStream } from 'node:fs';

/** A summary of an export's CSV, small enough for a conversation. */
export interface ExportSummary {
  /** The row count, or the rows themselves if a JMESPath expression will run over them. */
  rows: number | Record<string, string>[];
  columns: string[];
  first_rows: Record<string, string>[];
  by_action: Record<string, number>;
  by_actor: Record<string, number>;
  notes?: string[];
}

const FIRST_ROWS = 3;
const MAX_COUNTED = 25;
/** JMESPath needs all rows in memory at once. */
const MAX_QUERIED = 500_000;

/** Summarizes an export row by row. Invalid CSV is summarized up to the error, which is reported in `notes`. */
export async function summarize(path: string, allRows: boolean): Promise<ExportSummary> {
  const { parse } = await import('csv-parse');
  const parser = createReadStream(path).pipe(parse({ bom: true, relax_column_count: true, skip_empty_lines: true }));
  let columns: string[] | undefined;
  let count = 0;
  let formulas = 0;
  const rows: Record<string, string>[] = [];
  const actions = new Map<string, number>();
  const actors = new Map<string, number>();
  const notes: string[] = [];
  try {
    for await (const record of parser) {
      if (!isRow(record)) continue;
      if (!columns) {
        columns = record;
        continue;
      }
      count++;
      formulas += record.filter((cell) => /^[=+\-@]/.test(cell) && !/^[+-]?[\d.,:]+$/.test(cell)).length;
      const row = Object.fromEntries(columns.map((column, at) => [column, record[at] ?? '']));
      tally(actions, cell(row, 'action', 'event_action', 'event'));
      tally(actors, cell(row, 'actor_name') || cell(row, 'actor_id', 'actor'));
      if (rows.length < (allRows ? MAX_QUERIED : FIRST_ROWS)) rows.push(row);
    }
  } catch (error) {
    notes.push(`The CSV is invalid after row ${count}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (allRows && count > MAX_QUERIED) notes.push(`query ran over the first ${MAX_QUERIED} of ${count} rows`);
  if (formulas)
    notes.push(
      `Cells that start like a spreadsheet formula (= + - @): ${formulas}. Do not let a spreadsheet evaluate them.`,
    );
  return {
    rows: allRows ? rows : count,
    columns: columns ?? [],
    first_rows: rows.slice(0, FIRST_ROWS),
    by_action: top(actions),
    by_actor: top(actors),
    ...(notes.length > 0 && { notes }),
  };
}

function isRow(record: unknown): record is string[] {
  return Array.isArray(record) && record.every((cell) => typeof cell === 'string');
}

/** The value of the first of these columns that the row has. Exports vary in spaces, dots and capitals. */
function cell(row: Record<string, string>, ...names: string[]): string {
  for (const [column, value] of Object.entries(row)) {
    if (names.includes(column.toLowerCase().replace(/[ .]/g, '_'))) return value;
  }
  return '';
}

function tally(counts: Map<string, number>, value: string): void {
  if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
}

function top(counts: Map<string, number>): Record<string, number> {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const rest = sorted.slice(MAX_COUNTED).reduce((sum, [, count]) => sum + count, 0);
  return Object.fromEntries([...sorted.slice(0, MAX_COUNTED), ...(rest ? [['(others)', rest] as const] : [])]);
}
