import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { type ServerOptions, serve } from '../mcp/server.ts';

/** What an answer depends on besides the message. */
export interface Wanted {
  /** The MCP-Protocol-Version header. */
  protocolVersion: string | undefined;
  /** Aborted when the client has hung up. */
  gone: AbortSignal;
}

/** The form in which a message is answered, or undefined if the client accepts neither. */
export function formOf(message: JSONRPCMessage, accept = '*/*'): 'json' | 'stream' | undefined {
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
export async function answerMessage(
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
