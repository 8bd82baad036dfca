#!/usr/bin/env node
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as modules from 'node:module';
import { stderr, stdin, stdout } from 'node:process';
import manifest from '../package.json' with { type: 'json' };
import { keysIn } from './config/api-key.ts';
import type { Invocation } from './config/argv.ts';
import { type Config, readConfig } from './config/config.ts';
import { exposedTools } from './mcp/exposure.ts';
import { instructions } from './mcp/instructions.ts';
import type { CallTool } from './mcp/server.ts';
import type { WrittenFile, WrittenFiles } from './mcp/written-files.ts';
import type { CatalogEntry } from './tools/catalog.ts';

// Caches compiled code for the next start. Node 20, whose types are used here, lacks this function.
(modules as { enableCompileCache?: () => unknown }).enableCompileCache?.();
await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const entries = builtEntries();
  const known = new Map(entries.map((entry) => [entry.definition.name, entry]));
  const names = { toolsets: new Set(entries.map(({ toolset }) => toolset)), tools: new Set(known.keys()) };
  const { config, invocation, problems } = readConfig(argv, process.env, names);
  const { command, words, help, version } = invocation;
  // A client hides why its server did not start, so with wrong settings the server starts anyway, but locked. Extra words mean
  // that a person typed the command in a shell.
  const serves = command === 'serve' && words.length === 0 && !help && !version;
  return serves ? serveStdio(config, problems, entries, known) : runCommand(config, invocation, problems, entries);
}

/** The catalog entries written by the build, so that startup converts no schema and loads no toolset. */
function builtEntries(): CatalogEntry[] {
  // scripts/build.mjs writes what catalogEntries() returns.
  return JSON.parse(readFileSync(new URL('./tools.json', import.meta.url), 'utf8')) as CatalogEntry[];
}

async function serveStdio(
  config: Config,
  problems: readonly string[],
  entries: readonly CatalogEntry[],
  known: ReadonlyMap<string, CatalogEntry>,
): Promise<void> {
  // A closed stderr is no reason to exit: the server works without a log.
  stderr.on('error', () => {});
  for (const problem of problems) stderr.write(`workos-mcp: ${problem}\n`);
  const [{ serve }, { StdioTransport }, { CallQueue, runningLimit }] = await Promise.all([
    import('./mcp/server.ts'),
    import('./mcp/stdio-transport.ts'),
    import('./mcp/call-queue.ts'),
  ]);
  const transport = new StdioTransport(stdin, stdout);
  const queue = new CallQueue(runningLimit(config.maxResultChars), () => transport.isBlocked);
  const contextQueue = new CallQueue(4, () => transport.isBlocked);
  transport.onwritten = () => {
    queue.wake();
    contextQueue.wake();
  };
  let close = async () => {};
  let currentKey = () => config.key;
  let files: WrittenFiles | undefined;
  const open = () => {
    const exposed = exposedTools(entries, config);
    return {
      exposed,
      instructions: instructions(entries, exposed, config),
      context: {
        capabilities: { prompts: {}, resources: { listChanged: true } },
        queue: contextQueue,
        load: async () => {
          const { contextRequests } = await import('./mcp/context-requests.ts');
          return contextRequests({ config, entries, exposed, key: () => currentKey(), files: () => files });
        },
      },
      load: async () => {
        const [{ createRuntime, startFailure }, { callTool }, { WrittenFiles }] = await Promise.all([
          import('./call/runtime.ts'),
          import('./call/pipeline.ts'),
          import('./mcp/written-files.ts'),
        ]);
        const written = new WrittenFiles();
        files = written;
        const names = new Set(exposed.map(({ definition }) => definition.name));
        let creating: ReturnType<typeof createRuntime> | undefined;
        return (async (name, input, caller) => {
          try {
            creating ??= createRuntime({ config, version: manifest.version, exposed: names, env: process.env });
            const runtime = await creating;
            close = runtime.close;
            currentKey = () => runtime.key.last;
            const own: WrittenFile[] = [];
            const wrote = (path: string) => {
              const file = written.add(path);
              if (file) own.push(file);
            };
            return written.link(await callTool(runtime, { ...caller, wrote }, name, input), own);
          } catch (error) {
            // The next call tries again, because the problem may be gone by then.
            creating = undefined;
            return startFailure(name, error);
          }
        }) satisfies CallTool;
      },
    };
  };
  const served = problems.length ? (await import('./mcp/locked.ts')).lockedServer(entries, problems) : open();
  const server = await serve(transport, { version: manifest.version, known, queue, ...served });
  let exiting = false;
  const exit = async () => {
    if (exiting) return;
    exiting = true;
    await server.shutDown();
    await close();
    await flushed();
    process.exit(problems.length ? 2 : 0);
  };
  // The SDK's own handler would forget the calls in flight, and their results would have nowhere to go.
  transport.onclose = () => void exit();
  process.on('uncaughtException', (error) => void logBug(config, error));
  process.on('unhandledRejection', (reason) => void logBug(config, reason));
  process.on('SIGINT', exit);
  process.on('SIGTERM', exit);
  process.on('SIGHUP', exit);
  if (stdin.isTTY)
    stderr.write('workos-mcp speaks MCP on stdin and stdout. Run workos-mcp --help for other commands.\n');
}

