import { keysIn } from '../config/api-key.ts';
import { isBug, OPERATOR_HINT, RefusedError } from '../errors/errors.ts';
import { compileQuery } from '../results/jmespath.ts';
import { LargeResponse } from '../results/large-response.ts';
import { privateFolder } from '../results/private-files.ts';
import { queryResult } from '../results/query-result.ts';
import { besideOf } from '../results/response-object.ts';
import { asObject, type CallResult, failed, success } from '../results/result.ts';
import { valuesAt } from '../text/redact.ts';
import { hidesSecrets, leavesSomething } from '../tools/define.ts';
import { dispatcherFor } from '../tools/effects.ts';
import { remoteTools } from '../tools/remote-tools.ts';
import type { Plan, Tool, Workflow } from '../tools/types.ts';
import { allPages, keeping, maxItems, pageSource } from './all-pages.ts';
import { parseArguments, shortenedName } from './arguments.ts';
import { type Ending, recordCall } from './audit.ts';
import type { Caller, CallNotes, CallScope } from './caller.ts';
import { AgreedPlans } from './confirmation/agreed-plans.ts';
import { plans } from './confirmation/changes.ts';
import { mostChars, requestConsent } from './confirmation/consent.ts';
import { doubtfulId } from './doubtful-id.ts';
import { chooseEnvironment } from './environment-argument.ts';
import { explainFailure, stackOf } from './failure.ts';
import { makeArguments, shownArguments } from './made-arguments.ts';
import { withOtherEnvironments } from './other-environments.ts';
import { BUG_HINT, forbiddenArguments, forbiddenReason, hasRight, needsConfirmation } from './policy.ts';
import { connectionOf, requestEndpoint } from './request.ts';
import { type Runtime, runtimeOf, withCurrentKey } from './runtime.ts';
import {
  keepSecretFiles,
  openSecretOutput,
  secretFilesIn,
  secretMode,
  secretValues,
  showsNewSecrets,
} from './secret-output.ts';
import { SentWrites } from './sent-writes.ts';
import { type RunTool, unknownTool, workflowContext } from './workflow-context.ts';

/** Runs one call with the current key. Never throws: a failure is a result too. */
export async function callTool(
  whole: Runtime,
  caller: Caller,
  name: string,
  given: Record<string, unknown>,
): Promise<CallResult> {
  const tools = whole.config.remote ? remoteTools(whole.tools) : whole.tools;
  const started = { ...whole, tools };
  const tool = tools.get(name);
  const { runtime, input, environment, problem } = chooseEnvironment(withCurrentKey(started), tool, given);
  const { config, logger } = runtime;
  const secrets = secretValues(config, tools, tool, input);
  const writes = new SentWrites();
  const begun = runtime.now();
  const report = (outcome: string) => logger.debug({ tool: name, outcome, ms: runtime.now() - begun }, 'call');
  // Undeclared names can be anything, so they stay out of the log.
  const declared = Object.keys(input).filter((one) => tool && Object.hasOwn(tool.input.shape, one));
  logger.trace({ tool: name, arguments: declared }, 'called');
  const scope: CallScope = {
    consented: false,
    environment,
    agreed: new AgreedPlans(),
    keepWhole: false,
    secrets,
    writes,
    reader: 'client',
    report: false,
  };
  try {
    if (!tool) throw unknownTool(name);
    try {
      if (problem) throw problem;
      refuseUnexposed(runtime, caller, tool);
    } catch (error) {
      await recordCall(runtime, caller, { tool, input, scope, notes: newNotes(), ending: { error } });
      throw error;
    }
    const value = await runTool(runtime, caller, tool, input, scope);
    const maxChars = showsNewSecrets(tools, tool, input) ? Number.POSITIVE_INFINITY : config.maxResultChars;
    const result = keepSecretFiles(success(value, maxChars, keysIn(config.key)), value);
    report('ok');
    return result;
  } catch (error) {
    const where = runtimeOf(error, runtime);
    const failure = await withOtherEnvironments(where, error, caller.signal);
    const explanation = explainFailure(where, name, failure, secrets, writes, caller.origin);
    report(explanation.kind);
    if (isBug(error)) logger.error({ tool: name, stack: stackOf(error, secrets) }, 'bug');
    return failed(explanation, keysIn(config.key));
  }
}

/** Runs one tool, and records it in the audit log before it returns or throws. */
async function runTool(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  input: Record<string, unknown>,
  scope: CallScope,
): Promise<unknown> {
  const notes = newNotes();
  const record = (ending: Ending) => recordCall(runtime, caller, { tool, input, scope, notes, ending });
  try {
    const value = await runNamed(runtime, caller, tool, input, scope, notes);
    await record({ value });
    return value;
  } catch (error) {
    await record({ error });
    throw error;
  }
}

