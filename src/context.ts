import type { LookupFunction } from 'node:net';
import { parseArguments } from './arguments.ts';
import type { WorkOSClient } from './client/client.ts';
import { download } from './client/download.ts';
import { proxyFor } from './client/proxy.ts';
import type { Route } from './client/route.ts';
import type { Config } from './config.ts';
import {
  bindingOf,
  CARRIED,
  COUNTS,
  type Confirmations,
  type Count,
  LOOKS,
  type Preview,
  previewOf,
  questionOf,
  type Target,
} from './confirm.ts';
import { ApiError, Cancelled, type Explanation, explain, InputError, NetworkError, Refused } from './errors.ts';
import { createFile, privateFolder } from './files.ts';
import { readKey } from './key.ts';
import { isLoopback } from './loopback.ts';
import { asObject } from './output.ts';
import { forbids, needsConfirmation } from './policy.ts';
import { compileQuery, type Query } from './query.ts';
import { quote } from './quote.ts';
import {
  allPages,
  type Connection,
  hidesSecrets,
  keyOf,
  requestEndpoint,
  requestRoute,
  revealSecrets,
  secretMode,
} from './run.ts';
import { decoded, maskFields, scrub, scrubDeep, valuesAt } from './secrets.ts';
import type { ConnectionFacts, Context, KeyFacts, Tool } from './tool.ts';
import { isDestructive } from './tool.ts';

const OPERATORS = 'Only the operator can change that; do not look for a way around it.';

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
  if (!tool) throw new InputError(`There is no tool ${quote(name)}`, [], 'find_tools searches them all.');
  if (caller.door === 'client' && !runtime.exposed.has(name)) throw new Refused(...notExposed(runtime, tool));
  return perform(runtime, caller, tool, raw, {
    consented: false,
    whole: false,
    hidden: secretsOf(runtime, name, raw),
  });
}

/** What a client is told of a failure of this tool; `hidden` is taken out of it, and what looks like a secret. */
export function explainFor(
  runtime: Pick<Runtime, 'tools'>,
  name: string,
  error: unknown,
  hidden: readonly string[],
): Explanation {
  const tool = runtime.tools.get(name);
  const explanation = explain(error, {
    tool: name,
    fields: tool?.fields ?? [],
    reads: tool?.effect === 'read',
    look: tool && lookFor(runtime.tools, tool, true)?.name,
  });
  const { kind } = explanation;
  return { ...scrubDeep(explanation, hidden), kind, tool: name };
}

/** The key and the secret values among the arguments, also those handed on through call_write_tool and its like. */
export function secretsOf(
  { config, tools }: Pick<Runtime, 'config' | 'tools'>,
  name: string,
  raw: Record<string, unknown>,
): string[] {
  const own = valuesAt(raw, tools.get(name)?.secrets.in ?? []);
  const inner = typeof raw['tool'] === 'string' ? tools.get(raw['tool']) : undefined;
  const handed = typeof raw['arguments'] === 'string' ? decoded(raw['arguments']) : raw['arguments'];
  const theirs = [handed].flat().flatMap((one) => valuesAt(one, inner?.secrets.in ?? []));
  return [config.key.value ?? '', ...own, ...theirs].filter(Boolean);
}

/** What one call brings along for the calls inside it. */
interface Standing {
  /** The user agreed to this very call, or to the one that it is a part of. */
  consented: boolean;
  /** Somebody goes on to work with the answer, so that it may not be cut. */
  whole: boolean;
  /** What no error may show. */
  hidden: readonly string[];
}

