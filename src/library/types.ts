import type { Json, JsonObject } from './json.ts';
import type { ToolArguments } from './tool-types.ts';

/** The name of a tool. */
export type ToolName = keyof ToolArguments;

/** The tools that return a list in pages. */
export type PagedTool = { [T in ToolName]: 'after' extends keyof ToolArguments[T] ? T : never }[ToolName];

/** The tools that take a JMESPath expression. */
export type QueryTool = { [T in ToolName]: 'query' extends keyof ToolArguments[T] ? T : never }[ToolName];

/** The result of a list. With `all_pages`, it also says how many items there are and why it stopped. */
export interface List {
  data: JsonObject[];
  list_metadata?: { before?: string | null; after?: string | null };
  items?: number;
  stopped?: 'end' | 'max_items' | 'cancelled' | 'error';
  /** The file that holds all items, if they do not fit the result. */
  path?: string;
  [more: string]: Json | undefined;
}

/** The result of a tool. */
export type ToolResult<T extends ToolName> = T extends `list_${string}` ? List : JsonObject;

/** The arguments of `pages()`: `limit` is the size of a page, `max_items` ends the walk. */
export type PageArguments<T extends PagedTool> = Omit<ToolArguments[T], 'all_pages' | 'query'>;

/** Options for one call. */
export interface CallOptions {
  /** Cancels the call. */
  signal?: AbortSignal | undefined;
  /** One of `environments`, instead of the connection's own. */
  environment?: string | undefined;
}

/** The parameters after the tool's name. The arguments can be left out if none is required. */
export type Rest<A> =
  Partial<A> extends A ? [arguments?: A, options?: CallOptions] : [arguments: A, options?: CallOptions];

/** A connection to WorkOS, or to its own sandbox. Calls may run concurrently. */
export interface Connection {
  /**
   * Calls a tool. With `query`, the expression's value is in `result`.
   * @throws {ConfirmationNeeded} if the call needs consent, before it changes anything.
   * @throws {CallError} if the call fails.
   */
  call<T extends QueryTool>(
    tool: T,
    arguments_: ToolArguments[T] & { query: string },
    options?: CallOptions,
  ): Promise<JsonObject>;
  call<T extends ToolName>(tool: T, ...rest: Rest<ToolArguments[T]>): Promise<ToolResult<T>>;
  /** The items of a list, page by page. Each step fetches one page, but only when it is requested. Throws as `call()` does. */
  pages<T extends PagedTool>(
    tool: T,
    ...rest: Rest<PageArguments<T>>
  ): AsyncGenerator<JsonObject[], undefined, undefined>;
  /** Refuses further calls, waits for running calls, and closes all connections. */
  close(): Promise<void>;
}

/** The settings of a connection. A missing setting comes from its environment variable, or else has its default. */
export interface ConnectOptions {
  /** The secret key, instead of WORKOS_TOKEN_FILE, WORKOS_TOKEN and WORKOS_API_KEY. */
  key?: string;
  /** Fills in missing client ids, instead of WORKOS_CLIENT_ID. */
  clientId?: string | undefined;
  /** The environment variables to use instead of those of the process. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Called with each line of the log, which is JSON. */
  log?: ((line: string) => void) | undefined;
  baseUrl?: string | undefined;
  excludeTools?: readonly ToolName[] | undefined;
  readOnly?: boolean | undefined;
  /** When destructive calls need confirmation. Every key but `sk_test_…` counts as live. */
  confirm?: 'always' | 'live' | 'never' | undefined;
  /** The most that a call may ask for with `secret_output`. */
  secrets?: 'masked' | 'file' | 'result' | undefined;
  outputDir?: string | undefined;
  /** The maximum size of one result, in characters. A program's default is 10,000,000. */
  maxResultChars?: number | undefined;
  timeoutMs?: number | undefined;
  maxRetries?: number | undefined;
  /** Uses a separate sandbox with sample data instead of the API. */
  sandbox?: boolean | undefined;
  /** The file that keeps the state of the sandbox. */
  sandboxState?: string | undefined;
  /** A file that gets a JSON line for each call that writes, is refused, or asks for secrets; `-` is stderr. */
  auditLog?: string | undefined;
  /**
   * Several environments, each as `name=KEY_VARIABLE[/CLIENT_ID_VARIABLE][:read-only][:confirm-always]`, with the names of the
   * variables that hold their credentials.
   */
  environments?: readonly string[] | undefined;
  /** The environment that calls run in by default. If left out, the first. */
  environment?: string | undefined;
  /** The level of `log`. */
  logLevel?: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent' | undefined;
  /** Affects only what an MCP server lists. A program may call every tool. */
  toolsets?: readonly string[] | undefined;
  /** As for `toolsets`. */
  tools?: readonly ToolName[] | undefined;
  /** Affects only MCP clients. A program is never asked; its call throws `ConfirmationNeeded`. */
  ask?: 'client' | 'code' | undefined;
}

/** One call that needs consent. */
export interface PreviewedCall {
  tool: string;
  /** What it would change or delete. */
  target: string;
  /** The steps that it would take, for a tool that makes a plan. */
  plan?: { summary: string; steps: JsonObject[]; findings?: JsonObject[] };
  /** What it would set, by argument. */
  changes?: JsonObject;
  /** What would be deleted with the target, and how many of each. */
  with?: Record<string, number | string>;
  /** Why the target could not be read. */
  unread?: string;
}

/** Why a call failed. */
export type ErrorKind =
  | 'input'
  | 'config'
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'conflict'
  | 'rate_limited'
  | 'api'
  | 'network'
  | 'timeout'
  | 'cancelled'
  | 'refused'
  | 'sandbox';
