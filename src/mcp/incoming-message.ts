import {
  InitializeRequestSchema,
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  JSONRPCRequestSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { isNestedDeeper, MAX_NESTING } from '../text/json-nesting.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';

/** https://www.jsonrpc.org/specification#error_object */
export const RPC_ERRORS = {
  parse: -32700,
  invalidRequest: -32600,
  invalidParams: -32602,
  internal: -32603,
} as const;

/** The id of a request; null in the answer to a line whose id is unknown. */
export type RpcId = string | number | null;

/** What to do with one line: pass it on, answer it with an error, or drop it because JSON-RPC allows no answer. */
export type Incoming =
  | { kind: 'message'; message: JSONRPCMessage }
  | { kind: 'refused'; code: number; reason: string; id: RpcId }
  | { kind: 'dropped'; reason: string };

/**
 * Reads one line of input. Only messages that the SDK accepts are passed on, because it drops others without an answer, and
 * throws on some of them.
 */
export function readMessage(text: string): Incoming {
  // JSON.stringify() and most validators recurse, including those of the SDK, so deep values would overflow the stack.
  const deep = isNestedDeeper(text);
  let value: unknown;
  try {
    value = JSON.parse(deep ? topLevel(text) : text);
  } catch {
    return { kind: 'refused', code: RPC_ERRORS.parse, reason: 'The line is not JSON', id: null };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return notAMessage(null);
  if ('method' in value) return readCall({ ...value }, value.method, deep);
  if ('result' in value || 'error' in value) return readResponse({ ...value }, deep);
  return notAMessage(idOf(value));
}

function readCall(value: Record<string, unknown>, method: unknown, deep: boolean): Incoming {
  const isRequest = Object.hasOwn(value, 'id');
  const id = idOf(value);
  if (value['jsonrpc'] !== '2.0' || typeof method !== 'string' || (isRequest && !isValidId(id))) return notAMessage(id);
  const refuse = (code: number, reason: string): Incoming =>
    isRequest ? { kind: 'refused', code, reason, id } : { kind: 'dropped', reason };
  if (deep) return refuse(RPC_ERRORS.invalidRequest, `The message is nested more than ${MAX_NESTING} levels deep`);
  const params = withoutTask(method, value['params']);
  const call = { jsonrpc: '2.0' as const, method, ...(params !== null && params !== undefined && { params }) };
  if (!isRequest) {
    if (isJSONRPCNotification(call)) return { kind: 'message', message: call };
    return refuse(RPC_ERRORS.invalidParams, `Invalid parameters of ${method.slice(0, 80)}`);
  }
  const request = { ...call, id };
  const problem = JSONRPCRequestSchema.safeParse(request).error ?? PARAMETERS.get(method)?.safeParse(call).error;
  if (problem) return refuse(RPC_ERRORS.invalidParams, `Invalid parameters: ${firstIssue(problem.issues)}`);
  // The request has just matched the schema. The copy that the schema returns lacks some keys.
  return { kind: 'message', message: request as JSONRPCRequest };
}

/** Methods whose wrong parameters the SDK would report as an internal error. */
const PARAMETERS = new Map<string, typeof InitializeRequestSchema | typeof ListToolsRequestSchema>([
  ['initialize', InitializeRequestSchema],
  ['tools/list', ListToolsRequestSchema],
]);

/**
 * A server without tasks ignores the `task` of a call.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks#capability-negotiation
 */
function withoutTask(method: string, params: unknown): unknown {
  if (method !== 'tools/call' || typeof params !== 'object' || params === null || !('task' in params)) return params;
  const { task: _ignored, ...rest } = params;
  return rest;
}

/** A response is never answered. A malformed one is turned into an error, so that the code waiting for it continues. */
function readResponse(value: Record<string, unknown>, deep: boolean): Incoming {
  const { result, error } = value;
  const id = idOf(value);
  if (id === null || !isValidId(id) || value['jsonrpc'] !== '2.0') {
    return { kind: 'dropped', reason: 'The line is a response without a matching request' };
  }
  const response = { jsonrpc: '2.0' as const, id, ...('error' in value ? { error } : { result }) };
  if (!deep && (isJSONRPCResultResponse(response) || isJSONRPCErrorResponse(response))) {
    return { kind: 'message', message: response };
  }
  const failure = { code: RPC_ERRORS.invalidRequest, message: 'The client sent a malformed response' };
  return { kind: 'message', message: { jsonrpc: '2.0', id, error: failure } };
}

function notAMessage(id: RpcId): Incoming {
  const reason = 'The line is not a JSON-RPC 2.0 message';
  return { kind: 'refused', code: RPC_ERRORS.invalidRequest, reason, id };
}

function idOf(value: object): RpcId {
  const id = 'id' in value ? value.id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** JSON parsing changes larger integers, so they could not be returned as sent. */
function isValidId(id: RpcId): boolean {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

function firstIssue(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  const [{ path = [], message = 'not an object' } = {}] = issues;
  return `${quoteUntrusted(path.map(String).join('.'))}: ${message}`.slice(0, 300);
}

/** The top level of a JSON text, with null for each array and object in it. Parsing all levels would take seconds. */
function topLevel(text: string): string {
  let kept = '';
  let from = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (character === '{' || character === '[') {
      if (++depth !== 2) continue;
      kept += `${text.slice(from, at)}null`;
      // If the bracket is never closed, the rest is missing, and the kept text is not JSON either.
      from = text.length;
    } else if ((character === '}' || character === ']') && --depth === 1) from = at + 1;
  }
  return kept + text.slice(from);
}
