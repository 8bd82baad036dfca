import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { RPC_ERRORS, readMessage } from '../mcp/incoming-message.ts';
import { type ServerOptions, serve } from '../mcp/server.ts';
import { ownerOf, type Sender } from './calls.ts';
import type { InFlight } from './in-flight.ts';
import { json, refuse } from './replies.ts';

/** What answering a message takes. */
export interface PostOptions {
  /** Returns the server options for one message. */
  serverFor(sender: Sender): ServerOptions;
  inFlight: InFlight;
}

/** A request and its response. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** Answers the message in the body of a request. Resolves when the answer is sent or the client has hung up. */
export async function answerBody(
  text: string,
  admitted: Pick<Sender, 'person' | 'rights'>,
  { request, response }: Exchange,
  { serverFor, inFlight }: PostOptions,
): Promise<void> {
  const incoming = readMessage(text);
  if (incoming.kind !== 'message') {
    const reason = incoming.reason.replace('The line', 'The body');
    const [code, id] = incoming.kind === 'refused' ? [incoming.code, incoming.id] : [RPC_ERRORS.invalidRequest, null];
    return json(response, 400, { jsonrpc: '2.0', error: { code, message: reason }, id });
  }
  const { message } = incoming;
  if (!('method' in message && 'id' in message)) {
    const isCancelled = 'method' in message && message.method === 'notifications/cancelled';
    if (isCancelled) inFlight.cancel(ownerOf(admitted.person), message.params?.['requestId']);
    return void response.writeHead(202).end();
  }
  const { accept, 'mcp-protocol-version': version } = request.headers;
  const form = formOf(message, accept);
  if (!form) {
    return refuse(response, { status: 406, message: 'Accept must name application/json or text/event-stream' });
  }
  const protocolVersion = typeof version === 'string' ? version : undefined;
  const hangUp = watchForHangUp(request, response);
  const sender = {
    ...admitted,
    requestId: message.id,
    // https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#protocol-version-header
    protocolVersion: protocolVersion ?? '2025-03-26',
    gone: hangUp.signal,
  };
  await answerMessage(message, form, { protocolVersion, gone: hangUp.signal }, serverFor(sender), response);
  hangUp.stop();
}

/** Signals that a connection was closed before its answer was sent. */
function watchForHangUp({ socket }: IncomingMessage, response: ServerResponse): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const closed = () => {
    if (!response.writableFinished) controller.abort();
  };
  response.once('close', closed);
  // A response that waits behind earlier ones does not notice that its connection closes.
  socket.once('close', closed);
  if (socket.destroyed) closed();
  return { signal: controller.signal, stop: () => void socket.off('close', closed) };
}

/** What an answer depends on besides the message. */
interface Wanted {
  /** The MCP-Protocol-Version header. */
  protocolVersion: string | undefined;
  /** Aborted when the client has hung up. */
  gone: AbortSignal;
}

/** The form in which a message is answered, or undefined if the client accepts neither. */
function formOf(message: JSONRPCMessage, accept = '*/*'): 'json' | 'stream' | undefined {
  const types = accept.split(',').map((one) => one.split(';')[0]?.trim().toLowerCase() ?? '');
  const takes = (...ways: string[]) => ways.some((way) => types.includes(way));
  const [json, stream] = [takes('application/json', 'application/*', '*/*'), takes('text/event-stream', 'text/*')];
  // Only calls report progress, so the answer to anything else is a single message anyway.
  if (stream && (!json || asksForProgress(message))) return 'stream';
  return json ? 'json' : undefined;
}

function asksForProgress(message: JSONRPCMessage): boolean {
  if (!('method' in message) || message.method !== 'tools/call') return false;
  const { _meta } = { _meta: undefined, ...message.params };
  return typeof _meta === 'object' && _meta !== null && 'progressToken' in _meta;
}

/** A client that does not read its answer is disconnected after this time. */
const UNREAD_MS = 60_000;

/**
 * Answers one message with a separate server object, so that no state is kept between messages. Resolves when the answer is sent
 * or the client has hung up.
 */
async function answerMessage(
  message: JSONRPCMessage,
  form: 'json' | 'stream',
  { protocolVersion, gone }: Wanted,
  options: ServerOptions,
  response: ServerResponse,
): Promise<void> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: form === 'json',
  });
  await serve(transport, options);
  // The transport passes on a copy made by its schema, which lacks keys that must be refused, such as `__proto__`.
  const receive = transport.onmessage;
  transport.onmessage = (_copy, extra) => receive?.(message, extra);
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    ...(protocolVersion !== undefined && { 'mcp-protocol-version': protocolVersion }),
  };
  // The transport reads only the headers of a request.
  const request = new Request('http://localhost/', { method: 'POST', headers });
  await send(await transport.handleRequest(request, { parsedBody: message }), response, gone);
}

async function send(answer: Response, response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (response.destroyed || signal.aborted) return;
  const isStream = answer.headers.get('content-type') === 'text/event-stream';
  const body = isStream ? undefined : Buffer.from(await answer.arrayBuffer());
  const length = body && { 'content-length': String(body.length) };
  response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), 'cache-control': 'no-store', ...length });
  response.setTimeout(UNREAD_MS, () => response.destroy());
  if (isStream && answer.body) {
    response.flushHeaders();
    // A client that hangs up is not an error. The type of the global stream is not that of node:stream/web.
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), response, { signal }).catch(
      () => {},
    );
  } else {
    response.end(body);
    // An unread answer takes memory, so its message still counts.
    await finished(response, { signal }).catch(() => {});
  }
}
