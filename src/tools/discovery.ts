import * as z from 'zod';
import { InputError } from '../errors/errors.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { type BatchRow, batchResult } from './batch-rows.ts';
import { dispatcher, dispatcherFor, effectClass, toolset, workflow } from './define.ts';
import { findTools, operationsOf } from './find-tools.ts';
import type { EffectClass, Tool, WorkflowContext } from './types.ts';

const MAX_BATCH = 100;
const CONCURRENCY = 4;
/** No operation has a longer name. */
const MAX_NAME = 60;

const Arguments = z.record(z.string(), z.unknown());

/** Where a dispatcher's arguments come from, if they are not given: see src/call/made-arguments.ts. */
export const From = z.strictObject({
  tool: z.string(),
  arguments: Arguments.optional(),
  query: z.string().describe('Makes a list of argument objects'),
  /** Merged into each of them. */
  with: Arguments.optional(),
});

const dispatcherInput = {
  tool: z.string().describe('Operation name'),
  arguments: z
    .union([Arguments, z.array(Arguments).min(1).max(MAX_BATCH)])
    .optional()
    .describe('Arguments, or an array of up to 100'),
  from: From.optional().describe('Instead of arguments: makes up to 1,000 from all that a reading tool answers'),
  preview: z.boolean().optional().describe('Only show what from makes'),
};

function checkSource({ arguments: given, from, preview }: Record<string, unknown>): string | undefined {
  if (given !== undefined && from !== undefined) return 'Give either arguments or from, not both';
  return preview === true && from === undefined ? 'preview shows what from makes, and there is no from' : undefined;
}

export const discovery = toolset('discovery', 'Finding and running the tools that are not listed', {
  find_tools: workflow({
    title: 'Find tools',
    description:
      'Signatures of operations, listed or not: by names, or the best matches for what you want to do, or all of a toolset.',
    input: {
      query: z.string().min(1).max(500).optional().describe('What you want to do'),
      toolset: z.string().optional().describe('Only this toolset'),
      names: z.array(z.string()).min(1).max(10).optional().describe('Operation names'),
    },
    check: ({ query, toolset: only, names }) =>
      query === undefined && only === undefined && names === undefined
        ? 'query, toolset or names is required'
        : undefined,
    effect: 'read',
    core: true,
    local: true,
    run: findTools,
  }),

  call_read_tool: dispatcher('read', {
    title: 'Call a reading tool',
    description:
      'Run any operation that only reads: once, for each of an array of arguments, or for each that from makes.',
    input: dispatcherInput,
    check: checkSource,
    core: true,
    filterable: true,
    run: dispatch,
  }),

  call_write_tool: dispatcher('write', {
    title: 'Call a writing tool',
    description:
      'Run any operation that adds or changes something: once, for each of an array of arguments (twelve invitations are one call), or for each that from makes.',
    input: dispatcherInput,
    check: checkSource,
    core: true,
    filterable: true,
    run: dispatch,
  }),

  call_destructive_tool: dispatcher('destructive', {
    title: 'Call a destructive tool',
    description:
      'Run any operation that deletes or replaces something: once, for each of an array of arguments, or for each that from makes.',
    input: dispatcherInput,
    check: checkSource,
    core: true,
    filterable: true,
    run: dispatch,
  }),
});

async function dispatch(
  input: { tool: string; arguments?: z.infer<typeof Arguments> | z.infer<typeof Arguments>[] | undefined },
  context: WorkflowContext,
  runs: EffectClass,
  query: string | undefined,
): Promise<unknown> {
  const tool = operationFor(input.tool, runs, context.tools);
  const list = input.arguments;
  if (!Array.isArray(list)) return context.call(tool.name, list ?? {});
  const shape = query === undefined ? undefined : context.compileQuery(query, tool);
  const rows = await runBatch(tool, list, shape, context);
  const whole = query !== undefined || context.keepWhole || tool.secrets.class === 'deliver';
  // A secret that was asked for must not be left out.
  return batchResult(tool, rows, ({ input: own }) => whole || own['secret_output'] === 'result');
}

/** The operation of this name, if the dispatcher for this class runs it. @throws {InputError} */
export function operationFor(name: string, runs: EffectClass, tools: ReadonlyMap<string, Tool>): Tool {
  const operations = operationsOf(tools);
  const tool = operations.find((one) => one.name === name);
  if (!tool) {
    const near =
      name.length <= MAX_NAME
        ? didYouMean(
            name,
            operations.map((one) => one.name),
          )
        : '';
    throw new InputError(
      `There is no operation ${quoteUntrusted(name)}${near}`,
      ['tool'],
      'find_tools searches all of them.',
    );
  }
  if (effectClass(tool.effect) !== runs) {
    throw new InputError(
      `call_${runs}_tool cannot run ${tool.name}, whose effect is ${tool.effect}`,
      ['tool'],
      `Use ${dispatcherFor(tool.effect)}.`,
    );
  }
  return tool;
}

const NOT_STARTED = {
  kind: 'cancelled',
  message: 'Not started: the call was cancelled first',
  hint: 'Nothing was sent for this row.',
};

/** What a row shows of its value. */
type Shape = ReturnType<WorkflowContext['compileQuery']>;

/** Runs a few calls at a time and keeps their order. A failed call does not stop the others. */
async function runBatch(
  tool: Tool,
  list: readonly Record<string, unknown>[],
  shape: Shape | undefined,
  context: WorkflowContext,
): Promise<BatchRow[]> {
  const rows: BatchRow[] = [];
  let next = 0;
  let done = 0;
  const worker = async () => {
    for (let index = next++; index < list.length; index = next++) {
      const input = list[index] ?? {};
      rows[index] = { index, input, outcome: await runRow(tool, input, shape, context) };
      context.progress(++done, list.length, `${done} of ${list.length}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, list.length) }, worker));
  return rows;
}

async function runRow(
  tool: Tool,
  input: Record<string, unknown>,
  shape: Shape | undefined,
  context: WorkflowContext,
): Promise<BatchRow['outcome']> {
  if (context.signal.aborted) return { ok: false, error: NOT_STARTED };
  try {
    const value = await context.call(tool.name, input);
    return { ok: true, ...(shape ? await shape(value) : { value }) };
  } catch (error) {
    const { tool: _, ...explanation } = context.explain(tool.name, error);
    return { ok: false, error: explanation };
  }
}
