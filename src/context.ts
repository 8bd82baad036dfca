import type { LookupFunction } from 'node:net';
import { parseArguments } from './arguments.ts';
import type { WorkOSClient } from './client/client.ts';
import { download } from './client/download.ts';
import type { Route } from './client/route.ts';
import { type Config, isLoopback, readKey } from './config.ts';
import { bindingOf, COUNTS, type Confirmations, LOOKS, previewOf, questionOf, type Target } from './confirm.ts';
import { ApiError, Cancelled, type Explanation, explain, InputError, NetworkError, Refused } from './errors.ts';
import { createFile } from './files.ts';
import { asObject } from './output.ts';
import { forbids, needsConfirmation } from './policy.ts';
import { compileQuery, type Query } from './query.ts';
import { allPages, type Connection, keyOf, requestEndpoint, requestRoute, revealSecrets, secretMode } from './run.ts';
import type { ConnectionFacts, Context, KeyFacts, Tool } from './tool.ts';
import { isDestructive } from './tool.ts';

/** What lives as long as the process. */
export interface Runtime {
  config: Config;
  client: WorkOSClient;
  /** Every tool there is. */
  tools: ReadonlyMap<string, Tool>;
  /** The names that clients are shown. */
  exposed: ReadonlySet<string>;
  confirmations: Confirmations;
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The environment, for the diagnostic of a key variable. */
  env: Readonly<Record<string, string | undefined>>;
  /** Name look-up of downloads, for tests. */
  resolve?: LookupFunction;
}

/** What lives as long as one call. */
export interface Caller {
  /** A client sees the exposed tools only; a shell may name any. */
  door: 'client' | 'shell';
  signal: AbortSignal;
  progress(done: number, total: number | undefined, message: string): void;
  /** Asks the user a yes-or-no question; undefined where the client cannot. */
  ask: ((question: string) => Promise<'accept' | 'decline' | 'cancel'>) | undefined;
}

/**
 * Runs one tool: arguments, policy, confirmation, request, secrets, query. Everything that calls a tool comes through
 * here, composites too, so that no setting can be slipped past. Returns the answer before it is cut to size; throws what
 * explainFor() explains.
 */
export async function callTool(
  runtime: Runtime,
  caller: Caller,
  name: string,
  raw: Record<string, unknown>,
): Promise<unknown> {
  const tool = runtime.tools.get(name);
  if (!tool) throw new InputError(`There is no tool ${name}`, [], 'find_tools searches them all.');
  if (caller.door === 'client' && !runtime.exposed.has(name)) throw new Refused(...notExposed(runtime, tool));
  return perform(runtime, caller, tool, raw, false);
}

/** What a client is told of a failure of this tool. */
export function explainFor(runtime: Pick<Runtime, 'tools'>, name: string, error: unknown): Explanation {
  const tool = runtime.tools.get(name);
  return explain(error, {
    tool: name,
    fields: tool?.fields ?? [],
    reads: tool?.effect === 'read',
    look: tool && lookFor(runtime.tools, tool, true)?.name,
  });
}

async function perform(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  raw: Record<string, unknown>,
  confirmed: boolean,
): Promise<unknown> {
  const { config } = runtime;
  const forbidden = forbids(config, tool);
  if (forbidden) throw new Refused(forbidden, 'Only the operator can change that; do not look for a way around it.');
  const input = parseArguments(tool, raw);
  const query =
    typeof input['query'] === 'string' && !tool.fields.includes('query') ? compileQuery(input['query']) : undefined;
  const mode = secretMode(tool, input, config);
  if (isDestructive(tool.effect) && !confirmed && needsConfirmation(config)) {
    const preview = await confirm(runtime, caller, tool, input);
    if (preview) return preview;
  }
  const connection: Connection = { config, client: runtime.client, signal: caller.signal, progress: caller.progress };
  const reveal = (answer: unknown) => revealSecrets(tool, answer, mode, config.outputDir);
  if (tool.kind === 'workflow') {
    const context = contextOf(runtime, caller, tool, connection, confirmed || isDestructive(tool.effect));
    return applyQuery(query, reveal(await tool.run(input, context)), tool);
  }
  if (tool.paged && input['all_pages'] === true) {
    return allPages(tool, input, query, connection, reveal, (error) => explainFor(runtime, tool.name, error));
  }
  return applyQuery(query, reveal(await requestEndpoint(tool, input, connection)), tool);
}

