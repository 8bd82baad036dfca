import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { rawServer } from '../harness.ts';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment } from '../process.ts';

const USERS = 900;
const user = (at: number) => ({ id: `user_${at}`, name: `Name ${at} ${'x'.repeat(80)}` });
const CSV = `id,action\n${'1,user.signed_in\n'.repeat(4_000)}`;

let outputDir: string;
let api: Awaited<ReturnType<typeof rawServer>>;

beforeEach(async () => {
  outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-full-'));
  api = await rawServer((request, response) => {
    const url = new URL(request.url ?? '', api.url);
    if (url.pathname === '/e.csv') return response.end(CSV);
    response.setHeader('content-type', 'application/json');
    if (url.pathname.startsWith('/audit_logs/exports/')) {
      return response.end(JSON.stringify({ id: 'exp_1', state: 'ready', url: `${api.url}/e.csv` }));
    }
    const after = url.searchParams.get('after');
    const from = after === null ? 0 : Number(after.slice('user_'.length)) + 1;
    const data = Array.from({ length: Math.min(100, USERS - from) }, (_, at) => user(from + at));
    response.end(JSON.stringify({ data, list_metadata: { after: from + 100 < USERS ? `user_${from + 99}` : null } }));
  });
});
afterEach(async () => {
  await api.close();
  rmSync(outputDir, { recursive: true, force: true });
});

/** Runs one tool with files limited to this many KiB. Resolves to what it printed. */
async function callWithin(kib: number, tool: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const args = ['call', tool, JSON.stringify(input), '--base-url', api.url, '--output-dir', outputDir];
  const child = spawn('bash', ['-c', `ulimit -f ${kib}; exec "$@"`, 'bash', process.execPath, COMMAND, ...args], {
    env: cleanEnvironment({ WORKOS_TOKEN: 'sk_test_full' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
  await new Promise((resolve) => child.on('close', resolve));
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

const files = () => readdirSync(outputDir);
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe.skipIf(WINDOWS)('an export on a nearly full disk', () => {
  it.each([0, 1, 16, 66])('fails and leaves no file if it does not fit: %i KiB', async (kib) => {
    expect(CSV.length).toBeGreaterThan(66 * 1024);
    const { error } = await callWithin(kib, 'download_audit_export', { audit_log_export_id: 'exp_1' });
    expect(error).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^The file cannot be written: EFBIG/),
    });
    expect(files()).toEqual([]);
  });

  it('is complete to the byte if it fits', async () => {
    const { path, bytes } = await callWithin(67, 'download_audit_export', { audit_log_export_id: 'exp_1' });
    expect(bytes).toBe(CSV.length);
    expect(statSync(String(path)).size).toBe(CSV.length);
    expect(readFileSync(String(path), 'utf8')).toBe(CSV);
  });
});

describe.skipIf(WINDOWS)('a list whose file does not fit the disk', () => {
  it.each([80, 90, 101])(
    'stops with the complete lines so far and the cursor to continue from: %i KiB',
    async (kib) => {
      const value = await callWithin(kib, 'list_users', { all_pages: true, max_items: 5_000 });
      expect(value).toMatchObject({
        stopped: 'error',
        error: { kind: 'refused', message: expect.stringContaining('EFBIG') },
      });
      const items = Number(value['items']);
      expect(items).toBeGreaterThanOrEqual(100);
      expect(items).toBeLessThan(USERS);
      expect(items % 100).toBe(0);
      expect(lines(String(value['path']))).toEqual(Array.from({ length: items }, (_, at) => user(at)));
      expect(value['list_metadata']).toMatchObject({ after: `user_${items - 1}` });
    },
  );

  it.each([0, 30])('keeps what fits a result and leaves no file if none can be started: %i KiB', async (kib) => {
    const value = await callWithin(kib, 'list_users', { all_pages: true, max_items: 5_000 });
    expect(value).toMatchObject({ stopped: 'error', error: { message: expect.stringContaining('EFBIG') } });
    const items = Number(value['items']);
    expect(items).toBeGreaterThanOrEqual(100);
    expect(value['data']).toEqual(Array.from({ length: items }, (_, at) => user(at)));
    expect(value['list_metadata']).toMatchObject({ after: `user_${items - 1}` });
    expect(files()).toEqual([]);
  });
});
