import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../src/call/caller.ts';
import { callTool } from '../src/call/pipeline.ts';
import { createRuntime, type RuntimeOptions } from '../src/call/runtime.ts';
import { type Config, readConfig } from '../src/config/config.ts';
import type { Explanation } from '../src/errors/explain.ts';
import { exposedTools } from '../src/mcp/exposure.ts';
import { instructions } from '../src/mcp/instructions.ts';
import { serve } from '../src/mcp/server.ts';
import type { CallResult } from '../src/results/result.ts';
import { catalogEntries } from '../src/tools/catalog.ts';
import { routeOf } from '../src/tools/define.ts';
import type { Toolset } from '../src/tools/types.ts';

/** A request that a recording server received. */
export interface Recorded {
  method: string;
  /** Path and query string as sent. */
  url: string;
  headers: IncomingMessage['headers'];
  /** The parsed JSON body; undefined if none was sent. */
  body: unknown;
}

/** A response of the recording server. */
export interface Reply {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Replies = (request: Recorded, nth: number) => Reply | undefined;

/** A real HTTP server on loopback that records its requests. */
export interface Api {
  url: string;
  requests: Recorded[];
  /** Sets the responses from now on. For undefined, the response is an empty list. */
  respondWith(replies: Replies): void;
  close(): Promise<void>;
}

export async function recordingApi(first?: Replies): Promise<Api> {
  const requests: Recorded[] = [];
  let replies = first;
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      const recorded: Recorded = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
      requests.push(recorded);
      const reply = replies?.(recorded, requests.length) ?? {};
      const body =
        'body' in reply ? reply.body : { object: 'list', data: [], list_metadata: { before: null, after: null } };
      const responseText = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
      response.writeHead(reply.status ?? 200, {
        'content-type': 'application/json',
        'x-request-id': `req_${requests.length}`,
        ...reply.headers,
      });
      response.end(responseText);
    });
  });
  const url = await listening(server);
  return {
    url,
    requests,
    respondWith(next) {
      replies = next;
    },
    close: () => closed(server),
  };
}

/** A loopback server with a custom handler, for tests in which it misbehaves. */
export async function rawServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const server = createServer(handler);
  return { url: await listening(server), server, close: () => closed(server) };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is never a string.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

export const HARNESS_KEY = 'sk_test_harness';

/** Computed once, because it converts every schema. */
const all = catalogEntries();

/** The configuration for these flags and variables, with the harness's key. */
export function configured(flags: readonly string[] = [], env: Record<string, string> = {}): Config {
  const { config, problems } = readConfig(
    flags,
    { WORKOS_TOKEN: HARNESS_KEY, WORKOS_CLIENT_ID: 'client_harness', WORKOS_MCP_LOG_LEVEL: 'silent', ...env },
    {
      toolsets: new Set(all.map(({ toolset }) => toolset)),
      tools: new Set(all.map(({ definition }) => definition.name)),
    },
  );
  expect(problems).toEqual([]);
  return config;
}

/** A runtime that runs calls without an MCP connection. */
export async function openRuntime(options: RuntimeOptions): Promise<{
  call(name: string, input: Record<string, unknown>, caller: Caller): Promise<CallResult>;
  close(): Promise<void>;
}> {
  const runtime = await createRuntime(options);
  return { call: (name, input, caller) => callTool(runtime, caller, name, input), close: runtime.close };
}

export interface ConnectOptions {
  flags?: readonly string[];
  env?: Record<string, string>;
  /** Where requests go. The default is a recording server. */
  baseUrl?: string;
  replies?: Replies;
  capabilities?: ClientCapabilities;
  /** Replies to the server's questions to the user. */
  elicit?: (message: string) => 'accept' | 'decline' | 'cancel' | Promise<'accept' | 'decline' | 'cancel'>;
  runtime?: Partial<RuntimeOptions>;
}

export interface Called {
  /** The structured content of a success; empty after an error. */
  value: Record<string, unknown>;
  /** The error of a failed call. */
  error: Explanation | undefined;
  text: string;
  isError: boolean;
}

