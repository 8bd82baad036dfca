import * as z from 'zod';
import { workflow } from '../define.ts';
import type { Finding } from '../finding.ts';
import type { Plan, WorkflowContext } from '../types.ts';
import { type NextStep, nextCall } from './findings.ts';
import { type OffboardFacts, readOffboardFacts } from './offboard-facts.ts';
import { runSteps, type StepOutcome } from './offboard-steps.ts';
import { countsOf, type Offboarding, OffboardStep, offboardingOf, planOf } from './offboarding.ts';

interface Input {
  user: string;
  organizations?: string[] | undefined;
  keep_only_admin?: boolean | undefined;
  apply?: boolean | undefined;
}

/** Ends a person's access, in all organizations or in the given ones. */
export const offboardUser = workflow({
  title: 'Off-board user',
  description:
    "End a person's access: withdraw invitations, deactivate memberships, revoke sessions. Without apply, returns the plan, including where they are the only admin and what a directory would undo. The user itself stays.",
  also: [
    'fired, quits, last day, resigned',
    'leaver, leaves every company',
    'remove somebody everywhere at once',
    'cut off all access of an employee',
  ],
  input: {
    user: z.string().min(1).describe('Email or id'),
    organizations: z.array(z.string().min(1)).min(1).max(100).optional().describe('Ids, names or domains; default all'),
    keep_only_admin: z.boolean().optional().describe('Leave memberships without another admin'),
    apply: z.boolean().optional().describe('Carry out the plan'),
  },
  effect: 'delete',
  filterable: true,
  reports: true,
  // Without these lists, the plan would lack its main contents.
  madeOf: [
    'list_organization_memberships',
    'list_user_sessions',
    'list_invitations',
    'deactivate_organization_membership',
    'delete_organization_membership',
    'revoke_invitation',
    'revoke_session',
  ],
  plan: async (input, context) => {
    if (input.apply !== true) return undefined;
    const { facts, offboarding } = await look(input, context);
    return planOf(facts, offboarding);
  },
  run: (input, context, plan) => {
    if (plan) return apply(input, plan, context);
    return show(input, context);
  },
});

async function look(
  input: Input,
  context: WorkflowContext,
): Promise<{ facts: OffboardFacts; offboarding: Offboarding }> {
  const facts = await readOffboardFacts(context, input);
  return { facts, offboarding: offboardingOf(facts, input.keep_only_admin === true) };
}

/** Returns what would be done, or that there is nothing to do. Changes nothing. */
async function show(input: Input, context: WorkflowContext): Promise<Record<string, unknown>> {
  const { facts, offboarding } = await look(input, context);
  const { steps, kept, inactive, findings } = offboarding;
  const next = nextOf({ ...input, apply: true }, 'Carries out the plan once the user agrees.', context);
  const result = {
    summary: steps.length > 0 ? `${countsOf(steps)}; nothing was changed` : countsOf(steps),
    user: facts.user,
    ...fitting('steps', steps, context),
    ...(kept.length > 0 && {
      kept: kept.map(({ organization, id }) => ({ organization, organization_membership_id: id })),
    }),
    ...(inactive.length > 0 && { already_inactive: context.keepWhole ? inactive : cutTo(inactive, MAX_INACTIVE) }),
    findings: [...findings, REMAINS],
    ...(steps.length > 0 && next),
  };
  return context.withReport(result, async () => {
    const { offboardReport } = await import('./offboard-report.ts');
    const whole = inactive.length > 0 ? { already_inactive: inactive } : {};
    return offboardReport({ ...result, steps, ...whole }, facts.user.email, context.now());
  });
}

/** Carries out the plan. */
async function apply(input: Input, plan: Plan, context: WorkflowContext): Promise<Record<string, unknown>> {
  const steps = z.array(OffboardStep).parse(plan.steps);
  const rows = await runSteps(steps, input.user, context);
  const failed = rows.filter(({ ok }) => !ok).length;
  const findings = [...(plan.findings ?? []), REMAINS];
  const result = {
    summary: `${rows.length - failed} of ${rows.length} steps done${failed > 0 ? `, ${failed} failed` : ''}`,
    user: input.user,
    succeeded: rows.length - failed,
    failed,
    ...fitting('rows', failedFirst(rows), context),
    findings,
    ...(failed > 0 && nextOf(input, 'Retries the remaining steps.', context)),
  };
  return context.withReport(result, async () => {
    const { offboardReport } = await import('./offboard-report.ts');
    return offboardReport({ ...result, rows }, input.user, context.now());
  });
}

/** Another call of this tool, in a form that this server lists, without the arguments that only shape the result. */
function nextOf(
  { user, organizations, keep_only_admin, apply }: Input,
  why: string,
  context: WorkflowContext,
): { next?: NextStep } {
  const own = {
    user,
    ...(organizations && { organizations }),
    ...(keep_only_admin && { keep_only_admin }),
    ...(apply && { apply }),
  };
  const next = nextCall([{ tool: 'offboard_user', arguments: own, why }], context);
  return next ? { next } : {};
}

/** What this tool never ends. */
const REMAINS: Finding<string> = {
  check: 'remains',
  status: 'skipped',
  detail: 'The user itself, its inactive memberships and audit logs stay. Access tokens work until they expire.',
  fix: 'delete_user deletes the user for good.',
};

const MAX_SHOWN = 8;
const MAX_INACTIVE = 5;

/** Shortens a list that is only shown. With `query`, the list stays whole for the expression. */
function fitting(name: string, list: readonly unknown[], { keepWhole }: WorkflowContext): Record<string, unknown> {
  if (keepWhole || list.length <= MAX_SHOWN) return { [name]: list };
  return { [name]: list.slice(0, MAX_SHOWN), omitted: list.length - MAX_SHOWN };
}

function cutTo(names: readonly string[], most: number): string[] {
  return names.length > most ? [...names.slice(0, most), `… ${names.length - most} more`] : [...names];
}

function failedFirst(rows: readonly StepOutcome[]): StepOutcome[] {
  return [...rows.filter(({ ok }) => !ok), ...rows.filter(({ ok }) => ok)];
}
