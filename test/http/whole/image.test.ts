import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read, root } from '../../docs/pages.ts';
import { freePorts } from '../../free-ports.ts';
import { type HoldingApi, holdingApi } from '../../holding-api.ts';
import { WINDOWS } from '../../platform.ts';
import { type Issuer, startIssuer } from '../issuer.ts';
import { ALL, callOf, PUBLIC } from '../team.ts';

/** The user that the process runs as: an unprivileged one if the tests run as root, as in the image. */
const USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const WRITE = '/user_management/users/user_1';

const dockerfile = read('Dockerfile');
/** The last stage of the Dockerfile, which is what runs. */
const stage = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
/** The words of an instruction in exec form. */
const words = (instruction: RegExp): string[] =>
  JSON.parse(new RegExp(`${instruction.source} (\\[.*\\])$`, 'm').exec(stage)?.[1] ?? '[]');

let folder: string;
let app: string;
let port: number;
let env: Record<string, string>;
let issuer: Issuer;
let api: HoldingApi;
let child: ChildProcess;
let output = '';

/** Follows the Dockerfile in a folder, but with the installed packages of this checkout. */
function buildImage(): void {
  const context = join(folder, 'context');
  const ignored = read('.dockerignore').trim().split('\n');
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of String(files).trim().split('\n')) {
    if (ignored.some((name) => file === name || file.startsWith(`${name}/`))) continue;
    cpSync(join(root, file), join(context, file));
  }
  expect(dockerfile).toMatch(/^COPY \. \.\nRUN npm ci && npm run build$/m);
  symlinkSync(join(root, 'node_modules'), join(context, 'node_modules'));
  execFileSync('npm', ['run', 'build'], { cwd: context, stdio: 'pipe' });
  mkdirSync(app);
  for (const [, from = '', to = ''] of stage.matchAll(/^COPY --from=build (.*) (\S+)$/gm)) {
    const sources = from.split(' ').map((path) => path.replace('/build', context));
    for (const source of sources)
      cpSync(source, sources.length > 1 ? join(app, source.slice(context.length)) : join(app, to), { recursive: true });
  }
}

/** Every path below a folder, with its modification time. */
function contents(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${statSync(join(path, name)).mtimeMs}`);
}

/** Runs the health check as Docker does, and resolves to its exit code. */
async function health(): Promise<unknown> {
  const [command = '', ...args] = words(/^HEALTHCHECK .*\n +CMD/);
  const [code] = await once(spawn(command, args, { cwd: app, env, ...USER }), 'exit');
  return code;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workos-mcp-image-'));
  chmodSync(folder, 0o755);
  app = join(folder, 'app');
  buildImage();
  [port = 0] = await freePorts(1);
  issuer = await startIssuer(PUBLIC);
  api = await holdingApi();
  const writable = join(folder, 'tmp');
  const key = join(folder, 'workos_token');
  mkdirSync(writable);
  writeFileSync(key, 'sk_test_1234567890\n', { mode: 0o400 });
  if (USER.uid !== undefined) for (const path of [writable, key]) chownSync(path, USER.uid, USER.gid);
  execFileSync('chmod', ['-R', 'a-w,a+rX', app]);
  const service = parse(read('compose.yaml')).services['workos-mcp'];
  const ofImage = [...stage.matchAll(/\b(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]);
  env = {
    PATH: process.env['PATH'] ?? '',
    ...Object.fromEntries(ofImage),
    ...service.environment,
    // Only paths and addresses differ from the image.
    WORKOS_MCP_HTTP_PORT: String(port),
    WORKOS_MCP_HTTP_PUBLIC_URL: PUBLIC,
    WORKOS_MCP_HTTP_AUTHKIT_DOMAIN: issuer.url,
    WORKOS_MCP_HTTP_REQUIRE_ORGANIZATION: 'org_team',
    WORKOS_MCP_OUTPUT_DIR: join(writable, 'workos-mcp'),
    WORKOS_TOKEN_FILE: key,
    WORKOS_BASE_URL: api.url,
  };
}, 120_000);
afterAll(async () => {
  child?.kill('SIGKILL');
  await Promise.all([issuer?.close(), api?.close()]);
  execFileSync('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true });
});

it.skipIf(WINDOWS)('the image serves a team on a read-only file system and drains on SIGTERM', async () => {
  const before = contents(app);
  expect(before.some((name) => name.startsWith('node_modules'))).toBe(false);
  const [command = '', ...args] = [...words(/^ENTRYPOINT/), ...words(/^CMD/)];
  child = spawn(command, args, { cwd: app, env, ...USER, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const exited = once(child, 'exit');
  while (!output.includes('encryption')) await Promise.race([once(child.stdout ?? child, 'data'), exited]);
  expect(output).toContain(`WorkOS over MCP at ${PUBLIC}, listening on 0.0.0.0:${port}`);
  expect(await health()).toBe(0);

  // This user can write only to /tmp.
  const probe = `require('fs').writeFileSync('probe', '')`;
  expect(spawnSync(command, ['-e', probe], { cwd: app, env, ...USER }).status).toBe(1);

  const headers = { 'content-type': 'application/json', host: 'mcp.example.com' };
  const url = `http://127.0.0.1:${port}/mcp`;
  expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(401);
  const authorization = `Bearer ${await issuer.token({ permissions: ALL })}`;
  const body = JSON.stringify(
    callOf('call_destructive_tool', { tool: 'delete_user', arguments: { user_id: 'user_1' } }),
  );
  const answer = fetch(url, { method: 'POST', headers: { ...headers, authorization }, body });
  await api.arrival(WRITE);
  child.kill(/^STOPSIGNAL (\w+)$/m.exec(stage)?.[1] as NodeJS.Signals);
  while ((await health()) === 0) expect(child.exitCode).toBeNull();
  api.release(WRITE);
  expect(await (await answer).json()).toMatchObject({ result: { structuredContent: { id: WRITE } } });
  expect(await exited).toEqual([0, null]);

  const line = output.split('\n').find((one) => one.startsWith('{')) ?? '{}';
  expect(JSON.parse(line)).toMatchObject({ person: 'user_ada', tool: 'delete_user', outcome: 'done' });
  expect(output).not.toContain('sk_test_1234567890');
  expect(contents(app)).toEqual(before);
  expect(readdirSync(env['WORKOS_MCP_OUTPUT_DIR'] ?? '')).toEqual([]);
});
