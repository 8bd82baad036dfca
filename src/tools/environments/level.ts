import type { Finding } from '../finding.ts';
import { type NextStep, nextCall } from '../operators/findings.ts';
import type { Plan, WorkflowContext } from '../types.ts';
import { compareLandscapes } from './comparison.ts';
import { KIND_NAMES, KINDS, type Kind } from './kinds.ts';
import { type Landscape, readLandscape } from './landscape.ts';
import { type Promotion, planPromotion } from './promotion.ts';
import { labelOf, runSteps, type StepOutcome } from './run-steps.ts';
import { PromotionStep, toolsOf } from './steps.ts';

/** The configuration that `to` should have, and the names of both sides, for sentences. */
export interface Wanted {
  landscape: Landscape;
  from: string;
  to: string;
  kinds: readonly Kind[];
}

/** The steps that make an environment match the wanted configuration, and the findings about them. */
export interface Levelling extends Promotion {
  /** Kinds that could not be read. The wording of the reasons can vary between calls. */
  unread: readonly Finding<string>[];
}

/** The kinds that must be read in order to compare these: roles also need the permissions. */
export function neededKinds(kinds: readonly Kind[]): Kind[] {
  return KIND_NAMES.filter((kind) => kinds.includes(kind) || (kind === 'permissions' && kinds.includes('roles')));
}

/** Reads the environment of this context and plans the steps to the wanted configuration. */
export async function planFor(wanted: Wanted, context: WorkflowContext): Promise<Levelling> {
  const there = await readLandscape(context, neededKinds(wanted.kinds));
  const { permissions } = there.sections;
  const slugs = permissions && [...permissions.items.map(({ key }) => key), ...(permissions.builtIn ?? [])];
  const { steps, findings } = planPromotion(compareLandscapes(wanted.landscape, there), {
    from: wanted.from,
    to: wanted.to,
    only: wanted.kinds,
    permissions: slugs && new Set(slugs),
  });
  const { allowed, refused } = splitBySettings(steps, context);
  return { steps: [...allowed], findings: [...refused, ...findings], unread: unreadFindings(wanted, there) };
}

/** Reports the steps that the settings forbid, instead of planning them. */
function splitBySettings(
  steps: readonly PromotionStep[],
  context: WorkflowContext,
): { allowed: readonly PromotionStep[]; refused: readonly Finding<string>[] } {
  // A plan made with read-only settings is carried out elsewhere, so these settings do not apply to it.
  if (context.readOnly) return { allowed: steps, refused: [] };
  const reasonFor = (step: PromotionStep) =>
    toolsOf(step)
      .map((name) => context.tools.get(name))
      .flatMap((tool) => (tool && context.forbiddenReason(tool)) ?? [])[0];
  const reasons = new Set(steps.flatMap((step) => reasonFor(step) ?? []));
  return {
    allowed: steps.filter((step) => reasonFor(step) === undefined),
    refused: [...reasons].map((detail) => ({ check: 'settings', status: 'skipped', detail })),
  };
}

/** The requested kinds that could not be compared, so that nobody takes them for equal. */
export function unreadKinds(
  kinds: readonly Kind[],
  sides: readonly (readonly [name: string, landscape: Landscape])[],
): { kind: Kind; why: string }[] {
  return kinds.flatMap((kind) => {
    const [name, landscape] = sides.find(([, { sections }]) => sections[kind] === undefined) ?? [];
    if (name === undefined || !landscape) return [];
    const lists: readonly string[] = [
      KINDS[kind].list,
      ...(kind === 'audit_log_schemas' ? ['list_audit_log_actions'] : []),
    ];
    const why = landscape.unread.find(({ tool }) => lists.includes(tool))?.why ?? 'there are too many to compare';
    return [{ kind, why: `${name}: ${why}` }];
  });
}

function unreadFindings({ kinds, landscape, from, to }: Wanted, there: Landscape): Finding<string>[] {
  const sides = [
    [from, landscape],
    [to, there],
  ] as const;
  return unreadKinds(kinds, sides).map(({ kind, why }) => ({
    check: kind,
    status: 'warning',
    detail: `not compared: ${why}`,
  }));
}

/**
 * The plan for consent, or undefined if there is nothing to do. If a question cannot show all steps, the plan has only the first
 * ones: the user consents to what they see, and the next call asks about the rest.
 * @param most The most characters that the plan may take.
 */
