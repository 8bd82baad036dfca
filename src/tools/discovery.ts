import * as z from 'zod';
import { InputError } from '../errors/errors.ts';
import { rank } from '../search/ranking.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { isDestructive, type Tool, toolset, type WorkflowContext, workflow } from './define.ts';
import { mcpDefinition } from './mcp-definition.ts';

const BEST = 5;
const MOST_RUNS = 100;
const AT_ONCE = 4;

const Arguments = z.record(z.string(), z.unknown());

const callInput = {
  tool: z.string().describe('Its name'),
  arguments: z
    .union([Arguments, z.array(Arguments).min(1).max(MOST_RUNS)])
    .optional()
    .describe('Its arguments, or up to 100 of them'),
};

export const discovery = toolset('discovery', 'Finding and running the tools that are not listed', {
  find_tools: workflow({
    title: 'Find tools',
    description:
      'Search all WorkOS operations, listed or not, by what you want to do. Returns the best few with input schema and the call_ tool that runs them.',
    input: {
      query: z.string().min(1).max(500).describe('What you want to do'),
      toolset: z.string().optional().describe('Only this toolset'),
    },
    effect: 'read',
    core: true,
    run: async ({ query, toolset: only }, context) => find(query, only, context),
  }),

  call_read_tool: workflow({
    title: 'Call a reading tool',
    description:
      'Run any operation that only reads, also one that is not listed: find_tools names them. With an array of arguments it runs once for each.',
    input: callInput,
    effect: 'read',
    core: true,
    filterable: true,
    run: (input, context) => runCalls(input, context, 'call_read_tool'),
  }),

  call_write_tool: workflow({
    title: 'Call a writing tool',
    description:
      'Run any operation that adds or changes, also one that is not listed. With an array of arguments it runs once for each: twelve invitations are one call.',
    input: callInput,
    effect: 'create',
    core: true,
    filterable: true,
    run: (input, context) => runCalls(input, context, 'call_write_tool'),
  }),

  call_destructive_tool: workflow({
    title: 'Call a destructive tool',
    description:
      'Run any operation that deletes or replaces, also one that is not listed, once or for each of an array of arguments.',
    input: callInput,
    effect: 'overwrite',
    core: true,
    filterable: true,
    run: (input, context) => runCalls(input, context, 'call_destructive_tool'),
  }),
});

type Door = 'call_read_tool' | 'call_write_tool' | 'call_destructive_tool';

function doorOf({ effect }: Tool): Door {
  if (effect === 'read') return 'call_read_tool';
  return isDestructive(effect) ? 'call_destructive_tool' : 'call_write_tool';
}

/** The operations; finding or calling the tools of this very file would only go in circles. */
function operationsOf(context: WorkflowContext): Tool[] {
  return [...context.tools.values()].filter((tool) => tool.toolset !== 'discovery');
}

function find(question: string, only: string | undefined, context: WorkflowContext) {
  const operations = operationsOf(context);
  const names = [...new Set(operations.map((tool) => tool.toolset))];
  if (only !== undefined && !names.includes(only)) {
    throw new InputError(`There is no toolset ${quoteUntrusted(only)}`, ['toolset'], `Toolsets: ${names.join(', ')}.`);
  }
  const found = rank(question, documentsOf(operations), only === undefined ? BEST : operations.length)
    .flatMap(({ name }) => context.tools.get(name) ?? [])
    .filter((tool) => only === undefined || tool.toolset === only)
    .slice(0, BEST)
    .map((tool) => {
      const forbidden = context.forbiddenReason(tool);
      const { title, description, inputSchema } = mcpDefinition(tool);
      return {
        tool: tool.name,
        title,
        toolset: tool.toolset,
        effect: tool.effect,
        ...(forbidden ? { forbidden } : { run_with: context.exposed.has(tool.name) ? tool.name : doorOf(tool) }),
        description,
        input_schema: inputSchema,
      };
    });
  return found.length
    ? { tools: found }
    : {
        tools: [],
        hint: `Nothing fits. Toolsets: ${names.join(', ')}. Try WorkOS's nouns, such as directory, connection, membership.`,
      };
}

let documents: { of: readonly string[]; list: ReturnType<typeof toDocuments> } | undefined;

/** The same array for the same tools, because the ranking keeps its index by it. */
function documentsOf(operations: readonly Tool[]): ReturnType<typeof toDocuments> {
  if (documents?.of.length !== operations.length) {
    documents = { of: operations.map(({ name }) => name), list: toDocuments(operations) };
  }
  return documents.list;
}

function toDocuments(operations: readonly Tool[]) {
  return operations.map(({ name, title, description, toolset: of }) => ({ name, title, description, toolset: of }));
}

/** One row of a call with several arguments. */
interface RunRow {
  index: number;
  ok: boolean;
  value?: unknown;
  error?: unknown;
}

async function runCalls(
  input: { tool: string; arguments?: z.infer<typeof Arguments> | z.infer<typeof Arguments>[] | undefined },
  context: WorkflowContext,
  door: Door,
): Promise<unknown> {
  const tool = operationsOf(context).find(({ name }) => name === input.tool);
  if (!tool) {
    throw new InputError(
      `There is no operation ${quoteUntrusted(input.tool)}`,
      ['tool'],
      'find_tools searches them all.',
    );
  }
  const right = doorOf(tool);
  if (right !== door) {
    throw new InputError(
      `${tool.name} is no tool for ${door}: its effect is ${tool.effect}`,
      ['tool'],
      `Use ${right}.`,
    );
  }
  const list = input.arguments;
  if (!Array.isArray(list)) return context.call(tool.name, list ?? {});
  const rows = await runAll(tool, list, context);
  const failed = rows.filter(({ ok }) => !ok).length;
  return { tool: tool.name, count: rows.length, succeeded: rows.length - failed, failed, rows };
}

const NOT_STARTED = {
  kind: 'cancelled',
  message: 'Not started: the call was cancelled before its turn',
  hint: 'Nothing was sent for this row.',
};

/** Runs a few at a time and keeps the order; a failure of one says nothing about the next. */
async function runAll(
  tool: Tool,
  list: readonly Record<string, unknown>[],
  context: WorkflowContext,
): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  let next = 0;
  let done = 0;
  const worker = async () => {
    for (let index = next++; index < list.length; index = next++) {
      rows[index] = await runOne(tool, list[index] ?? {}, index, context);
      context.progress(++done, list.length, `${done} of ${list.length}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, worker));
  return rows;
}

async function runOne(
  tool: Tool,
  input: Record<string, unknown>,
  index: number,
  context: WorkflowContext,
): Promise<RunRow> {
  if (context.signal.aborted) return { index, ok: false, error: NOT_STARTED };
  try {
    return { index, ok: true, value: await context.call(tool.name, input) };
  } catch (error) {
    const { tool: _, ...explanation } = context.explain(tool.name, error);
    return { index, ok: false, error: explanation };
  }
}
