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
 * What a call does to the environment. `read` changes nothing; `create` adds something, and adds it again when repeated;
 * `update` can be repeated; `delete` takes something away; `overwrite` takes something away and cannot be repeated.
 */
export type Effect = 'read' | 'create' | 'update' | 'delete' | 'overwrite';

/** How effects are told apart where only risk matters: each has a dispatcher of its own. */
export type EffectClass = 'read' | 'write' | 'destructive';

/**
 * How a request authenticates: the configured key as Bearer token, nothing at all, the tool's own `access_token` argument
 * as Bearer token, or the configured key as `client_secret` in the body. With `none` and `client_secret` a missing
 * `client_id` is filled from WORKOS_CLIENT_ID.
 */
export type Auth = 'api_key' | 'none' | 'access_token' | 'client_secret';

/** The secret fields of one tool, as paths (`totp.secret`, `data[].token`), and why the response holds them. */
export interface Secrets {
  /** Argument paths that no log, error or file may show. */
  in?: readonly string[];
  /** Response paths that are masked unless the caller asks otherwise. */
  out?: readonly string[];
  /** Paths in the bodies of errors, for what the next call needs. They are treated as `out` is. */
  error?: readonly string[];
  /**
   * `incidental`: the secret rides along; `once`: the API shows it a single time; `value`: the secret is what the call is
   * for; `deliver`: a link or code made to be handed to a person, always shown.
   */
  class?: 'incidental' | 'once' | 'value' | 'deliver';
}

/** Says what is wrong with a combination of arguments, or returns undefined. */
export type Check = (input: Record<string, unknown>) => string | undefined;

/** Something that a delete takes along, for the question that is asked first. */
export type Dependent =
  /** Counted with a list tool: `argument` is the list's filter, `from` the argument of the delete that fills it. */
  | { label: string; list: string; argument: string; from?: string; with?: Readonly<Record<string, unknown>> }
  /** Counted in the object itself: `field` is one of its arrays. */
  | { label: string; field: string };

/**
 * When an argument of an update makes the call need consent as a delete does: `always` if it is given, `equals:VALUE` if
 * it has this value, `removes` if it is a list that leaves out a present element, `clears` if null, `{}` or a null value
 * takes away something that a map holds.
 */
export type ConsentRule = 'always' | `equals:${string}` | 'removes' | 'clears';

/** When a tool gives somebody access: always, or with one of these arguments. */
export type GrantsAccess = 'always' | readonly string[];

/** What an argument replaces in the object that the read-back tool shows. */
export interface Replaced {
  /** Where the object has it: `data`, `settings.domains`. Defaults to the argument's own name. */
  path?: string;
  /**
   * For lists of objects, the ways in which an item of the argument names a present one: its fields, and where a present
   * item has them. The first way counts whose fields are all given. An item that fits no way keeps no present one.
   */
  items?: readonly Readonly<Record<string, string>>[];
}