/** The expression's value, with what a caller needs beside it. A write is done by now, so there a misfit is no error. */
function applyQuery(query: Query | undefined, answer: unknown, tool: Tool): unknown {
  if (!query) return answer;
  const { list_metadata, secret_file, path } = asObject(answer);
  const beside = {
    ...(list_metadata !== undefined && { list_metadata }),
    ...(secret_file !== undefined && { secret_file }),
    ...(path !== undefined && { path }),
  };
  try {
    return { result: query(answer) ?? null, ...beside };
  } catch (error) {
    if (tool.effect === 'read' || !(error instanceof Error)) throw error;
    return { ...asObject(answer), query_error: error.message };
  }
}

function contextOf(runtime: Runtime, caller: Caller, tool: Tool, connection: Connection, confirmed: boolean): Context {
  const { config, client } = runtime;
  return {
    request: (route, input) => {
      if (tool.effect === 'read' && !route.startsWith('GET ')) {
        throw new Refused(`${tool.name} is a reading tool and may not send ${route}`, 'This is a fault of workos-mcp.');
      }
      return requestRoute(route, input, connection);
    },
    call: (name, input) => {
      const other = runtime.tools.get(name);
      if (!other) throw new InputError(`There is no tool ${name}`, ['tool'], 'find_tools searches them all.');
      return perform(runtime, caller, other, input, confirmed);
    },
    probe: async (method, path) => {
      const seen = await client.look(method, path, keyOf(config), caller.signal);
      return {
        status: seen.status,
        ms: seen.ms,
        headers: seen.headers,
        message: seen.text.slice(0, 2_000) || undefined,
      };
    },
    download: async (url, name) => {
      const { path, handle } = await createFile(config.outputDir, name, 'csv');
      try {
        const bytes = await download(url, {
          allowLoopback: config.sandbox || isLoopback(config.baseUrl),
          timeoutMs: config.timeoutMs,
          signal: caller.signal,
          write: async (chunk) => void (await handle.write(chunk)),
          ...(runtime.resolve && { resolve: runtime.resolve }),
        });
        return { path, bytes };
      } finally {
        await handle.close();
      }
    },
    tools: runtime.tools,
    exposed: runtime.exposed,
    forbids: (other) => forbids(config, other),
    explain: (name, error) => explainFor(runtime, name, error),
    keyIn: (variable) => keyFacts(runtime, variable),
    connection: factsOf(config),
    signal: caller.signal,
    now: runtime.now,
    sleep: (ms) => runtime.sleep(ms, caller.signal),
    progress: caller.progress,
  };
}

/** Only a value that looks like a WorkOS key has its last characters told: any variable may be asked for. */
function keyFacts({ config, env }: Runtime, variable: string | undefined): KeyFacts {
  const own = variable === undefined || variable === config.key.variable;
  const key = own ? config.key : readKey(env, [variable]);
  const looksRight = key.kind !== 'unknown' || key.value?.startsWith('sk_');
  return {
    variable: key.variable,
    kind: key.kind,
    ending: looksRight ? endingOf(key.value) : '',
    problem: looksRight ? key.problem : `${key.variable} is set, but not to a WorkOS secret key (sk_…)`,
    inUse: own,
  };
}

function endingOf(key: string | undefined): string {
  return key !== undefined && key.length >= 16 ? key.slice(-4) : '';
}

function factsOf({ key, baseUrl, sandbox, proxy }: Config): ConnectionFacts {
  const used = baseUrl.startsWith('https:') ? proxy?.https : proxy?.http;
  return {
    baseUrl,
    sandbox,
    keyVariable: key.variable,
    keyProblem: key.problem,
    keyKind: key.kind,
    keyEnding: endingOf(key.value),
    proxy: used && new URL(used).host,
  };
}

/** Gets the user's consent. Returns a preview where nobody could be asked, and nothing once the call may go on. */
async function confirm(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  input: Record<string, unknown>,
): Promise<unknown | undefined> {
  const { config, confirmations } = runtime;
  const look = () => readTargets(runtime, caller, tool, input);
  const targets = await look();
  const binding = bindingOf(tool.name, input, targets);
  if (typeof input['confirmation'] === 'string') {
    confirmations.redeem(input['confirmation'], binding, runtime.now());
    return undefined;
  }
  const environment =
    config.key.kind === 'unknown' ? 'a key of unknown kind, treated as live' : `${config.key.kind} key`;
  const answer = await caller.ask?.(questionOf(tool.title, targets, environment));
  if (answer === 'decline') {
    throw new Refused(
      'The user declined; nothing was changed',
      'Respect that: do not try again unless the user asks for it.',
    );
  }
  if (answer !== 'accept') return previewOf(targets, confirmations.issue(binding, runtime.now()), environment);
  if (bindingOf(tool.name, input, await look()) !== binding) {
    throw new Refused(
      'The target changed while the user was asked; nothing was changed',
      'Call again to ask about it as it is now.',
    );
  }
  return undefined;
}