export function consentPlan({ steps, findings, unread }: Levelling, summary: string, most: number): Plan | undefined {
  if (steps.length === 0) return undefined;
  // The wording of a reason can vary between calls, but the plan must stay the same.
  const incomplete = unread.map(({ check }) => ({
    check,
    status: 'warning' as const,
    detail: `${check}: not compared`,
  }));
  const all = [...incomplete, ...findings];
  const first = firstThatFit(steps, most - ROOM_BESIDE - JSON.stringify(all).length);
  const rest = steps.length - first.length;
  if (rest === 0) return { summary, steps, findings: all };
  return {
    summary: `${summary}: the first ${first.length} of ${changes(steps.length)}`,
    steps: first,
    findings: [
      { check: REST, status: 'skipped', detail: `${changes(rest, ' more')}: the next call asks about them` },
      ...all,
    ],
  };
}

/** The check of the finding that says how many steps are left for the next call. */
const REST = 'rest';
/** Characters for everything around the steps and findings: the question, the arguments, and the code. */
const ROOM_BESIDE = 800;
/** Extra characters that a step takes in a question, where its quotation marks are escaped again. */
const ROOM_PER_STEP = 20;

/** The first steps that fit, but at least one. */
function firstThatFit(steps: readonly PromotionStep[], most: number): readonly PromotionStep[] {
  let length = 0;
  const end = steps.findIndex((step) => {
    length += JSON.stringify(step).length + ROOM_PER_STEP;
    return length > most;
  });
  return end < 0 ? steps : steps.slice(0, Math.max(end, 1));
}

/** A count in words, such as `3 changes` or `1 change`. */
export function changes(count: number, adjective = ''): string {
  return `${count}${adjective} ${count === 1 ? 'change' : 'changes'}`;
}

/** A call that makes a new plan. */
export interface Again {
  tool: string;
  arguments: Record<string, unknown>;
}

/** The same call, but applying what it planned. */
export function applying(again: Again): Again {
  return { ...again, arguments: { ...again.arguments, apply: true } };
}

/**
 * Carries out a plan. Calls for the same environment run one after the other, and a call that waited skips what earlier calls
 * have done, because WorkOS does not refuse every duplicate.
 * @param replan Plans the remaining steps.
 */
export async function carryOut(
  plan: Plan,
  { to, again, replan }: { to: string; again: Again; replan: () => Promise<Levelling> },
  context: WorkflowContext,
): Promise<Record<string, unknown>> {
  const steps = PromotionStep.array().parse(plan.steps);
  const rows = await inTurn(`${context.diagnostics.connection.baseUrl} ${to}`, async (waited) => {
    if (!waited) return runSteps(steps, context);
    const left = new Set((await replan()).steps.map((step) => JSON.stringify(step)));
    const isLeft = (step: PromotionStep) => left.has(JSON.stringify(step));
    const run = await runSteps(steps.filter(isLeft), context);
    const done = steps.filter((step) => !isLeft(step));
    return [
      ...done.map((step) => ({ ...labelOf(step), ok: true, note: 'another call had already made this change' })),
      ...run,
    ];
  });
  const failed = rows.filter(({ ok }) => !ok).length;
  // Skipped steps and warnings are repeated in the result. What stays as it is was only worth knowing before.
  const left = (plan.findings ?? []).filter(({ status }) => status !== 'ok');
  const isPart = left.some(({ check }) => check === REST);
  return {
    summary: `${rows.length - failed} of ${changes(rows.length)} made in ${to}${failed > 0 ? `, ${failed} failed` : ''}`,
    succeeded: rows.length - failed,
    failed,
    rows,
    ...(left.length > 0 && { findings: left }),
    ...((failed > 0 || isPart) && {
      next_step: nextStep(
        failed > 0 ? again : applying(again),
        failed > 0
          ? 'Plans the remaining changes. Finished steps are not repeated.'
          : 'Asks about the remaining changes, and makes them.',
        context,
      ),
    }),
  };
}

/** The next call in a form that the client can make. A dispatcher runs unlisted tools, and takes `environment` itself. */
export function nextStep(again: Again, why: string, context: WorkflowContext): NextStep | undefined {
  const { environment, ...rest } = again.arguments;
  if (context.exposed.has(again.tool)) return { ...again, why };
  const step = nextCall([{ tool: again.tool, arguments: rest, why }], context);
  return step && environment !== undefined ? { ...step, arguments: { ...step.arguments, environment } } : step;
}

/** The last call for each environment. */
const lastCalls = new Map<string, Promise<unknown>>();

/** Runs after all earlier calls with the same key. */
async function inTurn(key: string, run: (waited: boolean) => Promise<StepOutcome[]>): Promise<StepOutcome[]> {
  const before = lastCalls.get(key);
  const mine = (before ?? Promise.resolve()).catch(() => {}).then(() => run(before !== undefined));
  lastCalls.set(key, mine);
  try {
    return await mine;
  } finally {
    if (lastCalls.get(key) === mine) lastCalls.delete(key);
  }
}