/** What all three kinds of tool have in common. */
interface ToolBase {
  readonly name: string;
  readonly toolset: string;
  readonly title: string;
  readonly description: string;
  /** Phrases that operators use for it, for the search alone: clients never see them. */
  readonly also: readonly string[];
  readonly effect: Effect;
  /** In the default preset. */
  readonly core: boolean;
  readonly secrets: Secrets;
  /** Names of the arguments that are the API's own, in the order of the declaration. */
  readonly fields: readonly string[];
  /** Everything a caller may pass: the fields and the arguments that several tools share. */
  readonly input: z.ZodObject;
  readonly check: Check | undefined;
  /** Follows WorkOS's cursors: takes `after`. */
  readonly paged: boolean;
  /** Never leaves this process: finds things out without a request to WorkOS. */
  readonly local: boolean;
  /** The tool that shows what this one changes; undefined where the path tells. */
  readonly readBack: string | undefined;
  readonly dependents: readonly Dependent[];
  /** By argument path. An update also needs consent if its arguments meet one of these. */
  readonly consentFor: Readonly<Record<string, ConsentRule>>;
  /** By argument. An update's other arguments replace the fields of the same names. */
  readonly replaces: Readonly<Record<string, Replaced>>;
  /** Some or all of its calls need the user's consent under a live key, so it takes `confirmation`. */
  readonly mayNeedConsent: boolean;
  /**
   * Works with two environments, `from` and `to`, and acts in `to`: it takes no `environment` and needs a server with more than
   * one.
   */
  readonly between: boolean;
  /** Without `environment` it looks at all of them, not at the first. */
  readonly everywhere: boolean;
  /** The tools that run inside this one: excluding one of them excludes this one. */
  readonly madeOf: readonly string[];
  /**
   * It gives somebody a role or a permission: whatever its arguments, or where one of these is given. On a server for others,
   * whoever may do that could give themselves any right, so it takes all of them.
   */
  readonly grantsAccess: GrantsAccess;
  /** It means something only on the machine of the caller: a server for others does not have it. */
  readonly localOnly: boolean;
  /** Arguments of which the same is true: a server for others neither shows nor takes them. */
  readonly localArguments: readonly string[];
  /** What a server for others takes in their place, and which paths in it are secret. */
  readonly remoteArguments: Readonly<Record<string, z.ZodType>>;
  readonly remoteSecrets: readonly string[];
  /** Other names of arguments, by the name they stand for: accepted, but not shown. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Arguments that a caller may expect, with what to use instead. */
  readonly insteadOf: Readonly<Record<string, string>>;
  /** What to do next after an error, by its code or its kind, where that is particular to this tool. */
  readonly hints: Readonly<Record<string, string>>;
  /** WorkOS enables the feature one environment at a time, and answers 403 or 404 elsewhere. */
  readonly notEverywhere: boolean;
  /** Known from the official SDKs and docs; the OpenAPI document does not have it. */
  readonly undocumented: boolean;
  /** An undocumented older route, tried once where the documented one answers 404. */
  readonly legacyRoute: Route | undefined;
}

/** A tool whose request follows from its route and its input. */
export interface Endpoint extends ToolBase {
  readonly kind: 'endpoint';
  readonly route: Route;
  readonly auth: Auth;
  /** Where the fields go that are not placeholders. */
  readonly send: 'body' | 'query';
  /** Fields that go to the query string although the others go to the body. */
  readonly queryFields: readonly string[];
  /** Some field can be in the body, or the API wants `{}`; otherwise the request has no body at all. */
  readonly hasBody: boolean;
  /** A URL for a browser: returned as a result, never requested. */
  readonly redirect: boolean;
  /** The API honours Idempotency-Key here, so repeating a request is always safe. */
  readonly replayable: boolean;
}

/** A tool with code of its own, built from requests and other tools. */
export interface Workflow extends ToolBase {
  readonly kind: 'workflow';
  /** The API operations that this workflow stands for, if any. */
  readonly routes: readonly Route[];
  /**
   * The one request but GETs that a workflow may send that only reads: it starts something that changes nothing, such as an
   * export. It may be sent on a read-only server too.
   */
  readonly starts: Route | undefined;
  /**
   * What the call would do, read anew. Consent is asked for exactly this, so nothing may be in it that changes by itself.
   * Undefined where these arguments change nothing, or nothing that needs consent. May only read.
   */
  readonly plan: ((input: Record<string, unknown>, context: WorkflowContext) => Promise<Plan | undefined>) | undefined;
  /** Where it is `paged` and offers `report`: what the items of its list are as a page for people. */
  readonly listReport:
    | ((items: readonly unknown[], input: Record<string, unknown>, now: number) => Promise<Report>)
    | undefined;
  /** Where the workflow is `paged`: its list, whose pages share what has been read for them. */
  readonly pages: ((input: Record<string, unknown>, context: WorkflowContext) => PageSource) | undefined;
  /**
   * Does what `plan` says and nothing more: it is the plan that the user consented to or, where nobody is asked, one that was
   * made just before. Undefined where there was none.
   */
  run(input: Record<string, unknown>, context: WorkflowContext, plan: Plan | undefined): Promise<unknown>;
}

/**
 * Resolves to a page of a list, as the API has them, with at most `limit` items after the cursor. Where both are undefined
 * it is the page that the caller's arguments ask for.
 */
export type PageSource = (after: string | undefined, limit: number | undefined) => Promise<unknown>;

/** The same of a list of this server's own. */
export type OwnPageSource = (
  after: string | undefined,
  limit: number | undefined,
) => Promise<{ data: readonly unknown[]; [field: string]: unknown }>;

