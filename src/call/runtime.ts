import type { LookupFunction } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type ClientOptions, createClient, type WorkOSClient } from '../client/client.ts';
import { sleep } from '../client/retry.ts';
import { CurrentKey, KEY_FILE_VARIABLE, keysIn } from '../config/api-key.ts';
import { type Config, configsOf, inEnvironment } from '../config/config.ts';
import { withOthers } from '../config/environments.ts';
import { SETTINGS } from '../config/settings.ts';
import { ConfigError } from '../errors/errors.ts';
import { createLogger, type Logger, type LogStream, type ParentLogger } from '../logger.ts';
import { CodeFiles } from '../results/private-files.ts';
import { type CallResult, failed } from '../results/result.ts';
import type { Sandbox } from '../sandbox/server.ts';
import { tools } from '../tools/catalog.ts';
import type { Tool } from '../tools/types.ts';
import { type CodeStore, ConfirmationCodes } from './confirmation/codes.ts';
import { DeletedObjects } from './deleted-objects.ts';
import { openTrail, type Trail } from './trail.ts';

/** What each environment has separately: connections, rate limits, confirmation codes, deletions, and a logger. */
interface OwnParts {
  client: WorkOSClient;
  codes: ConfirmationCodes;
  deleted: DeletedObjects;
  logger: Logger;
}

/** What exists once per process, and the parts of one of its environments. */
export interface Runtime extends OwnParts {
  config: Config;
  /** By name, the default first. Empty if there is only one environment. */
  environments: ReadonlyMap<string, OwnParts>;
  /** The key that {@link withCurrentKey} reads for each call. */
  key: CurrentKey;
  /** All tools, by name. */
  tools: ReadonlyMap<string, Tool>;
  /** The names that tools/list shows. */
  exposed: ReadonlySet<string>;
  /** The audit log, if one is configured. */
  trail?: Trail | undefined;
  /** The environment variables, in which check_connector looks for keys. */
  env: Readonly<Record<string, string | undefined>>;
  /** The working directory, and the folder for state that later calls need. */
  directories: { working: string; state: string };
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** DNS look-up for downloads; undefined for Node's. */
  resolve: LookupFunction | undefined;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  config: Config;
  version: string;
  exposed: ReadonlySet<string>;
  env?: Runtime['env'];
  /** Where confirmation codes are kept: in memory by default, in files for commands that start a process for each call. */
  codes?: CodeStore | 'files';
  /** The clock, sleep, RNG, connections, and DNS look-up can be replaced in tests. */
  client?: Partial<ClientOptions>;
  now?: () => number;
  /** The working directory. */
  folder?: string;
  resolve?: LookupFunction;
  log?: LogStream;
}

/**
 * Creates everything that calls need: the client, the confirmation codes, the log, and the sandbox if the settings ask for it.
 * @throws {ConfigError} if the sandbox cannot start or the audit log cannot be written.
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { version, exposed } = options;
  // First, so that a failure leaves nothing running.
  const trail = options.config.auditLog === undefined ? undefined : openTrail(options.config.auditLog);
  const sandbox = options.config.sandbox ? await startSandbox(options.config) : undefined;
  const config = sandbox ? inSandbox(options.config, sandbox) : options.config;
  // Only a key from a file changes while the process runs.
  const key = new CurrentKey(config.key, config.key.variable === KEY_FILE_VARIABLE ? (options.env ?? {}) : {});
  const log = createLogger(config.logLevel, () => keysIn(key.last), options.log);
  const parts = configsOf(config).map((one) => ownParts(one, version, log, options));
  const [first] = parts;
  if (!first) throw new Error('there is no environment');
  return {
    ...first,
    config,
    environments: new Map(config.environments.flatMap(({ name }, at) => (parts[at] ? [[name, parts[at]]] : []))),
    key,
    tools,
    exposed,
    trail,
    env: options.env ?? {},
    directories: {
      working: options.folder ?? process.cwd(),
      state: stateFolder(config.outputDir, options.env ?? {}),
    },
    now: options.now ?? Date.now,
    sleep: options.client?.sleep ?? sleep,
    resolve: options.resolve,
    async close() {
      await Promise.all(parts.map(({ client }) => client.close()));
      await sandbox?.close();
    },
  };
}

function ownParts(config: Config, version: string, log: ParentLogger, options: RuntimeOptions): OwnParts {
  const { environment, outputDir } = config;
  const logger = environment === undefined ? log : log.child({ environment });
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
    client,
    codes: new ConfirmationCodes(options.codes === 'files' ? new CodeFiles(outputDir, environment) : options.codes),
    deleted: new DeletedObjects(),
    logger,
  };
}

const failedIn = new WeakMap<object, Runtime>();

/** Awaits a part of a call that runs in another environment, and attributes its error to that environment. */
export async function partIn<T>(runtime: Runtime, part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (error) {
    if (typeof error === 'object' && error !== null && !failedIn.has(error)) failedIn.set(error, runtime);
    throw error;
  }
}

