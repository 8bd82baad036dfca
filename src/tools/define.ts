import * as z from 'zod';
import { type Placeholder, placeholders } from '../client/request-plan.ts';
import type { Report } from '../reports/report.ts';
import { isDestructive } from './effects.ts';
import type {
  Auth,
  Check,
  ConsentRule,
  Dependent,
  Dispatcher,
  Effect,
  EffectClass,
  Endpoint,
  GrantsAccess,
  OwnPageSource,
  Plan,
  Replaced,
  Route,
  Secrets,
  Tool,
  Toolset,
  Workflow,
  WorkflowContext,
} from './types.ts';

type Shape = Record<string, z.ZodType>;

/** The parts of a declaration that all kinds of tools share; see the fields with the same names in types.ts. */
interface Row<S extends Shape> {
  title: string;
  description: string;
  /** Two to five phrases, each with a word that is not in the name, the title, or the description. */
  also?: readonly string[];
  input: S;
  core?: true;
  /** One check of the parsed arguments, for fields that exclude or need each other. */
  check?: Check;
  secrets?: Secrets;
  /** Offers `query`, because the response can be large although it is not a paged list. */
  filterable?: true;
  /** Offers `report`. The workflow passes its result to `withReport()`. */
  reports?: true;
  local?: true;
  readBack?: string;
  dependents?: readonly Dependent[];
  consentFor?: Readonly<Record<string, ConsentRule>>;
  replaces?: Readonly<Record<string, Replaced>>;
  madeOf?: readonly string[];
  grantsAccess?: GrantsAccess;
  localOnly?: true;
  localArguments?: readonly string[];
  /** The arguments that replace them on a team's server, and which of these are secret. */
  remoteArguments?: Shape;
  remoteSecrets?: readonly string[];
  between?: true;
  everywhere?: true;
  aliases?: Readonly<Record<string, string>>;
  insteadOf?: Readonly<Record<string, string>>;
  hints?: Readonly<Record<string, string>>;
  notEverywhere?: true;
  undocumented?: true;
  legacyRoute?: Route;
}

interface EndpointRow<S extends Shape> extends Row<S> {
  /** Defaults by method: GET reads, POST creates, PUT and PATCH update, DELETE deletes. */
  effect?: Effect;
  auth?: Auth;
  /** Where the fields go. By default, the query for GET and DELETE, and the body otherwise. */
  send?: 'body' | 'query';
  queryFields?: readonly string[];
  /** Sends `{}` although no field is declared. */
  emptyBody?: true;
  redirect?: true;
  replayable?: true;
}

interface WorkflowRow<S extends Shape> extends Row<S> {
  /** Required: there is no method to derive it from. */
  effect: Effect;
  routes?: readonly Route[];
  starts?: Route;
  plan?(input: z.output<z.ZodObject<S>>, context: WorkflowContext): Promise<Plan | undefined>;
  run(input: z.output<z.ZodObject<S>>, context: WorkflowContext, plan: Plan | undefined): Promise<unknown>;
}

interface PagedWorkflowRow<S extends Shape> extends Omit<WorkflowRow<S>, 'run' | 'reports'> {
  /** Makes the report, if the tool offers one. No item may hold a secret. @param now The time in milliseconds since the epoch. */
  listReport?(items: readonly unknown[], input: z.output<z.ZodObject<S>>, now: number): Promise<Report>;
  pages(input: z.output<z.ZodObject<S>>, context: WorkflowContext): OwnPageSource;
}

interface DispatcherRow<S extends Shape> extends Row<S> {
  run(
    input: z.output<z.ZodObject<S>>,
    context: WorkflowContext,
    runs: EffectClass,
    query: string | undefined,
  ): Promise<unknown>;
}

