import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMAND, cleanEnvironment } from '../../process.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A running process that a test started. */
export interface Running {
  child: ChildProcess;
  /** What it has written to stdout and stderr. */
  output(): string;
  /** Stops it, and resolves to its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a script or the command, and resolves when its output matches `ready`. */
export async function startProcess(
  args: readonly string[],
  ready: RegExp,
  env: Record<string, string> = {},
): Promise<Running> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: unknown) => {
      output += String(chunk);
      if (ready.test(output)) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void exited.then((code) => reject(new Error(`${args.join(' ')} exited with ${code}: ${output}`)));
  });
  return {
    child,
    output: () => output,
    stop(signal = 'SIGINT') {
      child.kill(signal);
      return exited;
    },
  };
}

/** Starts the AuthKit stand-in for these resources. */
export async function standIn(port: number, ...resources: readonly string[]): Promise<Running & { url: string }> {
  const flags = resources.flatMap((resource) => ['--resource', resource]);
  const args = ['scripts/authkit-stand-in.mjs', '--port', String(port), ...flags];
  return { ...(await startProcess(args, /stand-in at/)), url: `http://127.0.0.1:${port}` };
}

/** Starts the built command as a team server with a sandbox. */
export async function teamServer(port: number, ...flags: readonly string[]): Promise<Running & { url: string }> {
  const outputDir = mkdtempSync(join(tmpdir(), 'workos-mcp-whole-'));
  const args = [COMMAND, 'http', '--sandbox', '--port', String(port), '--output-dir', outputDir, ...flags];
  const running = await startProcess(args, /WorkOS over MCP at/);
  return {
    ...running,
    url: `http://127.0.0.1:${port}/mcp`,
    async stop(signal) {
      const code = await running.stop(signal);
      rmSync(outputDir, { recursive: true, force: true });
      return code;
    },
  };
}