/** The targets of a call, read with a few cheap calls. A target that does not exist is the call's own 404. */
async function readTargets(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  input: Record<string, unknown>,
): Promise<Target[]> {
  const calls = targetCalls(runtime, tool, input);
  const targets: Target[] = [];
  for (const one of calls) {
    if (caller.signal.aborted) throw new Cancelled();
    targets.push(await readTarget(runtime, caller, one.tool, one.input, calls.length <= 3));
  }
  return targets;
}

/** The destructive calls behind this one: itself, or what call_destructive_tool is told to run. */
function targetCalls(
  runtime: Runtime,
  tool: Tool,
  input: Record<string, unknown>,
): { tool: Tool; input: Record<string, unknown> }[] {
  const inner =
    tool.kind === 'workflow' && typeof input['tool'] === 'string' ? runtime.tools.get(input['tool']) : undefined;
  if (!inner) return [{ tool, input }];
  const forbidden = forbids(runtime.config, inner);
  if (forbidden) throw new Refused(forbidden, 'Only the operator can change that; do not look for a way around it.');
  return [input['arguments'] ?? {}].flat().map((one) => ({ tool: inner, input: parseArguments(inner, asObject(one)) }));
}

async function readTarget(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  input: Record<string, unknown>,
  withCounts: boolean,
): Promise<Target> {
  const own = Object.fromEntries(
    tool.fields.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]),
  );
  const target: Target = { tool: tool.name, arguments: own, state: undefined, with: {}, unread: undefined };
  const read = (name: string, args: Record<string, unknown>) => {
    const other = runtime.tools.get(name);
    return other ? perform(runtime, caller, other, args, false) : undefined;
  };
  const look = lookFor(runtime.tools, tool, false);
  if (look) {
    try {
      const { ok: _, ...state } = asObject(await read(look.name, pick(own, look.fields)));
      target.state = state;
    } catch (error) {
      // Without a key, a target or a caller there is nothing to ask about; a look that failed is said in the question.
      const silent =
        error instanceof NetworkError || (error instanceof ApiError && error.status !== 404 && error.status !== 401);
      if (!silent) throw error;
      target.unread = error.message;
    }
  }
  const counts = withCounts ? (COUNTS[tool.name] ?? []) : [];
  const counted = await Promise.all(
    counts.map(async ({ label, tool: list, argument, from }) => {
      try {
        const page = asObject(await read(list, { [argument]: own[from], limit: 100 }));
        const items = Array.isArray(page['data']) ? page['data'].length : 0;
        const { after } = asObject(page['list_metadata']);
        return [label, after ? `at least ${items}` : items] as const;
      } catch (error) {
        if (error instanceof Cancelled) throw error;
        return [label, 'an unknown number of'] as const;
      }
    }),
  );
  return { ...target, with: Object.fromEntries(counted) };
}

/** The reading tool that shows what a write changes: the same path, or the nearest one above it. */
function lookFor(tools: ReadonlyMap<string, Tool>, tool: Tool, lists: boolean): Tool | undefined {
  const named = LOOKS[tool.name];
  if (named) return tools.get(named);
  const route = routeOf(tool);
  if (!route) return undefined;
  let path = route.slice(route.indexOf(' ') + 1);
  while (path !== '') {
    const wanted = `GET ${path}`;
    for (const other of tools.values()) {
      if (routeOf(other) !== wanted || (other.kind === 'endpoint' && other.redirect)) continue;
      if (lists || (!other.paged && wanted.includes('{'))) return other;
    }
    path = path.slice(0, path.lastIndexOf('/'));
  }
  return undefined;
}

function routeOf(tool: Tool): Route | undefined {
  return tool.kind === 'endpoint' ? tool.route : tool.routes[0];
}

function pick(input: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]));
}

function notExposed({ config, exposed }: Runtime, tool: Tool): [string, string] {
  const forbidden = forbids(config, tool);
  const door =
    tool.effect === 'read'
      ? 'call_read_tool'
      : isDestructive(tool.effect)
        ? 'call_destructive_tool'
        : 'call_write_tool';
  if (forbidden) return [forbidden, 'Only the operator can change that; do not look for a way around it.'];
  return [
    `${tool.name} is not among the tools that this server exposes`,
    exposed.has(door) ? `Run it by ${door}.` : `Ask the operator for --toolsets ${tool.toolset}.`,
  ];
}
