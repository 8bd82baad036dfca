import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import type { Config } from '../config/config.ts';
import { InputError, OPERATOR_HINT, RefusedError } from '../errors/errors.ts';
import { compileQuery } from '../results/jmespath.ts';
import { queryResult } from '../results/query-result.ts';
import { asObject } from '../results/result.ts';
import { jsonSize } from '../text/json-size.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { parseJson } from '../text/redact.ts';
import { From, operationNamed, refuseOtherClass } from '../tools/discovery.ts';
import type { Dispatcher, Tool } from '../tools/types.ts';
import { parseArguments, shortenedName, underRealNames } from './arguments.ts';
import { hideSecrets } from './confirmation/hidden-secrets.ts';
import { forbiddenReason } from './policy.ts';

/** What {@link makeArguments} uses besides the call itself. */
export interface ArgumentSource {
  config: Config;
  tools: ReadonlyMap<string, Tool>;
  signal: AbortSignal;
  /** Runs a reading tool under the policy. Resolves to its whole result. */
  read(tool: Tool, input: Record<string, unknown>): Promise<unknown>;
}

/** The arguments of the calls that a dispatcher is to make. */
export interface MadeArguments {
  tool: Tool;
  list: Record<string, unknown>[];
  /** The same, parsed by the tool's schema: JSON text is decoded. */
  parsed: Record<string, unknown>[];
  /** What the result also holds: the keys of the answer if the expression found nothing, and a note on argument names. */
  beside: { keys?: unknown; note?: string };
}

const MAX_CALLS = 1_000;
/** The most characters that all arguments may have together. */
const MAX_SIZE = 1024 * 1024;
/** Rows that are parsed before the event loop gets a turn. */
const ROWS_AT_ONCE = 20;
/** The default `max_items` of the list that is read. */
const MAX_ITEMS = 100_000;
const ALL = { all_pages: true, max_items: MAX_ITEMS };
const EXAMPLE = "Return objects with the tool's arguments: data[].{user_id: id}.";

/**
 * Makes the arguments that a dispatcher's `from` describes: runs its reading tool, with all pages, and evaluates its
 * expression on the answer. All calls are checked before the first one is made.
 * @throws {InputError} unless the expression returns a list of at most 1,000 distinct objects that the tool accepts.
 */
