import type { ServerResponse } from 'node:http';

/** Refuses with a JSON-RPC error, which clients show. Closes the connection, because the body of the request may be unread. */
export function refuse(response: ServerResponse, { status, message, headers }: Refusal): void {
  response.setHeader('connection', 'close');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  json(response, status, { jsonrpc: '2.0', error: { code: -32000, message }, id: null });
}

/** The response to a refused request. */
export interface Refusal {
  status: number;
  message: string;
  headers?: Readonly<Record<string, string>>;
}

/** Sends a value as JSON. */
export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

/** Sends a line of text, for health checks. */
export function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(`${text}\n`);
}
