import { join } from 'node:path';
import { CancelledError, InputError, RefusedError } from '../../errors/errors.ts';
import type { Files, LineLog } from '../files.ts';
import type { WorkflowContext } from '../types.ts';
import { Cursor, type Kind, nextPage } from './export-pages.ts';
import { COLUMNS, csvCells, csvLine, type ExportRow, metadataColumns } from './export-rows.ts';

export const FORMATS = ['csv', 'jsonl'] as const;

/** The arguments of export_users. */
interface ExportArguments {
  kind: Kind;
  path?: string | undefined;
  format?: (typeof FORMATS)[number] | undefined;
}

/** One line of the file that stores an unfinished export. */
interface Stored {
  export?: unknown;
  environment?: unknown;
  started?: unknown;
  row?: ExportRow;
  cursor?: Cursor;
  resumed?: unknown;
}

/** An unfinished export older than this is discarded, because its rows do not belong in one file with new ones. */
const OLDEST_MS = 24 * 3_600_000;

/** Writes all items of a kind to a file, page by page. Fetched pages are stored, so that the next call continues after them. */
export async function exportUsers(input: ExportArguments, context: WorkflowContext): Promise<unknown> {
  const { files } = context;
  const target = targetOf(input, context);
  const { log, cursor, rows, started, keys, bytes: before } = await openPartial(target, input.kind, context);
  let stopped: { kind: 'cancelled' | 'error'; error?: object } | undefined;
  let [count, at, size] = [rows, cursor, before];
  const upcoming: string[] = [];
  const done = { kind: input.kind, format: target.format };
  try {
    if (log.existed) await log.append([{ resumed: true }]);
    let storing = Promise.resolve();
    while (!at.end) {
      const page = await nextPage(context, input.kind, at, upcoming);
      await storing;
      storing = log.append([...page.rows.map((row) => ({ row })), { cursor: page.cursor }]);
      for (const row of page.rows) size += note(keys, row);
      // The next `await storing` reports a failure. Until then it would count as an unhandled rejection.
      storing.catch(() => {});
      if (size > files.maxFileBytes) throw tooLarge(files.maxFileBytes);
      at = page.cursor;
      count += page.rows.length;
      context.progress(count, undefined, `${count.toLocaleString('en')} ${input.kind}`);
    }
    await storing;
  } catch (error) {
    if ((count === 0 && !log.existed) || error instanceof TooLargeError) {
      await log.close();
      files.remove(target.partial);
      throw error;
    }
    const { kind, message, hint } = context.explain('export_users', error);
    stopped =
      error instanceof CancelledError ? { kind: 'cancelled' } : { kind: 'error', error: { kind, message, hint } };
  } finally {
    await log.close();
  }
  if (stopped) {
    return {
      ...done,
      rows: count,
      stopped: stopped.kind,
      ...(stopped.error && { error: stopped.error }),
      ...(!context.remote && { partial: target.partial }),
      hint: 'Call again with the same arguments to resume.',
    };
  }
  const columns = target.format === 'csv' ? [...COLUMNS[input.kind], ...[...keys].sort()] : undefined;
  const own = () => freshPath(files, input.kind, target.format, context.now());
  const path = target.path ?? (context.remote ? files.freshPath(input.kind, target.format) : own());
  const bytes = await files.write(path, pieces(rowsIn(files, target.partial), columns));
  files.remove(target.partial);
  files.show(path);
  return {
    path,
    ...done,
    rows: count,
    bytes,
    ...(columns && { columns }),
    stopped: 'end',
    ...(rows > 0 && { resumed_from: new Date(started).toISOString() }),
    hint: HINTS[input.kind],
  };
}

const HINTS = {
  users: 'import_users takes this file. It has no passwords: the API does not return them.',
  memberships:
    'import_users accepts this file for existing users. If the other environment has other organization ids, replace them first.',
  organizations: 'For looking up ids: import_users takes users and memberships.',
} as const;

interface Target {
  format: (typeof FORMATS)[number];
  /** Undefined if a new name has to be chosen. */
  path: string | undefined;
  partial: string;
}

function targetOf({ kind, path, format }: ExportArguments, { files, environmentId }: WorkflowContext): Target {
  const [, extension] = /\.(csv|jsonl)$/i.exec(path ?? '') ?? [];
  const named = FORMATS.find((one) => one === extension?.toLowerCase());
  const chosen = format ?? named ?? 'csv';
  if (path === undefined) {
    const name = `${kind}-${environmentId.slice(0, 8)}.${chosen}.partial.jsonl`;
    return { format: chosen, path: undefined, partial: join(files.outputFolder(), name) };
  }
  if (named !== undefined && named !== chosen) {
    throw new InputError(`The path ends in .${named}, but the format is ${chosen}`, ['path', 'format']);
  }
  const full = files.writablePath(path);
  if (files.exists(full))
    throw new RefusedError(`${full} already exists`, 'Nothing is overwritten. Choose another path.');
  return { format: chosen, path: full, partial: `${full}.partial.jsonl` };
}

