import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { addressedState } from './addressed-state.ts';
import type { Environment } from './environment.ts';
import { isObject } from './http/body-fields.ts';
import { HttpError } from './http/errors.ts';
import { serveExportFile } from './http/export-files.ts';
import type { ApiResponse } from './http/response.ts';
import { splitUrl } from './http/url.ts';
import { type OpenStates, openStates } from './open-states.ts';
import { handleRequest, type UnroutedRequest } from './router.ts';
import { SandboxStartError } from './start-error.ts';
import { openStateFile } from './state-file.ts';
import { createWebhookSender } from './webhooks.ts';

export { SandboxStartError };

/** A running sandbox: an in-memory WorkOS API with made-up data, for trying things out without an account. */
export interface Sandbox {
  /** The base URL, such as `http://127.0.0.1:49152`. */
  url: string;
  /** The only API key that it accepts. With several environments, the key of the first. */
  key: string;
  clientId: string;
  /** Its environments by name. Empty if it has a single, unnamed one. */
  environments: ReadonlyMap<string, Environment>;
  /** Whether it continues with the state from its state file. */
  continued: boolean;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** The port to listen on. Any free port by default. */
  port?: number;
  /** The clock, in milliseconds. `Date.now` by default. */
  now?: () => number;
  /** How many times an audit log export is reported as pending before it is ready. 2 by default. */
  exportPolls?: number;
  /** The file that keeps the state between runs. In memory only by default. */
  stateFile?: string;
  /** The landscape file to start with if the state file does not exist yet. The sample data by default. */
  seed?: string;
  /** The names of several environments, each with its own key, ids, and data. A single, unnamed one by default. */
  environments?: readonly string[];
}

const HOST = '127.0.0.1';
const MAX_BODY_BYTES = 1024 * 1024;

/** How deep arrays and objects in a body may be nested. Functions that walk through bodies are recursive. */
const MAX_BODY_DEPTH = 64;

/**
 * Starts a sandbox in this process. It does not keep the process alive.
 * @throws SandboxStartError if the port or the state file is in use, or the state file or the seed cannot be used
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { now = Date.now, exportPolls = 2, stateFile: path } = options;
  const names = options.environments ?? [];
  if (names.length > 0 && options.seed !== undefined) {
    throw new SandboxStartError('A seed is for a sandbox with a single environment. Leave out one of the two.');
  }
  const stateFile = path === undefined ? undefined : openStateFile(path, names.length > 0, () => opened.save());
  const open = [async () => stateFile?.close()];
  const close = async () => {
    for (const closeOne of open) await closeOne();
  };
  let opened: OpenStates;
  try {
    opened = await openStates(names, { now, exportPolls }, stateFile?.saved, options.seed);
    const { states } = opened;
    const files = createServer((incoming, response) => {
      incoming.resume();
      const { status, headers, content } = serveExportFile(incoming, states);
      response.writeHead(status, headers).end(content);
    });
    const filesOrigin = await listen(files, 0);
    open.unshift(() => stop(files));
    const webhooks = createWebhookSender(now);
    open.unshift(() => webhooks.close());
    let url = '';
    const api = createServer(
      apiListener(async (incoming) => {
        const request = { ...(await readRequest(incoming)), origin: url, filesOrigin };
        const state = addressedState(request, states);
        const answer = handleRequest(request, state, state.environment.key);
        // Saved before the answer, so that nothing that a client was told is lost if the process is killed.
        if (answer.changed) await stateFile?.save();
        webhooks.send(answer.deliveries);
        return answer;
      }),
    );
    url = await listen(api, options.port ?? 0);
    open.unshift(() => stop(api));
    if (!stateFile?.saved) await stateFile?.save();
    const { key, clientId } = states[0].environment;
    const environments = new Map(names.flatMap((name, at) => (states[at] ? [[name, states[at].environment]] : [])));
    return { url, key, clientId, environments, continued: stateFile?.saved !== undefined, close };
  } catch (error) {
    await close();
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new SandboxStartError(`Port ${options.port} is in use. Choose another one; 0 takes any free port.`);
    }
    throw error;
  }
}

/** Answers requests, and numbers them to give each a unique id. */
function apiListener(answer: (incoming: IncomingMessage) => Promise<ApiResponse>): RequestListener {
  let requests = 0;
  return (incoming, response) => {
    requests += 1;
    const requestId = `00000000-0000-4000-8000-${requests.toString(16).padStart(12, '0')}`;
    answer(incoming)
      .then((success) => send(response, requestId, success))
      .catch((error: unknown) =>
        send(response, requestId, error instanceof HttpError ? error.response : failureOf(error)),
      );
  };
}

function failureOf(error: unknown): ApiResponse {
  const problem = error instanceof Error ? `: ${error.message}` : '';
  return { status: 500, body: { message: `The sandbox failed${problem}`, code: 'internal_server_error' } };
}

/** @throws HttpError 413 or 400 if the body cannot be used */
async function readRequest(incoming: IncomingMessage): Promise<Omit<UnroutedRequest, 'origin' | 'filesOrigin'>> {
  const text = await readBody(incoming);
  if (text === undefined) {
    const body = { message: 'The request body is larger than 1 MiB.', code: 'payload_too_large' };
    throw new HttpError(413, body, { Connection: 'close' });
  }
  const { 'idempotency-key': idempotencyKey, 'x-sandbox-fault': fault, authorization = '' } = incoming.headers;
  return {
    method: incoming.method ?? '',
    ...splitUrl(incoming.url ?? ''),
    body: parseBody(text, incoming.headers['content-type']),
    idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
    fault: typeof fault === 'string' ? fault : undefined,
    token: /^Bearer (.+)$/.exec(authorization)?.[1],
  };
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

/** SDKs send the body of a token request as a form. */
function parseBody(text: string, type = ''): Record<string, unknown> {
  if (text === '') return {};
  if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text));
  const invalidBody = (message: string) => new HttpError(400, { message, code: 'invalid_request_body' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidBody('The request body is not valid JSON.');
  }
  if (!isObject(value)) throw invalidBody('The request body must be a JSON object.');
  if (isDeeperThan(MAX_BODY_DEPTH, value)) throw invalidBody('The request body is nested too deeply.');
  return value;
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}

function send(response: ServerResponse, requestId: string, { status = 200, body, html, headers }: ApiResponse): void {
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
