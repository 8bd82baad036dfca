import * as z from 'zod';
import { InputError } from '../errors/errors.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { toolset, workflow } from './define.ts';
import { compareLandscapes } from './environments/comparison.ts';
import { shortComparison, wholeComparison } from './environments/comparison-result.ts';
import { KIND_NAMES, type Kind } from './environments/kinds.ts';
import { readLandscape } from './environments/landscape.ts';
import {
  type Again,
  applying,
  carryOut,
  changes,
  consentPlan,
  type Levelling,
  neededKinds,
  nextStep,
  planFor,
  unreadKinds,
} from './environments/level.ts';
import { readConfiguration } from './environments/read-configuration.ts';
import type { WorkflowContext } from './types.ts';

const only = z.array(z.enum(KIND_NAMES)).min(1).optional().describe('Default: all');
const between = { from: z.string().describe('Environment'), to: z.string().describe('Environment'), only };
const apply = z.boolean().optional().describe('Carry out the plan');

export const environments = toolset('environments', 'Compare and promote environments', {
  compare_environments: workflow({
    title: 'Compare environments',
    description: 'What is configured in only one of two environments, or differs, field by field.',
    also: ['drift of production from staging', 'what is missing in production', 'differences in permissions, webhooks'],
    input: between,
    between: true,
    filterable: true,
    effect: 'read',
    run: compare,
  }),

  promote_environment: workflow({
    title: 'Promote environment',
    description: 'Give to everything that from has. Without apply, only plans. Deletes nothing.',
    also: [
      'copy roles and permissions from staging to production',
      'sync, level, align two environments',
      'roll out configuration',
    ],
    input: { ...between, apply },
    between: true,
    filterable: true,
    effect: 'overwrite',
    plan: async (input, context) => {
      if (input.apply !== true) return undefined;
      return consentPlan(await levelling(input, context), `Promote ${input.from} to ${input.to}`, context.planChars);
    },
    run: async (input, context, plan) => {
      const { from, to, apply: _, ...rest } = input;
      const again = { tool: 'promote_environment', arguments: { from, to, ...(rest.only && { only: rest.only }) } };
      const replan = () => levelling(input, context);
      if (plan) return carryOut(plan, { to, again, replan }, context);
      return shownPlan(await replan(), { from, to, again }, context);
    },
  }),

  export_configuration: workflow({
    title: 'Export configuration',
    description: 'Write permissions, roles, redirect URIs, webhooks and the like to a YAML file.',
    also: ['configuration as code, version control, git', 'backup of roles and permissions'],
    input: {},
    effect: 'read',
    run: async (_, context) => {
      const { FILE_KINDS, configurationText } = await import('./environments/configuration-file.ts');
      const landscape = await readLandscape(context, FILE_KINDS);
      const path = await context.writeFile('configuration', 'yaml', configurationText(landscape));
      const counts = FILE_KINDS.flatMap((kind) => {
        const section = landscape.sections[kind];
        return section ? [[kind, section.items.length] as const] : [];
      });
      const missing = unreadKinds(FILE_KINDS, [['this environment', landscape]]);
      return {
        path,
        ...Object.fromEntries(counts),
        ...(missing.length > 0 && { not_exported: missing }),
      };
    },
  }),

  apply_configuration: workflow({
    title: 'Apply configuration',
    description:
      'Make an environment match a file from export_configuration. Without apply, only plans. Deletes nothing.',
    also: ['restore roles from a file', 'infrastructure as code, GitOps'],
    input: { path: z.string().min(1).describe('YAML file'), apply },
    localOnly: true,
    filterable: true,
    effect: 'overwrite',
    plan: async (input, context) => {
      if (input.apply !== true) return undefined;
      return consentPlan(
        await fileLevelling(input.path, context),
        `Apply ${quoteUntrusted(input.path, 200)}`,
        context.planChars,
      );
    },
    run: async ({ path }, context, plan) => {
      const { environment } = context;
      const again = {
        tool: 'apply_configuration',
        arguments: { path, ...(environment !== undefined && { environment }) },
      };
      const replan = () => fileLevelling(path, context);
      const to = environmentOf(context);
      if (plan) return carryOut(plan, { to, again, replan }, context);
      return shownPlan(await replan(), { from: quoteUntrusted(path, 100), to, again }, context);
    },
  }),
});

async function compare(
  input: { from: string; to: string; only?: Kind[] | undefined },
  context: WorkflowContext,
): Promise<Record<string, unknown>> {
  const { from, to } = twoEnvironments(input, context);
  const kinds = input.only ?? KIND_NAMES;
  const [here, there] = await Promise.all([
    readLandscape(context.inEnvironment(from), kinds),
    readLandscape(context, kinds),
  ]);
  const compared = {
    from,
    to,
    differences: compareLandscapes(here, there),
    notCompared: unreadKinds(kinds, [
      [from, here],
      [to, there],
    ]),
  };
  if (context.keepWhole) return wholeComparison(compared);
  const { result, isWhole } = shortComparison(compared);
  if (isWhole) return result;
  const whole = `${JSON.stringify(wholeComparison(compared), null, 1)}\n`;
  const path = await context.writeFile('comparison', 'json', whole);
  return { ...result, path, hint: 'The file has the whole comparison. only and query show parts.' };
}

/** @throws {InputError} if they are not two different environments of this server */
function twoEnvironments({ from, to }: { from: string; to: string }, context: WorkflowContext) {
  const { environments: names } = context;
  if (!names.includes(from)) {
    throw new InputError(`from must be one of ${names.join(', ')}`, ['from'], 'Nothing was sent.');
  }
  if (from === to)
    throw new InputError(
      `from and to are both ${to}`,
      ['from', 'to'],
      'Name two different environments. Nothing was sent.',
    );
  return { from, to };
}

async function levelling(
  input: { from: string; to: string; only?: Kind[] | undefined },
  context: WorkflowContext,
): Promise<Levelling> {
  const { from, to } = twoEnvironments(input, context);
  const kinds = input.only ?? KIND_NAMES;
  const landscape = await readLandscape(context.inEnvironment(from), neededKinds(kinds));
  return planFor({ landscape, from, to, kinds }, context);
}

async function fileLevelling(path: string, context: WorkflowContext): Promise<Levelling> {
  const { FILE_KINDS, parseConfiguration } = await import('./environments/configuration-file.ts');
  const landscape = parseConfiguration(await readConfiguration(context.files, path), path);
  const kinds = FILE_KINDS.filter((kind) => landscape.sections[kind] !== undefined);
  return planFor({ landscape, from: quoteUntrusted(path, 100), to: environmentOf(context), kinds }, context);
}

/** The name of the environment that a call runs in. */
function environmentOf({ environment, environments: names }: WorkflowContext): string {
  return environment ?? names[0] ?? 'this environment';
}

/** The result that shows a plan without carrying it out. */
function shownPlan(
  { steps, findings, unread }: Levelling,
  { from, to, again }: { from: string; to: string; again: Again },
  context: WorkflowContext,
): Record<string, unknown> {
  const all = [...unread, ...findings];
  const next = nextStep(applying(again), 'Carries out the plan once the user agrees.', context);
  return {
    summary:
      steps.length > 0
        ? `${changes(steps.length)} would give ${to} what ${from} has; nothing was changed`
        : unread.length > 0
          ? `Nothing to do in ${to}, as far as it could be compared with ${from}`
          : `${to} has everything that ${from} has${all.length > 0 ? ', except as the findings say' : ''}; nothing to do`,
    steps,
    ...(all.length > 0 && { findings: all }),
    ...(steps.length > 0 && next && { next_step: next }),
  };
}
