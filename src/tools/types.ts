import type * as z from 'zod';
import type { Route } from '../client/request-plan.ts';
import type { Explanation } from '../errors/explain.ts';
import type { Report } from '../reports/report.ts';
import type { DiagnosticAccess } from './diagnosis.ts';
import type { Files, Memory } from './files.ts';
import type { Finding } from './finding.ts';

export type { Route };

/** Any tool of the catalog: a value that says what it is, what it takes, and how it runs. */
export type Tool = Endpoint | Workflow | Dispatcher;

/**
 * What a call does to the environment. `read` changes nothing. `create` adds something, and adds it again if repeated. `update`
 * can be repeated. `delete` removes something. `overwrite` removes something and cannot be repeated.
 */
export type Effect = 'read' | 'create' | 'update' | 'delete' | 'overwrite';

/** The risk classes of effects. Each class has its own dispatcher. */
export type EffectClass = 'read' | 'write' | 'destructive';

/**
 * How a request authenticates: with the configured key as Bearer token, not at all, with the tool's `access_token` argument as
 * Bearer token, or with the configured key as `client_secret` in the body. With `none` and `client_secret`, a missing `client_id`
 * is filled from WORKOS_CLIENT_ID.
 */
export type Auth = 'api_key' | 'none' | 'access_token' | 'client_secret';

/** The secret fields of a tool, as paths (`totp.secret`, `data[].token`), and why the response contains them. */
export interface Secrets {
  /** Argument paths that no log, error, or file may show. */
  in?: readonly string[];
  /** Response paths that are masked unless the caller requests otherwise. */
  out?: readonly string[];
  /** Paths in error bodies, for secrets that the next call needs. Handled like `out`. */
  error?: readonly string[];
  /**
   * `incidental`: the secret is not the purpose of the call; `once`: the API shows it only once; `value`: the secret is the
   * purpose of the call; `deliver`: a link or code that is meant for a person, always shown.
   */
  class?: 'incidental' | 'once' | 'value' | 'deliver';
}

/** Returns what is wrong with a combination of arguments, or undefined. */
export type Check = (input: Record<string, unknown>) => string | undefined;

/** Something that is deleted together with a target, for the question asked before the deletion. */
export type Dependent =
  /** Counted with a list tool: `argument` is the list's filter, and `from` the argument of the delete that fills it. */
  | { label: string; list: string; argument: string; from?: string; with?: Readonly<Record<string, unknown>> }
  /** Counted in the target itself: `field` is one of its arrays. */
  | { label: string; field: string };

/**
 * When an argument of an update makes the call need consent, as a delete does: `always` if it is given; `equals:VALUE` if it has
 * this value; `removes` if it is a list without an existing element; `clears` if null, `{}`, or a null value removes an entry of
 * a map.
 */
export type ConsentRule = 'always' | `equals:${string}` | 'removes' | 'clears';

/** When a tool grants access: always, or if one of these arguments is given. */
export type GrantsAccess = 'always' | readonly string[];

/** What an argument replaces in the object that the read-back tool returns. */
export interface Replaced {
  /** The path in the object: `data`, `settings.domains`. Defaults to the argument's name. */
  path?: string;
  /**
   * For lists of objects, the ways to match an item of the argument with an existing one: the argument's fields, and the paths of
   * the same values in an existing item. The first way whose fields are all given is used. An item without such a way keeps no
   * existing one.
   */
  items?: readonly Readonly<Record<string, string>>[];
}

