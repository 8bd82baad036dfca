import type { WorkOSClient } from '../client/client.ts';
import { placeholders, planRequest, type RequestPlan, type Route } from '../client/request-plan.ts';
import { UnparsedBody } from '../client/unparsed-body.ts';
import { isChosenVariable, keysIn } from '../config/api-key.ts';
import type { Config } from '../config/config.ts';
import { ApiError, CancelledError, type Circumstances, ConfigError, copyOf, NetworkError } from '../errors/errors.ts';
import { LargeResponse } from '../results/large-response.ts';
import { responseObject } from '../results/response-object.ts';
import type { Effect, Endpoint, Tool } from '../tools/types.ts';
import type { DeletedObjects } from './deleted-objects.ts';
import { withoutKey } from './failure.ts';
import type { SentWrites } from './sent-writes.ts';
import { WaitReports } from './wait-reports.ts';

/** What a request uses besides its tool and input. */
export interface Connection {
  config: Config;
  client: WorkOSClient;
  signal: AbortSignal;
  writes: SentWrites;
  deleted: DeletedObjects;
  /** Masks the secrets in the body of a failed response, or says where they went. */
  revealError(error: unknown): unknown;
  /** Called with the request id of each response. */
  responded?(requestId: string | undefined): void;
  progress(done: number, total: number | undefined, message: string): void;
}

/** Callbacks of a tool for its responses. */
export type Hooks = Pick<Connection, 'revealError' | 'responded'>;

/** The connection of one call. */
export function connectionOf(
  { config, client, deleted }: Pick<Connection, 'config' | 'client' | 'deleted'>,
  { signal, progress }: Pick<Connection, 'signal' | 'progress'>,
  { writes, quiet }: { writes: SentWrites; quiet?: boolean },
  hooks: Hooks,
): Connection {
  return { config, client, signal, writes, deleted, progress: quiet ? () => {} : progress, ...hooks };
}

/**
 * Sends the request that follows from an endpoint's route and input. Resolves to the response as an object, not yet masked,
 * or to a {@link LargeResponse}. Sends nothing for a redirect, and resolves to its URL.
 * @throws {ConfigError} if the key or the client id is missing.
 */
export async function requestEndpoint(
  tool: Endpoint,
  input: Record<string, unknown>,
  connection: Connection,
): Promise<unknown> {
  const { config } = connection;
  const fields = Object.fromEntries(tool.fields.map((name) => [name, input[name]]));
  if (tool.auth === 'none' || tool.auth === 'client_secret') {
    if (tool.fields.includes('client_id') && fields['client_id'] === undefined) fields['client_id'] = clientId(config);
  }
  const accessToken = fields['access_token'];
  if (tool.auth === 'access_token') delete fields['access_token'];
  if (tool.auth === 'client_secret') fields['client_secret'] = keyOf(config);
  const ordered = tool.paged ? { order: 'desc', ...withoutUndefined(fields) } : fields;
  const planFor = (route: Route) => planRequest(route, ordered, { ...tool, repeatArrays: tool.redirect });
  if (tool.redirect) {
    const { path, query } = planFor(tool.route);
    return { url: `${config.baseUrl}${path}${query && `?${query}`}` };
  }
  const bearer =
    tool.auth === 'api_key' ? keyOf(config) : tool.auth === 'access_token' ? String(accessToken) : undefined;
  const { effect, replayable } = tool;
  return withLegacyRoute(tool, tool.route, (route) =>
    send({ label: route, plan: planFor(route), bearer, tool, input: fields, effect, replayable }, connection),
  );
}

/**
 * Sends a workflow's own request, with the key. Whether it is retried depends on the workflow's effect, except that a GET
 * counts as a read.
 * @param owner The tool that the operation belongs to. An error names it.
 */
export async function requestRoute(
  tool: Tool,
  route: Route,
  input: Record<string, unknown>,
  connection: Connection,
  owner: Tool = tool,
): Promise<unknown> {
  const inQuery = route.startsWith('GET ') || route.startsWith('DELETE ');
  const options = { send: inQuery ? 'query' : 'body', hasBody: true } as const;
  const bearer = keyOf(connection.config);
  const effect = effectOf(tool, route);
  return withLegacyRoute(tool, route, (one) => {
    const plan = planRequest(one, input, options);
    return send({ label: one, plan, bearer, tool: owner, input, effect, replayable: false }, connection);
  });
}

/** The effect of a workflow's own request. Even a reading workflow may start something, such as an export. */
function effectOf(tool: Tool, route: Route): Effect {
  if (route.startsWith('GET ')) return 'read';
  return tool.effect === 'read' ? 'create' : tool.effect;
}

/** Whether the effect is idempotent. */
function isRepeatable(effect: Effect): boolean {
  return effect === 'read' || effect === 'update' || effect === 'delete';
}

/** If the documented route returns 404, tries the tool's older, undocumented route. If both do, throws the first 404. */
async function withLegacyRoute<T>(tool: Tool, route: Route, request: (route: Route) => Promise<T>): Promise<T> {
  const { legacyRoute } = tool;
  if (!legacyRoute || (tool.kind === 'workflow' && tool.routes[0] !== route)) return request(route);
  try {
    return await request(route);
  } catch (first) {
    if (!isNotFound(first)) throw first;
    return request(legacyRoute).catch((second: unknown) => {
      throw isNotFound(second) ? first : second;
    });
  }
}

