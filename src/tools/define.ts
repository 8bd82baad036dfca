import * as z from 'zod';
import { type Placeholder, placeholders, type Route } from '../client/request-plan.ts';
import type { Explanation } from '../errors/errors.ts';

export type { Route };

/**
 * What a call does to the environment. `read` changes nothing; `create` adds, and adds again when repeated; `update`
 * may be repeated; `delete` takes away; `overwrite` takes away and may not be repeated.
 */
export type Effect = 'read' | 'create' | 'update' | 'delete' | 'overwrite';

/**
 * How a request proves who sends it: the configured key as Bearer, nothing, the tool's own `access_token` argument as
 * Bearer, or the configured key as `client_secret` in the body. `none` and `client_secret` fill a left-out `client_id`
 * from WORKOS_CLIENT_ID.
 */
export type Auth = 'api_key' | 'none' | 'access_token' | 'client_secret';

/** The secret fields of one tool, as paths (`totp.secret`, `data[].token`), and why they are in the answer. */
export interface Secrets {
  /** Argument paths that no log, error or file may show. */
  in?: readonly string[];
  /** Answer paths that are masked unless the caller asks otherwise. */
  out?: readonly string[];
  /**
   * `incidental`: rides along; `once`: the API shows it one single time; `value`: what the call is for; `deliver`: made
   * to be handed to a person, always shown.
   */
  class?: 'incidental' | 'once' | 'value' | 'deliver';
}

/** Says what is wrong with a combination of arguments, or nothing. */
export type Check = (input: Record<string, unknown>) => string | undefined;

type Shape = Record<string, z.ZodType>;

interface Row<S extends Shape> {
  title: string;
  description: string;
  input: S;
  /** Left out where the method tells: GET reads, POST creates, PUT and PATCH update, DELETE deletes. */
  effect?: Effect;
  /** In the default preset. */
  core?: true;
  /** One predicate over the parsed arguments, for fields that exclude or need each other. */
  check?: Check;
  secrets?: Secrets;
  /** The answer can be large though it is no paged list: offer `query`. */
  filterable?: true;
}

interface EndpointRow<S extends Shape> extends Row<S> {
  auth?: Auth;
  /** Where the fields that are not placeholders go, if not in the query on GET and DELETE and in the body otherwise. */
  send?: 'body' | 'query';
  /** Send `{}` although no field is declared. */
  emptyBody?: true;
  /** The API opens this URL in a browser: answer it, request nothing. */
  redirect?: true;
  /** The API honours Idempotency-Key here, so that a repeat is always safe. */
  replayable?: true;
}

interface WorkflowRow<S extends Shape> extends Row<S> {
  /** Required: there is no method to derive it from. */
  effect: Effect;
  /** The operations of the API that this workflow stands for, if any. */
  routes?: readonly Route[];
  run(input: z.output<z.ZodObject<S>>, context: WorkflowContext): Promise<unknown>;
}

interface Common {
  readonly name: string;
  readonly toolset: string;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  readonly core: boolean;
  readonly secrets: Secrets;
  /** Names of the arguments that are the API's own, in the order of the declaration. */
  readonly fields: readonly string[];
  /** Everything a caller may pass: the fields and the arguments that several tools share. */
  readonly input: z.ZodObject;
  readonly check: Check | undefined;
  /** Follows WorkOS's cursors: takes `after`. */
  readonly paged: boolean;
}

/** A tool whose request is implied by its route and its input. */
export interface Endpoint extends Common {
  readonly kind: 'endpoint';
  readonly route: Route;
  readonly auth: Auth;
  readonly send: 'body' | 'query';
  /** Some field can be in the body, or the API wants `{}`; without it the request has no body at all. */
  readonly hasBody: boolean;
  readonly redirect: boolean;
  readonly replayable: boolean;
}

/** A tool with code of its own, built from requests and other tools. */
export interface Workflow extends Common {
  readonly kind: 'workflow';
  readonly routes: readonly Route[];
  run(input: Record<string, unknown>, context: WorkflowContext): Promise<unknown>;
}

export type Tool = Endpoint | Workflow;

export interface Toolset {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly Tool[];
}

/** What a probe of the connection saw; the diagnostic reads it. */
export interface Probe {
  status: number;
  ms: number;
  headers: Readonly<Record<string, string>>;
  message: string | undefined;
}

/** What the diagnostic may know about the settings; never the key itself. */
export interface ConnectionFacts {
  baseUrl: string;
  sandbox: boolean;
  keyVariable: string | undefined;
  keyProblem: string | undefined;
  keyKind: 'test' | 'live' | 'unknown' | 'none';
  keyEnding: string;
  proxy: string | undefined;
}

/** What may be said about a key variable. */
export interface KeyFacts {
  variable: string | undefined;
  kind: 'test' | 'live' | 'unknown' | 'none';
  /** Its last four characters, where it looks like a key at all. */
  ending: string;
  problem: string | undefined;
  /** The server's own requests carry this key. */
  inUse: boolean;
}