/** The fields that all three kinds of tools share. */
interface ToolBase {
  readonly name: string;
  readonly toolset: string;
  readonly title: string;
  readonly description: string;
  /** Phrases that operators use for the tool. Only the search uses them; clients never see them. */
  readonly also: readonly string[];
  readonly effect: Effect;
  /** Whether the default preset lists it. */
  readonly core: boolean;
  readonly secrets: Secrets;
  /** The names of the API's own arguments, in the order of the declaration. */
  readonly fields: readonly string[];
  /** All arguments that a caller may pass: the fields, and the arguments that several tools share. */
  readonly input: z.ZodObject;
  readonly check: Check | undefined;
  /** Whether the tool follows WorkOS's cursors, which means that it takes `after`. */
  readonly paged: boolean;
  /** Whether the tool works without any request to WorkOS. */
  readonly local: boolean;
  /** The tool that shows what this one changes. Undefined if it follows from the path. */
  readonly readBack: string | undefined;
  readonly dependents: readonly Dependent[];
  /** By argument path. An update also needs consent if an argument meets its rule. */
  readonly consentFor: Readonly<Record<string, ConsentRule>>;
  /** By argument. Other arguments of an update replace the fields with the same names. */
  readonly replaces: Readonly<Record<string, Replaced>>;
  /** Whether some or all calls need the user's consent under a live key, so that the tool takes `confirmation`. */
  readonly mayNeedConsent: boolean;
  /**
   * Whether the tool works with two environments, `from` and `to`, and acts in `to`. Such a tool takes no `environment`, and
   * needs a server with several environments.
   */
  readonly between: boolean;
  /** Whether the tool checks all environments if `environment` is not given, instead of only the default. */
  readonly everywhere: boolean;
  /** The tools that run inside this one. Excluding one of them also excludes this one. */
  readonly madeOf: readonly string[];
  /**
   * When the tool grants a role or a permission: in every call, or if one of these arguments is given. On a team's server, a
   * person with such a tool could grant themselves any right, so the tool requires all rights.
   */
  readonly grantsAccess: GrantsAccess;
  /** Whether the tool makes sense only on the caller's machine. A team's server does not have it. */
  readonly localOnly: boolean;
  /** Arguments that make sense only on the caller's machine. A team's server neither shows nor accepts them. */
  readonly localArguments: readonly string[];
  /** The arguments that replace them on a team's server, and which paths in them are secret. */
  readonly remoteArguments: Readonly<Record<string, z.ZodType>>;
  readonly remoteSecrets: readonly string[];
  /** Alternative names of arguments, mapped to the real names. They are accepted but not shown. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Arguments that a caller may expect, with what to use instead. */
  readonly insteadOf: Readonly<Record<string, string>>;
  /** The next step after an error, by its code or kind, if it is specific to this tool. */
  readonly hints: Readonly<Record<string, string>>;
  /** Whether WorkOS enables the feature per environment, and returns 403 or 404 elsewhere. */
  readonly notEverywhere: boolean;
  /** Whether the operation is known only from the official SDKs and docs, and missing in the OpenAPI document. */
  readonly undocumented: boolean;
  /** An undocumented older route that is tried once if the documented one returns 404. */
  readonly legacyRoute: Route | undefined;
}

/** A tool whose request follows from its route and its input. */
export interface Endpoint extends ToolBase {
  readonly kind: 'endpoint';
  readonly route: Route;
  readonly auth: Auth;
  /** Where to send the fields that are not placeholders. */
  readonly send: 'body' | 'query';
  /** Fields that are sent in the query string although the others are sent in the body. */
  readonly queryFields: readonly string[];
  /** Whether the request can have a body, for a field or because the API expects `{}`. */
  readonly hasBody: boolean;
  /** Whether the result is a URL for a browser, which is returned and never requested. */
  readonly redirect: boolean;
  /** Whether the API honors Idempotency-Key here, so that repeating a request is always safe. */
  readonly replayable: boolean;
}

/** A tool with its own code, made of requests and other tools. */
export interface Workflow extends ToolBase {
  readonly kind: 'workflow';
  /** The API operations that this workflow stands for, if any. */
  readonly routes: readonly Route[];
  /**
   * The only request other than GET that a read-only workflow may send. It starts something that changes nothing, such as an
   * export, so it is also allowed on a read-only server.
   */
  readonly starts: Route | undefined;
  /**
   * Makes a plan of the call from freshly read data. Consent is given to exactly this plan, so it must not contain anything that
   * changes by itself. Undefined if these arguments change nothing, or nothing that needs consent. May only read.
   */
  readonly plan: ((input: Record<string, unknown>, context: WorkflowContext) => Promise<Plan | undefined>) | undefined;
  /** If the workflow is `paged` and offers `report`: makes a report of the list's items. */
  readonly listReport:
    | ((items: readonly unknown[], input: Record<string, unknown>, now: number) => Promise<Report>)
    | undefined;
  /** If the workflow is `paged`: opens its list. The pages share the data read for them. */
  readonly pages: ((input: Record<string, unknown>, context: WorkflowContext) => PageSource) | undefined;
  /**
   * Carries out the plan and nothing else. It is the plan that the user consented to or, if nobody is asked, one that was made
   * just before. Undefined if there is no plan.
   */
  run(input: Record<string, unknown>, context: WorkflowContext, plan: Plan | undefined): Promise<unknown>;
}

/**
 * Fetches a page of a list in the API's format, with at most `limit` items after the cursor. If both are undefined, it is the
 * page that the caller's arguments select.
 */
export type PageSource = (after: string | undefined, limit: number | undefined) => Promise<unknown>;

