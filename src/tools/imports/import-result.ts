import type { InputFile } from '../files.ts';
import type { WorkflowContext } from '../types.ts';
import type { CheckedFile } from './check-file.ts';
import type { Journal } from './journal.ts';
import type { Tally } from './tally.ts';

/** The file or the rows that were imported. */
interface Imported {
  file: InputFile;
  checked: CheckedFile;
}

/** The file as named in a result. Rows that were passed in the call need no name. */
export function fileOf({ file, checked }: Imported): { file?: string } {
  return file.inline ? {} : { file: checked.path };
}

/** Where the caller can read the journal. For rows of the call, this is a copy, because the journal stays on the server. */
export async function shownJournal({ file }: Imported, { path }: Journal, { files, writeFile }: WorkflowContext) {
  const text = file.inline && (await files.read(path));
  return text ? writeFile('import_users_journal', 'jsonl', text) : path;
}

/** The rows that were skipped because they repeat another one. */
export function duplicatesOf({ file, checked: { duplicates, duplicateLines } }: Imported): Record<string, unknown> {
  if (duplicates.size === 0) return {};
  const lines = duplicateLines.map(([line, first]) => `${line} repeats ${first}`);
  return { duplicates: { rows: duplicates.size, [file.inline ? 'row_numbers' : 'lines']: lines } };
}

/** The words that hints use for a file or for the rows of a call. */
const FILE = { parts: 'lines', other: 'a changed file', over: 'delete the journal to look everyone up again' };
const ROWS = { parts: 'rows', other: 'a different list of rows', over: 'after an hour it looks everyone up again' };

/** What to do after a dry run. */
export function dryRunHint({ file }: Imported, tally: Tally): string {
  const { parts } = file.inline ? ROWS : FILE;
  const first = tally.count('failed') > 0 ? `Correct the ${parts} that fail, then call` : 'Call';
  return `Nothing was changed. A real run now would have these outcomes. ${first} again without dry_run.`;
}

/**
 * What to do next.
 * @param left The number of rows without an outcome.
 * @param changed Whether the file has changed since the import began.
 */
export function hintOf({ file }: Imported, tally: Tally, left: number, changed = false): string {
  const { parts, other, over } = file.inline ? ROWS : FILE;
  if (changed) return 'Call again: the changed file is a new import, which finds people who already exist.';
  if (left > 0) return 'Call again with the same arguments to resume. No one is created twice.';
  if (tally.count('failed') > 0) {
    return `Correct the ${parts} that failed and call again: ${other} is a new import, which finds people who already exist. Calling again unchanged retries only the failed rows.`;
  }
  return `All rows are done. Calling again unchanged does nothing; ${over}.`;
}
