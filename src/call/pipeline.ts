import type { LookupFunction } from 'node:net';
import type { WorkOSClient } from '../client/client.ts';
import { download } from '../client/download.ts';
import { isLoopback } from '../client/loopback.ts';
import type { Config } from '../config/config.ts';
import { type Explanation, explain, InputError, RefusedError } from '../errors/errors.ts';
import { compileQuery, type Query } from '../results/jmespath.ts';
import { createFile, discard, privateFolder } from '../results/private-files.ts';
import { asObject } from '../results/result.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { parseJson, redactDeep, valuesAt } from '../text/redact.ts';
import type { Tool, WorkflowContext } from '../tools/define.ts';
import { hidesSecrets, isDestructive } from '../tools/define.ts';
import { parseArguments } from './arguments.ts';
import { bindingOf, type Confirmations, type Preview, previewOf, questionOf } from './confirmation/codes.ts';
import { type Looks, readTargets, targetCalls } from './confirmation/targets.ts';
import { factsOf, keyFacts } from './connection-info.ts';
import { forbiddenReason, needsConfirmation, OPERATOR_HINT } from './policy.ts';
import { lookFor, routeOf } from './read-back.ts';
import {
  allPages,
  type Connection,
  keyOf,
  requestEndpoint,
  requestRoute,
  revealSecrets,
  secretMode,
} from './request.ts';

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
  if (!tool) throw new InputError(`There is no tool ${quoteUntrusted(name)}`, [], 'find_tools searches them all.');
  if (caller.door === 'client' && !runtime.exposed.has(name)) throw new RefusedError(...notExposed(runtime, tool));
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
  return { ...redactDeep(explanation, hidden), kind, tool: name };
}

/** The key and the secret values among the arguments, also those handed on through call_write_tool and its like. */
export function secretsOf(
  { config, tools }: Pick<Runtime, 'config' | 'tools'>,
  name: string,
  raw: Record<string, unknown>,
): string[] {
  const own = valuesAt(raw, tools.get(name)?.secrets.in ?? []);
  const inner = typeof raw['tool'] === 'string' ? tools.get(raw['tool']) : undefined;
  const handed = typeof raw['arguments'] === 'string' ? parseJson(raw['arguments']) : raw['arguments'];
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
  const forbidden = forbiddenReason(config, tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  const input = parseArguments(tool, raw);
  const query =
    typeof input['query'] === 'string' && !tool.fields.includes('query') ? compileQuery(input['query']) : undefined;
  const mode = secretMode(tool, input, config);
  // Afterwards would be too late: the secret would be made and lost.
  if (mode === 'file' && hidesSecrets(tool.secrets)) privateFolder(config.outputDir);
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

function contextOf(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  connection: Connection,
  standing: Standing,
): WorkflowContext {
  const { config, client } = runtime;
  return {
    request: (route, input) => {
      if (tool.effect === 'read' && !route.startsWith('GET ')) {
        throw new RefusedError(
          `${tool.name} is a reading tool and may not send ${route}`,
          'This is a fault of workos-mcp.',
        );
      }
      for (const other of runtime.tools.values()) {
        const forbidden = routeOf(other) === route && other.name !== tool.name && forbiddenReason(config, other);
        if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
      }
      return requestRoute(route, input, connection);
    },
    call: (name, input) => {
      const other = runtime.tools.get(name);
      if (!other)
        throw new InputError(`There is no tool ${quoteUntrusted(name)}`, ['tool'], 'find_tools searches them all.');
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
      } catch (error) {
        discard(path);
        throw error;
      } finally {
        await handle.close();
      }
    },
    tools: runtime.tools,
    exposed: runtime.exposed,
    forbiddenReason: (other) => forbiddenReason(config, other),
    explain: (name, error) => explainFor(runtime, name, error, standing.hidden),
    keyIn: (variable) => keyFacts(runtime, variable),
    connection: factsOf(config),
    signal: caller.signal,
    now: runtime.now,
    sleep: (ms) => runtime.sleep(ms, caller.signal),
    progress: caller.progress,
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
  const looks: Looks = {
    tools: runtime.tools,
    signal: caller.signal,
    hidden: standing.hidden,
    read: async (other, args) =>
      asObject(await perform(runtime, caller, other, args, { ...standing, consented: false })),
  };
  const look = async () => {
    const targets = await readTargets(calls, looks);
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
    throw new RefusedError(
      `The user declined; nothing was changed (${environment})`,
      'Respect that: do not try again unless the user asks for it.',
    );
  }
  if (answer !== 'accept') return previewOf(targets, confirmations.issue(binding, runtime.now()), environment);
  if ((await look()).binding !== binding) {
    throw new RefusedError(
      `The target changed while the user was asked; nothing was changed (${environment})`,
      'Call again to ask about it as it is now.',
    );
  }
  return true;
}

function notExposed({ config, exposed }: Runtime, tool: Tool): [string, string] {
  const forbidden = forbiddenReason(config, tool);
  const door =
    tool.effect === 'read'
      ? 'call_read_tool'
      : isDestructive(tool.effect)
        ? 'call_destructive_tool'
        : 'call_write_tool';
  if (forbidden) return [forbidden, OPERATOR_HINT];
  return [
    `${tool.name} is not among the tools that this server exposes`,
    exposed.has(door) ? `Run it by ${door}.` : `Ask the operator for --toolsets ${tool.toolset}.`,
  ];
}
