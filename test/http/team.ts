import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, readHttp } from '../../src/config/config.ts';
import { startTeam, type Team, type TeamStart } from '../../src/http/team.ts';
import { catalogEntries } from '../../src/tools/catalog.ts';
import { type Api, type Replies, recordingApi } from '../harness.ts';
import { type Issuer, startIssuer } from './issuer.ts';

export const PUBLIC = 'https://mcp.example.com/mcp';
export const KEY = 'sk_live_0123456789abcdefWXYZ';
export const ALL = ['read', 'write', 'delete', 'secrets'].map((right) => `workos-mcp:${right}`);

const entries = catalogEntries();
const names = {
  toolsets: new Set(entries.map(({ toolset }) => toolset)),
  tools: new Set(entries.map(({ definition }) => definition.name)),
};

/** How a test starts a team server. */
export interface TeamOptions extends Partial<Pick<TeamStart, 'runtime' | 'files' | 'maxConnections'>> {
  flags?: readonly string[];
  replies?: Replies;
  /** Used instead of the recording API. */
  baseUrl?: string;
  /** The key for `baseUrl`. */
  key?: string;
  /** Additional environment variables. */
  env?: Record<string, string>;
  /** Starts without sign-in. */
  open?: boolean;
  /** Starts as another instance of this server, with its tokens and its API. */
  beside?: Pick<TestTeam, 'issuer' | 'api'>;
}

/** The parts of a JSON-RPC answer that tests look at. */
export interface RpcAnswer {
  id?: string | number | null;
  error?: { code: number; message: string };
  result?: {
    [field: string]: unknown;
    protocolVersion?: string;
    instructions?: string;
    isError?: boolean;
    tools?: { name: string; inputSchema: { properties?: Record<string, unknown> } }[];
    content?: { type: string; text?: string; uri?: string }[];
    resources?: { uri: string; size?: number }[];
    contents?: { uri: string; text?: string }[];
  };
}

/** The JSON of a result, success or error. */
export interface CallAnswer {
  [field: string]: unknown;
  error?: { kind: string; message: string; hint: string };
  confirmation?: string;
  secret_file?: { uri?: string };
}

/** The HTTP response to one message. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON-RPC answer, from JSON or from a stream. */
  message: RpcAnswer;
}

/** A team server on loopback with a token issuer and a recording API. */
export interface TestTeam {
  team: Team;
  api: Api;
  issuer: Issuer;
  outputDir: string;
  /** The URL of its endpoint. */
  url: string;
  /** Sends one message, with a token or other headers. */
  post(message: unknown, token?: string, headers?: Record<string, string>): Promise<Answer>;
  /** Calls a tool, and resolves to the parsed JSON of its text block. */
  call(token: string, tool: string, input?: Record<string, unknown>): Promise<CallAnswer>;
  close(): Promise<void>;
}

export async function testTeam(options: TeamOptions = {}): Promise<TestTeam> {
  const { flags = [], replies, baseUrl, key = KEY, open, env: more, beside, ...start } = options;
  const issuer = beside?.issuer ?? (await startIssuer(PUBLIC));
  const api = beside?.api ?? (await recordingApi(replies));
  const outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-http-'));
  const signIn = open ? [] : ['--public-url', PUBLIC, '--authkit-domain', issuer.url];
  const own = [
    'http',
    '--port',
    '0',
    ...signIn,
    '--base-url',
    baseUrl ?? api.url,
    '--output-dir',
    outputDir,
    '--max-retries',
    '0',
  ];
  const env = { WORKOS_TOKEN: key, WORKOS_MCP_LOG_LEVEL: 'silent', ...more };
  const { config, invocation, problems } = readConfig([...own, ...flags], env, names);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const http = readHttp(invocation, env);
  const team = await startTeam({ config, ...http, version: '0.0.0-test', entries, env, ...start });
  let ended: Promise<void> | undefined;
  const endOnce = () => {
    ended ??= team.end();
    return ended;
  };
  const url = `http://${team.address}/mcp`;
  const post: TestTeam['post'] = async (message, token, headers) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, message: messageIn(text) };
  };
  return {
    team: { ...team, end: endOnce },
    api,
    issuer,
    outputDir,
    url,
    post,
    async call(token, tool, input = {}) {
      const { message, text } = await post(callOf(tool, input), token);
      const block = message.result?.content?.[0]?.text;
      if (typeof block !== 'string') throw new Error(text);
      return JSON.parse(block);
    },
    async close() {
      await endOnce();
      if (!beside) await Promise.all([issuer.close(), api.close()]);
      rmSync(outputDir, { recursive: true, force: true });
    },
  };
}

let ids = 0;

/** A tools/call message. */
export function callOf(name: string, input: Record<string, unknown> = {}, meta?: Record<string, unknown>) {
  const params = { name, arguments: input, ...(meta && { _meta: meta }) };
  return { jsonrpc: '2.0', id: ++ids, method: 'tools/call', params };
}

/** A message with this method. */
export function request(method: string, params: Record<string, unknown> = {}) {
  return { jsonrpc: '2.0', id: ++ids, method, params };
}

function messageIn(text: string): RpcAnswer {
  if (text.startsWith('{')) return JSON.parse(text);
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
  return events.at(-1) ?? {};
}
