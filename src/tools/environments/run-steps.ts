import * as z from 'zod';
import { ApiError, CancelledError, ConfigError, NetworkError, RefusedError } from '../../errors/errors.ts';
import type { Explanation } from '../../errors/explain.ts';
import type { WorkflowContext } from '../types.ts';
import { callsOf, type PromotionStep, type ToolCall } from './steps.ts';

/** The result of a step. */
export interface StepOutcome {
  step: string;
  /** The name of the item that the step changes. */
  name: string;
  ok: boolean;
  /** Why there was nothing to do. */
  note?: string;
  /** The file with the secret that the step created. */
  value?: { secret_file: unknown };
  error?: Omit<Explanation, 'tool' | 'environment'>;
}

/**
 * Runs the steps in order. A failed step does not stop the others, unless they could not succeed either: then they are not tried.
 */
export async function runSteps(steps: readonly PromotionStep[], context: WorkflowContext): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  let stopped: unknown;
  for (const step of steps) {
    if (context.signal.aborted) stopped ??= new CancelledError();
    const { outcome, ends } = stopped === undefined ? await runStep(step, context) : notTried(step, stopped, context);
    stopped ??= ends;
    outcomes.push(outcome);
    context.progress(outcomes.length, steps.length, `${outcomes.length} of ${steps.length} steps`);
  }
  return outcomes;
}

interface Ran {
  outcome: StepOutcome;
  /** The error, if it means that no other step can succeed. */
  ends?: unknown;
}

async function runStep(step: PromotionStep, context: WorkflowContext): Promise<Ran> {
  const label = labelOf(step);
  let tool: string = step.step;
  let secret: unknown;
  const value = () => (secret === undefined ? {} : { value: { secret_file: secret } });
  try {
    for (const call of callsOf(step)) {
      tool = call.tool;
      const answer = await callWithSecret(call, context);
      secret ??= SecretFile.safeParse(answer).data?.secret_file;
      if (step.step === 'create_webhook_endpoint' && step.status === 'disabled') {
        tool = 'update_webhook_endpoint';
        const { id } = Created.parse(answer);
        await context.call(tool, { webhook_endpoint_id: id, status: 'disabled' });
      }
    }
    return { outcome: { ...label, ok: true, ...value() } };
  } catch (error) {
    const { tool: _, environment: __, ...explanation } = context.explain(tool, error);
    return { outcome: { ...label, ok: false, ...value(), error: explanation }, ...(endsAll(error) && { ends: error }) };
  }
}

const Created = z.object({ id: z.string() });
const SecretFile = z.looseObject({ secret_file: z.unknown() });

/** Writes a new secret to a file if the settings allow that. Otherwise, the call is made without keeping it. */
async function callWithSecret({ tool, input }: ToolCall, context: WorkflowContext): Promise<unknown> {
  if (tool !== 'create_webhook_endpoint') return context.call(tool, input);
  try {
    return await context.call(tool, { ...input, secret_output: 'file' });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return context.call(tool, input);
  }
}

function notTried(step: PromotionStep, why: unknown, context: WorkflowContext): Ran {
  const { kind, hint } = context.explain(step.step, why);
  const message =
    kind === 'cancelled' ? 'Not tried: the call was cancelled first' : 'Not tried: WorkOS stopped responding';
  return { outcome: { ...labelOf(step), ok: false, error: { kind, message, hint } }, ends: why };
}

/** Whether the error will affect every other step: the call is canceled, or the key or WorkOS is unusable even after retries. */
function endsAll(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 401 || error.status === 429 || error.status >= 500;
  return error instanceof CancelledError || error instanceof ConfigError || error instanceof NetworkError;
}

/** A short label for a step: what it does, and to which item. */
export function labelOf({ step, ...rest }: PromotionStep): { step: string; name: string } {
  const [name] = Object.values(rest);
  return { step, name: step === 'update_jwt_template' ? 'JWT template' : String(name) };
}