async function perform(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  raw: Record<string, unknown>,
  standing: Standing,
): Promise<unknown> {
  const { config } = runtime;
  const forbidden = forbids(config, tool);
  if (forbidden) throw new Refused(forbidden, OPERATORS);
  const input = parseArguments(tool, raw);
  const query =
    typeof input['query'] === 'string' && !tool.fields.includes('query') ? compileQuery(input['query']) : undefined;
  const mode = secretMode(tool, input, config);
  // Afterwards would be too late: the secret would be made and lost.
  if (mode === 'file' && hidesSecrets(tool)) privateFolder(config.outputDir);
  let { consented } = standing;
  if (isDestructive(tool.effect) && !consented && needsConfirmation(config)) {
    const consent = await confirm(runtime, caller, tool, input, standing);
    if (typeof consent === 'object') return consent;
    consented = consent;
  }
  const connection: Connection = { config, client: runtime.client, signal: caller.signal, progress: caller.progress };
  const reveal = (answer: unknown) => revealSecrets(tool, answer, mode, config.outputDir);
  if (tool.kind === 'workflow') {
    const inside = { ...standing, consented, whole: standing.whole || query !== undefined };
    const context = contextOf(runtime, caller, tool, connection, inside);
    return applyQuery(query, reveal(await tool.run(input, context)), tool);
  }
  if (tool.paged && input['all_pages'] === true) {
    const explained = (error: unknown) => explainFor(runtime, tool.name, error, standing.hidden);
    return allPages(tool, input, query, connection, reveal, explained, standing.whole);
  }
  return applyQuery(query, reveal(await requestEndpoint(tool, input, connection)), tool);
}

/** The expression's value, with what a caller needs beside it. A write is done by now, so there a misfit is no error. */
function applyQuery(query: Query | undefined, answer: unknown, tool: Tool): unknown {
  if (!query) return answer;
  const { list_metadata, secret_file, path } = asObject(answer);
  const files = secretFilesIn(asObject(answer));
  const beside = {
    ...(list_metadata !== undefined && { list_metadata }),
    ...(secret_file !== undefined && { secret_file }),
    ...(files.length > 0 && { secret_files: files }),
    ...(path !== undefined && { path }),
  };
  try {
    return { result: query(answer) ?? null, ...beside };
  } catch (error) {
    if (tool.effect === 'read' || !(error instanceof Error)) throw error;
    return { ...asObject(answer), query_error: error.message };
  }
}

/** Where the secrets of many pages or many calls went: a file that nobody knows of is as good as lost. */
function secretFilesIn({ secret_files, rows }: Record<string, unknown>): unknown[] {
  const pages = Array.isArray(secret_files) ? secret_files : [];
  const ofRows = Array.isArray(rows)
    ? rows.flatMap((row) => {
        const value = asObject(asObject(row)['value']);
        return [value['secret_file'] ?? [], ...secretFilesIn(value)].flat();
      })
    : [];
  return [...pages, ...ofRows];
}

