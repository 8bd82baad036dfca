import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { LogStream } from '../../src/logger.ts';
import { tools } from '../../src/tools/catalog.ts';
import type { Tool } from '../../src/tools/types.ts';
import { type Connected, connect } from '../harness.ts';
import { asSchema, exampleOf, type Input, replaceAt } from './examples.ts';

const SETTINGS = ['masked', 'file', 'result'] as const;

/** A secret that no pattern recognizes, with characters that JSON and URLs escape differently. */
export const fakeSecret = (path: string) => `Planted "${path}" \\ ä/?&=${path.length}-Zq7KxW3vT9`;

/** Checks for the parts of a fake secret that neither JSON nor URLs escape. */
export function expectNoSecrets(secrets: readonly string[], text: string): void {
  expect(secrets.every((secret) => secret.startsWith('Planted') && secret.includes('Zq7KxW'))).toBe(true);
  expect(text).not.toContain('Planted');
  expect(text).not.toContain('Zq7KxW');
}

export const pathSteps = (path: string) =>
  path.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), '[]'] : step));

/** A response body with a secret at each of the tool's secret paths; lists have two items. */
export function responseWithSecrets(tool: Tool): { body: unknown; secrets: string[] } {
  const secrets: string[] = [];
  let body: unknown = { id: 'thing_1', state: 'ready', name: 'Thing' };
  for (const path of tool.secrets.out ?? []) {
    const items = path.startsWith('data[].') ? [0, 1] : [undefined];
    for (const item of items) {
      const secret = fakeSecret(`out ${path} ${item ?? ''}`);
      secrets.push(secret);
      if (item === undefined) body = replaceAt(body, pathSteps(path), secret);
      else body = inData(body, item, pathSteps(path).slice(2), secret);
    }
  }
  return { body, secrets };
}

function inData(body: unknown, at: number, path: readonly string[], secret: string): Input {
  const { data } = asSchema(body);
  const items = Array.isArray(data) ? [...data] : [];
  items[at] = replaceAt(items[at] ?? { id: `item_${at}` }, path, secret);
  return { object: 'list', data: items, list_metadata: { before: null, after: null } };
}

/** One input per secret argument, because some exclude each other. */
export function inputsWithSecrets(tool: Tool): { input: Input; secret: string }[] {
  return (tool.secrets.in ?? []).map((path) => {
    const bearer = tool.kind === 'endpoint' && tool.auth === 'access_token';
    // A header takes only ASCII without spaces.
    const secret = bearer ? fakeSecret(`in ${path}`).replace(/[^!-~]/g, '+') : fakeSecret(`in ${path}`);
    const [field = '', ...rest] = pathSteps(path);
    const input = exampleOf(tool, [field]);
    const { success } = tool.input.safeParse(input);
    expect(success, `${tool.name} accepts the example`).toBe(true);
    const custom = { type: 'custom', client_id: 'client_1', client_secret: 'first' };
    const value = field === 'credentials' ? custom : input[field];
    const ofList = rest.at(-1) === '[]';
    const changed = ofList ? replaceAt(value, rest.slice(0, -1), [secret]) : replaceAt(value, rest, secret);
    return { input: { ...input, [field]: changed }, secret };
  });
}

export const dispatcherOf = ({ effect }: Tool) =>
  effect === 'read'
    ? 'call_read_tool'
    : effect === 'delete' || effect === 'overwrite'
      ? 'call_destructive_tool'
      : 'call_write_tool';

const all = [...tools.values()];
/** False for a tool that only builds a URL. */
export const sendsRequest = (tool: Tool) => tool.kind !== 'endpoint' || !tool.redirect;
export const withSecretOutput = all.filter((tool) => tool.secrets.out?.length);
export const withHiddenOutput = withSecretOutput.filter((tool) => tool.secrets.class !== 'deliver');
export const withDeliveredOutput = withSecretOutput.filter((tool) => tool.secrets.class === 'deliver');
export const withOneTimeSecret = withHiddenOutput.filter((tool) => tool.secrets.class === 'once');
export const withSecretInput = all.filter((tool) => tool.secrets.in?.length);
export const byName = (selected: readonly Tool[]) => selected.map((tool) => [tool.name, tool] as const);

/** The text of all files in the output folder except the given ones. */
export function otherFiles({ outputDir }: Connected, except: readonly string[]): string {
  const paths = readdirSync(outputDir, { recursive: true }).map((name) => join(outputDir, String(name)));
  return paths
    .filter((path) => !except.includes(path) && statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

export function secretFilesIn(value: Input): string[] {
  const { path } = asSchema(value['secret_file']);
  return typeof path === 'string' ? [path] : [];
}

/** One server per `--secrets` setting, with every tool, and what they logged at level trace. */
export function startServers(): {
  server: (allowed: (typeof SETTINGS)[number]) => Connected;
  log: LogStream;
  logged: () => string;
} {
  const lines: string[] = [];
  const log = { writableLength: 0, write: (line: unknown) => lines.push(String(line)) > 0 };
  const servers: Partial<Record<(typeof SETTINGS)[number], Connected>> = {};
  beforeAll(async () => {
    for (const allowed of SETTINGS) {
      const flags = ['--toolsets', 'all', '--confirm', 'never', '--secrets', allowed, '--log-level', 'trace'];
      servers[allowed] = await connect({ flags, runtime: { log } });
    }
  });
  afterAll(async () => {
    for (const server of Object.values(servers)) await server.close();
  });
  beforeEach(() => {
    lines.length = 0;
    for (const { api, outputDir } of Object.values(servers)) {
      api.requests.length = 0;
      for (const name of readdirSync(outputDir)) rmSync(join(outputDir, name));
    }
  });
  return {
    log,
    server: (allowed) => servers[allowed] ?? expect.fail('not connected yet'),
    logged: () => {
      expect(lines.length).toBeGreaterThan(0);
      return lines.join('');
    },
  };
}