/** A file fetched from a pre-signed link. */
export interface Download {
  path: string;
  bytes: number;
}

/** What a workflow may do. Every request and every call of another tool passes the policy in context.ts. */
export interface WorkflowContext {
  /** A request of the running tool's own: placeholders, then query or body as for an endpoint. Returns the parsed answer. */
  request(route: Route, input: Record<string, unknown>): Promise<unknown>;
  /** Another tool by its name, as if the client had called it, without shaping the answer. */
  call(tool: string, input: Record<string, unknown>): Promise<unknown>;
  /** Looks at the connection: one attempt, one of the methods that only look, no retries. */
  probe(method: 'GET' | 'HEAD' | 'OPTIONS', path: string): Promise<Probe>;
  /** Streams a pre-signed link to a private file, without the key. Throws `LinkExpired` where the host says so. */
  download(url: string, name: string): Promise<Download>;
  /** All tools, exposed or not, with whether the settings allow them. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** Why the settings forbid this tool, or nothing. */
  forbiddenReason(tool: Tool): string | undefined;
  readonly exposed: ReadonlySet<string>;
  /** What a caller is told of a failure of this tool. */
  explain(tool: string, error: unknown): Explanation;
  /** Looks at a variable that may hold a key; the one in use where none is named. */
  keyIn(variable: string | undefined): KeyFacts;
  readonly connection: ConnectionFacts;
  readonly signal: AbortSignal;
  now(): number;
  sleep(ms: number): Promise<void>;
  progress(done: number, total: number | undefined, message: string): void;
}

const EFFECT_OF = { GET: 'read', POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' } as const;

/** Arguments of our own that several tools share; explained once in the server's instructions. */
const SHARED = {
  query: z.string().describe('JMESPath'),
  all_pages: z.boolean().describe('Follow the cursor'),
  max_items: z.int().min(1).describe('Default 1000'),
  secret_output: z.enum(['masked', 'file', 'result']).describe('How secrets come back'),
  confirmation: z.string().describe('Code of the preview'),
};

/** The arguments of SHARED that a tool of this kind takes; all of them optional. */
function shared(row: Row<Shape>, effect: Effect): Shape {
  const paged = 'after' in row.input;
  return {
    ...(paged && { all_pages: SHARED.all_pages.optional(), max_items: SHARED.max_items.optional() }),
    ...((paged || row.filterable) && { query: SHARED.query.optional() }),
    ...(hidesSecrets(row.secrets ?? {}) && { secret_output: SHARED.secret_output.optional() }),
    ...(isDestructive(effect) && { confirmation: SHARED.confirmation.optional() }),
  };
}

/** True where answers hold secrets that are not for everybody's eyes. */
export function hidesSecrets(secrets: Secrets): boolean {
  return (secrets.out ?? []).length > 0 && secrets.class !== 'deliver';
}

/** True for the effects that a confirmation may guard. */
export function isDestructive(effect: Effect): boolean {
  return effect === 'delete' || effect === 'overwrite';
}

function common(row: Row<Shape>, effect: Effect): Common {
  return {
    name: '',
    toolset: '',
    title: row.title,
    description: row.description,
    effect,
    core: row.core ?? false,
    secrets: row.secrets ?? {},
    fields: Object.keys(row.input),
    input: z.strictObject({ ...row.input, ...shared(row, effect) }),
    check: row.check,
    paged: 'after' in row.input,
  };
}

/** Declares a tool whose request follows from `route`; every placeholder must be a field of `input`. */
export function endpoint<R extends Route, S extends Shape & Record<Placeholder<R>, z.ZodType>>(
  route: R,
  row: EndpointRow<S>,
): Endpoint {
  // The method is the route's first word by the type Route.
  const method = route.slice(0, route.indexOf(' ')) as keyof typeof EFFECT_OF;
  const send = row.send ?? (method === 'GET' || method === 'DELETE' ? 'query' : 'body');
  return {
    ...common(row, row.effect ?? EFFECT_OF[method]),
    kind: 'endpoint',
    route,
    auth: row.auth ?? 'api_key',
    send,
    hasBody: send === 'body' && (row.emptyBody === true || Object.keys(row.input).length > placeholders(route).length),
    redirect: row.redirect ?? false,
    replayable: row.replayable ?? false,
  };
}

/** Declares a tool with code of its own. `run` gets arguments that its own schema has parsed. */
export function workflow<S extends Shape>(row: WorkflowRow<S>): Workflow {
  return {
    ...common(row, row.effect),
    kind: 'workflow',
    routes: row.routes ?? [],
    // The caller hands over what this very schema has parsed, which the erased type cannot say.
    run: (input, context) => row.run(input as z.output<z.ZodObject<S>>, context),
  };
}

/** Gives tools their names and the toolset they are chosen by. */
export function toolset(name: string, description: string, tools: Record<string, Endpoint | Workflow>): Toolset {
  return {
    name,
    description,
    tools: Object.entries(tools).map(([toolName, tool]) => ({ ...tool, name: toolName, toolset: name })),
  };
}
