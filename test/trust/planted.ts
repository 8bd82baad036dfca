import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { LogStream } from '../../src/logger.ts';
import { tools } from '../../src/tools/catalog.ts';
import type { Tool } from '../../src/tools/types.ts';
import { type Connected, connect } from '../harness.ts';
import { asSchema, exampleOf, type Input, replaceAt } from './examples.ts';

const RESULT = ['masked', 'file', 'result'] as const;

/** A secret that no shape tells, with characters that JSON and URLs write differently. */
export const planted = (path: string) => `Planted "${path}" \\ ä/?&=${path.length}-Zq7KxW3vT9`;

/** However JSON and URLs spell the rest of a planted secret, these parts of it stay as they are. */
export function expectNowhere(secrets: readonly string[], where: string): void {
  expect(secrets.every((secret) => secret.startsWith('Planted') && secret.includes('Zq7KxW'))).toBe(true);
  expect(where).not.toContain('Planted');
  expect(where).not.toContain('Zq7KxW');
}

export const steps = (path: string) =>
  path.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), '[]'] : step));

/** An answer with a secret at each of the tool's paths; lists have two items. */
export function answerOf(tool: Tool): { body: unknown; secrets: string[] } {
  const secrets: string[] = [];
  let body: unknown = { id: 'thing_1', state: 'ready', name: 'Thing' };
  for (const path of tool.secrets.out ?? []) {
    const items = path.startsWith('data[].') ? [0, 1] : [undefined];
    for (const item of items) {
      const secret = planted(`out ${path} ${item ?? ''}`);
      secrets.push(secret);
      if (item === undefined) body = replaceAt(body, steps(path), secret);
      else body = inData(body, item, steps(path).slice(2), secret);
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

/** One input for each secret argument, because some exclude each other. */
export function plantedInputs(tool: Tool): { input: Input; secret: string }[] {
  return (tool.secrets.in ?? []).map((path) => {
    const bearer = tool.kind === 'endpoint' && tool.auth === 'access_token';
    // A header takes nothing but ASCII without spaces.
    const secret = bearer ? planted(`in ${path}`).replace(/[^!-~]/g, '+') : planted(`in ${path}`);
    const [field = '', ...rest] = steps(path);
    const input = exampleOf(tool, [field]);
    const { success } = tool.input.safeParse(input);
    expect(success, `${tool.name} takes the example`).toBe(true);
    const custom = { type: 'custom', client_id: 'client_1', client_secret: 'first' };
    const whole = field === 'credentials' ? custom : input[field];
    return { input: { ...input, [field]: replaceAt(whole, rest, secret) }, secret };
  });
}

export const doorOf = ({ effect }: Tool) =>
  effect === 'read'
    ? 'call_read_tool'
    : effect === 'delete' || effect === 'overwrite'
      ? 'call_destructive_tool'
      : 'call_write_tool';

const all = [...tools.values()];
export const requests = (tool: Tool) => tool.kind !== 'endpoint' || !tool.redirect;
export const giving = all.filter((tool) => tool.secrets.out?.length);
export const hiding = giving.filter((tool) => tool.secrets.class !== 'deliver');
export const delivering = giving.filter((tool) => tool.secrets.class === 'deliver');
export const once = hiding.filter((tool) => tool.secrets.class === 'once');
export const taking = all.filter((tool) => tool.secrets.in?.length);
export const names = (some: readonly Tool[]) => some.map((tool) => [tool.name, tool] as const);

/** Everything in the output folder but the files named. */
export function otherFiles({ outputDir }: Connected, except: readonly string[]): string {
  const paths = readdirSync(outputDir, { recursive: true }).map((name) => join(outputDir, String(name)));
  return paths
    .filter((path) => !except.includes(path) && statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

export function filesIn(value: Input): string[] {
  const { path } = asSchema(value['secret_file']);
  return typeof path === 'string' ? [path] : [];
}

/** Servers whose operators allow this much, and what they have logged; all at trace, with every tool. */
export function watched(): {
  server: (most: (typeof RESULT)[number]) => Connected;
  log: LogStream;
  logged: () => string;
} {
  const lines: string[] = [];
  const log = { writableLength: 0, write: (line: unknown) => lines.push(String(line)) > 0 };
  const servers: Partial<Record<(typeof RESULT)[number], Connected>> = {};
  beforeAll(async () => {
    for (const most of RESULT) {
      const flags = ['--toolsets', 'all', '--confirm', 'never', '--secrets', most, '--log-level', 'trace'];
      servers[most] = await connect({ flags, runtime: { log } });
    }
  });
  afterAll(async () => {
    for (const one of Object.values(servers)) await one.close();
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
    server: (most) => servers[most] ?? expect.fail('not connected yet'),
    logged: () => {
      expect(lines.length).toBeGreaterThan(0);
      return lines.join('');
    },
  };
}