/** What a workflow would do, for whoever consents to it. It is shown whole. */
export interface Plan {
  /** One sentence without a full stop. */
  summary: string;
  /** In the order in which they run. `step` names what is done, in lower case. */
  steps: readonly Readonly<Record<string, unknown>>[];
  /** What else should be known before consenting. */
  findings?: readonly Finding<string>[];
}

/** A call_ tool: runs any operation of one effect class, once or for each of an array of arguments. */
export interface Dispatcher extends ToolBase {
  readonly kind: 'dispatcher';
  readonly runs: EffectClass;
  run(input: Record<string, unknown>, context: WorkflowContext): Promise<unknown>;
}

/** The tools of one subject; `--toolsets` chooses them by its name. */
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

/** What a workflow may do. Every request and every call of another tool passes the policy of the running server. */
export interface WorkflowContext {
  /**
   * Sends a request of the running tool's own: placeholders fill the path, the rest is query or body as for an endpoint.
   * Resolves to the parsed response. @throws {RefusedError} where the settings exclude the tool that owns the route.
   */
  request(route: Route, input: Record<string, unknown>): Promise<unknown>;
  /**
   * Calls another tool as if the client had, without cutting its result to size. With `quiet`, the client is not told of its
   * waits.
   */
  call(tool: string, input: Record<string, unknown>, options?: { quiet?: boolean }): Promise<unknown>;
  /**
   * Streams a pre-signed link to a private file, without the key.
   * @throws {LinkExpiredError} where the storage host no longer accepts the link.
   */
  download(url: string, name: string): Promise<Download>;
  /** Writes a private file without secrets, which clients may read. Resolves to its path. */
  writeFile(name: string, extension: string, text: string): Promise<string>;
  /**
   * Compiles a JMESPath expression that is run on results of this tool. Running it throws an InputError where it does not
   * fit a result or takes too long; after a write, the value says so instead. A value that says nothing comes with the keys that
   * the result has.
   * @throws {InputError} where the expression is wrong.
   */
  compileQuery(expression: string, tool: Tool): (value: unknown) => Promise<{ value: unknown; keys?: unknown }>;
  /** The names of all environments, the default first; none where there is only one. */
  readonly environments: readonly string[];
  /** The environment that the caller named; undefined where they left it out. */
  readonly environment: string | undefined;
  /** The same in another environment, with its settings and key. @throws {InputError} where there is none of this name. */
  inEnvironment(name: string): WorkflowContext;
  /** Somebody goes on to work with the result, so nothing may be left out of it. */
  readonly keepWhole: boolean;
  /** The caller is on another machine. */
  readonly remote: boolean;
  /** The characters that a plan may take where the user is asked about it; infinite where nobody is. */
  readonly planChars: number;
  /** Every tool there is, exposed or not. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** The names that tools/list shows. */
  readonly exposed: ReadonlySet<string>;
  /** The settings forbid all changes in this environment. */
  readonly readOnly: boolean;
  /** Why the settings forbid this tool, or a call of it with these arguments, or undefined. */
  forbiddenReason(tool: Tool, input?: Readonly<Record<string, unknown>>): string | undefined;
  /** Why this caller may not do what takes consent, with this tool, or undefined. */
  forbiddenConsent(name: string): string | undefined;
  /** What a caller is told about a failure of this tool, without these secrets and those of the running call. */
  explain(tool: string, error: unknown, secrets?: readonly string[]): Explanation;
  /**
   * The result with `report`, the path of a page that a person can read, where the caller asked for one; only then is it made.
   * A page that cannot be written fails nothing: `report_error` says why.
   */
  withReport<T extends object>(
    result: T,
    make: () => Report | Promise<Report>,
  ): Promise<T & { report?: string; report_error?: string }>;
  readonly diagnostics: DiagnosticAccess;
  /** Tells the environment and the key from others. Neither can be read from it. */
  readonly environmentId: string;
  readonly files: Files;
  /** What a server for others keeps of this person between calls. Undefined on their own machine, where files are for that. */
  readonly memory: Memory | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** @throws {CancelledError} where the call is cancelled first. */
  sleep(ms: number): Promise<void>;
  progress(done: number, total: number | undefined, message: string): void;
}