const EFFECT_OF = { GET: 'read', POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' } as const;

/** The declared effect of a dispatcher: the most severe one among its operations. */
const WORST_EFFECT = { read: 'read', write: 'create', destructive: 'overwrite' } as const;

/** Declares a tool whose request follows from `route`; every placeholder must be a field of `input`. */
export function endpoint<R extends Route, S extends Shape & Record<Placeholder<R>, z.ZodType>>(
  route: R,
  row: EndpointRow<S>,
): Endpoint {
  // The type Route guarantees that the first word is a method.
  const method = route.slice(0, route.indexOf(' ')) as keyof typeof EFFECT_OF;
  const send = row.send ?? (method === 'GET' || method === 'DELETE' ? 'query' : 'body');
  return {
    ...base(row, row.effect ?? EFFECT_OF[method]),
    kind: 'endpoint',
    route,
    auth: row.auth ?? 'api_key',
    send,
    queryFields: row.queryFields ?? [],
    hasBody: send === 'body' && (row.emptyBody === true || Object.keys(row.input).length > placeholders(route).length),
    redirect: row.redirect ?? false,
    replayable: row.replayable ?? false,
  };
}

/** Declares a tool with its own code. `run` gets arguments that the tool's schema has parsed. */
export function workflow<S extends Shape>(row: WorkflowRow<S>): Workflow {
  const { plan } = row;
  // The pipeline handles these two arguments. A workflow that passes its input on would send them to WorkOS. The cast is safe,
  // because the caller passes what this schema has parsed.
  const parsed = ({ confirmation: _, report: __, ...input }: Record<string, unknown>) =>
    input as z.output<z.ZodObject<S>>;
  return {
    ...base(row, row.effect, plan !== undefined || mayNeedConsent(row, row.effect)),
    kind: 'workflow',
    routes: row.routes ?? [],
    starts: row.starts,
    plan: plan && ((input, context) => plan(parsed(input), context)),
    pages: undefined,
    listReport: undefined,
    run: (input, context, plan) => row.run(parsed(input), context, plan),
  };
}

/** Declares a list with its own code. `input` has the pagination parameters. */
export function pagedWorkflow<S extends Shape & { after: z.ZodType }>({
  pages,
  listReport,
  ...row
}: PagedWorkflowRow<S>): Workflow {
  return {
    ...workflow<S>({
      ...row,
      ...(listReport && { reports: true }),
      run: async (input, context) => {
        const page = await pages(input, context)(undefined, undefined);
        if (!listReport) return page;
        return context.withReport(page, () => listReport(page.data, input, context.now()));
      },
    }),
    // The cast is safe, as in `workflow()`.
    pages: (input, context) => pages(input as z.output<z.ZodObject<S>>, context),
    // The cast is safe, as in `workflow()`.
    listReport: listReport && ((items, input, now) => listReport(items, input as z.output<z.ZodObject<S>>, now)),
  };
}

/** Declares the call_ tool that runs the operations of one effect class. */
export function dispatcher<S extends Shape>(runs: EffectClass, row: DispatcherRow<S>): Dispatcher {
  return {
    ...base(row, WORST_EFFECT[runs], runs !== 'read'),
    kind: 'dispatcher',
    runs,
    run: (input, context) => {
      const query = typeof input['query'] === 'string' ? input['query'] : undefined;
      // The cast is safe, as in `workflow()`.
      return row.run(input as z.output<z.ZodObject<S>>, context, runs, query);
    },
  };
}

/** Gives tools their names and their toolset. */
export function toolset(name: string, description: string, tools: Record<string, Tool>): Toolset {
  return {
    name,
    description,
    tools: Object.entries(tools).map(([toolName, tool]) => ({ ...tool, name: toolName, toolset: name })),
  };
}

/** Whether running a tool leaves something behind, so that a wrong expression must not lose its result. */
export function leavesSomething(tool: Tool): boolean {
  return tool.effect !== 'read' || (tool.kind === 'workflow' && tool.starts !== undefined);
}

/** Whether results contain secrets that are masked by default. */
export function hidesSecrets(secrets: Secrets): boolean {
  return (secrets.out ?? []).length > 0 && secrets.class !== 'deliver';
}

/** The API operation that a tool stands for. Undefined for a tool that consists only of other tools. */
export function routeOf(tool: Tool): Route | undefined {
  if (tool.kind === 'endpoint') return tool.route;
  return tool.kind === 'workflow' ? tool.routes[0] : undefined;
}

const mayNeedConsent = (row: Row<Shape>, effect: Effect) => isDestructive(effect) || row.consentFor !== undefined;

function base(
  row: Row<Shape>,
  effect: Effect,
  asks = mayNeedConsent(row, effect),
): Omit<Endpoint, 'kind' | keyof EndpointOnly> {
  return {
    name: '',
    toolset: '',
    title: row.title,
    description: row.notEverywhere ? `${row.description} ${NOT_EVERYWHERE}` : row.description,
    also: row.also ?? [],
    effect,
    core: row.core ?? false,
    secrets: row.secrets ?? {},
    fields: Object.keys(row.input),
    input: z.strictObject({ ...row.input, ...sharedArguments(row, asks) }),
    check: row.check,
    paged: 'after' in row.input,
    local: row.local ?? false,
    readBack: row.readBack,
    dependents: row.dependents ?? [],
    consentFor: row.consentFor ?? {},
    replaces: row.replaces ?? {},
    mayNeedConsent: asks,
    madeOf: row.madeOf ?? [],
    grantsAccess: row.grantsAccess ?? [],
    localOnly: row.localOnly ?? false,
    localArguments: row.localArguments ?? [],
    remoteArguments: row.remoteArguments ?? {},
    remoteSecrets: row.remoteSecrets ?? [],
    between: row.between ?? false,
    everywhere: row.everywhere ?? false,
    aliases: row.aliases ?? {},
    insteadOf: row.insteadOf ?? {},
    hints: row.hints ?? {},
    notEverywhere: row.notEverywhere ?? false,
    undocumented: row.undocumented ?? false,
    legacyRoute: row.legacyRoute,
  };
}

/** Added to a description if WorkOS enables the feature per environment. */
const NOT_EVERYWHERE = 'Not enabled everywhere.';

type EndpointOnly = Pick<Endpoint, 'route' | 'auth' | 'send' | 'queryFields' | 'hasBody' | 'redirect' | 'replayable'>;

/** The server's own arguments that several tools share. The server's instructions explain them once. */
const SHARED = {
  query: z.string().optional().describe('JMESPath'),
  all_pages: z.boolean().optional().describe('Follow the cursor'),
  max_items: z.int().min(1).optional().describe('Default 1000'),
  secret_output: z.enum(['masked', 'file', 'result']).optional().describe('For secrets'),
  report: z.boolean().optional().describe('Also as an HTML file for people'),
  confirmation: z.string().optional().describe('From the preview'),
};

function sharedArguments(row: Row<Shape>, asks: boolean): Shape {
  const paged = 'after' in row.input;
  return {
    ...(paged && { all_pages: SHARED.all_pages, max_items: SHARED.max_items }),
    ...((paged || row.filterable) && { query: SHARED.query }),
    ...(hidesSecrets(row.secrets ?? {}) && { secret_output: SHARED.secret_output }),
    ...(row.reports && { report: SHARED.report }),
    ...(asks && { confirmation: SHARED.confirmation }),
  };
}
