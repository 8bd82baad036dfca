import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { read, root } from '../docs/pages.ts';
import { type Api, recordingApi } from '../harness.ts';
import { cleanEnvironment } from '../process.ts';

/** What the client reads from the manifest to start the server. */
const Manifest = z.object({
  manifest_version: z.literal('0.3'),
  version: z.string(),
  tools: z.array(z.object({ name: z.string(), description: z.string() })),
  server: z.object({
    type: z.literal('node'),
    entry_point: z.string(),
    mcp_config: z.object({
      command: z.literal('node'),
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
    }),
  }),
  user_config: z.record(
    z.string(),
    z.looseObject({ sensitive: z.boolean().optional(), default: z.unknown().optional() }),
  ),
});

let folder: string;
let files: string[];
let manifest: z.infer<typeof Manifest>;
let api: Api;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-bundle-'));
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/mcpb.mjs'], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  const bundle = /^(.+\.mcpb) \(\d+ KB, \d+ files\)$/m.exec(stdout)?.[1] ?? '';
  const unpacked = Object.entries(unzipSync(readFileSync(bundle)));
  for (const [path, bytes] of unpacked) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  files = unpacked.map(([path]) => path);
  manifest = Manifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  api = await recordingApi();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api.close();
});

/** Starts the server as the manifest says, with the options that a user chose, and lists its tools. */
async function installed(chosen: Record<string, string | boolean>, flags: readonly string[]) {
  const { args, env } = manifest.server.mcp_config;
  const values: Record<string, unknown> = { __dirname: folder };
  for (const [name, { default: initial }] of Object.entries(manifest.user_config)) {
    values[`user_config.${name}`] = chosen[name] ?? initial;
  }
  const filled = (text: string) => text.replace(/\$\{([\w.]+)\}/g, (_, name: string) => String(values[name]));
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [...args.map(filled), ...flags],
      env: cleanEnvironment(Object.fromEntries(Object.entries(env).map(([name, text]) => [name, filled(text)]))),
    }),
  );
  return { client, tools: (await client.listTools()).tools.map(({ name }) => name) };
}

describe('the extension for Claude Desktop', () => {
  it('holds the server, its licenses and nothing else', () => {
    expect(files.filter((path) => !/^dist\/chunks\/[\w-]+\.js$/.test(path)).sort()).toEqual([
      'LICENSE',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/index.js',
      'dist/tools.json',
      'manifest.json',
      'package.json',
    ]);
    expect(files).toContain(manifest.server.entry_point);
    expect(manifest.version).toBe(JSON.parse(read('package.json')).version);
  });

  it('makes the client keep the key as a secret', () => {
    expect(manifest.user_config['api_key']).toMatchObject({ sensitive: true, required: true });
    expect(manifest.user_config['read_only']).toMatchObject({ type: 'boolean', default: false });
  });

  it('starts as its manifest says, lists the tools that the manifest lists, and uses the key', async () => {
    const { client, tools } = await installed({ api_key: 'sk_test_desktop' }, ['--base-url', api.url]);
    expect(tools).toEqual(manifest.tools.map(({ name }) => name));
    expect(tools).toContain('create_organization');
    await client.callTool({ name: 'list_organizations', arguments: {} });
    expect(api.requests.at(-1)?.headers).toMatchObject({ authorization: 'Bearer sk_test_desktop' });
    await client.close();
  });

  it('lists no tool that writes if the user chose read-only', async () => {
    const { client, tools } = await installed({ api_key: 'sk_test_desktop', read_only: true }, ['--sandbox']);
    expect(tools).toContain('list_organizations');
    expect(tools).not.toContain('create_organization');
    const call = { name: 'call_write_tool', arguments: { tool: 'create_organization', arguments: { name: 'New' } } };
    expect((await client.callTool(call)).isError).toBe(true);
    await client.close();
  });
});
