import { InputError } from '../errors/errors.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import type { Tool } from '../tools/types.ts';
import { type Runtime, runtimeIn } from './runtime.ts';

/** Where a call runs, and its arguments without the one that says so. */
export interface ChosenEnvironment {
  runtime: Runtime;
  input: Record<string, unknown>;
  /** The environment that the caller named; undefined where they left it out. */
  environment: string | undefined;
  /** Why the call cannot run: no environment is meant. */
  problem: InputError | undefined;
}

/** The environment that the arguments of a call name, else the first. With only one there is no such argument. */
export function chooseEnvironment(
  started: Runtime,
  tool: Tool | undefined,
  given: Record<string, unknown>,
): ChosenEnvironment {
  const chosen = { runtime: started, input: given, environment: undefined, problem: undefined };
  if (started.environments.size === 0 || !tool) return chosen;
  const argument = tool.between ? 'to' : 'environment';
  if (!Object.hasOwn(given, argument) || given[argument] === undefined) return chosen;
  const input = tool.between ? given : without(given, argument);
  const name = given[argument];
  const runtime = typeof name === 'string' ? runtimeIn(started, name) : undefined;
  if (runtime && typeof name === 'string') return { runtime, input, environment: name, problem: undefined };
  // The error is about no environment.
  const nowhere = { ...started, config: { ...started.config, environment: undefined } };
  return {
    ...chosen,
    runtime: nowhere,
    input,
    problem: unknownEnvironment(argument, name, [...started.environments.keys()]),
  };
}

/** The error for a name that no environment has. */
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
