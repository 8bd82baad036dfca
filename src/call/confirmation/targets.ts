import { placeholders } from '../../client/request-plan.ts';
import { ApiError, CancelledError, copyOf, InputError, NetworkError, RefusedError } from '../../errors/errors.ts';
import { asObject } from '../../results/result.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { redactForeign } from '../../text/redact-foreign.ts';
import { routeOf } from '../../tools/define.ts';
import { effectClass, isDestructive } from '../../tools/effects.ts';
import type { Dependent, Plan, Tool, Workflow } from '../../tools/types.ts';
import { parseArguments } from '../arguments.ts';
import { readBackTool } from '../read-back.ts';
import { AgreedPlans } from './agreed-plans.ts';
import { type Change, changesOf, mayNeedConsent, needsConsent, plans } from './changes.ts';
import { hideSecrets } from './hidden-secrets.ts';

/** What a call that needs consent would change, as read just before. */
export interface Target {
  tool: string;
  /** With every secret hidden. */
  arguments: Record<string, unknown>;
  /** The object as WorkOS returned it, or the tool's plan. Undefined if no operation shows the object or reading it failed. */
  state: unknown;
  plan: Plan | undefined;
  /** What the arguments replace in the object, by argument. */
  changes: Readonly<Record<string, Change>>;
  /** What is deleted with it: `{ memberships: 12, connections: 'at least 100' }`. */
  dependents: Readonly<Record<string, number | string>>;
  /** Why the object could not be read, as a phrase. */
  unread: string | undefined;
}

/** One call that may need consent. It may have been made through a dispatcher. */
export interface ConsentCall {
  tool: Tool;
  input: Record<string, unknown>;
}