/**
 * Logs an error that escaped from a call. It ends neither the other calls nor the process. The message is left out,
 * because it may contain an argument of the call.
 */
async function logBug({ logLevel, key }: Config, error: unknown): Promise<void> {
  const { createLogger } = await import('./logger.ts');
  const { name, stack = '' } = error instanceof Error ? error : new Error();
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  createLogger(logLevel, () => keysIn(key)).error({ error: name, stack: frames.join('\n') }, 'bug outside of a call');
}

async function runCommand(
  config: Config,
  invocation: Invocation,
  problems: readonly string[],
  entries: readonly CatalogEntry[],
): Promise<void> {
  const [{ runCommandLine }, { terminalOf }] = await Promise.all([
    import('./cli/command-line.ts'),
    import('./cli/terminal.ts'),
  ]);
  const cancelled = new AbortController();
  const serves = invocation.command === 'http';
  const cancel = (signal: NodeJS.Signals) => {
    // On a second signal, do not wait for what is running. A team server ignores it, because it runs calls of other people.
    if (cancelled.signal.aborted && !serves) process.exit(130);
    cancelled.abort(signal);
  };
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  if (serves) {
    stderr.on('error', () => {});
    stdout.on('error', () => {});
    process.on('uncaughtException', (error) => void logBug(config, error));
    process.on('unhandledRejection', (reason) => void logBug(config, reason));
  } else stdout.on('error', () => process.exit(0));
  const code = await runCommandLine(invocation, problems, {
    config,
    version: manifest.version,
    entries,
    env: process.env,
    signal: cancelled.signal,
    streams: {
      out: (line) => void stdout.write(`${line}\n`),
      err: (line) => void stderr.write(`${line}\n`),
      status: (text) => void stderr.write(`\r\x1b[2K${text}`),
      drained: async () => {
        if (stdout.writableNeedDrain) await once(stdout, 'drain');
      },
      outTerminal: terminalOf(stdout, process.env),
      errTerminal: terminalOf(stderr, process.env),
    },
  });
  await flushed();
  process.exit(code);
}

/** Waits until stdout is flushed, for at most a second, because its reader may never read. */
async function flushed(): Promise<void> {
  if (stdout.writableLength === 0) return;
  await Promise.race([
    new Promise((resolve) => stdout.write('', resolve)),
    new Promise((resolve) => stdout.once('error', resolve)),
    new Promise((resolve) => setTimeout(resolve, 1_000)),
  ]);
}