export async function makeArguments(
  dispatcher: Dispatcher,
  input: Record<string, unknown>,
  source: ArgumentSource,
): Promise<MadeArguments> {
  const { config, tools, signal } = source;
  const tool = operationNamed(String(input['tool']), tools);
  const forbidden = forbiddenReason(config, tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  refuseOtherClass(tool, dispatcher.runs);
  const from = From.parse(input['from']);
  refuseThirdLevel(from, tools);
  const query = compileQuery(from.query);
  const answer = await readSource(from, source);
  const {
    result,
    keys,
    no_item_has: absent,
  } = await queryResult(query, answer, {
    beside: {},
    written: false,
    maxChars: undefined,
    signal,
  });
  if (Array.isArray(absent)) throw conditionOnNothing(absent, keys);
  const made = toObjects(result, keys).map((one) => ({ ...one, ...from.with }));
  refuseLarge(made);
  const shortened = made.map((one) => shortenedName(tool, one)).find((one) => one !== undefined);
  const list = made.map((one) => underRealNames(tool, one));
  refuseRepeated(list);
  const parsed = await parsedBy(tool, list);
  const note = shortened && `${shortened.given} was read as ${shortened.meant}.`;
  return { tool, list, parsed, beside: { ...(keys !== undefined && { keys }), ...(note && { note }) } };
}

/** The error for a condition on a field that no item has. A misspelled field would select all items, or none. */
function conditionOnNothing(absent: readonly unknown[], keys: unknown): InputError {
  const names = `${absent.join(', ')}${Array.isArray(keys) ? `. They have ${keys.join(', ')}` : ''}`;
  return new InputError(
    `from.query filters by a field that no item has: ${names}`,
    ['from'],
    'Correct the name, or leave the condition out. Nothing was changed.',
  );
}

/** The result of a call with `preview`: the arguments, with secrets hidden. */
export function shownArguments({ tool, parsed, beside }: MadeArguments): Record<string, unknown> {
  return {
    preview: true,
    tool: tool.name,
    count: parsed.length,
    ...beside,
    data: parsed.map((one) => hideSecrets(one, tool.secrets.in ?? [])),
  };
}

type Origin = z.infer<typeof From>;

type Input = Record<string, unknown>;

/** True for the dispatcher of reading tools. */
function isReader(name: string, tools: ReadonlyMap<string, Tool>): boolean {
  const tool = tools.get(name);
  return tool?.kind === 'dispatcher' && tool.runs === 'read';
}

/** The `from` in a dispatcher's arguments, or undefined. Some clients send objects as JSON text. */
function fromIn({ from }: Input): Origin | undefined {
  return From.safeParse(opened(from)).data;
}

function opened(value: unknown): unknown {
  return typeof value === 'string' ? parseJson(value) : value;
}

/** Refuses a `from` inside a `from` that again reads through a dispatcher. */
function refuseThirdLevel({ tool, arguments: input }: Origin, tools: ReadonlyMap<string, Tool>): void {
  const inner = isReader(tool, tools) ? fromIn(input ?? {}) : undefined;
  if (inner && isReader(inner.tool, tools)) {
    throw new InputError('from is nested more than two levels deep', ['from'], 'Split it into two calls.');
  }
}

async function readSource({ tool: name, arguments: input = {} }: Origin, source: ArgumentSource): Promise<unknown> {
  const { tools, read } = source;
  const reader = tools.get(name);
  if (reader && isReader(name, tools)) {
    const answer = asObject(await read(reader, ofAllPages(input, tools)));
    if (Array.isArray(answer['rows'])) refuseIncompleteRows(answer);
    else refuseIncomplete(String(input['tool']), answer);
    return answer;
  }
  const tool = readerFor(name, tools);
  if (input['query'] !== undefined && !tool.fields.includes('query')) {
    throw new InputError('from.arguments contains a query', ['from'], 'Move it to from.query.');
  }
  const answer = asObject(await read(tool, tool.paged ? { ...ALL, ...input } : input));
  refuseIncomplete(tool.name, answer);
  return answer;
}

function readerFor(name: string, tools: ReadonlyMap<string, Tool>): Tool {
  try {
    const tool = operationNamed(name, tools);
    refuseOtherClass(tool, 'read');
    return tool;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`from: ${error.message}`, ['from'], 'from.tool must be an operation that only reads.');
  }
}

/** The same arguments for the reading dispatcher, with all pages for each call that it makes. */
function ofAllPages(input: Input, tools: ReadonlyMap<string, Tool>): Input {
  const inner = typeof input['tool'] === 'string' ? tools.get(input['tool']) : undefined;
  if (!inner?.paged) return input;
  const from = fromIn(input);
  if (from) return { ...input, from: { ...from, with: { ...ALL, ...from.with } } };
  // The dispatcher itself refuses anything but an object or a list.
  const given = opened(input['arguments']) ?? {};
  if (typeof given !== 'object') return input;
  return {
    ...input,
    arguments: Array.isArray(given) ? given.map((one) => ({ ...ALL, ...asObject(one) })) : { ...ALL, ...given },
  };
}

/** Refuses an incomplete list, because the calls made from it would be incomplete too. */
function refuseIncomplete(name: string, { stopped, items, error }: Input): void {
  const isWanted = stopped === 'max_items' && Number(items) < MAX_ITEMS;
  if (stopped === undefined || stopped === 'end' || isWanted) return;
  throw stopped === 'max_items'
    ? new InputError(
        `${name} has more than ${MAX_ITEMS} items; nothing was run`,
        ['from'],
        'Narrow it with its filters.',
      )
    : new InputError(
        `${name} stopped after ${items} items (${quoteUntrusted(String(asObject(error)['message'] ?? stopped), 300)}); nothing was run`,
        ['from'],
        'Call again.',
      );
}