/** The runtime of the environment where an error occurred: the call's own, unless {@link partIn} recorded another. */
export function runtimeOf(error: unknown, ofCall: Runtime): Runtime {
  return (typeof error === 'object' && error !== null && failedIn.get(error)) || ofCall;
}

/** The runtime of the environment with this name, or undefined if there is none. */
export function runtimeIn(runtime: Runtime, name: string): Runtime | undefined {
  const own = runtime.environments.get(name);
  const named = runtime.config.environments.find((one) => one.name === name);
  return own && named && { ...runtime, ...own, config: inEnvironment(runtime.config, named) };
}

/** The same runtime with the current key, for one call. */
export function withCurrentKey(runtime: Runtime): Runtime {
  const key = runtime.key.read();
  return key === runtime.config.key ? runtime : { ...runtime, config: { ...runtime.config, key } };
}

/** The folder for files that must survive a reboot. The default output folder is a temp folder, which often does not. */
function stateFolder(outputDir: string, env: Runtime['env']): string {
  if (outputDir !== SETTINGS.outputDir.default) return outputDir;
  const given = env['XDG_STATE_HOME'];
  return join(given && isAbsolute(given) ? given : join(homedir(), '.local', 'state'), 'workos-mcp');
}

async function startSandbox({ sandboxState, environments }: Config): Promise<Sandbox> {
  const sandbox = await import('../sandbox/server.ts');
  try {
    return await sandbox.startSandbox({
      environments: environments.map(({ name }) => name),
      ...(sandboxState !== undefined && { stateFile: sandboxState }),
    });
  } catch (error) {
    if (!(error instanceof sandbox.SandboxStartError)) throw error;
    throw new ConfigError(
      error.message,
      'Nothing was sent. Correct this, or leave out --sandbox-state, and call again.',
    );
  }
}

/** The settings with the address and keys of a sandbox. */
function inSandbox(config: Config, sandbox: Sandbox): Config {
  const keyOf = (value: string) => ({ value, variable: undefined, kind: 'test', problem: undefined }) as const;
  const keys = [...sandbox.environments.values()].map(({ key }) => key);
  const environments = config.environments.map((one) => {
    const own = sandbox.environments.get(one.name);
    return own ? { ...one, key: withOthers(keyOf(own.key), keys), clientId: own.clientId } : one;
  });
  const single = {
    ...config,
    baseUrl: sandbox.url,
    clientId: config.clientId ?? sandbox.clientId,
    key: keyOf(sandbox.key),
    environments,
  };
  const [first] = environments;
  return first ? inEnvironment(single, first) : single;
}

/** The result of a call whose runtime could not be created. @throws any error that is not a ConfigError. */
export function startFailure(tool: string, error: unknown): CallResult {
  if (!(error instanceof ConfigError)) throw error;
  return failed({ kind: 'config', message: error.message, hint: error.hint, tool });
}
