import { InputError } from '../errors/errors.ts';
import { asObject } from '../results/result.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { parseJson } from '../text/redact.ts';
import type { Tool } from '../tools/types.ts';
import { type Runtime, runtimeIn } from './runtime.ts';

/** The environment in which a call runs, and the arguments without the one that names it. */
export interface ChosenEnvironment {
  runtime: Runtime;
  input: Record<string, unknown>;
  /** The environment that the caller named; undefined if it named none. */
  environment: string | undefined;
  /** Why no environment could be chosen; undefined if one was. */
  problem: InputError | undefined;
}

/** Chooses the environment that the arguments name, or else the first. With a single environment there is no such argument. */
export function chooseEnvironment(
  started: Runtime,
  tool: Tool | undefined,
  given: Record<string, unknown>,
): ChosenEnvironment {
  const chosen = { runtime: started, input: given, environment: undefined, problem: undefined };
  if (started.environments.size === 0 || !tool) return chosen;
  const inner = innerTool(started, tool, given);
  if (inner?.between) return insideDispatcher(started, inner, given);
  const misplaced =
    inner && !inner.fields.includes('environment') && argumentsOf(given).some((one) => 'environment' in one);
  if (misplaced) {
    const hint = 'Put it beside tool and arguments: all rows of a call run in one environment. Nothing was sent.';
    const problem = new InputError('environment is inside arguments', ['environment'], hint);
    return { ...chosen, runtime: nowhere(started), problem };
  }
  const argument = tool.between ? 'to' : 'environment';
  if (!Object.hasOwn(given, argument) || given[argument] === undefined) return chosen;
  const input = tool.between ? given : without(given, argument);
  const name = given[argument];
  const runtime = typeof name === 'string' ? runtimeIn(started, name) : undefined;
  if (runtime && typeof name === 'string') return { runtime, input, environment: name, problem: undefined };
  return {
    ...chosen,
    runtime: nowhere(started),
    input,
    problem: unknownEnvironment(argument, name, [...started.environments.keys()]),
  };
}

/** The tool that a dispatcher is to run. */
function innerTool({ tools }: Runtime, { kind }: Tool, { tool: name }: Record<string, unknown>): Tool | undefined {
  return kind === 'dispatcher' && typeof name === 'string' ? tools.get(name) : undefined;
}

/**
 * A tool that works between two environments acts in `to`, even inside a dispatcher: the settings of `to` apply, and consent
 * is given for it. All calls of a batch must therefore have the same `to`.
 */
function insideDispatcher(started: Runtime, inner: Tool, given: Record<string, unknown>): ChosenEnvironment {
  const input = without(given, 'environment');
  const names = new Set(argumentsOf(input).map((one) => one['to']));
  if (Object.hasOwn(given, 'environment')) names.add(given['environment']);
  const [name] = names;
  const runtime = typeof name === 'string' && names.size === 1 ? runtimeIn(started, name) : undefined;
  if (runtime && typeof name === 'string' && input['from'] === undefined) {
    return { runtime, input, environment: name, problem: undefined };
  }
  if (names.size === 1 && typeof name === 'string' && !runtime) {
    const problem = unknownEnvironment('to', name, [...started.environments.keys()]);
    return { runtime: nowhere(started), input, environment: undefined, problem };
  }
  const problem = new InputError(
    `${inner.name} runs in the environment that to names: to must be the same in all arguments, and one of ${[...started.environments.keys()].join(', ')}`,
    ['arguments'],
    'Give arguments with from and to, and leave out environment. Nothing was sent.',
  );
  return { runtime: nowhere(started), input, environment: undefined, problem };
}

/** The argument objects given to a dispatcher: one per row. */
function argumentsOf({ arguments: given }: Record<string, unknown>): Record<string, unknown>[] {
  return [typeof given === 'string' ? parseJson(given) : given].flat().map(asObject);
}

/** The runtime without an environment name, for errors that belong to no environment. */
function nowhere(started: Runtime): Runtime {
  return { ...started, config: { ...started.config, environment: undefined } };
}

/** The error for an unknown environment name. */
export function unknownEnvironment(argument: string, name: unknown, names: readonly string[]): InputError {
  const shown = typeof name === 'string' ? quoteUntrusted(name, 60) : typeInWords(name);
  const near = typeof name === 'string' ? didYouMean(name.slice(0, 60), names) : '';
  return new InputError(
    `${argument} must be one of ${names.join(', ')}, not ${shown}${near}`,
    [argument],
    'A call runs in one environment. Nothing was sent.',
  );
}

function typeInWords(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function without(given: Record<string, unknown>, argument: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name !== argument));
}
