import { setMaxListeners } from 'node:events';
import { placeholders } from '../client/request-plan.ts';
import { ApiError, copyOf } from '../errors/errors.ts';
import { routeOf } from '../tools/define.ts';
import type { Route, Tool } from '../tools/types.ts';
import { forbiddenReason } from './policy.ts';
import { readBackTool } from './read-back.ts';
import { type Runtime, runtimeIn } from './runtime.ts';

/** How long all environments together may take, in milliseconds. */
const TIME_MS = 2_000;

/**
 * The same error with the names of the other environments that have what a 404 says is missing: a mixed-up environment is the
 * usual reason. Each is asked by one GET with its own key, where its settings allow the reading tool. Nothing of the responses
 * but their status is used, and what holds secrets is not asked for.
 */
export async function withOtherEnvironments(runtime: Runtime, error: unknown, signal: AbortSignal): Promise<unknown> {
  const { environments, config, tools } = runtime;
  if (environments.size === 0 || !(error instanceof ApiError) || error.status !== 404) return error;
  const { circumstances } = error;
  if (!circumstances || circumstances.deleted || signal.aborted) return error;
  const found = readerOf(tools, circumstances.tool, error);
  if (!found) return error;
  const others = [...environments.keys()].filter((name) => name !== config.environment);
  const ended = AbortSignal.any([signal, AbortSignal.timeout(TIME_MS)]);
  // One for each of them is no leak.
  setMaxListeners(0, ended);
  const has = await Promise.all(
    others.map(async (name) => {
      const other = runtimeIn(runtime, name);
      if (!other || forbiddenReason(other.config, found.reader)) return false;
      return answers(other, found.path, ended);
    }),
  );
  const elsewhere = others.filter((_, at) => has[at]);
  return elsewhere.length > 0 ? copyOf(error, { circumstances: { ...circumstances, elsewhere } }) : error;
}

async function answers({ client, config }: Runtime, path: string, signal: AbortSignal): Promise<boolean> {
  if (config.key.value === undefined) return false;
  try {
    const { status } = await client.probe('GET', path, config.key.value, signal);
    return status >= 200 && status < 300;
  } catch {
    // The call has failed for a reason of its own; this only adds to it.
    return false;
  }
}

/** The tool that reads what was asked for, and the path for it: the tool itself, or the one that shows what it changes. */
function readerOf(
  tools: ReadonlyMap<string, Tool>,
  name: string,
  { request }: ApiError,
): { reader: Tool; path: string } | undefined {
  const tool = tools.get(name);
  const reader = tool && (tool.effect === 'read' ? tool : readBackTool(tools, tool, { lists: false }));
  const [own, route] = [tool && routeOf(tool), reader && routeOf(reader)];
  if (!reader || !own || !route?.startsWith('GET ') || placeholders(route).length === 0) return undefined;
  if (reader.kind === 'endpoint' && (reader.auth !== 'api_key' || reader.redirect)) return undefined;
  const { in: given = [], out = [] } = reader.secrets;
  if (given.length > 0 || out.length > 0) return undefined;
  const path = pathFor(route, own, request.path);
  return path === undefined ? undefined : { reader, path };
}

/** The path of one route with the values that a path of another one has. */
function pathFor(route: Route, own: Route, path: string): string | undefined {
  const [steps, values] = [own.slice(own.indexOf(' ') + 1).split('/'), path.split('/')];
  if (steps.length !== values.length) return undefined;
  const filled = route
    .slice('GET '.length)
    .split('/')
    .map((step) => (step.startsWith('{') ? values[steps.indexOf(step)] : step));
  return filled.includes(undefined) ? undefined : filled.join('/');
}