/** The same for a list that this server makes itself. */
export type OwnPageSource = (
  after: string | undefined,
  limit: number | undefined,
) => Promise<{ data: readonly unknown[]; [field: string]: unknown }>;

/** What a workflow would do, for the user to consent to. It is shown whole. */
export interface Plan {
  /** One sentence without a full stop. */
  summary: string;
  /** In the order of execution. `step` names the action, in lower case. */
  steps: readonly Readonly<Record<string, unknown>>[];
  /** What else the user should know before consenting. */
  findings?: readonly Finding<string>[];
}

/** A call_ tool: runs any operation of one effect class, once or for each of an array of arguments. */
export interface Dispatcher extends ToolBase {
  readonly kind: 'dispatcher';
  readonly runs: EffectClass;
  run(input: Record<string, unknown>, context: WorkflowContext): Promise<unknown>;
}

/** The tools of one subject. `--toolsets` chooses toolsets by name. */
export interface Toolset {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly Tool[];
}

/** A file fetched from a pre-signed link. */
export interface Download {
  path: string;
  bytes: number;
}

/** What a workflow may do. Every request and every call of another tool is subject to the policy of the running server. */
export interface WorkflowContext {
  /**
   * Sends a request for the running tool. Placeholders fill the path; the rest becomes the query or body, as for an endpoint.
   * Resolves to the parsed response.
   * @throws {RefusedError} if the settings exclude the tool that owns the route
   */
  request(route: Route, input: Record<string, unknown>): Promise<unknown>;
  /**
   * Calls another tool as the client would, without cutting its result to size. With `quiet`, the client is not told about waits.
   */
  call(tool: string, input: Record<string, unknown>, options?: { quiet?: boolean }): Promise<unknown>;
  /**
   * Streams a pre-signed link to a private file, without the key.
   * @throws {LinkExpiredError} if the storage host no longer accepts the link
   */
  download(url: string, name: string): Promise<Download>;
  /** Writes a private file without secrets, which clients may read. Resolves to its path. */
  writeFile(name: string, extension: string, text: string): Promise<string>;
  /**
   * Compiles a JMESPath expression for results of this tool. Running it throws an InputError if it does not fit a result or takes
   * too long; after a write, the value says so instead. If it finds nothing, the value comes with the keys of the result.
   * @throws {InputError} if the expression is invalid
   */
  compileQuery(expression: string, tool: Tool): (value: unknown) => Promise<{ value: unknown; keys?: unknown }>;
  /** The names of all environments, the default first. Empty if there is only one. */
  readonly environments: readonly string[];
  /** The environment that the caller named; undefined if they named none. */
  readonly environment: string | undefined;
  /** The context of another environment, with its settings and key. @throws {InputError} if there is none with this name */
  inEnvironment(name: string): WorkflowContext;
  /** Whether the result is processed further, so that nothing may be omitted from it. */
  readonly keepWhole: boolean;
  /** Whether the caller is on another machine. */
  readonly remote: boolean;
  /** The most characters of a plan that the user is asked about. Infinite if nobody is asked. */
  readonly planChars: number;
  /** All tools, exposed or not. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** The names in tools/list. */
  readonly exposed: ReadonlySet<string>;
  /** Whether the settings forbid all changes in this environment. */
  readonly readOnly: boolean;
  /** The reason the settings forbid this tool, or a call of it with these arguments, or undefined. */
  forbiddenReason(tool: Tool, input?: Readonly<Record<string, unknown>>): string | undefined;
  /** The reason this caller may not make calls of this tool that need consent, or undefined. */
  forbiddenConsent(name: string): string | undefined;
  /** What a caller is told about a failure of this tool. Redacts the given secrets and those of the running call. */
  explain(tool: string, error: unknown, secrets?: readonly string[]): Explanation;
  /**
   * Adds `report`, the path of an HTML report, to the result if the caller asked for one; only then is it made. If the report
   * cannot be written, the call still succeeds, and `report_error` gives the reason.
   */
  withReport<T extends object>(
    result: T,
    make: () => Report | Promise<Report>,
  ): Promise<T & { report?: string; report_error?: string }>;
  readonly diagnostics: DiagnosticAccess;
  /** Identifies the environment and the key without revealing either. */
  readonly environmentId: string;
  readonly files: Files;
  /** What a team's server keeps for this person between calls. Undefined on the caller's own machine, which uses files. */
  readonly memory: Memory | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** @throws {CancelledError} if the call is canceled first */
  sleep(ms: number): Promise<void>;
  progress(done: number, total: number | undefined, message: string): void;
}
