import { ApiError, CancelledError, InputError, NetworkError, RefusedError } from '../../errors/errors.ts';
import { asObject } from '../../results/result.ts';
import { maskFields } from '../../text/mask-fields.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { redactForeign } from '../../text/redact-foreign.ts';
import { isDestructive } from '../../tools/define.ts';
import type { Dependent, Tool } from '../../tools/types.ts';
import { parseArguments } from '../arguments.ts';
import { readBackTool } from '../read-back.ts';

/** What a destructive call would take away, as it was read just before. */
export interface Target {
  tool: string;
  /** With secret values masked. */
  arguments: Record<string, unknown>;
  /** The object as WorkOS returned it; undefined where no operation shows it or reading failed. */
  state: unknown;
  /** What goes with it: `{ memberships: 12, connections: 'at least 100' }`. */
  dependents: Readonly<Record<string, number | string>>;
  /** Why the object could not be read, as a phrase. */
  unread: string | undefined;
}

/** One destructive call, which may have been made through a dispatcher. */
export interface DestructiveCall {
  tool: Tool;
  input: Record<string, unknown>;
}

/** How targets are read. */
export interface TargetReader {
  tools: ReadonlyMap<string, Tool>;
  signal: AbortSignal;
  secrets: readonly string[];
  /** Runs a reading tool under the policy. */
  read(tool: Tool, input: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** Dependents are counted for this many calls at most; each takes several requests. */
const MAX_COUNTED_CALLS = 3;

/** Reads the targets of calls. A target that does not exist fails the call with its own 404. */
export async function readTargets(calls: readonly DestructiveCall[], reader: TargetReader): Promise<Target[]> {
  const targets: Target[] = [];
  for (const call of calls) {
    if (reader.signal.aborted) throw new CancelledError();
    targets.push(await readTarget(call, calls.length <= MAX_COUNTED_CALLS, reader));
  }
  return targets;
}

/**
 * The destructive calls that this call makes: itself, or those that a dispatcher is told to make. None where a dispatcher
 * is told to run something that is not destructive, which it refuses itself.
 */
export function destructiveCalls(
  tools: ReadonlyMap<string, Tool>,
  tool: Tool,
  input: Record<string, unknown>,
): DestructiveCall[] {
  if (tool.kind !== 'dispatcher') return [{ tool, input }];
  const inner = typeof input['tool'] === 'string' ? tools.get(input['tool']) : undefined;
  if (!inner || !isDestructive(inner.effect) || inner.kind === 'dispatcher') return [];
  const list = [input['arguments'] ?? {}].flat();
  return list.map((one, index) => {
    try {
      return { tool: inner, input: parseArguments(inner, asObject(one)) };
    } catch (error) {
      if (!(error instanceof InputError) || list.length === 1) throw error;
      // One consent covers all of them, so a row that cannot run is reported before anybody is asked.
      throw new InputError(`arguments[${index}]: ${error.message}`, error.fields, error.hint);
    }
  });
}

async function readTarget(
  { tool, input }: DestructiveCall,
  withCounts: boolean,
  reader: TargetReader,
): Promise<Target> {
  const own = pick(input, tool.fields);
  const readBack = readBackTool(reader.tools, tool, { lists: false });
  let state: Record<string, unknown> | undefined;
  let unread: string | undefined;
  try {
    state = readBack && (await reader.read(readBack, pick(own, readBack.fields)));
  } catch (error) {
    unread = unreadReason(error, reader.secrets);
    if (unread === undefined) throw error;
  }
  const counts = await Promise.all(tool.dependents.map((one) => countOf(one, own, state, withCounts, reader)));
  return {
    tool: tool.name,
    arguments: asObject(maskFields(own, tool.secrets.in ?? []).masked),
    state,
    dependents: Object.fromEntries(counts.flatMap((count) => (count ? [count] : []))),
    unread,
  };
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
 * Why a target could not be read, where the user is asked all the same. Undefined where the failure shows that the call
 * cannot succeed: there is no such target, no valid key, no caller any more, or no such id.
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
