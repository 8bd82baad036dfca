import type { LookupFunction } from 'node:net';
import { type ClientOptions, createClient, type WorkOSClient } from '../client/client.ts';
import { sleep } from '../client/retry.ts';
import { CurrentKey, keysIn } from '../config/api-key.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../errors/errors.ts';
import { createLogger, type Logger, type LogStream } from '../logger.ts';
import { CodeFiles } from '../results/private-files.ts';
import { type CallResult, failed } from '../results/result.ts';
import type { Sandbox } from '../sandbox/server.ts';
import { tools } from '../tools/catalog.ts';
import type { Tool } from '../tools/types.ts';
import { type CodeStore, ConfirmationCodes } from './confirmation/codes.ts';
import { DeletedObjects } from './deleted-objects.ts';
import { openTrail, type Trail } from './trail.ts';

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
  /** The audit log, where there is one. */
  trail?: Trail | undefined;
  logger: Logger;
  /** The environment, in which the diagnostic looks up key variables. */
  env: Readonly<Record<string, string | undefined>>;
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
  /** Where confirmation codes are kept: in memory by default; in files for commands of which every call is a process of its own. */
  codes?: CodeStore | 'files';
  /** Clock, sleep, RNG, connections and look-up are injectable for tests. */
  client?: Partial<ClientOptions>;
  now?: () => number;
  resolve?: LookupFunction;
  log?: LogStream;
}

/**
 * Creates everything that calls need: the client, the confirmation codes, the log, and the sandbox where it is asked for.
 * @throws {ConfigError} where the sandbox cannot start or the audit log cannot be written
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { version, exposed } = options;
  // Before anything is started that would have to be ended.
  const trail = options.config.auditLog === undefined ? undefined : openTrail(options.config.auditLog);
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
    codes: new ConfirmationCodes(options.codes === 'files' ? new CodeFiles(config.outputDir) : options.codes),
    deleted: new DeletedObjects(),
    trail,
    logger,
    env: options.env ?? {},
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
