import { ConfirmationCodes } from '../../src/call/confirmation/codes.ts';
import { DeletedObjects } from '../../src/call/deleted-objects.ts';
import type { Runtime } from '../../src/call/runtime.ts';
import { createClient } from '../../src/client/client.ts';
import { CurrentKey } from '../../src/config/api-key.ts';
import type { Config } from '../../src/config/config.ts';
import { createLogger } from '../../src/logger.ts';
import { tools } from '../../src/tools/catalog.ts';
import type { Tool } from '../../src/tools/types.ts';

/** A runtime with tools that do what no tool may do. The tool `rogue` is listed. */
export function rogueRuntime(config: Config, rogues: readonly Tool[]): Runtime {
  return {
    config,
    key: new CurrentKey(config.key, {}),
    client: createClient({ baseUrl: config.baseUrl, userAgent: 'test', timeoutMs: 1_000, maxRetries: 0 }),
    tools: new Map([...tools, ...rogues.map((tool) => [tool.name, tool] as const)]),
    exposed: new Set(['rogue']),
    environments: new Map(),
    codes: new ConfirmationCodes(),
    deleted: new DeletedObjects(),
    logger: createLogger('silent', () => undefined),
    now: Date.now,
    sleep: async () => {},
    env: {},
    directories: { working: process.cwd(), state: config.outputDir },
    resolve: undefined,
    close: async () => {},
  };
}
