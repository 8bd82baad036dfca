import type { Finding } from '../finding.ts';
import { type NextStep, nextCall } from '../operators/findings.ts';
import type { Plan, WorkflowContext } from '../types.ts';
import { compareLandscapes } from './comparison.ts';
import { KIND_NAMES, KINDS, type Kind } from './kinds.ts';
import { type Landscape, readLandscape } from './landscape.ts';
import { type Promotion, planPromotion } from './promotion.ts';
import { labelOf, runSteps, type StepOutcome } from './run-steps.ts';
import { PromotionStep, toolsOf } from './steps.ts';

/** What `to` is to have, and the names of both sides, for sentences. */
export interface Wanted {
  landscape: Landscape;
  from: string;
  to: string;
  kinds: readonly Kind[];
}

/** What it takes to level an environment. */
export interface Levelling extends Promotion {
  /** Why a list could not be read, which has other words each time. */
  unread: readonly Finding<string>[];
}

/** The kinds that have to be read for these: what a role may do depends on the permissions that there are. */
export function neededKinds(kinds: readonly Kind[]): Kind[] {
  return KIND_NAMES.filter((kind) => kinds.includes(kind) || (kind === 'permissions' && kinds.includes('roles')));
}

/** Reads the environment of this context and plans how it becomes what is wanted. */
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

/** Steps that the settings forbid are reported, and not tried. */
function splitBySettings(
  steps: readonly PromotionStep[],
  context: WorkflowContext,
): { allowed: readonly PromotionStep[]; refused: readonly Finding<string>[] } {
  // A plan that is made where nothing may be changed is carried out elsewhere.
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

/** What was asked for and could not be compared, so that nobody takes it for the same. */
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
 * The plan for consent; undefined where there is nothing to do. Of more than a question can show, it has the first steps: the
 * user agrees to what they see, and the next call is about the rest.
 * @param most the characters that it may take
 */
export function consentPlan({ steps, findings, unread }: Levelling, summary: string, most: number): Plan | undefined {
  if (steps.length === 0) return undefined;
  // The reason can have other words each time, and the plan has to stay as it is.
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

/** The finding that says how much of a plan is left for the next call. */
const REST = 'rest';
/** Characters around the steps and findings: the question itself, the arguments and the code. */
const ROOM_BESIDE = 800;
/** Characters that a step takes more in a question than as JSON, where quotation marks are escaped again. */
const ROOM_PER_STEP = 20;

/** As many steps as fit, and at least one. */
function firstThatFit(steps: readonly PromotionStep[], most: number): readonly PromotionStep[] {
  let length = 0;
  const end = steps.findIndex((step) => {
    length += JSON.stringify(step).length + ROOM_PER_STEP;
    return length > most;
  });
  return end < 0 ? steps : steps.slice(0, Math.max(end, 1));
}

/** `3 changes`, `1 change`. */
export function changes(count: number, adjective = ''): string {
  return `${count}${adjective} ${count === 1 ? 'change' : 'changes'}`;
}

/** A call that plans anew. */
export interface Again {
  tool: string;
  arguments: Record<string, unknown>;
}

/** The same call, which then does what it planned. */
export function applying(again: Again): Again {
  return { ...again, arguments: { ...again.arguments, apply: true } };
}

/**
 * Does what a plan says. Two calls about the same environment run one after the other, and the second one leaves out what the
 * first one has done: not everything that is created twice is refused.
 * @param replan What is left to do.
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
    return [...done.map((step) => ({ ...labelOf(step), ok: true, note: 'it was done meanwhile' })), ...run];
  });
  const failed = rows.filter(({ ok }) => !ok).length;
  // What stays as it is was worth knowing before.
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
        failed > 0 ? 'Plans the rest. Finished steps are not repeated.' : 'Asks about the rest, and does it.',
        context,
      ),
    }),
  };
}

/** A call as the client can make it. What is not listed is run by a dispatcher, which takes the environment itself. */
export function nextStep(again: Again, why: string, context: WorkflowContext): NextStep | undefined {
  const { environment, ...rest } = again.arguments;
  if (context.exposed.has(again.tool)) return { ...again, why };
  const step = nextCall([{ tool: again.tool, arguments: rest, why }], context);
  return step && environment !== undefined ? { ...step, arguments: { ...step.arguments, environment } } : step;
}

/** The last call about each environment. */
const lastCalls = new Map<string, Promise<unknown>>();

/** Runs after those before it with the same key. */
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
