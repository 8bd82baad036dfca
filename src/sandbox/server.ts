import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CLIENT_ID } from './environment.ts';
import { isObject } from './http/body-fields.ts';
import { HttpError } from './http/errors.ts';
import { serveExportFile } from './http/export-files.ts';
import { splitUrl } from './http/url.ts';
import { sampleLandscape } from './landscape.ts';
import { type Answer, handleRequest } from './router.ts';
import { State } from './state.ts';
import { createWebhookSender } from './webhooks.ts';

/** A running sandbox: an in-memory WorkOS API with made-up data, for trying things out without an account. */
export interface Sandbox {
  /** The base URL, such as `http://127.0.0.1:49152`. */
  url: string;
  /** The only API key that it accepts. */
  key: string;
  clientId: string;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** The port to listen on. Any free port by default. */
  port?: number;
  /** The clock, in milliseconds. `Date.now` by default. */
  now?: () => number;
  /** How many times an audit log export is reported as pending before it is ready. 2 by default. */
  exportPolls?: number;
}

const API_KEY = 'sk_test_sandbox';
const HOST = '127.0.0.1';
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Starts a sandbox in this process. Its data lives in memory until `close()`. It does not keep the process alive.
 * @throws Error if the port is already in use
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  let filesOrigin = '';
  let origin = '';
  const state = new State({ now, exportPolls: options.exportPolls ?? 2 }, sampleLandscape(now()));
  const webhooks = createWebhookSender(now);
  let requests = 0;

  const api = createServer((incoming, response) => {
    requests += 1;
    const requestId = `00000000-0000-4000-8000-${requests.toString(16).padStart(12, '0')}`;
    handle(incoming).then(
      (answer) => {
        send(response, requestId, answer);
        webhooks.send(answer.deliveries);
      },
      () => send(response, requestId, { status: 500, body: { message: 'Internal Server Error' }, deliveries: [] }),
    );
  });
  const files = createServer((incoming, response) => {
    incoming.resume();
    const { status, headers, content } = serveExportFile(incoming, state);
    response.writeHead(status, headers).end(content);
  });

  async function handle(incoming: IncomingMessage): Promise<Answer> {
    const text = await readBody(incoming);
    if (text === undefined) {
      const body = { message: 'The request body is larger than 1 MiB.', code: 'payload_too_large' };
      return { status: 413, body, headers: { Connection: 'close' }, deliveries: [] };
    }
    const body = parseBody(text);
    if (body instanceof HttpError) return { status: 400, ...body.response, deliveries: [] };
    const { 'idempotency-key': idempotencyKey, 'x-sandbox-fault': fault, authorization = '' } = incoming.headers;
    return handleRequest(
      {
        method: incoming.method ?? '',
        ...splitUrl(incoming.url ?? ''),
        body,
        idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
        fault: typeof fault === 'string' ? fault : undefined,
        token: /^Bearer (.+)$/.exec(authorization)?.[1],
        origin,
        filesOrigin,
      },
      state,
      API_KEY,
    );
  }

  filesOrigin = await listen(files, 0);
  try {
    origin = await listen(api, options.port ?? 0);
    return {
      url: origin,
      key: API_KEY,
      clientId: CLIENT_ID,
      close: async () => void (await Promise.all([stop(api), stop(files), webhooks.close()])),
    };
  } catch (error) {
    await stop(files);
    throw error;
  }
}

/**
 * Reads the body, or returns undefined if it is too large. Even then it is read to the end, because a client that is
 * still sending might not see the response.
 */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= MAX_BODY_BYTES) chunks.push(bytes);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string): Record<string, unknown> | HttpError {
  if (text === '') return {};
  const invalidBody = (message: string) => new HttpError(400, { message, code: 'invalid_request_body' });
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : invalidBody('The request body must be a JSON object.');
  } catch {
    return invalidBody('The request body is not valid JSON.');
  }
}

function send(response: ServerResponse, requestId: string, { status, body, html, headers }: Answer): void {
  const content = html ?? (body === undefined ? '' : JSON.stringify(body));
  const type = html === undefined ? 'application/json' : 'text/html';
  response.writeHead(status, {
    'X-Request-ID': requestId,
    ...(content === '' ? {} : { 'Content-Type': `${type}; charset=utf-8` }),
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(content) }),
    ...headers,
  });
  response.end(content);
}

function listen(server: Server, port: number): Promise<string> {
  // Node closes idle connections after five seconds by default, and a client that reuses one just then gets an error.
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => socket.unref());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      server.unref();
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${HOST}:${bound}`);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
