import { createReadStream } from 'node:fs';
import { CancelledError, RefusedError } from '../errors/errors.ts';
import { truncate } from '../text/truncate.ts';
import { CsvParser } from './csv.ts';

/** A summary of an export's CSV, small enough for a conversation. */
export interface ExportSummary {
  /** The row count, or the rows themselves if a JMESPath expression will run over them. */
  rows: number | Row[];
  columns: string[];
  /** One row, so that the columns have examples. */
  first_rows: Row[];
  by_action: Record<string, number>;
  /** By id, because several people can have one name. */
  by_actor: ActorCount[];
  notes?: string[];
}

/** How often an actor appears; `(others)` stands for the least frequent actors. */
interface ActorCount {
  id?: string;
  name?: string;
  count: number;
}

type Row = Record<string, string>;

export interface SummaryOptions {
  /** Whether a JMESPath expression will run over the rows, so that all of them are needed. */
  allRows: boolean;
  signal: AbortSignal;
}

const FIRST_ROWS = 1;
const MAX_COUNTED = 25;
/** The most different actions, and the most different actors, that are counted separately. */
const MAX_DIFFERENT = 10_000;
const MAX_NAME = 200;
const OTHERS = '(others)';
/** Prefix of the key of an actor without an id, because the name could be another actor's id. */
const BY_NAME = '\u0000';
/** The most characters shown of a row, shared by its cells. */
const MAX_SHOWN = 20_000;
/** WorkOS's exports have about a dozen columns; an event's metadata has at most 50 keys of 500 characters. */
const RECORD_LIMITS = { columns: 1_000, characters: 1024 * 1024 };
/** JMESPath needs all rows in memory at once. */
const MAX_QUERIED_ROWS = 500_000;
/** A row of many cells takes far more memory than its characters alone. */
const MAX_QUERIED_CELLS = 1_000_000;
/** The most characters of the rows as JSON. */
const MAX_QUERIED_CHARS = 32 * 1024 * 1024;
/** Small, so that other calls get their turn between two pieces and a cancellation is noticed. */
const PIECE_BYTES = 16 * 1024;

/**
 * Summarizes an export row by row. If the CSV becomes unreadable, the summary covers the rows before, and `notes` says so.
 * @throws {CancelledError}
 * @throws {RefusedError} if all rows are needed, but they are too large or cannot all be read
 */
export async function summarize(path: string, { allRows, signal }: SummaryOptions): Promise<ExportSummary> {
  const summary = new Summary(allRows);
  const stopped = await readRecords(path, signal, (record) => summary.add(record));
  if (!allRows || (stopped === undefined && !summary.tooLarge)) return summary.result(stopped);
  const why = summary.tooLarge
    ? `it has more than ${MAX_QUERIED_ROWS} rows, ${MAX_QUERIED_CELLS} cells or ${MAX_QUERIED_CHARS / 1024 / 1024} MiB`
    : `it could be read only up to row ${summary.count}: ${stopped}`;
  throw new RefusedError(
    `query cannot run over this export: ${why}`,
    `The complete export is in ${path}. Leave out query for a summary, or export a shorter range or fewer actions.`,
  );
}

/** Passes records to `take` until it returns false. Returns the reason if the file could not be read to its end. */
export async function readRecords(
  path: string,
  signal: AbortSignal,
  take: (record: string[]) => boolean,
): Promise<string | undefined> {
  const parser = new CsvParser(RECORD_LIMITS);
  try {
    for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: PIECE_BYTES, signal })) {
      for (const record of parser.push(String(piece))) if (!take(record)) return undefined;
    }
    for (const record of parser.end()) take(record);
    return undefined;
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    return error instanceof Error ? error.message : String(error);
  }
}

class Summary {
  count = 0;
  /** Whether all rows are needed but are too large. */
  tooLarge = false;
  readonly #allRows: boolean;
  readonly #rows: Row[] = [];
  readonly #actions = new Counts('actions');
  readonly #actors = new Counts('actors');
  /** The first name of each actor that is counted. */
  readonly #names = new Map<string, string>();
  #columns: string[] | undefined;
  #action = -1;
  #actorName = -1;
  #actorId = -1;
  #formulas = 0;
  #chars = 0;

  constructor(allRows: boolean) {
    this.#allRows = allRows;
  }

