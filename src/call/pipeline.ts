import { isBug, RefusedError } from '../errors/errors.ts';
import { compileQuery } from '../results/jmespath.ts';
import { privateFolder } from '../results/private-files.ts';
import { queryResult } from '../results/query-result.ts';
import { asObject, type CallResult, failed, success } from '../results/result.ts';
import { redactDeep } from '../text/redact.ts';
import { dispatcherFor, hidesSecrets, isDestructive } from '../tools/define.ts';
import type { Tool } from '../tools/types.ts';
import { allPages } from './all-pages.ts';
import { parseArguments } from './arguments.ts';
import type { Caller, CallScope } from './caller.ts';
import { requestConsent } from './confirmation/consent.ts';
import { explainFailure } from './failure.ts';
import { forbiddenReason, needsConfirmation, OPERATOR_HINT } from './policy.ts';
import { type Connection, requestEndpoint } from './request.ts';
import type { Runtime } from './runtime.ts';
import { revealSecrets, secretFilesIn, secretMode, secretValues } from './secret-output.ts';
import { SentWrites } from './sent-writes.ts';
import { unknownTool, workflowContext } from './workflow-context.ts';

/** Runs one call to its result. Never throws: a failure is a result too. */
export async function callTool(
  runtime: Runtime,
  caller: Caller,
  name: string,
  input: Record<string, unknown>,
): Promise<CallResult> {
  const { config, logger, tools } = runtime;
  const tool = tools.get(name);
  const secrets = secretValues(config, tools, tool, input);
  const writes = new SentWrites();
  const started = runtime.now();
  const report = (outcome: string) => logger.debug({ tool: name, outcome, ms: runtime.now() - started }, 'call');
  // Undeclared names can be anything, so they stay out of the log.
  const declared = Object.keys(input).filter((one) => tool && Object.hasOwn(tool.input.shape, one));
  logger.trace({ tool: name, arguments: declared }, 'called');
  try {
    if (!tool) throw unknownTool(name);
    refuseUnexposed(runtime, caller, tool);
    const scope = { consented: false, keepWhole: false, secrets, writes };
    const result = success(await runTool(runtime, caller, tool, input, scope), config.maxResultChars, config.key.value);
    report('ok');
    return result;
  } catch (error) {
    const explanation = explainFailure(tools, name, error, secrets, writes);
    report(explanation.kind);
    if (isBug(error)) {
      const stack = error instanceof Error ? error.stack : String(error);
      logger.error({ tool: name, stack: redactDeep(stack, secrets) }, 'bug');
    }
    return failed(explanation);
  }
}

/**
 * The steps of one call: policy, arguments, consent, request, secrets, query. Every call comes through here, those inside
 * composites included, so no setting can be bypassed. Resolves to the response before it is cut to size.
 */
async function runTool(
  runtime: Runtime,
  caller: Caller,
  tool: Tool,
  raw: Record<string, unknown>,
  scope: CallScope,
): Promise<unknown> {
  const { config, client, tools } = runtime;
  const forbidden = forbiddenReason(config, tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  const input = parseArguments(tool, raw);
  const expression = tool.fields.includes('query') ? undefined : input['query'];
  const query = typeof expression === 'string' ? compileQuery(expression) : undefined;
  const mode = secretMode(tool, input, config);
  // Checked before the request: afterwards, a secret shown once would already be lost.
  if (mode === 'file' && hidesSecrets(tool.secrets)) privateFolder(config.outputDir);
  const run = (inner: Tool, innerInput: Record<string, unknown>, innerScope: CallScope) =>
    runTool(runtime, caller, inner, innerInput, innerScope);
  let { consented } = scope;
  if (isDestructive(tool.effect) && !consented && needsConfirmation(config)) {
    const consent = await requestConsent(
      {
        ...runtime,
        ...caller,
        secrets: scope.secrets,
        read: async (other, args) => asObject(await run(other, args, { ...scope, consented: false })),
      },
      tool,
      input,
    );
    if (typeof consent === 'object') return consent;
    consented = consent;
  }
  const { signal, progress } = caller;
  const connection: Connection = { config, client, signal, writes: scope.writes, progress };
  const reveal = (response: unknown) => revealSecrets(tool, response, mode, config.outputDir);
  if (tool.kind === 'endpoint' && tool.paged && input['all_pages'] === true) {
    const explain = (error: unknown) => explainFailure(tools, tool.name, error, scope.secrets, scope.writes);
    return allPages({ tool, input, query, connection, reveal, explain, keepWhole: scope.keepWhole });
  }
  const innerScope = { ...scope, consented, keepWhole: scope.keepWhole || query !== undefined };
  const response = reveal(
    tool.kind === 'endpoint'
      ? await requestEndpoint(tool, input, connection)
      : await tool.run(input, workflowContext(runtime, caller, tool, connection, innerScope, run)),
  );
  return query ? queryResult(query, response, secretFilesIn(asObject(response)), tool.effect !== 'read') : response;
}

/** A client can call by name only what it was shown. */
function refuseUnexposed({ config, exposed }: Runtime, { origin }: Caller, tool: Tool): void {
  if (origin === 'shell' || exposed.has(tool.name)) return;
  const forbidden = forbiddenReason(config, tool);
  if (forbidden) throw new RefusedError(forbidden, OPERATOR_HINT);
  const dispatcher = dispatcherFor(tool.effect);
  throw new RefusedError(
    `${tool.name} is not among the tools that this server exposes`,
    exposed.has(dispatcher) ? `Run it with ${dispatcher}.` : `Ask the operator for --toolsets ${tool.toolset}.`,
  );
}
