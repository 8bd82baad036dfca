import { ApiError, CancelledError, ConfigError } from '../../errors/errors.ts';
import type { Explanation } from '../../errors/explain.ts';
import { inParallel } from '../in-parallel.ts';
import type { WorkflowContext } from '../types.ts';
import { findUser } from './lookup.ts';
import { isActive, MAX_PAGES } from './offboard-facts.ts';
import type { OffboardStep } from './offboarding.ts';
import { readsOf } from './reads.ts';
import { Session } from './records.ts';

/** The result of a step. */
export type StepOutcome = OffboardStep & { ok: boolean; note?: string; error?: Omit<Explanation, 'tool'> };

const AT_ONCE = 4;

/**
 * Runs the steps in order, with a few of the same kind at a time. A failed step does not stop the others unless they could not
 * succeed either.
 * @param user The id or email address of the person.
 */
export async function runSteps(
  steps: readonly OffboardStep[],
  user: string,
  context: WorkflowContext,
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  let stopped: unknown;
  let done = 0;
  for (const kind of new Set(steps.map(({ step }) => step))) {
    const own = [...steps.entries()].filter(([, { step }]) => step === kind);
    await inParallel(own, AT_ONCE, async ([index, step]) => {
      const outcome = stopped === undefined ? await runStep(step, context) : notTried(step, stopped, context);
      stopped ??= outcome.ends;
      outcomes[index] = outcome.shown;
      context.progress(++done, steps.length, `${done} of ${steps.length} steps`);
    });
  }
  return stopped === undefined ? await withEndedSessions(outcomes, user, context) : outcomes;
}

interface Ran {
  shown: StepOutcome;
  /** The error, if it means that no other step can succeed. */
  ends?: unknown;
}

async function runStep(step: OffboardStep, context: WorkflowContext): Promise<Ran> {
  const [tool, input] = callOf(step);
  if (context.signal.aborted) return notTried(step, new CancelledError(), context);
  try {
    await context.call(tool, input);
    return { shown: { ...step, ok: true } };
  } catch (error) {
    // Revoking an invitation can also delete its pending membership.
    const isGone = error instanceof ApiError && error.status === 404 && step.step !== 'revoke_session';
    if (isGone) return { shown: { ...step, ok: true, note: 'it was already gone' } };
    const { tool: _, ...explanation } = context.explain(tool, error);
    return { shown: { ...step, ok: false, error: explanation }, ...(endsAll(error) && { ends: error }) };
  }
}

function callOf(step: OffboardStep): [tool: string, input: Record<string, unknown>] {
  switch (step.step) {
    case 'revoke_invitation':
      return ['revoke_invitation', { invitation_id: step.invitation_id }];
    case 'delete_pending_membership':
      return ['delete_organization_membership', { organization_membership_id: step.organization_membership_id }];
    case 'deactivate_membership':
      return ['deactivate_organization_membership', { organization_membership_id: step.organization_membership_id }];
    case 'revoke_session':
      return ['revoke_session', { session_id: step.session_id }];
  }
}

function notTried(step: OffboardStep, why: unknown, context: WorkflowContext): Ran {
  const [tool] = callOf(step);
  const { kind, hint } = context.explain(tool, why);
  const message =
    kind === 'cancelled' ? 'Not tried: the call was cancelled first' : 'Not tried: an earlier step failed';
  return { shown: { ...step, ok: false, error: { kind, message, hint } }, ends: why };
}

/** Whether the error means that no other step can succeed: the call was canceled, or the key is unusable. */
function endsAll(error: unknown): boolean {
  return (
    error instanceof CancelledError ||
    error instanceof ConfigError ||
    (error instanceof ApiError && error.status === 401)
  );
}

/**
 * WorkOS has no error code for a session that has already ended. A failed step counts as done if the session is not listed as
 * active.
 */
async function withEndedSessions(
  outcomes: readonly StepOutcome[],
  user: string,
  context: WorkflowContext,
): Promise<StepOutcome[]> {
  const failed = outcomes.filter((one) => one.step === 'revoke_session' && isClientError(one.error?.['status']));
  if (failed.length === 0) return [...outcomes];
  const reads = readsOf(context);
  const found = await findUser(reads, user);
  const list = found && (await reads.list(Session, 'list_user_sessions', { user_id: found.id }, MAX_PAGES));
  if (!list || list.more) return [...outcomes];
  const active = new Set(list.items.filter(isActive).map(({ id }) => id));
  return outcomes.map((one) => {
    if (!failed.includes(one) || one.step !== 'revoke_session' || active.has(one.session_id)) return one;
    const { error: _, ...rest } = one;
    return { ...rest, ok: true, note: 'it had already ended' };
  });
}

function isClientError(status: unknown): boolean {
  return status === 400 || status === 404;
}
