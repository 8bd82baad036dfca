import { setMaxListeners } from 'node:events';
import { basename } from 'node:path';
import { CancelledError, ConfigError, InputError, OPERATOR_HINT, RefusedError } from '../../errors/errors.ts';
import type { InputFile } from '../files.ts';
import { findOrganization } from '../operators/lookup.ts';
import { readsOf } from '../operators/reads.ts';
import type { Plan, WorkflowContext } from '../types.ts';
import { type CheckedFile, checkFile, personKey, rowsOf, unitOf } from './check-file.ts';
import { consentColumns, type ImportRow, type RowOptions } from './columns.ts';
import { DryRun, type Preview } from './dry-run.ts';
import { dryRunHint, duplicatesOf, fileOf, hintOf, shownJournal } from './import-result.ts';
import { inlineRows } from './inline-rows.ts';
import { earlierImports, type ImportIdentity, Journal, journalPath, type Progress, readProgress } from './journal.ts';
import { LOOK_UP_TOOLS } from './look-up.ts';
import { TOOL_OF } from './next-step.ts';
import { OrganizationRoles } from './organization-roles.ts';
import { eachOf } from './pool.ts';
import { FileChangedError } from './read-table.ts';
import { runRow } from './run-row.ts';
import { type RowFailure, Tally } from './tally.ts';
import { timeLeft } from './time-left.ts';

/** The arguments of import_users. */
export interface ImportArguments {
  path?: string | undefined;
  /** Replaces `path` on a team's server. */
  rows?: readonly object[] | undefined;
  organization?: string | undefined;
  role_slug?: string | undefined;
  mode?: RowOptions['mode'] | undefined;
  match?: RowOptions['match'] | undefined;
  dry_run?: boolean | undefined;
}

/** Rows in progress at a time. With fewer, slow responses would keep an import below the rate limits. */
const WIDTH = 50;
/** After this many consecutive rows that could not be tried, WorkOS counts as unreachable. */
const MAX_LEFT_IN_A_ROW = 25;
/** After this many failures without a success, the cause is assumed to affect all rows. */
const MAX_FAILED_AT_FIRST = 200;
const REPORT_EVERY_MS = 1_000;

/**
 * Imports the people of a file, or resumes an earlier import of it. The plan is what consent was given for, bound to the contents
 * of the file. If consent is needed but there is no plan, there was nothing to do.
 */
export async function importUsers(
  input: ImportArguments,
  context: WorkflowContext,
  plan: Plan | undefined,
): Promise<unknown> {
  return withFile(input, context, async (job) => {
    const { sha256 } = plan?.steps.find((step) => 'sha256' in step) ?? {};
    if (sha256 !== undefined && sha256 !== job.checked.sha256) {
      throw new RefusedError(
        'The file has changed since the user agreed to the import',
        'Nothing was changed. Call again.',
      );
    }
    const isDone = needsConsent(job) && plan === undefined;
    if (!input.dry_run && !isDone) return run(job, context);
    const { tally } = await dryRun(job, context);
    return {
      ...fileOf(job),
      rows: job.checked.rows,
      ...(input.dry_run && { dry_run: true }),
      ...tally.summary(unitOf(job.file)),
      ...duplicatesOf(job),
      hint: input.dry_run ? dryRunHint(job, tally) : 'There was nothing to do.',
    };
  });
}

/** Whether importing these rows needs consent. */
export function needsConsent({ checked, options }: Pick<ImportJob, 'checked' | 'options'>): boolean {
  if (options.mode === 'invite') return true;
  return options.mode === 'update' && consentColumns(checked.columns, options.match).length > 0;
}

/** A checked file, and how to import it. */
export interface ImportJob {
  file: InputFile;
  checked: CheckedFile;
  identity: ImportIdentity;
  journal: string;
  options: RowOptions;
  /** Resolves the argument `organization` to an id, with a request. */
  resolve(): Promise<RowOptions>;
}

/**
 * Opens the file, checks all of it, and passes it to `use`. The check sends nothing.
 * @throws {InputError} {@link RefusedError}
 */
