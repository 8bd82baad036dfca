import { InputError } from '../../errors/errors.ts';
import type { InputFile } from '../files.ts';
import { emailKey, headerProblems, type ImportRow, type RowOptions, rowOf } from './columns.ts';
import { KeyIndex } from './key-index.ts';
import {
  ComparedDigests,
  FileChangedError,
  formatOf,
  readTable,
  TableError,
  type TableFormat,
  TakenDigests,
} from './read-table.ts';

/** The most rows that one import accepts. */
export const MAX_ROWS = 100_000;

/** The most problems, and the most pairs of duplicates, that are listed. */
const MAX_SHOWN = 20;

/** A file whose rows have all passed the checks. */
export interface CheckedFile {
  path: string;
  format: TableFormat;
  rows: number;
  sha256: string;
  /** The columns of the header or of any row, including those that the options supply. */
  columns: ReadonlySet<string>;
  /** The numbers of the rows that repeat the person and organization of an earlier row. */
  duplicates: ReadonlySet<number>;
  /** The first duplicates: the line of the row, and the line of the row that it repeats. */
  duplicateLines: readonly (readonly [line: number, first: number])[];
  /** Digests of the file's blocks, in order. */
  blocks: readonly string[];
}

/** What the numbers in messages count: lines of a file, or rows passed as an argument. */
type Unit = 'line' | 'row';

export function unitOf({ inline }: Pick<InputFile, 'inline'>): Unit {
  return inline ? 'row' : 'line';
}

/** Collects the problems of a file: the text of the first ones, and the total count. */
class Problems {
  readonly unit: Unit;
  readonly shown: string[] = [];
  count = 0;

  constructor(unit: Unit) {
    this.unit = unit;
  }

  add(line: number, problem: string): void {
    this.count += 1;
    if (this.shown.length < MAX_SHOWN) this.shown.push(`${this.unit} ${line}: ${problem}`);
  }
}

/**
 * Reads the whole file and checks every row.
 * @throws {InputError} listing the problems with their lines
 */
export async function checkFile(
  file: InputFile,
  options: RowOptions,
  report: (rows: number) => void,
  signal: AbortSignal,
): Promise<CheckedFile> {
  const problems = new Problems(unitOf(file));
  const digests = new TakenDigests();
  const columns = new Set<string>();
  const duplicates = new Set<number>();
  const duplicateLines: [number, number][] = [];
  const [people, externalIds, emails] = [new KeyIndex(), new KeyIndex(), new KeyIndex()];
  let header: readonly string[] = [];
  let rows = 0;
  let format: TableFormat = 'csv';
  try {
    format = await formatOf(file);
    for await (const entry of readTable(file, format, digests)) {
      if (entry.kind === 'header') {
        header = entry.names;
        for (const problem of headerProblems(header, options)) problems.add(entry.line, problem);
        if (problems.count > 0) break;
        for (const name of header) columns.add(name);
        continue;
      }
      if (rows === MAX_ROWS) throw new TableError(entry.line, `there are more than ${MAX_ROWS} rows; split the file`);
      rows += 1;
      if (rows % 5_000 === 0) {
        report(rows);
        signal.throwIfAborted();
      }
      const { row, problems: found } = rowOf(entry, header, rows, options);
      for (const problem of found) problems.add(entry.line, problem);
      if (found.length > 0) continue;
      for (const name of Object.keys(row.fields)) columns.add(name);
      if (row.organization_id !== undefined) columns.add('organization_id');
      if (row.roles.length > 0) columns.add('role_slug');
      const first = repeated(row, people, options);
      if (first !== undefined) {
        duplicates.add(rows);
        if (duplicateLines.length < MAX_SHOWN) duplicateLines.push([row.line, first]);
      } else {
        const clash = clashOf(row, externalIds, emails, problems.unit);
        if (clash) problems.add(row.line, clash);
      }
    }
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    problems.add(error.line, error.message);
  }
  if (problems.count === 0 && rows === 0)
    problems.add(1, header.length > 0 ? 'there are no rows after the header' : 'the file is empty');
  if (problems.count > 0) throw wrongFile(problems);
  const { blocks } = digests;
  return { path: file.path, format, rows, sha256: digests.sha256(), columns, duplicates, duplicateLines, blocks };
}

/** Reads the rows of a checked file again. @throws {FileChangedError} before any row of a block that has changed */
export async function* rowsOf(
  file: InputFile,
  checked: CheckedFile,
  options: RowOptions,
): AsyncGenerator<ImportRow, void> {
  let header: readonly string[] = [];
  let number = 0;
  try {
    for await (const entry of readTable(file, checked.format, new ComparedDigests(checked.blocks))) {
      if (entry.kind === 'header') header = entry.names;
      else yield rowOf(entry, header, ++number, options).row;
    }
  } catch (error) {
    throw error instanceof TableError ? new FileChangedError('The file has changed') : error;
  }
}

/** The line of an earlier row for the same person and organization, or undefined. */
function repeated(row: ImportRow, people: KeyIndex, { match }: RowOptions): number | undefined {
  return people.add(JSON.stringify([personKey(row, match), row.organization_id ?? null]), row.line);
}

/** Identifies the person of a row, by normalized email or by external id. */
export function personKey({ email, external_id }: ImportRow, match: RowOptions['match']): string {
  return match === 'email' ? emailKey(email ?? '') : (external_id ?? '');
}

/** The problem if an earlier row has the same external id with another email, or the same email with another external id. */
function clashOf(
  { email, external_id, line }: ImportRow,
  externalIds: KeyIndex,
  emails: KeyIndex,
  unit: Unit,
): string | undefined {
  if (email === undefined || external_id === undefined) return undefined;
  const pair = JSON.stringify([external_id, emailKey(email)]);
  if (externalIds.add(pair, line) !== undefined) return undefined;
  const other = emails.add(JSON.stringify(['external_id', external_id]), line);
  if (other !== undefined) return `has the same external_id as ${unit} ${other}, but another email`;
  const same = emails.add(JSON.stringify(['email', emailKey(email)]), line);
  return same === undefined ? undefined : `has the same email as ${unit} ${same}, but another external_id`;
}

function wrongFile({ shown, count, unit }: Problems): InputError {
  const more = count > shown.length ? `; and ${count - shown.length} more` : '';
  return new InputError(
    `${unit === 'row' ? 'The rows have' : 'The file has'} ${count === 1 ? 'a problem' : `${count} problems`}: ${shown.join('; ')}${more}`,
    [unit === 'row' ? 'rows' : 'path'],
    `Correct the ${unit === 'row' ? 'rows' : 'file'} and call again. Nothing was sent.`,
  );
}
