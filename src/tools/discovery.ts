import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { InputError } from '../errors/errors.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { jsonSize } from '../text/json-size.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { type BatchRow, batchResult } from './batch-rows.ts';
import { dispatcher, toolset, workflow } from './define.ts';
import { dispatcherFor, effectClass } from './effects.ts';
import { findTools, operationsOf } from './find-tools.ts';
import { inParallel } from './in-parallel.ts';
import { NOT_IN_API, notPossible } from './not-in-api.ts';
import type { EffectClass, Tool, WorkflowContext } from './types.ts';

const MAX_BATCH = 100;
const CONCURRENCY = 4;
/** No operation has a longer name. */
const MAX_NAME = 60;

const Arguments = z.record(z.string(), z.unknown());

/** Where a dispatcher's arguments come from if they are not given directly: see src/call/made-arguments.ts. */
export const From = z.strictObject({
  tool: z.string(),
  arguments: Arguments.optional(),
  query: z.string().describe('Makes a list of argument objects'),
  /** Merged into each of these objects. */
  with: Arguments.optional(),
});

const dispatcherInput = {
  tool: z.string().describe('Operation name'),
  arguments: z
    .union([Arguments, z.array(Arguments).min(1).max(MAX_BATCH)])
    .optional()
    .describe('Arguments, or an array of up to 100'),
  from: From.optional().describe("Instead of arguments: makes up to 1,000 from a reading tool's answer"),
  preview: z.boolean().optional().describe('Only show what from makes'),
};

function checkSource({ arguments: given, from, preview }: Record<string, unknown>): string | undefined {
  if (given !== undefined && from !== undefined) return 'Give either arguments or from, not both';
  return preview === true && from === undefined ? 'preview shows what from makes, so it needs from' : undefined;
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
  const tool = operationNamed(input.tool, context.tools);
  const forbidden = context.forbiddenReason(tool);
  // No other dispatcher could run a forbidden tool either. The call itself refuses it.
  if (forbidden === undefined) refuseOtherClass(tool, runs);
  const list = input.arguments;
  if (!Array.isArray(list)) return context.call(tool.name, list ?? {});
  const shape = query === undefined ? undefined : context.compileQuery(query, tool);
  const rows = await runBatch(tool, list, shape, context);
  const whole = query !== undefined || context.keepWhole || tool.secrets.class === 'deliver';
  // A secret that was requested must not be omitted.
  return batchResult(tool, rows, ({ input: own }) => whole || own['secret_output'] === 'result');
}

/** Finds the operation with this name. @throws {InputError} if there is none */
export function operationNamed(name: string, tools: ReadonlyMap<string, Tool>): Tool {
  const operations = operationsOf(tools);
  const tool = operations.find((one) => one.name === name);
  if (!tool) {
    const missing = NOT_IN_API.find((one) => one.name === name);
    if (missing)
      throw new InputError(notPossible(missing), ['tool'], `The closest tools are ${missing.nearest.join(', ')}.`);
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
  return tool;
}

/** @throws {InputError} if another dispatcher runs the operation */
export function refuseOtherClass({ name, effect }: Tool, runs: EffectClass): void {
  if (effectClass(effect) === runs) return;
  throw new InputError(
    `call_${runs}_tool cannot run ${name}, whose effect is ${effect}`,
    ['tool'],
    `Use ${dispatcherFor(effect)}.`,
  );
}

const NOT_STARTED = {
  kind: 'cancelled',
  message: 'Not started: the call was cancelled first',
  hint: 'Nothing was sent for this row.',
};

/** Reduces a value to what its row shows. */
type Shape = ReturnType<WorkflowContext['compileQuery']>;

/** Runs a few calls at a time, with results in the order of the list. A failed call does not stop the others. */
async function runBatch(
  tool: Tool,
  list: readonly Record<string, unknown>[],
  shape: Shape | undefined,
  context: WorkflowContext,
): Promise<BatchRow[]> {
  let done = 0;
  let held = 0;
  const run = async (input: Record<string, unknown>): Promise<BatchRow['outcome']> => {
    if (held > MAX_HELD && tool.effect === 'read') return { ok: false, error: TOO_MUCH };
    const outcome = await runRow(tool, input, shape, context);
    if (!outcome.ok || !context.keepWhole) return outcome;
    held += await sizeOf(outcome.value);
    if (held <= MAX_HELD) return outcome;
    if (tool.effect === 'read') return { ok: false, error: TOO_MUCH };
    return { ok: true, value: { ...secretFilesOf(outcome.value), query_error: TOO_MUCH.message } };
  };
  return inParallel(list, CONCURRENCY, async (input, index) => {
    const outcome = await run(input);
    context.progress(++done, list.length, `${done} of ${list.length}`);
    return { index, input, outcome };
  });
}

/** The most characters that the values of a batch may have together, as JSON. */
const MAX_HELD = 64 * 1024 * 1024;
/** A value larger than this is too large. Counting further would block all other calls. */
const MAX_VALUE = 16 * 1024 * 1024;
const ITEMS_AT_ONCE = 5_000;

const TOO_MUCH = {
  kind: 'input',
  message: 'Together, the results of these calls are too large',
  hint: 'Pick fields with query beside tool, or make fewer calls at once.',
};

/** Where the secrets of a write were stored. This must not be lost with the rest of the value. */
function secretFilesOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || !('secret_file' in value)) return {};
  return { secret_file: value.secret_file };
}

/** The size of a value as JSON, or infinity if it is too large. A long list is measured in parts. */
async function sizeOf(value: unknown): Promise<number> {
  const list = typeof value === 'object' && value !== null && 'data' in value ? value.data : undefined;
  if (!Array.isArray(list)) {
    const size = jsonSize(value, MAX_VALUE);
    return size > MAX_VALUE ? Number.POSITIVE_INFINITY : size;
  }
  let size = 0;
  for (let at = 0; at < list.length && size <= MAX_HELD; at += ITEMS_AT_ONCE) {
    size += jsonSize(list.slice(at, at + ITEMS_AT_ONCE), MAX_VALUE);
    await setImmediate();
  }
  return size;
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