/** What {@link readTargets} uses to read targets. */
export interface TargetReader {
  tools: ReadonlyMap<string, Tool>;
  signal: AbortSignal;
  secrets: readonly string[];
  progress(done: number, total: number | undefined, message: string): void;
  /** Runs a reading tool under the policy. */
  read(tool: Tool, input: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Makes a tool's plan, which only reads. */
  plan(tool: Workflow, input: Record<string, unknown>): Promise<Plan | undefined>;
}

/** Dependents are counted only up to this many calls, because each call takes several requests. */
const MAX_COUNTED_CALLS = 3;

/**
 * Reads the target of each call, keeps the plan of each call that makes one, and resolves to the targets of the calls that
 * need consent, which may depend on the target. A target that does not exist fails the call with its own 404.
 */
export async function readTargets(
  calls: readonly ConsentCall[],
  reader: TargetReader,
): Promise<{ targets: Target[]; agreed: AgreedPlans }> {
  const targets: Target[] = [];
  const agreed = new AgreedPlans();
  for (const [at, call] of calls.entries()) {
    if (reader.signal.aborted) throw new CancelledError();
    if (at > 0) reader.progress(at, undefined, `${at} of ${calls.length} targets read`);
    const target = await readTarget(call, calls.length <= MAX_COUNTED_CALLS, reader).catch((error: unknown) => {
      if (!(error instanceof ApiError) || !error.circumstances || calls.length === 1) throw error;
      throw copyOf(error, { circumstances: { ...error.circumstances, row: at } });
    });
    if (plans(call.tool)) agreed.add(call.tool, call.input, target.plan);
    if (needsConsent(call.tool, call.input, target.state)) targets.push(target);
  }
  return { targets, agreed };
}

/**
 * The calls that may need consent: this call itself, or the calls that a dispatcher is to make. Empty if a dispatcher is to
 * run a tool of another effect class, which it refuses itself.
 */
export function consentCalls(
  tools: ReadonlyMap<string, Tool>,
  tool: Tool,
  input: Record<string, unknown>,
): ConsentCall[] {
  if (tool.kind !== 'dispatcher') return mayNeedConsent(tool, input) ? [{ tool, input }] : [];
  const inner = typeof input['tool'] === 'string' ? tools.get(input['tool']) : undefined;
  if (!inner?.mayNeedConsent || inner.kind === 'dispatcher' || effectClass(inner.effect) !== tool.runs) return [];
  const rows = parseRows(inner, [input['arguments'] ?? {}].flat());
  if (rows.some((row) => !(row instanceof InputError) && row.input['confirmation'] !== undefined)) {
    throw new InputError('confirmation is inside arguments', ['confirmation'], 'Put it beside tool and arguments.');
  }
  const calls = rows.flatMap((row) => (!(row instanceof InputError) && mayNeedConsent(inner, row.input) ? [row] : []));
  const wrong = rows.find((row) => row instanceof InputError);
  // One consent covers all rows, so a row that cannot run is reported before the user is asked.
  if (wrong instanceof InputError && (calls.length > 0 || isDestructive(inner.effect))) throw wrong;
  return calls;
}

function parseRows(tool: Tool, list: readonly unknown[]): (ConsentCall | InputError)[] {
  return list.map((one, index) => {
    try {
      return { tool, input: parseArguments(tool, asObject(one)) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (list.length === 1) return error;
      return new InputError(`arguments[${index}]: ${error.message}`, error.fields, error.hint);
    }
  });
}

async function readTarget({ tool, input }: ConsentCall, withCounts: boolean, reader: TargetReader): Promise<Target> {
  const own = pick(input, tool.fields);
  if (plans(tool)) {
    const plan = await reader.plan(tool, input);
    const shown = hideSecrets(own, tool.secrets.in ?? []);
    return { tool: tool.name, arguments: shown, state: plan, plan, changes: {}, dependents: {}, unread: undefined };
  }
  const { state, unread } = await readState(tool, own, reader);
  const counts = await Promise.all(tool.dependents.map((one) => countOf(one, own, state, withCounts, reader)));
  const hidden = tool.secrets.in ?? [];
  const shown = hideSecrets(own, hidden);
  return {
    tool: tool.name,
    arguments: shown,
    state,
    plan: undefined,
    changes: state ? changesOf(tool, shown, hideSecrets(state, hidden)) : {},
    dependents: Object.fromEntries(counts.flatMap((count) => (count ? [count] : []))),
    unread,
  };
}

/** The object that a call changes, or why it could not be read; neither if no operation shows it. */
async function readState(
  tool: Tool,
  input: Record<string, unknown>,
  { tools, read, secrets }: TargetReader,
): Promise<{ state?: Record<string, unknown>; unread?: string | undefined }> {
  const readBack = readBackTool(tools, tool, { lists: false });
  if (!readBack) return {};
  let response: Record<string, unknown>;
  try {
    response = await read(readBack, {
      ...pick(input, readBack.fields),
      ...(readBack.paged && { limit: 100, all_pages: true }),
    });
  } catch (error) {
    const unread = unreadReason(error, secrets);
    // A setting of the whole environment, such as the JWT template, may not be set yet.
    if (isNotFound(error) && placeholdersOf(tool).length === 0) return {};
    if (unread === undefined) throw error;
    return { unread };
  }
  const { data: list, stopped } = response;
  const item = itemArgument(tool, readBack);
  if (item === undefined && stopped !== undefined && stopped !== 'end') {
    return { unread: `${readBack.name} did not show all of it` };
  }
  if (!Array.isArray(list) || item === undefined) return { state: response };
  const state = list.map(asObject).find(({ id, slug }) => [id, slug].includes(input[item]));
  return state ? { state } : { unread: `${readBack.name} does not show it` };
}

/** The argument that names the list item that a call changes; undefined if it changes what the whole list shows. */
function itemArgument(tool: Tool, readBack: Tool): string | undefined {
  return placeholdersOf(tool).find((name) => !placeholdersOf(readBack).includes(name));
}

function placeholdersOf(tool: Tool): string[] {
  const route = routeOf(tool);
  return route ? placeholders(route) : [];
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

async function countOf(
  dependent: Dependent,
  input: Record<string, unknown>,
  state: Record<string, unknown> | undefined,
  withRequests: boolean,
  reader: TargetReader,
): Promise<[label: string, count: number | string] | undefined> {
  const { label } = dependent;
  if ('field' in dependent) {
    const list = state?.[dependent.field];
    return Array.isArray(list) ? [label, list.length] : undefined;
  }
  const tool = reader.tools.get(dependent.list);
  if (!withRequests || !tool) return undefined;
  const { argument, from = argument, with: given } = dependent;
  try {
    const page = await reader.read(tool, { [argument]: input[from], limit: 100, ...given });
    const items = Array.isArray(page['data']) ? page['data'].length : 0;
    const { after } = asObject(page['list_metadata']);
    return [label, after ? `at least ${items}` : items];
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return [label, 'an unknown number of'];
  }
}

/**
 * Why a target could not be read, if the user is to be asked anyway. Undefined if the failure shows that the call cannot
 * succeed: the target does not exist, the key or the id is not valid, or the call was cancelled.
 */
function unreadReason(error: unknown, secrets: readonly string[]): string | undefined {
  const quoted = (text: string) => quoteUntrusted(redactForeign(text, secrets), 120);
  if (error instanceof ApiError) {
    const { status, request } = error;
    return status === 404 || status === 401
      ? undefined
      : `${request.method} returned ${status}, ${quoted(error.message)}`;
  }
  if (error instanceof NetworkError) return `no response, ${quoted(error.message)}`;
  // The settings can forbid reading without forbidding the delete.
  return error instanceof RefusedError ? error.message : undefined;
}

function pick(input: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]));
}