export async function withFile<T>(
  input: ImportArguments,
  context: WorkflowContext,
  use: (job: ImportJob) => Promise<T>,
): Promise<T> {
  const { organization, role_slug, mode = 'create', match = 'email' } = input;
  if (mode === 'invite' && match !== 'email') {
    throw new InputError('People are invited by email, so match must be email', ['match']);
  }
  // Each row in progress adds a listener.
  setMaxListeners(0, context.signal);
  // The argument stands in for the organization's id until it is resolved.
  const options: RowOptions = { mode, match, role_slug, organization_id: organization };
  const file = input.rows
    ? inlineRows(input.rows, context.files.outputFolder())
    : await context.files.openInput(input.path ?? '');
  try {
    const report = (rows: number) => context.progress(0, undefined, `${rows.toLocaleString('en')} rows checked`);
    const checked = await checkFile(file, options, report, context.signal);
    refuseForbidden(context, options, checked.columns);
    const lacking = !input.dry_run && needsConsent({ checked, options }) && context.forbiddenConsent('import_users');
    if (lacking) throw new RefusedError(lacking, OPERATOR_HINT);
    const identity: ImportIdentity = {
      file: basename(checked.path),
      sha256: checked.sha256,
      rows: checked.rows,
      mode,
      match,
      organization: organization ?? null,
      role_slug: role_slug ?? null,
      environment: context.environmentId,
    };
    const resolve = async () => {
      if (organization === undefined) return options;
      const { id } = await findOrganization(readsOf(context), organization);
      return { ...options, organization_id: id };
    };
    return await use({ file, checked, identity, journal: journalPath(checked, identity), options, resolve });
  } catch (error) {
    if (error instanceof FileChangedError) {
      throw new InputError('The file was changed while it was read', ['path'], 'Call again. Nothing was changed.');
    }
    throw context.signal.aborted ? new CancelledError() : error;
  } finally {
    await file.close();
  }
}

/** Refuses the import before it starts if the settings exclude a tool that it may need, so that it does not stop midway. */
function refuseForbidden(context: WorkflowContext, { mode, match }: RowOptions, columns: ReadonlySet<string>): void {
  const isMember = columns.has('organization_id');
  const names = new Set([
    LOOK_UP_TOOLS[match],
    TOOL_OF[mode],
    ...(isMember ? ['list_organization_memberships'] : []),
    ...(mode === 'invite' ? ['list_invitations'] : isMember ? [TOOL_OF.add] : []),
    ...(mode === 'create' && columns.has('locale') ? [TOOL_OF.set_locale] : []),
    ...(mode === 'update' && columns.has('role_slug') ? [TOOL_OF.set_role] : []),
  ]);
  for (const name of names) {
    const tool = context.tools.get(name);
    const reason = tool && context.forbiddenReason(tool, columns.has('role_slug') ? { role_slug: '' } : {});
    if (reason) throw new RefusedError(`import_users would run ${name}: ${reason}`, OPERATOR_HINT);
  }
}

/** Looks up every row, and counts what a run would do. */
export async function dryRun(
  job: ImportJob,
  context: WorkflowContext,
): Promise<{ tally: Tally; preview: Preview; done: number }> {
  const options = await job.resolve();
  const progress = await readProgress(context.files, job.journal, job.identity);
  const dry = new DryRun(context, options);
  const tally = new Tally();
  let [done, looked] = [0, 0];
  const report = reporter(context, 'looked up', job.checked.rows, 0);
  const dryRow = async (row: ImportRow): Promise<void> => {
    const { outcome, why, failure } = await dry.row(row, progress.done(row.row));
    if (failure) tally.fail(row.line, failure);
    else if (outcome === 'skipped') tally.skip(row.line, why ?? '');
    else tally.add(outcome);
  };
  await eachOf(
    rowsOf(job.file, job.checked, options),
    WIDTH,
    ({ row }) => String(row),
    async (row) => {
      const outcome = progress.outcome(row.row);
      if (job.checked.duplicates.has(row.row)) tally.skip(row.line, DUPLICATE);
      else if (outcome !== undefined && outcome !== 'failed') {
        tally.add(outcome);
        done += 1;
      } else {
        await dryRow(row);
      }
      report(++looked);
    },
  );
  return { tally, preview: dry.preview, done };
}

const DUPLICATE = 'the person and organization of an earlier row';