/** A planned request, and the call that it belongs to. */
interface PlannedRequest {
  label: Route;
  plan: RequestPlan;
  bearer: string | undefined;
  /** The tool that the request belongs to. */
  tool: Tool;
  /** The values that the request was made from. */
  input: Readonly<Record<string, unknown>>;
  effect: Effect;
  replayable: boolean;
}

async function send(
  { label, plan, bearer, tool, input, effect, replayable }: PlannedRequest,
  { config, client, signal, writes, deleted, revealError, responded, progress }: Connection,
): Promise<unknown> {
  const keys = keysIn(config.key);
  const waits = new WaitReports((message) => progress(0, undefined, message));
  const request = {
    ...plan,
    label,
    bearer,
    repeatable: replayable || isRepeatable(effect),
    signal,
    onWait: (ms: number, reason: string) => waits.begin(ms, reason),
    onWaited: () => waits.end(),
  };
  const takeBack = effect === 'read' ? undefined : writes.add(tool.name);
  const { body, status, requestId } = await client
    .request(request)
    .catch((error: unknown) => {
      if (wasNotCarriedOut(error)) takeBack?.();
      if (error instanceof ApiError) responded?.(error.requestId);
      const circumstances = { tool: tool.name, cursor: cursorIn(label, plan), deleted: deleted.has(plan.path) };
      // Removed before anything else sees the error, which can end up in a file, a question, or another error.
      throw revealError(inCircumstances(withoutKey(error, keys), circumstances));
    })
    .finally(() => waits.end());
  deleted.note(label, plan.path);
  responded?.(requestId);
  if (body instanceof UnparsedBody) return new LargeResponse(body, status, keys);
  // The ids are added because an empty body does not say what was deleted.
  const named = placeholders(label).filter((name) => !tool.secrets.in?.includes(name));
  return responseObject(body, status, keys, Object.fromEntries(named.map((name) => [name, input[name]])));
}

function inCircumstances(error: unknown, circumstances: Circumstances): unknown {
  return error instanceof ApiError ? copyOf(error, { circumstances }) : error;
}

/** The query parameters of paging, which are not filters. */
const PAGING = new Set(['limit', 'order', 'after', 'before']);

function cursorIn(route: Route, { method, query }: RequestPlan): Circumstances['cursor'] {
  const given = new URLSearchParams(query);
  if (method !== 'GET' || !(given.has('after') || given.has('before'))) return undefined;
  const alone = [...given.keys()].every((name) => PAGING.has(name)) && placeholders(route).length === 0;
  return alone ? 'only' : 'among others';
}

/** Whether the request was certainly not carried out. Any error other than a clear refusal, even a bug, leaves that open. */
function wasNotCarriedOut(error: unknown): boolean {
  const isClear = error instanceof ApiError || error instanceof NetworkError || error instanceof CancelledError;
  return isClear && !error.mayHaveSucceeded;
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function withoutUndefined(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** The configured key. @throws {ConfigError} that says what to set in each of the common clients. */
export function keyOf({ key, environment }: Config): string {
  if (key.value !== undefined) return key.value;
  if (environment !== undefined || isChosenVariable(key.variable)) {
    const [of, others] =
      environment === undefined ? ['', ''] : [` of ${environment}`, ' The other environments are not affected.'];
    throw new ConfigError(
      `No WorkOS key${environment === undefined ? '' : ` for the environment ${environment}`}: ${key.problem}`,
      `Set ${key.variable} to a secret key${of} from the WorkOS dashboard, in this server's environment, then restart the server.${others}`,
    );
  }
  throw new ConfigError(
    `No WorkOS key: ${key.problem}`,
    [
      'Set WORKOS_TOKEN to a secret key (sk_test_… or sk_live_…) from the WorkOS dashboard and restart this server.',
      'workos-mcp init writes the configuration of a client. Claude Code: "env": {"WORKOS_TOKEN": "$\u007BWORKOS_TOKEN}"} in .mcp.json.',
      'Cursor: "env": {"WORKOS_TOKEN": "$\u007Benv:WORKOS_TOKEN}"} in mcp.json. VS Code: an input of type promptString.',
      'Codex: env_vars = ["WORKOS_TOKEN"]. Or try --sandbox, which needs no key.',
    ].join(' '),
  );
}

/**
 * Identifies the environment and the key across processes. The sandbox has a different port in each process, so its state
 * file takes the place of the URL.
 */
export function environmentOf(config: Config): readonly unknown[] {
  return [config.sandboxState ?? config.baseUrl, keyOf(config)];
}

function clientId({ clientId: id, clientIdVariable: variable, environment }: Config): string {
  if (id !== undefined) return id;
  if (variable !== undefined) {
    throw new ConfigError(`client_id is missing and ${variable} is not set`, `Pass client_id, or set ${variable}.`);
  }
  throw new ConfigError(
    `client_id is missing, and --environments names no variable for ${environment === undefined ? 'it' : `the client id of ${environment}`}`,
    `Pass client_id, or write ${environment ?? 'NAME'}=KEY_VARIABLE/CLIENT_ID_VARIABLE in --environments.`,
  );
}
