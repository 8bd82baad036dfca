import { createHash } from 'node:crypto';
import { download } from '../client/download.ts';
import { isLoopbackUrl } from '../client/loopback.ts';
import { fileNameIn } from '../config/config.ts';
import { InputError, OPERATOR_HINT, RefusedError } from '../errors/errors.ts';
import { FileWriter, writeText } from '../results/file-writer.ts';
import { compileQuery } from '../results/jmespath.ts';
import { LargeResponse } from '../results/large-response.ts';
import { localFiles } from '../results/local-files.ts';
import { queryResult } from '../results/query-result.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { leavesSomething, routeOf } from '../tools/define.ts';
import type { Download, Route, Tool, WorkflowContext } from '../tools/types.ts';
import type { Caller, CallScope } from './caller.ts';
import { AgreedPlans } from './confirmation/agreed-plans.ts';
import { connectionInfo, keyInfo, otherKeys } from './connection-info.ts';
import { unknownEnvironment } from './environment-argument.ts';
import { explainFailure } from './failure.ts';
import { BUG_HINT, forbiddenArguments, forbiddenConsent, forbiddenReason } from './policy.ts';
import { probeRefusal } from './probe-policy.ts';
import { reportFile } from './report-file.ts';
import { connectionOf, environmentOf, type Hooks, keyOf, requestRoute } from './request.ts';
import { partIn, type Runtime, runtimeIn } from './runtime.ts';

/** Runs a tool inside another one, through the same steps as a client's call. */
export type RunTool = (
  runtime: Runtime,
  tool: Tool,
  input: Record<string, unknown>,
  scope: CallScope,
) => Promise<unknown>;

/** What the running workflow may do. The policy applies to every request and every nested call. */
export function workflowContext(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  hooks: Hooks,
  scope: CallScope,
  runTool: RunTool,
): WorkflowContext {
  const { config, client, tools, exposed, environments } = runtime;
  const { signal, progress } = caller;
  const refusal = (path: string) => probeRefusal(config, tools.values(), path);
  const { writes } = scope;
  const connection = connectionOf(runtime, caller, scope, hooks);
  return {
    request: async (route, input) => {
      refuseForbiddenRoute(runtime, tool, route, input);
      return writes.part(async (part) => {
        const owner = [...tools.values()].find((other) => routeOf(other) === route);
        const response = await requestRoute(tool, route, input, { ...connection, writes: part }, owner);
        const written = !route.startsWith('GET ');
        return response instanceof LargeResponse ? response.read({ written, signal }) : response;
      });
    },
    call: (name, input, { quiet = false } = {}) => {
      const other = tools.get(name);
      if (!other) throw unknownTool(name);
      return writes.part((part) =>
        runTool(runtime, other, input, { ...scope, writes: part, quiet: quiet || scope.quiet === true }),
      );
    },
    compileQuery: (expression, other) => {
      const query = compileQuery(expression);
      const options = { written: leavesSomething(other), maxChars: undefined, signal };
      return async (value) => {
        const answer = await queryResult(query, value, options);
        // If the expression fails after a write, the answer is returned in full with the error.
        if (answer['query_error'] !== undefined) return { value: answer };
        const { list_metadata: _, result, keys, ...beside } = answer;
        // The path of a saved secret must not be lost.
        const shown = Object.keys(beside).length > 0 ? { result, ...beside } : result;
        return { value: shown, ...(keys !== undefined && { keys }) };
      };
    },
    environments: [...environments.keys()],
    environment: scope.environment,
    inEnvironment: (name) => {
      const other = runtimeIn(runtime, name);
      if (!other) throw unknownEnvironment('environment', name, [...environments.keys()]);
      // The user agreed only to changes in the call's own environment.
      const own = name === config.environment ? scope : { ...scope, consented: false, agreed: new AgreedPlans() };
      const there = workflowContext(other, caller, tool, hooks, own, runTool);
      return {
        ...there,
        call: (name, input) => partIn(other, there.call(name, input)),
        request: (route, input) => partIn(other, there.request(route, input)),
      };
    },
    keepWhole: scope.keepWhole,
    planChars: scope.planChars ?? Number.POSITIVE_INFINITY,
    withReport: async (result, make) =>
      scope.report ? { ...result, ...(await reportFile(runtime, caller, tool.name, scope.secrets, make)) } : result,
    download: (url, name) => downloadToFile(runtime, caller, url, name),
    remote: config.remote !== undefined,
    writeFile: async (name, extension, text) => {
      const { outputDir, remote } = config;
      const path = await writeText(outputDir, fileNameIn(config, name), extension, text, remote?.maxFileBytes);
      caller.wrote?.(path);
      return path;
    },
    tools,
    exposed,
    readOnly: config.readOnly,
    forbiddenReason: (other, given) => forbiddenReason(config, other) ?? forbiddenArguments(config, other, given ?? {}),
    forbiddenConsent: (name) => forbiddenConsent(config, name),
    explain: (name, error, secrets = []) =>
      explainFailure(runtime, name, error, [...scope.secrets, ...secrets], writes.before(error), caller.origin),
    diagnostics: {
      refusal,
      probe: async (method, path) => {
        const refused = refusal(path);
        if (refused !== undefined) throw new RefusedError(`Nothing was sent: ${refused}`, OPERATOR_HINT);
        return client.probe(method, path, keyOf(config), signal);
      },
      keyInfo: (variable) => keyInfo(config, runtime.env, variable),
      otherKeys: () => otherKeys(config, runtime.env),
      connection: connectionInfo(config),
    },
    get environmentId() {
      return createHash('sha256')
        .update(JSON.stringify(environmentOf(config)))
        .digest('hex')
        .slice(0, 16);
    },
    files: localFiles({
      ...runtime.directories,
      output: config.outputDir,
      own: caller.own?.folder,
      maxFileBytes: config.remote?.maxFileBytes,
      wrote: (path) => caller.wrote?.(path),
    }),
    memory: caller.own?.memory,
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

/** Throws a RefusedError if the settings forbid a workflow's own request. */
function refuseForbiddenRoute(
  { config, tools }: Runtime,
  tool: Tool,
  route: Route,
  input: Record<string, unknown>,
): void {
  const starts = tool.kind === 'workflow' && tool.starts === route;
  if (tool.effect === 'read' && !starts && !route.startsWith('GET ')) {
    throw new RefusedError(`${tool.name} only reads and may not send ${route}`, BUG_HINT);
  }
  // The request that a reading tool starts changes nothing, so only an exclusion can forbid it.
  const settings = starts ? { excludeTools: config.excludeTools, readOnly: false } : config;
  for (const other of tools.values()) {
    if (routeOf(other) !== route || other.name === tool.name) continue;
    const forbidden = forbiddenReason(settings, other) ?? forbiddenArguments(settings, other, input);
    if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  }
}

async function downloadToFile(
  { config, resolve }: Runtime,
  { signal, wrote }: Caller,
  url: string,
  name: string,
): Promise<Download> {
  const { outputDir, remote } = config;
  const writer = await FileWriter.create(outputDir, fileNameIn(config, name), 'csv', remote?.maxFileBytes);
  try {
    await download(url, {
      allowLoopback: config.sandbox || isLoopbackUrl(config.baseUrl),
      timeoutMs: config.timeoutMs,
      proxy: config.proxy,
      signal,
      write: (chunk) => writer.write(chunk),
      ...(resolve && { resolve }),
    });
    // The bytes written count, not the bytes fetched.
    const bytes = await writer.finish();
    wrote?.(writer.path);
    return { path: writer.path, bytes };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}
