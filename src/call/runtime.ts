import type { LookupFunction } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type ClientOptions, createClient, type WorkOSClient } from '../client/client.ts';
import { sleep } from '../client/retry.ts';
import { CurrentKey, keysIn } from '../config/api-key.ts';
import type { Config } from '../config/config.ts';
import { SETTINGS } from '../config/settings.ts';
import { ConfigError } from '../errors/errors.ts';
import { createLogger, type Logger, type LogStream } from '../logger.ts';
import { CodeFiles } from '../results/private-files.ts';
import { type CallResult, failed } from '../results/result.ts';
import type { Sandbox } from '../sandbox/server.ts';
import { tools } from '../tools/catalog.ts';
import type { Tool } from '../tools/types.ts';
import { ConfirmationCodes } from './confirmation/codes.ts';
import { DeletedObjects } from './deleted-objects.ts';

/** What lives as long as the process. */
export interface Runtime {
  config: Config;
  /** The key that {@link withCurrentKey} puts into the settings of each call. */
  key: CurrentKey;
  client: WorkOSClient;
  /** Every tool there is, by name. */
  tools: ReadonlyMap<string, Tool>;
  /** The names that tools/list shows. */
  exposed: ReadonlySet<string>;
  codes: ConfirmationCodes;
  deleted: DeletedObjects;
  logger: Logger;
  /** The environment, in which the diagnostic looks up key variables. */
  env: Readonly<Record<string, string | undefined>>;
  /** The working directory, and where state for later calls goes. */
  directories: { working: string; state: string };
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** DNS look-up of downloads; undefined for Node's own. */
  resolve: LookupFunction | undefined;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  config: Config;
  version: string;
  exposed: ReadonlySet<string>;
  env?: Runtime['env'];
  /** Keep confirmation codes in files, for commands of which every call is a process of its own. */
  codesInFiles?: boolean;
  /** Clock, sleep, RNG, connections and look-up are injectable for tests. */
  client?: Partial<ClientOptions>;
  now?: () => number;
  /** The working directory. */
  folder?: string;
  resolve?: LookupFunction;
  log?: LogStream;
}

/**
 * Creates everything that calls need: the client, the confirmation codes, the log, and the sandbox where it is asked for.
 * @throws {ConfigError} where the sandbox cannot start
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { version, exposed } = options;
  const sandbox = options.config.sandbox ? await startSandbox(options.config.sandboxState) : undefined;
  const config: Config = sandbox
    ? {
        ...options.config,
        baseUrl: sandbox.url,
        clientId: options.config.clientId ?? sandbox.clientId,
        key: { value: sandbox.key, variable: undefined, kind: 'test', problem: undefined },
      }
    : options.config;
  const key = new CurrentKey(config.key, sandbox ? {} : (options.env ?? {}));
  const logger = createLogger(config.logLevel, () => keysIn(key.last), options.log);
  const client = createClient({
    baseUrl: config.baseUrl,
    userAgent: `workos-mcp/${version} (node/${process.versions.node})`,
    timeoutMs: config.timeoutMs,
    maxRetries: config.maxRetries,
    proxy: config.proxy,
    observe: (attempt) => logger[attempt.waitMs === undefined ? 'debug' : 'info'](attempt, 'request'),
    ...options.client,
  });
  return {
    config,
    key,
    client,
    tools,
    exposed,
    codes: new ConfirmationCodes(options.codesInFiles ? new CodeFiles(config.outputDir) : undefined),
    deleted: new DeletedObjects(),
    logger,
    env: options.env ?? {},
    directories: { working: options.folder ?? process.cwd(), state: stateFolder(config.outputDir, options.env ?? {}) },
    now: options.now ?? Date.now,
    sleep: options.client?.sleep ?? sleep,
    resolve: options.resolve,
    async close() {
      await client.close();
      await sandbox?.close();
    },
  };
}

/** The same with the key as it is now, for one call. */
export function withCurrentKey(runtime: Runtime): Runtime {
  const key = runtime.key.read();
  return key === runtime.config.key ? runtime : { ...runtime, config: { ...runtime.config, key } };
}

/** Where files go that must outlive a reboot. The temp folder, where the output folder is by default, often does not. */
function stateFolder(outputDir: string, env: Runtime['env']): string {
  if (outputDir !== SETTINGS.outputDir.default) return outputDir;
  const given = env['XDG_STATE_HOME'];
  return join(given && isAbsolute(given) ? given : join(homedir(), '.local', 'state'), 'workos-mcp');
}

async function startSandbox(stateFile: string | undefined): Promise<Sandbox> {
  const sandbox = await import('../sandbox/server.ts');
  try {
    return await sandbox.startSandbox(stateFile === undefined ? {} : { stateFile });
  } catch (error) {
    if (!(error instanceof sandbox.SandboxStartError)) throw error;
    throw new ConfigError(
      error.message,
      'Nothing was sent. Correct this, or leave out --sandbox-state, and call again.',
    );
  }
}

/** What a client is told where the runtime cannot be created. @throws what is not a wrong setting */
export function startFailure(tool: string, error: unknown): CallResult {
  if (!(error instanceof ConfigError)) throw error;
  return failed({ kind: 'config', message: error.message, hint: error.hint, tool });
}
