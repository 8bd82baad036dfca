// Runs one session against WorkOS's own emulator, an independent implementation of the API, and against the sandbox, and compares
// their responses. A difference without a reason in emulator-differences.json is a failure, as is a reason without a difference.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { confirmationSession, diagnosisSession, expect, session, wrongKeySession } from './emulator-session.mjs';
import { answerDifferences, recordingProxy } from './recording-proxy.mjs';

const PACKAGE = 'workos@0.14.0';
const SERVER = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const REASONS = JSON.parse(readFileSync(new URL('./emulator-differences.json', import.meta.url), 'utf8'));
const START_TIMEOUT_MS = 120_000;

const print = (line) => process.stdout.write(`${line}\n`);
let passed = 0;
let failed = 0;

/** Runs one step and prints its result. A failure does not stop the session. `run` may return a detail to print. */
async function step(name, run) {
  try {
    const detail = await run();
    passed++;
    print(`ok      ${name}${detail ? ` (${detail})` : ''}`);
  } catch (error) {
    failed++;
    print(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts a program in its own process group, because npx does not end its children, and waits until `url` answers. Returns a
 * function to stop it.
 */
async function startProgram(command, args, url) {
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let failure;
  const collect = (chunk) => {
    output = `${output}${chunk}`.slice(-2_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.on('error', (error) => {
    failure = error.message;
  });
  child.on('exit', (code, signal) => {
    failure ??= `it exited with ${signal ?? `code ${code}`}`;
  });
  const stop = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The process group has already ended.
    }
  };
  const stopAndExit = () => {
    stop();
    process.exit(1);
  };
  process.once('SIGINT', stopAndExit).once('SIGTERM', stopAndExit);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (failure === undefined && Date.now() < deadline) {
    if (await fetch(url).catch(() => undefined)) return stop;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  stop();
  throw new Error(
    `${command} did not start: ${failure ?? `no response within ${START_TIMEOUT_MS / 1000} s`}\n${output.trim()}`,
  );
}

/** Starts the built server as a child process and connects a client to it. */
async function startServer(url, outputDir, key, flags = []) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [SERVER, ...flags],
    env: { PATH: process.env.PATH ?? '', WORKOS_TOKEN: key, WORKOS_BASE_URL: url, WORKOS_MCP_OUTPUT_DIR: outputDir },
    stderr: 'inherit',
  });
  const client = new Client({ name: 'emulator-session', version: '1' }, { capabilities: {} });
  await client.connect(transport);
  const raw = async (tool, input = {}, options = {}) => {
    const result = await client.callTool({ name: tool, arguments: input }, undefined, options);
    return { isError: result.isError === true, value: JSON.parse(result.content[0].text) };
  };
  return {
    /** The result of a call that must succeed. */
    async call(tool, input, options) {
      const { isError, value } = await raw(tool, input, options);
      if (isError) throw new Error(`${tool} failed: ${JSON.stringify(value)}`);
      return value;
    },
    /** The error of a call that must fail. */
    async fail(tool, input) {
      const { isError, value } = await raw(tool, input);
      expect(isError, `${tool} to fail`, value);
      return value.error;
    },
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    close: () => client.close(),
  };
}

/** Creates a record through the API directly, without this server. */
async function createDirectly(url, key, path, body) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const created = await response.json();
  expect(response.ok, `a record in ${path}`, created);
  return created;
}

/**
 * Runs three sessions through a proxy that records the API's responses, and the session of the diagnoses without it. Returns the
 * recording.
 */
async function runSessions(name, url, key) {
  print(`\n${name}`);
  const proxy = await recordingProxy(url);
  const outputDir = await mkdtemp(join(tmpdir(), 'workos-mcp-emulator-'));
  const runs = [
    [session, key, []],
    [confirmationSession, key, ['--confirm', 'always']],
    [wrongKeySession, 'sk_test_stranger_wxyz', []],
  ];
  try {
    for (const [run, withKey, flags] of runs) {
      const server = await startServer(proxy.url, outputDir, withKey, flags);
      const create = (path, body) => createDirectly(proxy.url, key, path, body);
      await run({ ...server, create }, step).finally(server.close);
    }
    const direct = await startServer(url, outputDir, key);
    const create = (path, body) => createDirectly(url, key, path, body);
    await diagnosisSession({ ...direct, create }, step).finally(direct.close);
    return proxy.answers;
  } finally {
    await proxy.close();
    await rm(outputDir, { recursive: true, force: true });
  }
}

async function main() {
  if (!existsSync(SERVER)) throw new Error('dist/index.js is missing. Run npm run build first.');
  const started = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'workos-mcp-empty-'));
  const seed = join(folder, 'empty.json');
  await writeFile(seed, '{}');
  const [emulatorPort, sandboxPort] = [await freePort(), await freePort()];
  const [emulator, sandbox] = [emulatorPort, sandboxPort].map((port) => `http://127.0.0.1:${port}`);
  print(`Starting npx ${PACKAGE} emulate on port ${emulatorPort}. The first download may take a minute.`);
  const emulate = ['-y', PACKAGE, 'emulate', '--port', `${emulatorPort}`, '--json'];
  const serve = [SERVER, 'sandbox', '--port', `${sandboxPort}`, '--seed', seed];
  const stops = [];
  try {
    stops.push(await startProgram('npx', emulate, `${emulator}/health`));
    stops.push(await startProgram(process.execPath, serve, sandbox));
    const theirs = await runSessions('WorkOS emulator', emulator, 'sk_test_default');
    const ours = await runSessions('Sandbox', sandbox, 'sk_test_sandbox');
    print('\nDifferences');
    await step('Every difference between the two has a reason, and every reason a difference', async () => {
      const found = answerDifferences(theirs, ours);
      const unexplained = found.filter((difference) => !REASONS.some((one) => explains(one, difference)));
      const unused = REASONS.flatMap((one) =>
        one.requests
          .filter((request) => !found.some((other) => other.request === request && other.difference === one.difference))
          .map((request) => ({ request, difference: one.difference })),
      );
      for (const one of unexplained) print(`        ${JSON.stringify({ ...one, reason: '' })}`);
      expect(unexplained.length === 0, 'a reason for each', unexplained.length);
      expect(unused.length === 0, 'no other reasons', unused);
      return `${found.length} differences, ${REASONS.length} reasons`;
    });
  } finally {
    for (const stop of stops) stop();
    await rm(folder, { recursive: true, force: true });
  }
  print(`The two sessions took ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

function explains({ requests, difference }, found) {
  return requests.includes(found.request) && difference === found.difference;
}

try {
  await main();
} catch (error) {
  failed++;
  print(`FAILED  ${error instanceof Error ? error.message : String(error)}`);
}
print(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