function refuseIncompleteRows({ rows, failed, tool }: Record<string, unknown>): void {
  const calls = Array.isArray(rows) ? rows.map(asObject) : [];
  const failure = calls.find(({ ok }) => ok === false);
  if (failure) {
    const message = quoteUntrusted(String(asObject(failure['error'])['message']), 300);
    throw new InputError(
      `${failed} of ${calls.length} calls of ${tool} failed, so nothing was run. The first error: ${message}`,
      ['from'],
      'Exclude the failing objects in the inner query.',
    );
  }
  for (const { value } of calls) refuseIncomplete(String(tool), asObject(value));
}

function toObjects(result: unknown, keys: unknown): Record<string, unknown>[] {
  const has = Array.isArray(keys) ? ` The result has the keys ${keys.map(String).join(', ')}.` : '';
  if (!Array.isArray(result)) {
    throw new InputError(`from.query returns ${nameOf(result)}, not a list of objects`, ['from'], `${EXAMPLE}${has}`);
  }
  if (result.length > MAX_CALLS) {
    throw new InputError(
      `from.query returns ${result.length} argument objects, but one call runs at most ${MAX_CALLS}; nothing was run`,
      ['from'],
      'Narrow it with a filter, or with a slice of the list such as [0:1000].',
    );
  }
  return result.map((one, at) => {
    if (typeof one === 'object' && one !== null && !Array.isArray(one)) return withoutOwn(asObject(one));
    const shown = typeof one === 'string' ? ` (${quoteUntrusted(one, 60)})` : '';
    throw new InputError(`from.query returns ${nameOf(one)} in row ${at}${shown}, not an object`, ['from'], EXAMPLE);
  });
}

/** Arguments that only the caller may set, and where they belong. */
const OWN = { secret_output: 'into from.with', confirmation: 'beside from' };

function withoutOwn(made: Input): Input {
  for (const [name, place] of Object.entries(OWN)) {
    if (!Object.hasOwn(made, name)) continue;
    throw new InputError(`from.query returns ${name}; nothing was run`, ['from'], `Put ${name} ${place}.`);
  }
  return made;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function refuseRepeated(list: readonly Record<string, unknown>[]): void {
  const rows = new Map<string, number>();
  for (const [at, one] of list.entries()) {
    const text = JSON.stringify(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)));
    const first = rows.get(text);
    rows.set(text, first ?? at);
    if (first === undefined) continue;
    throw new InputError(
      `from.query returns the same arguments twice, in rows ${first} and ${at}; nothing was run`,
      ['from'],
      'Return each once: keys(group_by(data, &user_id))[].{user_id: @}.',
    );
  }
}

/** An expression can repeat the whole answer in each object. The copies are references, so they take no memory until parsed. */
function refuseLarge(list: readonly Input[]): void {
  if (jsonSize(list, MAX_SIZE) <= MAX_SIZE) return;
  throw new InputError(
    `from.query returns more than ${MAX_SIZE / 1024} KiB of arguments; nothing was run`,
    ['from'],
    'Take only the fields that the tool needs, or narrow it.',
  );
}

/**
 * The arguments of each call, parsed by the tool's schema.
 * @throws {InputError} that says how many do not fit: one wrong row usually means that the expression is wrong for many.
 */
async function parsedBy(tool: Tool, list: readonly Input[]): Promise<Input[]> {
  const parsed: Input[] = [];
  const problems: { row: number; error: InputError }[] = [];
  for (const [row, one] of list.entries()) {
    if (row % ROWS_AT_ONCE === 0) await setImmediate();
    try {
      parsed.push(parseArguments(tool, one));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push({ row, error });
    }
  }
  const [first] = problems;
  if (!first) return parsed;
  throw new InputError(
    `${problems.length} of the ${list.length} argument objects that from.query returns do not fit ${tool.name}; nothing was run. Row ${first.row}: ${first.error.message}`,
    ['from'],
    first.error.hint,
  );
}
