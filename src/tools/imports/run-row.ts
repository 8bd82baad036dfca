import { ApiError, CancelledError, ConfigError, InputError, NetworkError, RefusedError } from '../../errors/errors.ts';
import type { WorkflowContext } from '../types.ts';
import { type ImportRow, type RowOptions, secretsOf } from './columns.ts';
import type { Journal } from './journal.ts';
import { afterStep, lookUp, lookUpTool } from './look-up.ts';
import { type Found, nextStep, type Outcome, type Step } from './next-step.ts';
import type { OrganizationProblem, OrganizationRoles } from './organization-roles.ts';
import { failureOf, type RowFailure } from './tally.ts';

/** How a row ended. `left` means that WorkOS was unreachable or too busy: the next call continues with the row. */
type RowEnd =
  | { kind: 'ended'; outcome: Outcome; why: string | undefined; failure: RowFailure | undefined }
  | { kind: 'left'; failure: RowFailure };

/**
 * The most attempts for a row. A row is started again after a write that may have been carried out, and while WorkOS is busy or
 * unreachable. With the waits in between, an import survives an outage of half a minute.
 */
const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MS = 500;

/**
 * Runs a row to its end and records each step in the journal, before and after. A step that may have been carried out is looked
 * up before it is repeated.
 * @throws {CancelledError} {@link RefusedError} {@link ConfigError} if the whole import must stop; the row then stays open
 */
export async function runRow(
  context: WorkflowContext,
  journal: Journal,
  row: ImportRow,
  options: RowOptions,
  organizations: OrganizationRoles,
): Promise<RowEnd> {
  const done = journal.progress.done(row.row);
  const did = new Set(done.did);
  const maybe = new Set(done.maybe);
  let records: object[] = [];
  let found: Found = {};
  let refused: Step | undefined;
  const note = async (...more: object[]) => {
    const all = [...records, ...more];
    records = [];
    if (all.length > 0) await journal.append(all);
  };
  const end = async (outcome: Outcome, why?: string, failure?: RowFailure): Promise<RowEnd> => {
    const id = found.user?.id;
    await note({
      row: row.row,
      line: row.line,
      end: outcome,
      ...(id && { user_id: id }),
      ...(why && { why }),
      ...failure,
    });
    return { kind: 'ended', outcome, why, failure };
  };
  for (let attempts = 1; ; ) {
    const next = nextStep(row, found, { did, maybe }, options);
    if (next.kind === 'end') return end(next.outcome, next.why);
    let tool = '';
    try {
      if (next.kind === 'look') {
        tool = lookUpTool(next.for, options.match);
        await note();
        found = await lookUp(context, row, found, next.for, options.match);
        continue;
      }
      ({ tool } = next);
      const problem = await organizations.problemOf(row);
      if (problem) return end('failed', undefined, failureOfOrganization(context, row, problem));
      await note({ row: row.row, will: next.step });
      const answer = await context.call(tool, next.input, { quiet: true });
      const after = afterStep(found, next.step, answer);
      maybe.delete(next.step);
      did.add(next.step);
      records = [{ row: row.row, did: next.step }];
      found = after ?? {};
    } catch (error) {
      if (endsImport(error)) throw error;
      const failure = failureIn(context, row, tool, error);
      let tryAgain = isPassing(error);
      if (next.kind === 'step') {
        const isUnclear = mayHaveHappened(error);
        if (isUnclear) maybe.add(next.step);
        else records = [{ row: row.row, not: next.step }];
        // Another client was faster, or an earlier attempt was carried out after all.
        const isTaken = isConflict(error) && refused !== next.step;
        if (isTaken) refused = next.step;
        if (isUnclear || isTaken) tryAgain = true;
      }
      if (tryAgain && attempts < MAX_ATTEMPTS) {
        await note();
        await context.sleep(FIRST_WAIT_MS * 2 ** (attempts++ - 1));
        found = {};
        continue;
      }
      if (!isPassing(error)) return end('failed', undefined, failure);
      await note();
      return { kind: 'left', failure };
    }
  }
}

/** Why one row failed, or undefined if the error is not about the row. */
export function failureOfRow(
  context: WorkflowContext,
  row: ImportRow,
  tool: string,
  error: unknown,
): RowFailure | undefined {
  return endsImport(error) || isPassing(error) ? undefined : failureIn(context, row, tool, error);
}

/** The failure of a row whose organization or role does not exist. */
export function failureOfOrganization(
  context: WorkflowContext,
  row: ImportRow,
  { tool, why }: OrganizationProblem,
): RowFailure {
  return failureIn(context, row, tool, new InputError(why));
}

function failureIn(context: WorkflowContext, row: ImportRow, tool: string, error: unknown): RowFailure {
  return failureOf(context.explain(tool, error, secretsOf(row)));
}

/** Whether every other row would fail in the same way. */
function endsImport(error: unknown): boolean {
  return (
    error instanceof CancelledError ||
    error instanceof ConfigError ||
    error instanceof RefusedError ||
    (error instanceof ApiError && error.status === 401)
  );
}

function mayHaveHappened(error: unknown): boolean {
  if (error instanceof InputError) return false;
  // After any other error, such as a bug in this server, the outcome is unknown.
  return error instanceof ApiError || error instanceof NetworkError ? error.mayHaveSucceeded : true;
}

/** Whether the error is temporary and has nothing to do with the row. */
function isPassing(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  return error instanceof ApiError && (error.status >= 500 || [408, 429].includes(error.status));
}

const TAKEN = /already|not_available|exists|taken/;

/** Whether the object already exists. For users, WorkOS answers 400 with the code among the errors; for memberships, 409. */
function isConflict(error: unknown): boolean {
  if (!(error instanceof ApiError) || ![400, 409, 422].includes(error.status)) return false;
  return error.status === 409 || TAKEN.test(JSON.stringify([error.code, error.errors]));
}