interface Partial {
  log: LineLog;
  cursor: Cursor;
  rows: number;
  started: number;
  /** The names of the metadata columns. */
  keys: Set<string>;
  /** The size of the rows as JSON. */
  bytes: number;
}

/** Opens the stored pages of an earlier call, or starts a new file if there are none or they are outdated. */
async function openPartial({ partial }: Target, kind: string, context: WorkflowContext): Promise<Partial> {
  const { files, environmentId: environment, now } = context;
  const log = await files.openLog(partial);
  const fresh = { export: kind, environment, started: now() };
  const keys = new Set<string>();
  try {
    if (!log.existed) {
      await log.append([fresh]);
      return { log, cursor: {}, rows: 0, started: fresh.started, keys, bytes: 0 };
    }
    let header: Stored | undefined;
    let cursor: Cursor = {};
    let [rows, pending, bytes] = [0, 0, 0];
    for await (const line of log.lines()) {
      const stored = storedIn(line);
      header ??= stored;
      if (stored.resumed) pending = 0;
      if (stored.row) {
        pending += 1;
        bytes += note(keys, stored.row);
      }
      if (!stored.cursor) continue;
      cursor = stored.cursor;
      rows += pending;
      pending = 0;
    }
    const started = Number(header?.started ?? 0);
    const isSame = header?.export === kind && header.environment === environment;
    if (isSame && now() - started < OLDEST_MS) return { log, cursor, rows, started, keys, bytes };
    if (!isSame) {
      throw new RefusedError(
        `${partial} belongs to another export`,
        'Choose another path, or remove that file if nobody needs it.',
      );
    }
  } catch (error) {
    await log.close();
    throw error;
  }
  await log.close();
  files.remove(partial);
  return openPartial({ partial, path: undefined, format: 'csv' }, kind, context);
}

/** The rows of the pages that were stored completely. */
async function* rowsIn(files: Files, partial: string): AsyncGenerator<ExportRow, void> {
  let pending: ExportRow[] = [];
  for await (const line of files.readLog(partial)) {
    const { row, cursor, resumed } = storedIn(line);
    if (resumed) pending = [];
    if (row) pending.push(row);
    if (!cursor) continue;
    yield* pending;
    pending = [];
  }
}

/** Adds the metadata columns of a row to `keys`. Returns the size of the row as JSON, in bytes. */
function note(keys: Set<string>, row: ExportRow): number {
  for (const name of metadataColumns(row)) keys.add(name);
  return Buffer.byteLength(JSON.stringify(row)) + 1;
}

/** The export exceeds the size limit, so it cannot be resumed. */
class TooLargeError extends RefusedError {}

function tooLarge(bytes: number): TooLargeError {
  return new TooLargeError(
    `The export would be larger than ${bytes / 1024 / 1024} MiB, the most that this server keeps`,
    'Run workos-mcp export on your own machine, where there is no such limit.',
  );
}

async function* pieces(rows: AsyncIterable<ExportRow>, columns: readonly string[] | undefined): AsyncGenerator<string> {
  let text = columns ? csvCells(columns) : '';
  for await (const row of rows) {
    text += columns ? csvLine(row, columns) : `${JSON.stringify(row)}\n`;
    if (text.length < 64 * 1024) continue;
    yield text;
    text = '';
  }
  yield text;
}

function freshPath(files: Files, kind: string, format: string, now: number): string {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(':', '');
  for (let number = 1; ; number++) {
    const path = join(files.outputFolder(), `${kind}-${time}${number > 1 ? `-${number}` : ''}.${format}`);
    if (!files.exists(path)) return path;
  }
}

/** Parses a stored line. An unreadable line is skipped, and its page is fetched again. */
function storedIn(line: string): Stored {
  try {
    const { row, cursor, ...others }: Record<string, unknown> = Object(JSON.parse(line));
    const isRow = typeof row === 'object' && row !== null;
    return {
      ...others,
      ...(isRow && { row: { ...row } }),
      ...(cursor !== undefined && { cursor: Cursor.parse(cursor) }),
    };
  } catch {
    return {};
  }
}
