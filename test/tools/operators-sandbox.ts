import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Connected, connect, rawServer } from '../harness.ts';
import { Rounds } from './rounds.ts';

/** The result of a diagnosis. */
export const Diagnosis = z.object({
  summary: z.string(),
  user: z.record(z.string(), z.string()).optional(),
  organization: z.record(z.string(), z.string()).optional(),
  findings: z.array(
    z.object({ check: z.string(), status: z.string(), detail: z.string(), fix: z.string().optional() }),
  ),
  next: z.object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()), why: z.string() }).optional(),
  not_visible: z.array(z.string()),
});

/** A sandbox with its own landscape, and a server for it whose requests are counted. They share a clock. */
export interface OperatorsSandbox {
  server: Connected;
  /** The credentials of the application that signs users in. */
  credentials: { client_id: string; client_secret: string };
  /** The requests of the server since the last call, as `GET /path?query`. */
  requests: string[];
  /** Counts the rounds of requests. Needs `latency`. */
  rounds: Rounds;
  /** Sends a request to the sandbox that is not counted. */
  ask(request: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  advance(ms: number): void;
  close(): Promise<void>;
}

export interface Options {
  /** YAML. The default is the sample data. */
  seed?: string;
  flags?: readonly string[];
  /** How long each response takes, in milliseconds. */
  latency?: number;
}

export async function operatorsSandbox({ seed, flags = [], latency = 0 }: Options): Promise<OperatorsSandbox> {
  let now = Date.parse('2026-11-02T09:00:00.000Z');
  const folder = mkdtempSync(join(tmpdir(), 'workos-mcp-operators-'));
  if (seed !== undefined) writeFileSync(join(folder, 'seed.yaml'), seed);
  const sandbox = await startSandbox({
    now: () => now,
    ...(seed !== undefined && { seed: join(folder, 'seed.yaml') }),
  });
  const requests: string[] = [];
  const rounds = new Rounds();
  const proxy = await forwarding(sandbox, requests, rounds, latency);
  const server = await connect({
    baseUrl: proxy.url,
    env: { WORKOS_TOKEN: sandbox.key, WORKOS_CLIENT_ID: sandbox.clientId },
    flags,
    runtime: { now: () => now },
  });
  return {
    server,
    credentials: { client_id: sandbox.clientId, client_secret: sandbox.key },
    requests,
    rounds,
    async ask(request, body) {
      const [method = 'GET', path = '/'] = request.split(' ');
      const response = await fetch(sandbox.url + path, {
        method,
        headers: { Authorization: `Bearer ${sandbox.key}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
    },
    advance(ms) {
      now += ms;
    },
    async close() {
      await server.close();
      await proxy.close();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Forwards requests to a sandbox, and records them. */
async function forwarding(sandbox: Sandbox, requests: string[], rounds: Rounds, latency: number) {
  return rawServer((request, response) => {
    const { method = 'GET', url = '/' } = request;
    requests.push(`${method} ${url}`);
    const answered = rounds.sent();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void (async () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const answer = await fetch(sandbox.url + url, {
          method,
          headers: { Authorization: request.headers.authorization ?? '' },
          ...(body !== '' && { body }),
        });
        const text = await answer.text();
        if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
        answered();
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(text);
      })();
    });
  });
}
