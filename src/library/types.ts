import type { Json, JsonObject } from './json.ts';
import type { ToolArguments } from './tool-types.ts';

/** The name of a tool. */
export type ToolName = keyof ToolArguments;

/** The tools that answer page by page. */
export type PagedTool = { [T in ToolName]: 'after' extends keyof ToolArguments[T] ? T : never }[ToolName];

/** The tools that take a JMESPath expression. */
export type QueryTool = { [T in ToolName]: 'query' extends keyof ToolArguments[T] ? T : never }[ToolName];

/** What a list answers. With `all_pages` it also says how many items there are and why it stopped. */
export interface List {
  data: JsonObject[];
  list_metadata?: { before?: string | null; after?: string | null };
  items?: number;
  stopped?: 'end' | 'max_items' | 'cancelled' | 'error';
  /** The file that holds all items, where they are too many for a result. */
  path?: string;
  [more: string]: Json | undefined;
}

/** What a tool answers. */
export type ToolResult<T extends ToolName> = T extends `list_${string}` ? List : JsonObject;

/** The arguments of `pages()`: `limit` is the size of a page, `max_items` ends the walk. */
export type PageArguments<T extends PagedTool> = Omit<ToolArguments[T], 'all_pages' | 'query'>;

/** What may be said of one call besides its arguments. */
export interface CallOptions {
  /** Cancels the call. */
  signal?: AbortSignal | undefined;
  /** One of `environments`, instead of the connection's own. */
  environment?: string | undefined;
}

/** Arguments that may be left out where none is required. */
export type Rest<A> =
  Partial<A> extends A ? [arguments?: A, options?: CallOptions] : [arguments: A, options?: CallOptions];

/** A connection to WorkOS, or to a sandbox of its own. Calls may run at the same time. */
export interface Connection {
  /**
   * Calls a tool. With `query`, resolves to what the expression gives as `result`.
   * @throws {ConfirmationNeeded} where the call needs consent, before it changes anything.
   * @throws {CallError} where it fails.
   */
  call<T extends QueryTool>(
    tool: T,
    arguments_: ToolArguments[T] & { query: string },
    options?: CallOptions,
  ): Promise<JsonObject>;
  call<T extends ToolName>(tool: T, ...rest: Rest<ToolArguments[T]>): Promise<ToolResult<T>>;
  /** The items of a list, page by page. Each step fetches one page, and none before it is asked for. Throws as `call()` does. */
  pages<T extends PagedTool>(
    tool: T,
    ...rest: Rest<PageArguments<T>>
  ): AsyncGenerator<JsonObject[], undefined, undefined>;
  /** Refuses further calls, waits for those that have begun, and closes all connections. */
  close(): Promise<void>;
}

/** The settings of a connection. What is left out comes from the environment, else it is the default. */
export interface ConnectOptions {
  /** The secret key, instead of WORKOS_TOKEN_FILE, WORKOS_TOKEN and WORKOS_API_KEY. */
  key?: string;
  /** Fills in missing client ids, instead of WORKOS_CLIENT_ID. */
  clientId?: string | undefined;
  /** Instead of the environment of the process. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Takes the log, in lines of JSON. */
  log?: ((line: string) => void) | undefined;
  baseUrl?: string | undefined;
  excludeTools?: readonly ToolName[] | undefined;
  readOnly?: boolean | undefined;
  /** When destructive calls need confirmation. Every key but `sk_test_…` counts as live. */
  confirm?: 'always' | 'live' | 'never' | undefined;
  /** The most that a call may ask for with `secret_output`. */
  secrets?: 'masked' | 'file' | 'result' | undefined;
  outputDir?: string | undefined;
  /** The size of one result in characters. A program's default is 10,000,000. */
  maxResultChars?: number | undefined;
  timeoutMs?: number | undefined;
  maxRetries?: number | undefined;
  /** A sandbox of this connection's own, with sample data, instead of the API. */
  sandbox?: boolean | undefined;
  /** The file that keeps the state of the sandbox. */
  sandboxState?: string | undefined;
  /** A file that gets a JSON line for each call that writes, is refused or asks for secrets; `-` is stderr. */
  auditLog?: string | undefined;
  /**
   * Several environments, each as `name=KEY_VARIABLE[/CLIENT_ID_VARIABLE][:read-only][:confirm-always]`, with the names of the
   * variables that hold their credentials.
   */
  environments?: readonly string[] | undefined;
  /** The one of them that calls run in by default. The first if left out. */
  environment?: string | undefined;
  /** The level of `log`. */
  logLevel?: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent' | undefined;
  /** For the listing of an MCP server: a program may call every tool. */
  toolsets?: readonly string[] | undefined;
  /** As for `toolsets`. */
  tools?: readonly ToolName[] | undefined;
  /** For MCP clients: a program is never asked, and gets a `ConfirmationNeeded`. */
  ask?: 'client' | 'code' | undefined;
}

/** One call that waits for consent. */
export interface PreviewedCall {
  tool: string;
  /** What it would change or delete. */
  target: string;
  /** What it would do step by step, for a tool that does many things. */
  plan?: { summary: string; steps: JsonObject[]; findings?: JsonObject[] };
  /** What it would set, by argument. */
  changes?: JsonObject;
  /** What goes with it, and how much of that. */
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