  /** Adds the header first, and then each row. Returns false if no more rows are needed. */
  add(record: string[]): boolean {
    if (!this.#columns) {
      this.#columns = record;
      const names = record.map((column) => column.toLowerCase().replace(/[ .]/g, '_'));
      const find = (...wanted: string[]) => names.findIndex((name) => wanted.includes(name));
      this.#action = find('action', 'event_action', 'event');
      this.#actorName = find('actor_name');
      this.#actorId = find('actor_id', 'actor');
      return true;
    }
    this.count++;
    for (const cell of record) if (isFormula(cell)) this.#formulas++;
    this.#actions.add(record[this.#action]);
    this.#addActor(record[this.#actorId] ?? '', record[this.#actorName] ?? '');
    if (this.#allRows || this.count <= FIRST_ROWS) this.#keep(this.#columns, record);
    return !this.tooLarge;
  }

  result(stopped: string | undefined): ExportSummary {
    const notes = [
      stopped !== undefined &&
        `The CSV could be read only up to row ${this.count}: ${stopped}. This summary covers those rows; the file is complete.`,
      this.#columns !== undefined &&
        this.count === 0 &&
        stopped === undefined &&
        'No event matches. list_audit_log_actions lists the values that actions accepts.',
      ...[this.#actions, this.#actors].map((counts) => counts.note()),
      this.#formulas > 0 &&
        `Cells that start like a spreadsheet formula (= + - @): ${this.#formulas}. Do not let a spreadsheet run them.`,
    ].filter((note) => note !== false);
    return {
      rows: this.#allRows ? this.#rows : this.count,
      columns: (this.#columns ?? []).map((column) => truncate(column, MAX_NAME)),
      first_rows: this.#rows.slice(0, FIRST_ROWS).map(shortened),
      by_action: Object.fromEntries(this.#actions.top()),
      by_actor: this.#actors.top().map(([key, count]) => this.#actor(key, count)),
      ...(notes.length > 0 && { notes }),
    };
  }

  /** Counts an actor by id, or by name if it has no id. */
  #addActor(id: string, name: string): void {
    const key = this.#actors.add(id === '' && name !== '' ? `${BY_NAME}${name}` : id);
    if (key !== undefined && name !== '' && !this.#names.has(key)) this.#names.set(key, copyOf(name));
  }

  #actor(key: string, count: number): ActorCount {
    const name = this.#names.get(key);
    if (key.startsWith(BY_NAME) && name !== undefined) return { name, count };
    return { id: key, ...(name !== undefined && { name }), count };
  }

  #keep(columns: readonly string[], record: readonly string[]): void {
    const row = Object.fromEntries(columns.map((column, at) => [column, record[at] ?? '']));
    this.#rows.push(row);
    // Six characters for the quotes, the colon, and the comma.
    for (const [column, value] of Object.entries(row)) this.#chars += column.length + value.length + 6;
    this.tooLarge =
      this.#allRows &&
      (this.#rows.length > MAX_QUERIED_ROWS ||
        this.#rows.length * columns.length > MAX_QUERIED_CELLS ||
        this.#chars > MAX_QUERIED_CHARS);
  }
}

/** Shortens a cell. Returns a copy, because a substring keeps the whole string in memory. */
function copyOf(cell: string): string {
  return Buffer.from(truncate(cell, MAX_NAME)).toString();
}

/** Counts how often each value occurs, up to a number of different values. */
class Counts {
  readonly #what: string;
  readonly #counts = new Map<string, number>();
  #uncounted = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** Counts a value. Returns the key it is counted under, or undefined if it is empty or exceeds the limit. */
  add(value: string | undefined): string | undefined {
    if (!value) return undefined;
    const name = truncate(value, MAX_NAME);
    const count = this.#counts.get(name);
    if (count === undefined && this.#counts.size === MAX_DIFFERENT) {
      this.#uncounted++;
      return undefined;
    }
    const kept = count === undefined ? copyOf(name) : name;
    this.#counts.set(kept, (count ?? 0) + 1);
    return kept;
  }

  /** The most frequent values, and the sum of the others. */
  top(): (readonly [value: string, count: number])[] {
    const sorted = [...this.#counts].sort((a, b) => b[1] - a[1]);
    const rest = sorted.slice(MAX_COUNTED).reduce((sum, [, count]) => sum + count, this.#uncounted);
    return [...sorted.slice(0, MAX_COUNTED), ...(rest ? [[OTHERS, rest] as const] : [])];
  }

  note(): string | false {
    return (
      this.#uncounted > 0 &&
      `More than ${MAX_DIFFERENT} different ${this.#what}. Those that first appear later count as ${OTHERS}.`
    );
  }
}

function shortened(row: Row): Row {
  const cells = Object.entries(row);
  const most = Math.max(20, Math.floor(MAX_SHOWN / cells.length));
  return Object.fromEntries(cells.map(([column, value]) => [truncate(column, MAX_NAME), truncate(value, most)]));
}

function isFormula(cell: string): boolean {
  return /^[=+\-@]/.test(cell) && !/^[+-]?[\d.,:]+$/.test(cell);
}
