import { placeholders } from '../client/request-plan.ts';
import { isChosenVariable } from '../config/api-key.ts';
import type { Config } from '../config/config.ts';
import { ApiError, type AttemptedRequest, copyOf, isBug, LinkExpiredError, NetworkError } from '../errors/errors.ts';
import { type Explanation, explain } from '../errors/explain.ts';
import { fitError } from '../errors/fit-error.ts';
import type { HintedCall } from '../errors/hints.ts';
import { inProgram, inShell } from '../text/in-shell.ts';
import { redact } from '../text/redact.ts';
import { isGuessable, redactForeign, redactForeignDeep, redactQuoted } from '../text/redact-foreign.ts';
import { type Keys, removeKey, removeKeyFromText } from '../text/remove-key.ts';
import { routeOf } from '../tools/define.ts';
import type { Tool } from '../tools/types.ts';
import type { Caller } from './caller.ts';
import { forbiddenReason, type Policy } from './policy.ts';
import { readBackTool } from './read-back.ts';
import type { SentWrites } from './sent-writes.ts';

/** Decides which tools a hint may name. */
export interface FailureContext {
  tools: ReadonlyMap<string, Tool>;
  config: Policy & Partial<Pick<Config, 'key' | 'clientIdVariable'>>;
}

/**
 * What a client is told about a failure of this tool after these writes, without the given secrets and without anything that
 * looks like a secret. Only text from outside is searched for secret arguments, so that this server's own words and the API's
 * codes stay intact.
 */
export function explainFailure(
  { tools, config }: FailureContext,
  name: string,
  error: unknown,
  secrets: readonly string[],
  writes: SentWrites,
  origin: Caller['origin'],
): Explanation {
  const allows = (one: string) => {
    const tool = tools.get(one);
    return tool !== undefined && forbiddenReason(config, tool) === undefined;
  };
  const called = tools.get(name);
  const failing = tools.get((error instanceof ApiError && error.circumstances?.tool) || name);
  // The caller of a dispatcher wants to know about the tool that it ran.
  const tool = called?.kind === 'dispatcher' ? failing : called;
  const readBackOf = (writer: string) => {
    const written = tools.get(writer);
    const readBack = written && readBackTool(tools, written, { lists: true })?.name;
    return readBack !== undefined && allows(readBack) ? readBack : undefined;
  };
  const explanation = explain(withoutSecrets(error, tools, secrets), {
    tool: name,
    fields: tool?.fields ?? [],
    hints: { ...failing?.hints, ...called?.hints },
    notEverywhere: failing?.notEverywhere ?? false,
    reader: tool && readBackOf(tool.name),
    allows,
    written: writes.tools.map((writer) => ({ tool: writer, readBack: readBackOf(writer) })),
    ...((config.environment !== undefined || isChosenVariable(config.key?.variable)) && {
      variables: variablesOf(config),
    }),
  });
  const shown = error instanceof ApiError ? error.shown : [];
  return fitError(
    {
      ...withEnvironment(explanation, config.environment),
      message: redactQuoted(explanation.message, secrets),
      hint: redact(hintFor(origin, explanation.hint, tools)),
      ...foreignParts(explanation, secrets, shown),
    },
    shown,
  );
}

/** Adds the environment after the tool. */
function withEnvironment(explanation: Explanation, environment: string | undefined): Explanation {
  const { kind, message, hint, tool, ...rest } = explanation;
  return { kind, message, hint, tool, ...(environment !== undefined && { environment }), ...rest };
}

/** The variables that --environments names. */
function variablesOf({
  environment,
  key,
  clientIdVariable,
}: FailureContext['config']): NonNullable<HintedCall['variables']> {
  const missing = `a variable that --environments names${environment === undefined ? '' : ` for ${environment}`}`;
  return { key: key?.variable ?? missing, clientId: clientIdVariable ?? missing };
}

function hintFor(origin: Caller['origin'], hint: string, tools: FailureContext['tools']): string {
  if (origin === 'shell') return inShell(hint, (one) => tools.has(one));
  return origin === 'program' ? inProgram(hint) : hint;
}

/** The same error without the key, however it is encoded. */
export function withoutKey(error: unknown, keys: Keys): unknown {
  if (!(error instanceof Error)) return error;
  const parts = Object.entries(error).map(([name, value]) => [name, withoutKeyIn(value, keys)]);
  return copyOf(error, { ...Object.fromEntries(parts), message: removeKeyFromText(error.message, keys) });
}

function withoutKeyIn(value: unknown, keys: Keys): unknown {
  try {
    return removeKey(value, keys);
  } catch {
    return 'nested too deeply to show';
  }
}

/** The stack of a bug, for the log. */
export function stackOf(error: unknown, secrets: readonly string[]): string {
  const unguessable = secrets.filter((secret) => !isGuessable(secret));
  if (!(error instanceof Error)) return redactForeign(String(error), secrets);
  const stack = error.stack ?? error.message;
  return redact(
    stack.replace(error.message, () => redactForeign(error.message, secrets)),
    unguessable,
  );
}

/** Fields of an explanation that this server writes itself. */
const OWN = new Set([
  'kind',
  'message',
  'hint',
  'tool',
  'environment',
  'status',
  'attempts',
  'retry_after_s',
  'secret_file',
]);

function foreignParts(
  explanation: Explanation,
  secrets: readonly string[],
  shown: readonly string[],
): Record<string, unknown> {
  const foreign = Object.entries(explanation).filter(([name]) => !OWN.has(name));
  return { ...Object(redactForeignDeep(Object.fromEntries(foreign), secrets, shown)) };
}

/** The same error with secrets removed from its message and path, so that this server's sentences can quote them. */
function withoutSecrets(error: unknown, tools: ReadonlyMap<string, Tool>, secrets: readonly string[]): unknown {
  if (!(error instanceof Error)) return redactForeign(String(error), secrets);
  if (!(error instanceof ApiError || error instanceof NetworkError)) {
    const foreign = isBug(error) || error instanceof LinkExpiredError;
    return foreign ? copyOf(error, { message: redactForeign(error.message, secrets) }) : error;
  }
  const unguessable = secrets.filter((secret) => !isGuessable(secret));
  // The message of a NetworkError describes the connection and holds no text from the API.
  const message =
    error instanceof ApiError ? redactForeign(error.message, secrets) : redact(error.message, unguessable);
  const { request } = error;
  const path = redact(maskedPath(tools, request), unguessable);
  return copyOf<ApiError | NetworkError>(error, { message, request: { ...request, path } });
}

/** The path with `[secret]` for each placeholder that a tool declares as a secret. */
function maskedPath(tools: ReadonlyMap<string, Tool>, { method, path }: AttemptedRequest): string {
  for (const tool of tools.values()) {
    const route = routeOf(tool);
    if (!route || !placeholders(route).some((name) => tool.secrets.in?.includes(name))) continue;
    const [steps, given] = [route.split('/'), `${method} ${path}`.split('/')];
    if (steps.length !== given.length) continue;
    if (!steps.every((step, at) => step.startsWith('{') || step === given[at])) continue;
    return given
      .map((one, at) => (tool.secrets.in?.includes(steps[at]?.slice(1, -1) ?? '') ? '[secret]' : one))
      .join('/')
      .slice(method.length + 1);
  }
  return path;
}
