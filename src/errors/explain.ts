import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { truncate } from '../text/truncate.ts';
import {
  ApiError,
  CancelledError,
  ConfigError,
  type ErrorKind,
  InputError,
  LinkExpiredError,
  NetworkError,
  RefusedError,
} from './errors.ts';
import { type HintedCall, hintFor } from './hints.ts';

/** A failure as a client sees it. */
export interface Explanation {
  kind: ErrorKind;
  /** The request and its outcome. */
  message: string;
  /** What to do next, and with which tool. */
  hint: string;
  tool: string;
  /** The name of the environment, if there are several. */
  environment?: string;
  status?: number;
  code?: string;
  errors?: unknown;
  /** Other fields of the response that the next call may need. */
  details?: Readonly<Record<string, unknown>>;
  /** The location of the secrets from the details. */
  secret_file?: Readonly<Record<string, unknown>>;
  request_id?: string;
  retry_after_s?: number;
  attempts?: number;
}

/** The failed call, as explain() needs it. */
export interface FailedCall extends HintedCall {
  /** The tools that sent a write that may have succeeded, each with the tool that shows whether it did. */
  written: readonly { tool: string; readBack: string | undefined }[];
}

/**
 * Explains a failure to a client. Pure; it adds no secret that the error did not contain. The caller must still remove secrets,
 * then cut the explanation to size with fitError().
 */
export function explain(error: unknown, call: FailedCall): Explanation {
  const explanation = explainError(error, call);
  const uncertain = uncertainWrites(call);
  if (!uncertain) return explanation;
  // NOTHING_SENT holds for the failed request, but not for the whole call.
  const hint = explanation.hint.replace(NOTHING_SENT, '').trim();
  return { ...explanation, hint: `${uncertain} ${hint}`.trim() };
}

const NOTHING_SENT = 'Nothing was sent.';

function explainError(error: unknown, call: FailedCall): Explanation {
  const { tool } = call;
  if (error instanceof ApiError) return explainResponse(error, call);
  if (error instanceof NetworkError) return explainNoResponse(error, call);
  if (error instanceof InputError) {
    const hint = error.hint ?? `Correct the arguments. ${NOTHING_SENT}`;
    return { kind: 'input', message: error.message, hint, tool };
  }
  if (error instanceof ConfigError) return { kind: 'config', message: error.message, hint: error.hint, tool };
  if (error instanceof RefusedError) return { kind: 'refused', message: error.message, hint: error.hint, tool };
  if (error instanceof CancelledError) {
    return { kind: 'cancelled', message: error.message, hint: 'The call is no longer running.', tool };
  }
  if (error instanceof LinkExpiredError) {
    return {
      kind: 'api',
      message: `The download link was rejected: ${quoteUntrusted(error.message, 200)}`,
      hint: 'Call download_audit_export again; each call signs a new link.',
      tool,
    };
  }
  const text = error instanceof Error ? error.message : String(error);
  return {
    kind: 'api',
    message: `${tool} failed inside this server: ${quoteUntrusted(text, 600)}`,
    hint: `This is a bug in workos-mcp. ${call.written.length ? 'Report it.' : 'Try other arguments, and report it.'}`,
    tool,
  };
}

function explainResponse(error: ApiError, call: FailedCall): Explanation {
  const { method, path, attempts } = error.request;
  const kind = kindOf(error);
  return {
    kind,
    message: `${method} ${truncate(path, MAX_PATH)} returned ${error.status}: ${quoteUntrusted(error.message, 600)}`,
    hint: hintFor(kind, error, call),
    tool: call.tool,
    status: error.status,
    ...(error.code !== undefined && { code: truncate(error.code, MAX_STRING) }),
    ...(error.errors !== undefined && { errors: cutStrings(error.errors) }),
    // Cutting strings keeps an object an object.
    ...(error.details !== undefined && { details: cutStrings(error.details) as Readonly<Record<string, unknown>> }),
    ...(error.secretFile !== undefined && { secret_file: error.secretFile }),
    ...(error.requestId !== undefined && { request_id: truncate(error.requestId, MAX_STRING) }),
    ...(error.retryAfter !== undefined && { retry_after_s: Math.ceil(error.retryAfter) }),
    attempts,
  };
}

function explainNoResponse(error: NetworkError, call: FailedCall): Explanation {
  const { method, path, attempts } = error.request;
  // For a timeout, the words are our own. Other network errors can quote a certificate.
  const reason = error.code === 'ETIMEDOUT' ? error.message : quoteUntrusted(error.message, 300);
  return {
    kind: error.timedOut ? 'timeout' : 'network',
    message: `${method} ${truncate(path, MAX_PATH)} got no response: ${reason}`,
    hint: 'Run check_connector to see which part of the connection fails.',
    tool: call.tool,
    ...(error.code !== undefined && { code: error.code }),
    attempts,
  };
}

/** A path is percent-encoded, so it needs no quoting, but it can be long. */
const MAX_PATH = 300;
/** More than an error can show of one string. Strings are cut early, because searching them for secrets takes time. */
const MAX_STRING = 2_000;

/** A value with its long strings cut. Its nesting was limited when it was read. */
function cutStrings(value: unknown): unknown {
  if (typeof value === 'string') return truncate(value, MAX_STRING);
  if (Array.isArray(value)) return value.map(cutStrings);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [truncate(name, MAX_STRING), cutStrings(item)]),
  );
}

/** Says that the writes of a failed call may have succeeded, and how to check; empty if none was sent. */
function uncertainWrites({ tool, written }: FailedCall): string {
  if (written.length === 0) return '';
  const writers = written.map((one) => one.tool);
  const own = writers.length === 1 && writers[0] === tool;
  const what = writers.length === 1 ? 'The write' : 'The writes';
  const checks = [...new Set(written.flatMap(({ readBack }) => readBack ?? []))];
  const check = checks.length ? ` with ${checks.slice(0, MAX_NAMED).join(', ')}` : '';
  const by = own
    ? ''
    : ` by ${writers.slice(0, MAX_NAMED).join(', ')}${writers.length > MAX_NAMED ? ' and others' : ''}`;
  return `${what}${by} may have succeeded. Check${check} before retrying.`;
}

const MAX_NAMED = 5;

function kindOf({ status, code }: ApiError): ErrorKind {
  // The device flow uses status 400 for a pending authorization. https://www.rfc-editor.org/rfc/rfc8628#section-3.5
  if (code === 'authorization_pending' || code === 'slow_down') return 'api';
  if (code === 'not_simulated') return 'sandbox';
  if (status === 400 || status === 422 || status === 413) return 'input';
  if (status === 401) return 'auth';
  if (status === 403) return 'permission';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 409) return 'conflict';
  if (status === 429) return 'rate_limited';
  return 'api';
}
