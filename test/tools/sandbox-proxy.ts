import { request } from 'node:http';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Connected, type ConnectOptions, connect, rawServer } from '../harness.ts';
import { Rounds } from './rounds.ts';

/** Returns a changed body for a response of the sandbox, or undefined to forward it unchanged. */
export type Change = (path: string, body: Record<string, unknown>) => unknown;

export interface SandboxSession {
  call: Connected['call'];
  list: Connected['list'];
  outputDir: string;
  /** The requests of the last call, as `METHOD /path?query`. */
  requests: string[];
  /** How many rounds of requests the last call took. Needs `latencyMs`. */
  rounds(): number;
  /** Answers the next requests to a path, or below it, with a status. */
  fail(path: string, status: number, times?: number): Promise<void>;
  /** Sends a request to the sandbox directly. */
  send(request: string, body?: unknown): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** A real client, this server, and a sandbox behind a proxy that records requests, and delays and changes responses. */
export async function sandboxSession({
  seed,
  running,
  latencyMs = 0,
  change,
  flags = [],
  ...options
}: {
  seed?: string;
  /** A running sandbox to use instead of a new one; it stays open. */
  running?: Sandbox;
  latencyMs?: number;
  change?: Change;
} & ConnectOptions = {}): Promise<SandboxSession> {
  const sandbox = running ?? (await startSandbox(seed === undefined ? {} : { seed }));
  const requests: string[] = [];
  const rounds = new Rounds();
  const proxy = await rawServer((incoming, response) => {
    const path = incoming.url ?? '';
    requests.push(`${incoming.method} ${path}`);
    const answered = rounds.sent();
    const { host: _, ...headers } = incoming.headers;
    const passedOn = request(sandbox.url + path, { method: incoming.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const changed = change && answer.statusCode === 200 ? change(path, JSON.parse(text)) : undefined;
        const { 'content-length': __, ...rest } = answer.headers;
        setTimeout(() => {
          answered();
          response.writeHead(answer.statusCode ?? 500, rest);
          response.end(changed === undefined ? text : JSON.stringify(changed));
        }, latencyMs);
      });
    });
    incoming.pipe(passedOn);
  });
  const send = async (line: string, body?: unknown) => {
    const [method = 'GET', path = '/'] = line.split(' ');
    const answer = await fetch(sandbox.url + path, {
      method,
      headers: { Authorization: `Bearer ${sandbox.key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${line}: ${answer.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };
  const server = await connect({
    ...options,
    baseUrl: proxy.url,
    env: { WORKOS_TOKEN: sandbox.key, ...options.env },
    flags: [...(flags.includes('--toolsets') ? [] : ['--toolsets', 'all']), ...flags],
  });
  return {
    ...server,
    async call(...args) {
      requests.length = 0;
      rounds.reset();
      return server.call(...args);
    },
    requests,
    rounds: () => rounds.count,
    fail: async (path, status, times = 1) => {
      await send('POST /_sandbox/faults', { path, status, times });
    },
    send,
    async close() {
      await server.close();
      await proxy.close();
      if (!running) await sandbox.close();
    },
  };
}
