import manifest from '../../package.json' with { type: 'json' };
import { isPreview } from '../call/confirmation/prompt.ts';
import { callTool } from '../call/pipeline.ts';
import { forbiddenEverywhere } from '../call/policy.ts';
import { createRuntime, type Runtime, startFailure } from '../call/runtime.ts';
import type { Environment } from '../config/api-key.ts';
import type { Config } from '../config/config.ts';
import { readOptions } from '../config/options.ts';
import { SETTINGS } from '../config/settings.ts';
import { asObject, type CallResult } from '../results/result.ts';
import { tools, toolsets } from '../tools/catalog.ts';
import { CallError, type CallFailure, ConfirmationNeeded, OptionsError } from './call-errors.ts';
import type { JsonObject } from './json.ts';
import { walkPages } from './pages.ts';
import type { CallOptions, Connection, ConnectOptions, PreviewedCall } from './types.ts';
import { refuseUndefined } from './undefined-arguments.ts';

export * from './call-errors.ts';
export type * from './json.ts';
export type * from './tool-types.ts';
export type * from './types.ts';

/**
 * Opens a connection with the rate limits, retries, secret handling, and consent of the command. Nothing is sent before the
 * first call.
 * @throws {OptionsError} with all problems, if an option or a variable is wrong.
 */
export function connect(options: ConnectOptions = {}): Connection {
  const { config, env, problems } = readOptions(
    { ...defaults(options.env ?? process.env), ...options },
    options.env ?? process.env,
    { tools: new Set(tools.keys()), toolsets: new Set(toolsets.map(({ name }) => name)) },
    ['env', 'log', 'environment'],
  );
  const unknown = unknownEnvironment(options.environment, config);
  if (problems.length || unknown) throw new OptionsError([...problems, ...(unknown ? [unknown] : [])]);
  const allowed = [...tools.values()].filter((tool) => !forbiddenEverywhere(config, tool));
  const runtimeOptions = {
    config,
    version: manifest.version,
    exposed: new Set(allowed.map(({ name }) => name)),
    env,
    log: {
      write: (line: string) => {
        options.log?.(line);
        return true;
      },
      writableLength: 0,
    },
  };
  const running = new Set<Promise<unknown>>();
  let opening: Promise<Runtime> | undefined;
  let closing: Promise<void> | undefined;

  const run = async (tool: string, input: Record<string, unknown>, signal: AbortSignal): Promise<CallResult> => {
    opening ??= createRuntime(runtimeOptions);
    const mine = opening;
    try {
      const caller = { origin: 'program', signal, progress: () => {}, ask: undefined } as const;
      return await callTool(await mine, caller, tool, input);
    } catch (error) {
      // The next call tries again, because the cause may be gone by then.
      if (opening === mine) opening = undefined;
      return startFailure(tool, error);
    }
  };

  const call = async (tool: string, input: unknown = {}, callOptions: CallOptions = {}): Promise<JsonObject> => {
    const { signal, environment = tools.get(tool)?.between ? undefined : options.environment } = callOptions;
    if (closing) throw new CallError('The connection is closed', refused(tool));
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      const hint = `Give ${tool} an object: call('${tool}', { … }). Nothing was sent.`;
      throw new CallError('The arguments are not an object', { kind: 'input', hint, tool });
    }
    refuseUndefined(tool, { ...input });
    const placed = { ...(environment !== undefined && { environment }), ...input };
    const result = run(tool, placed, signal ?? new AbortController().signal);
    running.add(result);
    try {
      return resultOf(tool, await result);
    } finally {
      running.delete(result);
    }
  };

  const close = async () => {
    await Promise.all(running);
    const runtime = await opening;
    await runtime?.close();
  };

  return {
    // The compiler cannot relate a tool's name to its arguments and result here.
    call: call as Connection['call'],
    pages: (tool: string, input: object = {}, callOptions: CallOptions = {}) =>
      walkPages(tool, { ...input }, (page) => call(tool, page, callOptions)),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** What is wrong with the `environment` option, or undefined. */
function unknownEnvironment(name: unknown, { environments }: Config): string | undefined {
  if (name === undefined || environments.some((one) => one.name === name)) return undefined;
  const names = environments.map((one) => one.name).join(', ');
  return `environment must be one of environments${names ? `: ${names}` : ', and environments is empty'}`;
}

/** Raises the default result size, because a program's results need not fit into a model's context. */
function defaults(env: Environment): ConnectOptions {
  return env[SETTINGS.maxResultChars.variable]?.trim() ? {} : { maxResultChars: 10_000_000 };
}

function refused(tool: string): CallFailure {
  return { kind: 'refused', hint: 'Open another one with connect(). Nothing was sent.', tool };
}

/** @throws {CallError} @throws {ConfirmationNeeded} */
function resultOf(tool: string, { isError, content, structuredContent }: CallResult): JsonObject {
  if (isError) {
    // Every error is an object under this name, with the fields of an Explanation.
    const { error } = JSON.parse(content[0]?.text ?? '') as { error: CallFailure & { message: string } };
    throw new CallError(error.message, error);
  }
  const value = asObject(structuredContent);
  if (isPreview(value)) {
    // The fields of a preview have these types.
    const { preview, confirmation } = value as { preview: PreviewedCall[]; confirmation: string };
    throw new ConfirmationNeeded(tool, preview, confirmation);
  }
  // The value came from JSON.
  return value as JsonObject;
}