function contextOf(runtime: Runtime, caller: Caller, tool: Tool, connection: Connection, standing: Standing): Context {
  const { config, client } = runtime;
  return {
    request: (route, input) => {
      if (tool.effect === 'read' && !route.startsWith('GET ')) {
        throw new Refused(`${tool.name} is a reading tool and may not send ${route}`, 'This is a fault of workos-mcp.');
      }
      for (const other of runtime.tools.values()) {
        const forbidden = routeOf(other) === route && other.name !== tool.name && forbids(config, other);
        if (forbidden) throw new Refused(forbidden, OPERATORS);
      }
      return requestRoute(route, input, connection);
    },
    call: (name, input) => {
      const other = runtime.tools.get(name);
      if (!other) throw new InputError(`There is no tool ${quote(name)}`, ['tool'], 'find_tools searches them all.');
      return perform(runtime, caller, other, input, standing);
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
          proxy: config.proxy,
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
    explain: (name, error) => explainFor(runtime, name, error, standing.hidden),
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
  const used = proxyFor(new URL(baseUrl), proxy);
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

/** Gets the user's consent: a preview where nobody could be asked, and false where there is nothing that could run. */
async function confirm(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  input: Record<string, unknown>,
  standing: Standing,
): Promise<Preview | boolean> {
  const { config, confirmations } = runtime;
  const calls = targetCalls(runtime, tool, input);
  if (calls.length === 0) return false;
  const look = async () => {
    const targets = await readTargets(runtime, caller, calls, standing);
    return { targets, binding: bindingOf([config.baseUrl, keyOf(config)], tool.name, input, targets) };
  };
  const { targets, binding } = await look();
  const environment =
    config.key.kind === 'unknown' ? 'a key of unknown kind, treated as live' : `${config.key.kind} key`;
  if (typeof input['confirmation'] === 'string') {
    confirmations.redeem(input['confirmation'], binding, runtime.now(), environment);
    return true;
  }
  const title = calls[0]?.tool.title ?? tool.title;
  const answer = await caller.ask?.(questionOf(title, targets, environment));
  if (answer === 'decline') {
    throw new Refused(
      `The user declined; nothing was changed (${environment})`,
      'Respect that: do not try again unless the user asks for it.',
    );
  }
  if (answer !== 'accept') return previewOf(targets, confirmations.issue(binding, runtime.now()), environment);
  if ((await look()).binding !== binding) {
    throw new Refused(
      `The target changed while the user was asked; nothing was changed (${environment})`,
      'Call again to ask about it as it is now.',
    );
  }
  return true;
}

/** A destructive call behind a call. */
interface TargetCall {
  tool: Tool;
  input: Record<string, unknown>;
}

/** The targets of calls, read with a few cheap calls. A target that does not exist is the call's own 404. */
async function readTargets(
  runtime: Runtime,
  caller: Caller,
  calls: readonly TargetCall[],
  standing: Standing,
): Promise<Target[]> {
  const targets: Target[] = [];
  for (const call of calls) {
    if (caller.signal.aborted) throw new Cancelled();
    targets.push(await readTarget(runtime, caller, call, calls.length <= 3, standing));
  }
  return targets;
}

/**
 * The destructive calls behind this one: itself, or what call_destructive_tool is told to run. None where it is told to
 * run something that is not destructive, which it refuses by itself.
 */
function targetCalls(runtime: Runtime, tool: Tool, input: Record<string, unknown>): TargetCall[] {
  if (tool.kind === 'endpoint' || !tool.fields.includes('tool')) return [{ tool, input }];
  const inner = typeof input['tool'] === 'string' ? runtime.tools.get(input['tool']) : undefined;
  if (!inner || !isDestructive(inner.effect) || inner.toolset === tool.toolset) return [];
  const forbidden = forbids(runtime.config, inner);
  if (forbidden) throw new Refused(forbidden, OPERATORS);
  return [input['arguments'] ?? {}].flat().map((one) => ({ tool: inner, input: parseArguments(inner, asObject(one)) }));
}

async function readTarget(
  runtime: Runtime,
  caller: Caller,
  { tool, input }: TargetCall,
  withCounts: boolean,
  standing: Standing,
): Promise<Target> {
  const own = pick(input, tool.fields);
  const read = async (name: string, args: Record<string, unknown>) => {
    const other = runtime.tools.get(name);
    return asObject(other && (await perform(runtime, caller, other, args, { ...standing, consented: false })));
  };
  const look = lookFor(runtime.tools, tool, false);
  let state: Record<string, unknown> | undefined;
  let unread: string | undefined;
  try {
    state = look && (await read(look.name, pick(own, look.fields)));
  } catch (error) {
    unread = unreadable(error, standing.hidden);
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
        if (error instanceof Cancelled) throw error;
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
    return `${tried.method} answered ${status}, ${quote(scrub(error.message, hidden), 120)}`;
  }
  if (error instanceof NetworkError) return `no answer, ${quote(scrub(error.message, hidden), 120)}`;
  // The settings may forbid to look and not forbid to delete.
  return error instanceof Refused ? error.message : undefined;
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
  if (forbidden) return [forbidden, OPERATORS];
  return [
    `${tool.name} is not among the tools that this server exposes`,
    exposed.has(door) ? `Run it by ${door}.` : `Ask the operator for --toolsets ${tool.toolset}.`,
  ];
}
