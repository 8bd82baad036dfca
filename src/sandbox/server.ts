import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isObject } from './http/body.ts';
import { createExportLinks, exportFile } from './http/export-files.ts';
import { Problem, type Reply, splitUrl } from './http/reply.ts';
import { answer } from './router.ts';
import { seededState } from './state.ts';

/** An embedded WorkOS with a made-up landscape, for trying things without an account. */
export interface Sandbox {
  /** Where it answers, such as http://127.0.0.1:49152. */
  url: string;
  /** The only key that it accepts. */
  key: string;
  clientId: string;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** The port to listen on; any free one by default. */
  port?: number;
  /** The time in milliseconds; Date.now by default. */
  now?: () => number;
  /** How many looks at an audit log export find it pending before it is ready; 2 by default. */
  exportPolls?: number;
}

const KEY = 'sk_test_sandbox';
const CLIENT_ID = 'client_01KE0SANDB0X00000000000000';
const HOST = '127.0.0.1';
const MAX_BODY_BYTES = 1024 * 1024;

/** Starts a sandbox in this process. It forgets everything when it is closed, and does not keep the process alive. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  let filesUrl = '';
  const state = seededState({
    now,
    exportPolls: options.exportPolls ?? 2,
    exportLink: createExportLinks(() => filesUrl, now),
  });
  let requests = 0;

  const api = createServer((incoming, response) => {
    requests += 1;
    const requestId = `00000000-0000-4000-8000-${requests.toString(16).padStart(12, '0')}`;
    reply(incoming).then(
      (given) => send(response, requestId, given),
      () => send(response, requestId, { status: 500, body: { message: 'Internal Server Error' } }),
    );
  });
  const files = createServer((incoming, response) => {
    incoming.resume();
    const { status, headers, content } = exportFile(incoming, state);
    response.writeHead(status, headers).end(content);
  });

  async function reply(incoming: IncomingMessage): Promise<Reply> {
    const text = await readBody(incoming);
    if (text === undefined) {
      const body = { message: 'The request body is larger than 1 MiB.', code: 'payload_too_large' };
      return { status: 413, body, headers: { Connection: 'close' } };
    }
    const body = parseBody(text);
    if (body instanceof Problem) return body.reply;
    const idempotencyKey = incoming.headers['idempotency-key'];
    return answer(
      {
        method: incoming.method ?? '',
        ...splitUrl(incoming.url ?? ''),
        body,
        idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : undefined,
        authorization: incoming.headers.authorization,
      },
      state,
      KEY,
    );
  }

  filesUrl = await listen(files, 0);
  try {
    const url = await listen(api, options.port ?? 0);
    return {
      url,
      key: KEY,
      clientId: CLIENT_ID,
      close: async () => void (await Promise.all([stop(api), stop(files)])),
    };
  } catch (error) {
    await stop(files);
    throw error;
  }
}

/** The whole body, or undefined where it is too large; the rest is then read and dropped so that the answer arrives. */
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

function parseBody(text: string): Record<string, unknown> | Problem {
  if (text === '') return {};
  const invalidBody = (message: string) => new Problem(400, { message, code: 'invalid_request_body' });
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : invalidBody('The request body must be a JSON object.');
  } catch {
    return invalidBody('The request body is not valid JSON.');
  }
}

function send(response: ServerResponse, requestId: string, { status, body, headers }: Reply): void {
  const content = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'X-Request-ID': requestId,
    ...(body === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' }),
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(content) }),
    ...headers,
  });
  response.end(content);
}

function listen(server: Server, port: number): Promise<string> {
  // Clients keep connections for longer than node's five seconds and would run into a closed one.
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
