import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { RefusedError } from '../../errors/errors.ts';
import type { Files, LineLog } from '../files.ts';
import type { CheckedFile } from './check-file.ts';
import { OUTCOMES, type Outcome, STEPS, type Step } from './next-step.ts';

/** Identifies an import. A different file, option, or environment makes it a different import. */
export interface ImportIdentity {
  file: string;
  sha256: string;
  rows: number;
  mode: string;
  match: string;
  organization: string | null;
  role_slug: string | null;
  /** A digest, from which the key cannot be recovered. */
  environment: string;
}

const FORMAT = { journal: 'workos-mcp import', version: 1 };

/** The path of an import's journal, next to its file. */
export function journalPath(checked: CheckedFile, identity: ImportIdentity): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(Object.values(identity)))
    .digest('hex')
    .slice(0, 8);
  return `${checked.path}.${digest}.journal.jsonl`;
}

/** The progress of each row according to a journal. A finished row takes one byte. */
export class Progress {
  readonly #outcomes: Uint8Array;
  readonly #open = new Map<number, { did: Set<Step>; maybe: Set<Step> }>();

  constructor(rows: number) {
    this.#outcomes = new Uint8Array(rows + 1);
  }

  /** Undefined if the row is not finished. A failed row can be tried again. */
  outcome(row: number): Outcome | undefined {
    return OUTCOMES[(this.#outcomes[row] ?? 0) - 1];
  }

  /** The steps taken for a row that is unfinished or has failed. */
  done(row: number): { did: Set<Step>; maybe: Set<Step> } {
    return this.#open.get(row) ?? { did: new Set(), maybe: new Set() };
  }

  /** Applies a line of the journal. Anything unknown is ignored, and the row is then looked up. */
  read(line: string): void {
    const { row, will, did, not, end } = recordIn(line);
    if (typeof row !== 'number' || row < 1 || row >= this.#outcomes.length) return;
    const done = this.done(row);
    const step = (value: unknown) => STEPS.find((one) => one === value);
    const [intended, taken, refused] = [step(will), step(did), step(not)];
    if (intended) done.maybe.add(intended);
    if (taken) {
      done.maybe.delete(taken);
      done.did.add(taken);
    }
    if (refused) done.maybe.delete(refused);
    const outcome = OUTCOMES.find((one) => one === end);
    this.#outcomes[row] = outcome ? OUTCOMES.indexOf(outcome) + 1 : 0;
    const isOpen = outcome === undefined || outcome === 'failed';
    if (isOpen && done.did.size + done.maybe.size > 0) this.#open.set(row, done);
    else this.#open.delete(row);
  }
}

/**
 * The journal of an import. It records each step of a row before it is taken, and its result before the next step of the row.
 * Both are on disk by then. Of a person's fields, it contains only the id that WorkOS assigned.
 */
export class Journal {
  readonly progress: Progress;
  readonly resumed: boolean;
  readonly #log: LineLog;

  private constructor(log: LineLog, progress: Progress) {
    this.#log = log;
    this.progress = progress;
    this.resumed = log.existed;
  }

  get path(): string {
    return this.#log.path;
  }

  /** @throws {RefusedError} if it is in use, cannot be written, or belongs to something else */
  static async open(files: Files, path: string, identity: ImportIdentity): Promise<Journal> {
    const log = await files.openLog(path);
    try {
      const progress = await replay(log.lines(), path, identity);
      if (!log.existed) await log.append([{ ...FORMAT, ...identity }]);
      return new Journal(log, progress);
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  append(records: readonly object[]): Promise<void> {
    return this.#log.append(records);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

/** Reads the progress from a journal, which may be in use or missing. */
export async function readProgress(files: Files, path: string, identity: ImportIdentity): Promise<Progress> {
  return replay(files.readLog(path), path, identity);
}

async function replay(lines: AsyncIterable<string>, path: string, identity: ImportIdentity): Promise<Progress> {
  const progress = new Progress(identity.rows);
  let isFirst = true;
  for await (const line of lines) {
    if (!isFirst) progress.read(line);
    else if (!isHeader(line, identity)) {
      throw new RefusedError(
        `${path} is not the journal of this import`,
        'Nothing was sent. Move or rename it, then call again.',
      );
    }
    isFirst = false;
  }
  return progress;
}

function isHeader(line: string, identity: ImportIdentity): boolean {
  const record = recordIn(line);
  return Object.entries({ ...FORMAT, ...identity }).every(([name, value]) => record[name] === value);
}

function recordIn(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A note about another import of a file with this name and how it differs, or undefined. */
export async function earlierImports(files: Files, own: string, identity: ImportIdentity): Promise<string | undefined> {
  const folder = dirname(own);
  const start = `${identity.file}.`;
  for (const name of files.namesIn(folder)) {
    const isJournal = name.startsWith(start) && /^[0-9a-f]{8}\.journal\.jsonl$/.test(name.slice(start.length));
    if (!isJournal || name === basename(own)) continue;
    for await (const line of files.readLog(`${folder}/${name}`)) {
      const other = recordIn(line);
      if (other['journal'] !== FORMAT.journal) break;
      // The cast is safe, because an identity has no other fields.
      const differs = (Object.keys(identity) as (keyof ImportIdentity)[]).filter((key) => other[key] !== identity[key]);
      const what = differs.includes('sha256') ? 'The file has changed' : `It differs in ${differs.join(', ')}`;
      return `This is a new import. ${what} since the one with the journal ${name}; it finds people who already exist.`;
    }
  }
  return undefined;
}
