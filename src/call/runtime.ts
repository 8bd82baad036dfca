import { type ClientOptions, createClient } from '../client/client.ts';
import { sleep } from '../client/retry.ts';
import type { Config } from '../config/config.ts';
import { isFault } from '../errors/errors.ts';
import { createLogger, type LogStream } from '../logger.ts';
import { CodeFiles } from '../results/private-files.ts';
import { type CallResult, failed, success } from '../results/result.ts';
import { redactDeep } from '../text/redact.ts';
import { tools } from '../tools/catalog.ts';
import { Confirmations } from './confirmation/codes.ts';
import { type Caller, callTool, explainFor, type Runtime, secretsOf } from './pipeline.ts';

/** Runs one call to its result; never throws for a failure of the call itself. */
export type Answer = (name: string, input: Record<string, unknown>, caller: Caller) => Promise<CallResult>;

export interface Answering {
  answer: Answer;
  close(): Promise<void>;
}

export interface AnsweringOptions {
  config: Config;
  version: string;
  exposed: ReadonlySet<string>;
  /** The environment, for the diagnostic. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Keep confirmation codes in files, for commands whose every call is a process of its own. */
  codesInFiles?: boolean;
  /** Replacements for tests: clock, waiting, chance, connections, name look-up. */
  client?: Partial<ClientOptions>;
  now?: () => number;
  resolve?: Runtime['resolve'];
  log?: LogStream;
}

/** Everything that calls need, made from the settings: the client, the sandbox where one is asked for, the log. */
export async function createAnswering(options: AnsweringOptions): Promise<Answering> {
  const { version, exposed } = options;
  const sandbox = options.config.sandbox ? await (await import('../sandbox/server.ts')).startSandbox() : undefined;
  const config: Config = sandbox
    ? {
        ...options.config,
        baseUrl: sandbox.url,
        clientId: options.config.clientId ?? sandbox.clientId,
        key: { value: sandbox.key, variable: undefined, kind: 'test', problem: undefined },
      }
    : options.config;
  const logger = createLogger(config.logLevel, config.key.value, options.log);
  const client = createClient({
    baseUrl: config.baseUrl,
    userAgent: `workos-mcp/${version} (node/${process.versions.node})`,
    timeoutMs: config.timeoutMs,
    maxRetries: config.maxRetries,
    proxy: config.proxy,
    observe: (attempt) => logger[attempt.waitMs === undefined ? 'debug' : 'info'](attempt, 'request'),
    ...options.client,
  });
  const runtime: Runtime = {
    config,
    client,
    tools,
    exposed,
    env: options.env ?? {},
    confirmations: new Confirmations(options.codesInFiles ? new CodeFiles(config.outputDir) : undefined),
    now: options.now ?? Date.now,
    sleep: options.client?.sleep ?? sleep,
    ...(options.resolve && { resolve: options.resolve }),
  };
  return {
    async answer(name, input, caller) {
      const started = runtime.now();
      const report = (outcome: string) => logger.debug({ tool: name, outcome, ms: runtime.now() - started }, 'call');
      // Undeclared names may be anything, so they stay out of the log.
      const { shape } = tools.get(name)?.input ?? { shape: {} };
      logger.trace({ tool: name, arguments: Object.keys(input).filter((one) => Object.hasOwn(shape, one)) }, 'called');
      try {
        const result = success(await callTool(runtime, caller, name, input), config.maxResultChars, config.key.value);
        report('ok');
        return result;
      } catch (error) {
        const hidden = secretsOf(runtime, name, input);
        const explanation = explainFor(runtime, name, error, hidden);
        report(explanation.kind);
        if (isFault(error)) {
          const stack = error instanceof Error ? error.stack : String(error);
          logger.error({ tool: name, stack: redactDeep(stack, hidden) }, 'fault');
        }
        return failed(explanation);
      }
    },
    async close() {
      await client.close();
      await sandbox?.close();
    },
  };
}