async function run(job: ImportJob, context: WorkflowContext): Promise<unknown> {
  const { checked, identity } = job;
  const earlier = await earlierImports(context.files, job.journal, identity);
  const started = context.now();
  // If the journal cannot be written, nothing is sent.
  const journal = await Journal.open(context.files, job.journal, identity);
  try {
    const options = await job.resolve();
    const { progress } = journal;
    await journal.append([
      { run: 'started', at: new Date(started).toISOString(), organization_id: options.organization_id },
    ]);
    const tally = new Tally();
    const end = await runRows(job, context, { journal, options, tally, progress });
    const seconds = Math.round((context.now() - started) / 1_000);
    const left = checked.rows - tally.ended;
    const stopped = end.stopped ?? 'end';
    // The journal is complete without this line, so a failure to write it is ignored.
    await journal.append([{ run: 'ended', at: new Date(context.now()).toISOString(), stopped, left }]).catch(() => {});
    return {
      ...fileOf(job),
      rows: checked.rows,
      ...tally.summary(unitOf(job.file)),
      ...(left > 0 && { left }),
      stopped,
      ...(end.error && { error: end.error }),
      ...duplicatesOf(job),
      ...(journal.resumed && { resumed: true }),
      ...(earlier && !journal.resumed && !job.file.inline && { note: earlier }),
      journal: await shownJournal(job, journal, context),
      seconds,
      hint: hintOf(job, tally, left, end.changed),
    };
  } finally {
    await journal.close();
  }
}

interface Run {
  journal: Journal;
  options: RowOptions;
  tally: Tally;
  progress: Progress;
}

/** Why a run stopped early. Empty if it did not. */
interface RunEnd {
  stopped?: 'cancelled' | 'error';
  error?: object;
  changed?: boolean;
}

/** Stops an import after too many consecutive rows that could not be tried, or too many failures without a success. */
class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly failure: RowFailure;
  constructor(failure: RowFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

async function runRows(
  job: ImportJob,
  context: WorkflowContext,
  { journal, options, tally, progress }: Run,
): Promise<RunEnd> {
  const { checked } = job;
  const organizations = new OrganizationRoles(context);
  let [leftInARow, worked] = [0, 0];
  const report = reporter(context, 'done', checked.rows, checked.columns.has('organization_id') ? 2 : 1);
  const take = async (row: ImportRow): Promise<void> => {
    const before = progress.outcome(row.row);
    if (checked.duplicates.has(row.row)) {
      tally.skip(row.line, DUPLICATE);
      if (before === undefined)
        await journal.append([{ row: row.row, line: row.line, end: 'skipped', why: DUPLICATE }]);
      return;
    }
    if (before !== undefined && before !== 'failed') return tally.add(before);
    const end = await runRow(context, journal, row, options, organizations);
    worked += 1;
    if (end.kind === 'left') {
      leftInARow += 1;
      if (leftInARow >= MAX_LEFT_IN_A_ROW) throw new UnreachableError(end.failure);
      return;
    }
    leftInARow = 0;
    if (end.failure) tally.fail(row.line, end.failure);
    else if (end.outcome === 'skipped') tally.skip(row.line, end.why ?? '');
    else tally.add(end.outcome);
    report(tally.ended, worked);
    if (end.failure && tally.count('failed') >= MAX_FAILED_AT_FIRST && tally.count('failed') === tally.ended) {
      throw new UnreachableError(end.failure);
    }
  };
  try {
    const rows = rowsOf(job.file, checked, options);
    await eachOf(
      rows,
      WIDTH,
      (row) => personKey(row, options.match),
      async (row) => {
        if (context.signal.aborted) throw new CancelledError();
        await take(row);
      },
    );
    return {};
  } catch (error) {
    if (error instanceof CancelledError) return { stopped: 'cancelled' };
    if (error instanceof UnreachableError) return { stopped: 'error', error: error.failure };
    if (error instanceof FileChangedError) {
      const message = 'The file was changed during the import. No rows of the changed part were used';
      return { stopped: 'error', changed: true, error: { kind: 'input', message } };
    }
    const { kind, message, hint } = context.explain('import_users', error);
    // The journal records what may have happened, so the hint need not ask anybody to look it up.
    const isOwn = error instanceof RefusedError || error instanceof ConfigError;
    return { stopped: 'error', error: { kind, message, hint: isOwn ? error.hint : hint } };
  }
}

/** Returns a function that reports progress at most once a second. */
function reporter(context: WorkflowContext, verb: string, total: number, writesPerRow: number) {
  const started = context.now();
  let last = started;
  return (done: number, worked = done) => {
    const now = context.now();
    if (now - last < REPORT_EVERY_MS && done < total) return;
    last = now;
    // Rows that an earlier call finished took this one no time.
    const left = timeLeft(worked, worked + total - done, now - started, writesPerRow);
    const counts = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} rows ${verb}`;
    context.progress(done, total, `${counts}${left}`);
  };
}