export interface Connected {
  client: Client;
  api: Api;
  outputDir: string;
  call(
    tool: string,
    input?: Record<string, unknown>,
    options?: {
      signal?: AbortSignal;
      onprogress?: (progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void;
    },
  ): Promise<Called>;
  list(): Promise<Awaited<ReturnType<Client['listTools']>>['tools']>;
  close(): Promise<void>;
}

/** Connects a real MCP client in memory to the real server, which sends its requests to a recording HTTP server. */
export async function connect(options: ConnectOptions = {}): Promise<Connected> {
  const api = await recordingApi(options.replies);
  const outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-test-'));
  const config = configured(
    ['--base-url', options.baseUrl ?? api.url, '--output-dir', outputDir, ...(options.flags ?? [])],
    options.env,
  );
  const exposed = exposedTools(all, config);
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  let close = async () => {};
  await serve(serverSide, {
    version: '0.0.0-test',
    known: new Map(all.map((entry) => [entry.definition.name, entry])),
    exposed,
    instructions: instructions(all, exposed, config),
    load: async () => {
      const runtime = await openRuntime({
        config,
        version: '0.0.0-test',
        exposed: new Set(exposed.map(({ definition }) => definition.name)),
        ...options.runtime,
        client: { sleep: async () => {}, random: () => 1, ...options.runtime?.client },
      });
      close = runtime.close;
      return runtime.call;
    },
  });
  const { elicit } = options;
  const client = new Client(
    { name: 'harness', version: '1' },
    { capabilities: options.capabilities ?? (elicit ? { elicitation: {} } : {}) },
  );
  if (elicit) {
    const { ElicitRequestSchema } = await import('@modelcontextprotocol/sdk/types.js');
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ action: await elicit(params.message) }));
  }
  await client.connect(clientSide);
  return {
    client,
    api,
    outputDir,
    async call(tool, input = {}, { signal, onprogress } = {}) {
      const result = await client.callTool({ name: tool, arguments: input }, undefined, {
        ...(signal && { signal }),
        ...(onprogress && { onprogress }),
      });
      const [block] = Array.isArray(result.content) ? result.content : [];
      const text: string = block?.type === 'text' ? block.text : '';
      const parsed = JSON.parse(text);
      if (result.isError) {
        expect(result.structuredContent).toBeUndefined();
        return { value: {}, error: parsed.error, text, isError: true };
      }
      expect(result.structuredContent).toEqual(parsed);
      return { value: parsed, error: undefined, text, isError: false };
    },
    list: async () => (await client.listTools()).tools,
    async close() {
      await client.close();
      await close();
      await api.close();
      rmSync(outputDir, { recursive: true, force: true });
    },
  };
}

/** A tool, its input, and the expected request: `METHOD /path?query` and its body, or `URL …` if it returns a URL. */
export type Row = readonly [tool: string, input: Record<string, unknown>, request: string, body?: unknown];

/**
 * Declares one test per row, and one that the rows cover every tool and argument of the toolset. `elsewhere` names the
 * tools that are tested separately.
 */
export function sends(toolset: Toolset, rows: readonly Row[], elsewhere: readonly string[] = []): void {
  describe(`${toolset.name} sends`, () => {
    let server: Connected;
    beforeAll(async () => {
      server = await connect({ flags: ['--toolsets', 'all', '--confirm', 'never'] });
    });
    afterAll(() => server.close());

    for (const [tool, input, request, body] of rows) {
      it(`${tool} ${JSON.stringify(input).slice(0, 60)}: ${request}`, async () => {
        const { requests } = server.api;
        requests.length = 0;
        const { value, error } = await server.call(tool, input);
        expect(error).toBeUndefined();
        if (request.startsWith('URL ')) {
          expect(requests).toEqual([]);
          expect(value['url']).toBe(request.slice(4).replace('https://api.workos.com', server.api.url));
          return;
        }
        expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([request]);
        expect(requests[0]?.body).toEqual(body);
      });
    }

    it('has a row for every tool and every argument', () => {
      const missing = toolset.tools.flatMap((tool) => {
        if (routeOf(tool) === undefined || elsewhere.includes(tool.name)) return [];
        const given = new Set(rows.filter(([name]) => name === tool.name).flatMap(([, input]) => Object.keys(input)));
        if (!rows.some(([name]) => name === tool.name)) return [tool.name];
        return tool.fields.filter((field) => !given.has(field)).map((field) => `${tool.name}.${field}`);
      });
      expect(missing).toEqual([]);
    });
  });
}
