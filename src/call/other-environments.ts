import { setMaxListeners } from 'node:events';
import { placeholders } from '../client/request-plan.ts';
import { ApiError, copyOf } from '../errors/errors.ts';
import { routeOf } from '../tools/define.ts';
import type { Route, Tool } from '../tools/types.ts';
import { forbiddenReason } from './policy.ts';
import { readBackTool } from './read-back.ts';
import { type Runtime, runtimeIn } from './runtime.ts';

/** The time limit for asking all environments, in milliseconds. */
const TIME_MS = 2_000;

/**
 * Adds to a 404 the names of the other environments that have the missing object, because a mixed-up environment is the usual
 * reason. Each environment whose settings allow the reading tool gets one GET with its own key. Only the status of a response
 * is used, and objects with secrets are not requested. Any other error is returned unchanged.
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
  // One listener per environment is expected, not a leak.
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
    // The call has already failed; a failed look-up must not replace its error.
    return false;
  }
}

/** The tool that reads the missing object, and its path: the failed tool itself if it reads, otherwise its read-back tool. */
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

/** Fills the placeholders of `route` with the values that `path` has for the same placeholders of `own`. */
function pathFor(route: Route, own: Route, path: string): string | undefined {
  const [steps, values] = [own.slice(own.indexOf(' ') + 1).split('/'), path.split('/')];
  if (steps.length !== values.length) return undefined;
  const filled = route
    .slice('GET '.length)
    .split('/')
    .map((step) => (step.startsWith('{') ? values[steps.indexOf(step)] : step));
  return filled.includes(undefined) ? undefined : filled.join('/');
}
