import type { Config } from '../../config/config.ts';
import { ApiError, CancelledError, InputError, NetworkError, RefusedError } from '../../errors/errors.ts';
import { asObject } from '../../results/result.ts';
import { quoteUntrusted } from '../../text/quote-untrusted.ts';
import { maskFields, redact } from '../../text/redact.ts';
import { isDestructive, type Tool } from '../../tools/define.ts';
import { parseArguments } from '../arguments.ts';
import { forbiddenReason, OPERATOR_HINT } from '../policy.ts';
import { lookFor } from '../read-back.ts';
import { CARRIED, COUNTS, type Count, type Target } from './codes.ts';

/** A destructive call behind a call. */
export interface TargetCall {
  tool: Tool;
  input: Record<string, unknown>;
}

/** How targets are looked at. */
export interface Looks {
  tools: ReadonlyMap<string, Tool>;
  signal: AbortSignal;
  /** What no sentence may show. */
  hidden: readonly string[];
  /** Runs a reading tool under the policy. */
  read(tool: Tool, input: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** The targets of calls, read with a few cheap calls. A target that does not exist is the call's own 404. */
export async function readTargets(calls: readonly TargetCall[], looks: Looks): Promise<Target[]> {
  const targets: Target[] = [];
  for (const call of calls) {
    if (looks.signal.aborted) throw new CancelledError();
    targets.push(await readTarget(call, calls.length <= 3, looks));
  }
  return targets;
}

/**
 * The destructive calls behind this one: itself, or what call_destructive_tool is told to run. None where it is told to
 * run something that is not destructive, which it refuses by itself.
 */
export function targetCalls(
  { config, tools }: { config: Config; tools: ReadonlyMap<string, Tool> },
  tool: Tool,
  input: Record<string, unknown>,
): TargetCall[] {
  if (tool.kind === 'endpoint' || !tool.fields.includes('tool')) return [{ tool, input }];
  const inner = typeof input['tool'] === 'string' ? tools.get(input['tool']) : undefined;
  if (!inner || !isDestructive(inner.effect) || inner.toolset === tool.toolset) return [];
  const forbidden = forbiddenReason(config, inner);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  const list = [input['arguments'] ?? {}].flat();
  return list.map((one, index) => {
    try {
      return { tool: inner, input: parseArguments(inner, asObject(one)) };
    } catch (error) {
      if (!(error instanceof InputError) || list.length === 1) throw error;
      // One consent is for all of them, so one that cannot be run is told before anybody is asked.
      throw new InputError(`arguments[${index}]: ${error.message}`, error.fields, error.hint);
    }
  });
}

async function readTarget({ tool, input }: TargetCall, withCounts: boolean, looks: Looks): Promise<Target> {
  const own = pick(input, tool.fields);
  const read = async (name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const other = looks.tools.get(name);
    return other ? looks.read(other, args) : {};
  };
  const look = lookFor(looks.tools, tool, false);
  let state: Record<string, unknown> | undefined;
  let unread: string | undefined;
  try {
    state = look && (await read(look.name, pick(own, look.fields)));
  } catch (error) {
    unread = unreadable(error, looks.hidden);
    if (unread === undefined) throw error;
  }
  const counts = withCounts ? (COUNTS[tool.name] ?? []) : [];
  const counted = await Promise.all(
    counts.map(async ({ label, tool: list, argument, from, given }: Count) => {
      try {
        const page = await read(list, { [argument]: own[from], limit: 100, ...given });
        const items = Array.isArray(page['data']) ? page['data'].length : 0;
        const { after } = asObject(page['list_metadata']);
        return [label, after ? `at least ${items}` : items] as const;
      } catch (error) {
        if (error instanceof CancelledError) throw error;
        return [label, 'an unknown number of'] as const;
      }
    }),
  );
  const carried = (CARRIED[tool.name] ?? []).flatMap((label) => {
    const list = state?.[label];
    return Array.isArray(list) ? [[label, list.length] as const] : [];
  });
  return {
    tool: tool.name,
    arguments: asObject(maskFields(own, tool.secrets.in ?? []).answer),
    state,
    with: Object.fromEntries([...counted, ...carried]),
    unread,
  };
}

/**
 * Why a target could not be read, where the user is to be asked all the same. Not where the look has shown that the call
 * cannot succeed: there is no such target, no good key, no caller any more, or no such id.
 */
function unreadable(error: unknown, hidden: readonly string[]): string | undefined {
  if (error instanceof ApiError) {
    const { status, tried } = error;
    if (status === 404 || status === 401) return undefined;
    return `${tried.method} answered ${status}, ${quoteUntrusted(redact(error.message, hidden), 120)}`;
  }
  if (error instanceof NetworkError) return `no answer, ${quoteUntrusted(redact(error.message, hidden), 120)}`;
  // The settings may forbid to look and not forbid to delete.
  return error instanceof RefusedError ? error.message : undefined;
}

function pick(input: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]));
}
