import { download } from '../client/download.ts';
import { isLoopbackUrl } from '../client/loopback.ts';
import { InputError, RefusedError } from '../errors/errors.ts';
import { createFile, discard } from '../results/private-files.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { routeOf } from '../tools/define.ts';
import type { Download, Route, Tool, WorkflowContext } from '../tools/types.ts';
import type { Caller, CallScope } from './caller.ts';
import { connectionInfo, keyInfo } from './connection-info.ts';
import { explainFailure } from './failure.ts';
import { forbiddenReason, OPERATOR_HINT } from './policy.ts';
import { type Connection, keyOf, requestRoute } from './request.ts';
import type { Runtime } from './runtime.ts';

/** Runs a tool inside another one, through the same steps as a call of a client. */
export type RunTool = (tool: Tool, input: Record<string, unknown>, scope: CallScope) => Promise<unknown>;

/** What the running workflow may do; every request and every nested call is held against the policy. */
export function workflowContext(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  connection: Connection,
  scope: CallScope,
  runTool: RunTool,
): WorkflowContext {
  const { config, client, tools, exposed } = runtime;
  const { signal, progress } = caller;
  const { writes } = scope;
  return {
    request: (route, input) => {
      refuseForbiddenRoute(runtime, tool, route);
      return writes.part((part) => requestRoute(tool, route, input, { ...connection, writes: part }));
    },
    call: (name, input) => {
      const other = tools.get(name);
      if (!other) throw unknownTool(name);
      return writes.part((part) => runTool(other, input, { ...scope, writes: part }));
    },
    download: (url, name) => downloadToFile(runtime, signal, url, name),
    tools,
    exposed,
    forbiddenReason: (other) => forbiddenReason(config, other),
    explain: (name, error) => explainFailure(tools, name, error, scope.secrets, writes.before(error)),
    diagnostics: {
      probe: (method, path) => client.probe(method, path, keyOf(config), signal),
      keyInfo: (variable) => keyInfo(config, runtime.env, variable),
      connection: connectionInfo(config),
    },
    signal,
    now: runtime.now,
    sleep: (ms) => runtime.sleep(ms, signal),
    progress,
  };
}

/** The error for a tool name that does not exist. */
export function unknownTool(name: string): InputError {
  return new InputError(`There is no tool ${quoteUntrusted(name)}`, ['tool'], 'find_tools searches all of them.');
}

/** A workflow sends requests of its own, which must not get around the settings. */
function refuseForbiddenRoute({ config, tools }: Runtime, tool: Tool, route: Route): void {
  if (tool.effect === 'read' && !route.startsWith('GET ')) {
    throw new RefusedError(`${tool.name} only reads and may not send ${route}`, 'This is a bug in workos-mcp.');
  }
  for (const other of tools.values()) {
    const forbidden = routeOf(other) === route && other.name !== tool.name && forbiddenReason(config, other);
    if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  }
}

async function downloadToFile(
  { config, resolve }: Runtime,
  signal: AbortSignal,
  url: string,
  name: string,
): Promise<Download> {
  const { path, handle } = await createFile(config.outputDir, name, 'csv');
  try {
    const bytes = await download(url, {
      allowLoopback: config.sandbox || isLoopbackUrl(config.baseUrl),
      timeoutMs: config.timeoutMs,
      proxy: config.proxy,
      signal,
      write: async (chunk) => void (await handle.write(chunk)),
      ...(resolve && { resolve }),
    });
    return { path, bytes };
  } catch (error) {
    discard(path);
    throw error;
  } finally {
    await handle.close();
  }
}
