import * as z from 'zod';
import { InputError } from '../errors/errors.ts';
import type { Document } from '../search/ranking.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { type BatchRow, batchResult } from './batch-rows.ts';
import { dispatcher, dispatcherFor, effectClass, toolset, workflow } from './define.ts';
import { mcpDefinition } from './mcp-definition.ts';
import { NOT_IN_API } from './not-in-api.ts';
import type { EffectClass, Tool, WorkflowContext } from './types.ts';

const MAX_HITS = 5;
const MAX_BATCH = 100;
const CONCURRENCY = 4;

const Arguments = z.record(z.string(), z.unknown());

const dispatcherInput = {
  tool: z.string().describe('Operation name'),
  arguments: z
    .union([Arguments, z.array(Arguments).min(1).max(MAX_BATCH)])
    .optional()
    .describe('Arguments, or an array of up to 100'),
};

export const discovery = toolset('discovery', 'Finding and running the tools that are not listed', {
  find_tools: workflow({
    title: 'Find tools',
    description:
      'Search all WorkOS operations, listed or not, by what you want to do. Returns the best matches with their input schema and the call_ tool that runs them.',
    input: {
      query: z.string().min(1).max(500).describe('What you want to do'),
      toolset: z.string().optional().describe('Only this toolset'),
    },
    effect: 'read',
    core: true,
    local: true,
    run: ({ query, toolset: only }, context) => find(query, only, context),
  }),

  call_read_tool: dispatcher('read', {
    title: 'Call a reading tool',
    description:
      'Run any operation that only reads, including ones that are not listed: find_tools names them. With an array of arguments it runs once for each.',
    input: dispatcherInput,
    core: true,
    filterable: true,
    run: dispatch,
  }),

  call_write_tool: dispatcher('write', {
    title: 'Call a writing tool',
    description:
      'Run any operation that adds or changes something, including ones that are not listed. With an array of arguments it runs once for each: twelve invitations are one call.',
    input: dispatcherInput,
    core: true,
    filterable: true,
    run: dispatch,
  }),

  call_destructive_tool: dispatcher('destructive', {
    title: 'Call a destructive tool',
    description:
      'Run any operation that deletes or replaces something, including ones that are not listed, once or for each of an array of arguments.',
    input: dispatcherInput,
    core: true,
    filterable: true,
    run: dispatch,
  }),
});

/** The operations. The tools of this file cannot find or call each other. */
function operationsOf(context: WorkflowContext): Tool[] {
  return [...context.tools.values()].filter((tool) => tool.toolset !== 'discovery');
}

async function find(question: string, only: string | undefined, context: WorkflowContext) {
  const operations = operationsOf(context);
  const names = [...new Set(operations.map((tool) => tool.toolset))];
  if (only !== undefined && !names.includes(only)) {
    throw new InputError(`There is no toolset ${quoteUntrusted(only)}`, ['toolset'], `Toolsets: ${names.join(', ')}.`);
  }
  const { rank } = await import('../search/ranking.ts');
  const found = rank(question, documentsOf(context), only === undefined ? MAX_HITS : operations.length)
    .flatMap(({ name }) => hitFor(name, only, context) ?? [])
    .slice(0, MAX_HITS);
  return found.length
    ? { tools: found }
    : {
        tools: [],
        hint: `No match. Toolsets: ${names.join(', ')}. Try WorkOS's terms, such as directory, connection or membership.`,
      };
}

function hitFor(name: string, only: string | undefined, context: WorkflowContext) {
  const missing = NOT_IN_API.find((one) => one.name === name);
  if (missing) {
    if (only !== undefined && missing.toolset !== only) return undefined;
    const { title, dashboard, nearest } = missing;
    return { not_possible: `${title} is not possible by API. In the dashboard: ${dashboard}.`, nearest };
  }
  const tool = context.tools.get(name);
  if (!tool || (only !== undefined && tool.toolset !== only)) return undefined;
  const forbidden = context.forbiddenReason(tool);
  const { title, description, inputSchema } = mcpDefinition(tool);
  return {
    tool: tool.name,
    title,
    toolset: tool.toolset,
    effect: tool.effect,
    ...(forbidden ? { forbidden } : { run_with: context.exposed.has(name) ? name : dispatcherFor(tool.effect) }),
    description,
    input_schema: inputSchema,
  };
}

const documents = new WeakMap<WorkflowContext['tools'], Document[]>();

/** Always the same array for the same tools, because the ranking caches its index by it. */
function documentsOf(context: WorkflowContext): Document[] {
  const known = documents.get(context.tools) ?? toDocuments(operationsOf(context));
  documents.set(context.tools, known);
  return known;
}

/** What find_tools searches: the operations, and what the API lacks, which would all add or change something. */
export function toDocuments(operations: readonly Tool[]): Document[] {
  return [...operations, ...NOT_IN_API.map((missing) => ({ ...missing, effect: 'create' }))];
}

async function dispatch(
  input: { tool: string; arguments?: z.infer<typeof Arguments> | z.infer<typeof Arguments>[] | undefined },
  context: WorkflowContext,
  runs: EffectClass,
  query: string | undefined,
): Promise<unknown> {
  const tool = operationsOf(context).find(({ name }) => name === input.tool);
  if (!tool) {
    throw new InputError(
      `There is no operation ${quoteUntrusted(input.tool)}`,
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
  const list = input.arguments;
  if (!Array.isArray(list)) return context.call(tool.name, list ?? {});
  const shape = query === undefined ? undefined : context.compileQuery(query, tool);
  const rows = await runBatch(tool, list, shape, context);
  const whole = query !== undefined || context.keepWhole || tool.secrets.class === 'deliver';
  // A secret that was asked for must not be left out.
  return batchResult(tool, rows, ({ input: own }) => whole || own['secret_output'] === 'result');
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
