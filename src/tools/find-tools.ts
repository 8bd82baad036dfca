import { InputError } from '../errors/errors.ts';
import type { Document } from '../search/ranking.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { dispatcherFor } from './effects.ts';
import { mcpDefinition } from './mcp-definition.ts';
import { NOT_IN_API, type NotInApi, notPossible } from './not-in-api.ts';
import { shortSignature } from './signature.ts';
import type { Tool, WorkflowContext } from './types.ts';

/** What to find: operations with these names or, without names, those of a toolset that match a query. */
export interface Search {
  query?: string | undefined;
  toolset?: string | undefined;
  names?: readonly string[] | undefined;
}

const MAX_HITS = 10;
/** The first hits are the likeliest, so they are shown in full. All ten take less than 3,000 characters on average. */
const FIRST_HITS = 3;
const MAX_FIRST_CHARS = 600;
const MAX_HIT_CHARS = 300;
const MAX_NAMED_CHARS = 750;

/** Finds operations, each with its signature and the tool that runs it. @throws {InputError} */
export async function findTools(
  { query, toolset: only, names }: Search,
  context: WorkflowContext,
): Promise<Record<string, unknown>> {
  const operations = operationsOf(context.tools);
  if (names) return findNamed(names, operations, context);
  const toolsets = [...new Set(operations.map((tool) => tool.toolset))];
  if (only !== undefined && !toolsets.includes(only)) {
    throw new InputError(
      `There is no toolset ${quoteUntrusted(only)}`,
      ['toolset'],
      `Toolsets: ${toolsets.join(', ')}.`,
    );
  }
  const isInside = (tool: { toolset: string }) => only === undefined || tool.toolset === only;
  if (query === undefined) {
    const [shown, more] = [operations.filter(isInside).slice(0, MAX_HITS), operations.filter(isInside).slice(MAX_HITS)];
    return {
      tools: shown.map((tool) => hitFor(tool, MAX_HIT_CHARS, false, context)),
      ...(more.length > 0 && { more: more.map(({ name }) => name) }),
    };
  }
  const { rank } = await import('../search/ranking.ts');
  const hits = rank(query, documentsOf(context), only === undefined ? MAX_HITS : operations.length)
    .flatMap(({ name }) => NOT_IN_API.find((one) => one.name === name) ?? context.tools.get(name) ?? [])
    .filter(isInside)
    .slice(0, MAX_HITS)
    .map((one, at) => {
      const room = at < FIRST_HITS ? MAX_FIRST_CHARS : MAX_HIT_CHARS;
      return 'dashboard' in one ? dashboardHit(one) : hitFor(one, room, false, context);
    });
  return hits.length
    ? { tools: hits }
    : {
        tools: [],
        hint: `No match. Toolsets: ${toolsets.join(', ')}. Try WorkOS's terms, such as directory, connection or membership.`,
      };
}

/** The operations with these names. An unknown name does not hide the others. */
function findNamed(
  names: readonly string[],
  operations: readonly Tool[],
  context: WorkflowContext,
): Record<string, unknown> {
  const known = operations.map(({ name }) => name);
  const unknown: string[] = [];
  const hits = [...new Set(names)].flatMap<Record<string, unknown>>((name) => {
    const tool = operations.find((one) => one.name === name);
    if (tool) return [hitFor(tool, MAX_NAMED_CHARS, true, context)];
    const missing = NOT_IN_API.find((one) => one.name === name);
    if (missing) return [dashboardHit(missing)];
    unknown.push(`${quoteUntrusted(name, 60)}${didYouMean(name.slice(0, 60), known)}`);
    return [];
  });
  if (hits.length === 0) {
    throw new InputError(`There is no operation ${unknown.join('; ')}`, ['names'], 'Search with query instead.');
  }
  return { tools: hits, ...(unknown.length > 0 && { unknown }) };
}

/**
 * Describes how to run a tool, with as much of its signature as fits into `maxChars`. Arguments that many tools share are not
 * described, because the server's instructions explain them.
 */
function hitFor(tool: Tool, maxChars: number, describe: boolean, context: WorkflowContext): Record<string, unknown> {
  const runner = [tool.name, dispatcherFor(tool.effect)].find((one) => context.exposed.has(one));
  const unlisted = `This server lists no tool that runs it. Ask the operator for --toolsets ${tool.toolset}.`;
  const somewhere = allowedIn(tool, context);
  const forbidden =
    (somewhere?.length ? undefined : context.forbiddenReason(tool)) ?? (runner === undefined ? unlisted : undefined);
  const { description, inputSchema } = mcpDefinition(tool);
  const hit = {
    tool: tool.name,
    effect: tool.effect,
    ...(forbidden === undefined ? { run_with: runner } : { forbidden }),
    ...(somewhere?.length && { environments: somewhere }),
    signature: '',
    description,
  };
  const room = maxChars - JSON.stringify(hit).length;
  return { ...hit, signature: shortSignature(tool.name, inputSchema, room, tool.fields, describe) };
}

/** The environments that allow a tool, if not all do. Undefined if only one environment is concerned. */
function allowedIn(tool: Tool, context: WorkflowContext): string[] | undefined {
  if (context.environment !== undefined || context.environments.length === 0 || tool.between) return undefined;
  const names = context.environments.filter((name) => !context.inEnvironment(name).forbiddenReason(tool));
  return names.length < context.environments.length ? names : undefined;
}

function dashboardHit(missing: NotInApi): Record<string, unknown> {
  return { not_possible: notPossible(missing), nearest: missing.nearest };
}

const documents = new WeakMap<WorkflowContext['tools'], Document[]>();

/** Returns the same array for the same tools, because the ranking uses it as the key of its index cache. */
function documentsOf(context: WorkflowContext): Document[] {
  const known = documents.get(context.tools) ?? toDocuments(operationsOf(context.tools));
  documents.set(context.tools, known);
  return known;
}

/** The documents that find_tools searches: the operations, and the operations that the API lacks, which would all be writes. */
export function toDocuments(operations: readonly Tool[]): Document[] {
  const searched = operations.map(({ name, title, description, also, effect, toolset }) => {
    // The fields of a list's items would make the list match searches for other things.
    return { name, title, description: description.replace(/ \(id, [^)]*\)/, ''), also, effect, toolset };
  });
  const effectOf = ({ name }: NotInApi) => (name.startsWith('delete_') ? 'delete' : 'create');
  return [...searched, ...NOT_IN_API.map((missing) => ({ ...missing, effect: effectOf(missing) }))];
}

/** The operations of WorkOS. The discovery tools cannot find or call each other. */
export function operationsOf(tools: ReadonlyMap<string, Tool>): Tool[] {
  return [...tools.values()].filter((tool) => tool.toolset !== 'discovery');
}