function newNotes(): CallNotes {
  return { requestId: undefined, confirmed: undefined, secrets: undefined, preview: false };
}

/** Runs one tool, and adds a note to the result if a shortened argument name was accepted or a doubtful id made a list empty. */
async function runNamed(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  raw: Record<string, unknown>,
  scope: CallScope,
  notes: CallNotes,
): Promise<unknown> {
  const shortened = shortenedName(tool, raw);
  if (!shortened) {
    const result = await runSteps(runtime, caller, tool, raw, scope, notes);
    const doubt = tool.paged && scope.reader !== 'code' ? doubtfulId(raw, result) : undefined;
    return doubt === undefined ? result : withNote(result, doubt);
  }
  // A note cannot be added to an unread LargeResponse.
  const reader = scope.reader === 'dispatcher' ? 'client' : scope.reader;
  const result = await runSteps(runtime, caller, tool, raw, { ...scope, reader }, notes);
  return withNote(result, `${shortened.given} was read as ${shortened.meant}.`);
}

/**
 * Runs the steps of one call: policy, arguments, consent, request, secrets, query. Every call goes through here, including
 * calls inside composites, so no setting can be bypassed. Resolves to the response before it is cut to size.
 */
async function runSteps(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  raw: Record<string, unknown>,
  outer: CallScope,
  notes: CallNotes,
): Promise<unknown> {
  let scope = outer;
  notes.confirmed = scope.confirmed;
  const { config, tools } = runtime;
  const forbidden = forbiddenReason(config, tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  if (scope.planning !== undefined && tool.effect !== 'read') {
    throw new RefusedError(`${scope.planning} may not run ${tool.name} to make its plan`, BUG_HINT);
  }
  let input = parseArguments(tool, raw);
  const granting = forbiddenArguments(config, tool, input);
  if (granting) throw new RefusedError(granting, OPERATOR_HINT);
  if (tool.between && input['to'] !== config.environment) throw new RefusedError(ELSEWHERE, BUG_HINT);
  const expression = tool.fields.includes('query') ? undefined : input['query'];
  const query = typeof expression === 'string' ? compileQuery(expression) : undefined;
  const mode = secretMode(tool, input, config);
  if (mode !== 'masked' && hidesSecrets(tool.secrets)) notes.secrets = mode;
  if (tool.effect !== 'read' || notes.secrets) await runtime.trail?.ready();
  // Checked before the user is asked.
  const report = input['report'] === true;
  if (report || (mode === 'file' && hidesSecrets(tool.secrets))) privateFolder(config.outputDir);
  const run: RunTool = (where, inner, innerInput, innerScope) => runTool(where, caller, inner, innerInput, innerScope);
  const read = (other: Tool, args: Record<string, unknown>) =>
    run(runtime, other, args, { ...scope, consented: false, keepWhole: true, reader: 'code', via: tool.name });
  let besideRows = {};
  if (tool.kind === 'dispatcher' && input['from'] !== undefined) {
    const made = await makeArguments(tool, input, { config, tools, signal: caller.signal, read });
    if (input['preview'] === true) return shownArguments(made);
    const { from: _, ...others } = input;
    input = { ...others, arguments: made.list };
    besideRows = made.beside;
    scope = { ...scope, secrets: [...scope.secrets, ...valuesAt(made.list, made.tool.secrets.in ?? [])] };
  }
  const asks = tool.mayNeedConsent && !scope.consented && (needsConfirmation(config) || !hasRight(config, 'delete'));
  const planWith = (other: Workflow, args: Record<string, unknown>) => {
    const planning = {
      planning: other.name,
      unrecorded: true as const,
      ...(asks && { planChars: mostChars({ config, ask: caller.ask }) }),
    };
    return makePlan(
      runtime,
      caller,
      other,
      args,
      { ...scope, keepWhole: true, reader: 'code', report: false, ...planning },
      run,
    );
  };
  if (asks) {
    const consent = await requestConsent(
      {
        ...runtime,
        ...caller,
        secrets: scope.secrets,
        read: async (other, args) => {
          const reading = { ...scope, consented: false, keepWhole: true, reader: 'code', unrecorded: true } as const;
          return asObject(await run(runtime, other, args, reading));
        },
        plan: planWith,
      },
      tool,
      input,
    );
    if (consent && 'preview' in consent) {
      notes.preview = true;
      return consent.preview;
    }
    scope = { ...scope, ...consent };
    if (scope.consented) notes.confirmed = input['confirmation'] === undefined ? 'asked' : 'code';
  }
  const plan =
    plans(tool) && !scope.agreed.has(tool, input) ? await planWith(tool, input) : scope.agreed.get(tool, input);
  const pages = tool.paged && input['all_pages'] === true;
  const { reveal, revealError, close } = openSecretOutput(tool, { mode, config, tools, pages });
  const responded = (requestId: string | undefined) => {
    notes.requestId = requestId;
  };
  const hooks = { revealError, responded };
  const connection = connectionOf(runtime, caller, scope, hooks);
  const contextOf = (inner: CallScope) =>
    workflowContext(runtime, caller, tool, hooks, { ...inner, via: tool.name, confirmed: notes.confirmed }, run);
  try {
    const source =
      pages && pageSource(tool, input, connection, () => contextOf({ ...scope, keepWhole: true, reader: 'code' }));
    if (source) {
      const explain = (error: unknown) =>
        explainFailure(runtime, tool.name, error, scope.secrets, scope.writes, caller.origin);
      const wrote = (path: string) => {
        // Clients must not read a file with secrets through this server.
        if (mode !== 'result' || !hidesSecrets(tool.secrets)) caller.wrote?.(path);
      };
      const kept: unknown[] = [];
      const result = await allPages({
        tool,
        source: report ? keeping(source, kept) : source,
        input,
        query,
        connection,
        reveal,
        explain,
        keepWhole: scope.keepWhole,
        wrote,
      });
      const { listReport } = tool.kind === 'workflow' ? tool : { listReport: undefined };
      if (!listReport) return result;
      const make = () => listReport(kept.slice(0, maxItems(input)), input, runtime.now());
      return await contextOf({ ...scope, report }).withReport(result, make);
    }
    const keepWhole = scope.keepWhole || query !== undefined;
    const innerScope = { ...scope, keepWhole, reader: readerOf(tool, input, keepWhole), report };
    const response = reveal(
      tool.kind === 'endpoint'
        ? await requestEndpoint(tool, input, connection)
        : await tool.run(input, contextOf(innerScope), plan),
    );
    const written = leavesSomething(tool);
    const maxChars = scope.reader === 'code' || scope.keepWhole ? undefined : config.maxResultChars;
    const { signal } = caller;
    if (response instanceof LargeResponse) {
      // The file reserved for secrets is discarded when this call ends, so the response has to be read now.
      const passedOn = scope.reader === 'dispatcher' && !query && !(mode === 'file' && hidesSecrets(tool.secrets));
      return passedOn ? response : await response.read({ query, written, maxChars, signal });
    }
    // A batch has already run the expression on each row.
    if (isBatch(tool, input)) return { ...asObject(response), ...besideRows };
    if (!query) return response;
    const files = secretFilesIn(asObject(response));
    const beside = { ...besideOf(asObject(response)), ...(files.length > 0 && { secret_files: files }) };
    return await queryResult(query, response, { beside, written, maxChars, signal });
  } finally {
    close();
  }
}

/** Otherwise the settings and consent of the wrong environment would apply. */
const ELSEWHERE = 'A tool that works between two environments must run in the one named by to';

/** Makes a tool's plan, allowing only reads. */
async function makePlan(
  runtime: Runtime,
  caller: Caller,
  tool: Workflow,
  input: Record<string, unknown>,
  scope: CallScope,
  run: RunTool,
): Promise<Plan | undefined> {
  // Restricts the tool's own requests to GET.
  const reading: Workflow = { ...tool, effect: 'read', starts: undefined };
  const { revealError, close } = openSecretOutput(tool, { ...runtime, mode: 'masked', pages: false });
  try {
    return await tool.plan?.(input, workflowContext(runtime, caller, reading, { revealError }, scope, run));
  } finally {
    close();
  }
}

function withNote(result: unknown, note: string): unknown {
  const object = asObject(result);
  return { ...object, note: [object['note'], note].filter(Boolean).join(' ') };
}

/** The reader of the results that a tool gets from the tools it calls. A batch shows as much of each row as fits. */
function readerOf(tool: Tool, input: Record<string, unknown>, keepWhole: boolean): CallScope['reader'] {
  if (tool.kind !== 'dispatcher') return 'code';
  if (!isBatch(tool, input)) return 'dispatcher';
  return keepWhole ? 'code' : 'client';
}

function isBatch(tool: Tool, input: Record<string, unknown>): boolean {
  return tool.kind === 'dispatcher' && Array.isArray(input['arguments']);
}

/** Clients may call only exposed and local tools. @throws {RefusedError} that names the dispatcher or the toolset to use. */
function refuseUnexposed({ config, exposed }: Runtime, { origin }: Caller, tool: Tool): void {
  if (origin !== 'client' || tool.local || exposed.has(tool.name)) return;
  const forbidden = forbiddenReason(config, tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  const dispatcher = dispatcherFor(tool.effect);
  throw new RefusedError(
    `${tool.name} is not exposed by this server`,
    exposed.has(dispatcher) ? `Run it with ${dispatcher}.` : `Ask the operator for --toolsets ${tool.toolset}.`,
  );
}
