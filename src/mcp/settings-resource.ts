import { keyInfo } from '../call/connection-info.ts';
import { changesNothing, needsConfirmation } from '../call/policy.ts';
import type { ApiKey } from '../config/api-key.ts';
import { type Config, configsOf } from '../config/config.ts';
import type { CatalogEntry } from '../tools/catalog.ts';
import { allowedTools } from './exposure.ts';

/** Tells an agent what this server may do: the settings in force and their consequences. Contains no secret. */
export function settingsSummary(
  started: Config,
  key: ApiKey,
  entries: readonly CatalogEntry[],
  exposed: readonly CatalogEntry[],
): Record<string, unknown> {
  const config = { ...started, key };
  const allowed = allowedTools(entries, config);
  return {
    api: config.sandbox ? 'an embedded sandbox with sample data' : config.baseUrl,
    ...ownSettings(config),
    tools: {
      toolsets: config.toolsets,
      in_addition: config.tools,
      excluded: config.excludeTools,
      listed: exposed.length,
      allowed: allowed.length,
      total: entries.length,
    },
    ...(config.environments.length === 0 && { destructive_calls: destructiveCalls(config) }),
    secrets: { most_that_secret_output_may_show: config.secrets },
    ...(config.remote ? { your_rights: config.remote.rights } : { output_folder: config.outputDir }),
    max_result_chars: config.maxResultChars,
    timeout_ms: config.timeoutMs,
    max_retries: config.maxRetries,
  };
}

/** The settings that belong to each environment. */
function ownSettings(config: Config): Record<string, unknown> {
  const own = (one: Config) => ({
    key: one.sandbox ? 'none needed' : shownKey(one),
    read_only: one.readOnly,
  });
  if (config.environments.length === 0) return own(config);
  const environments = configsOf(config).map((one) => ({
    name: one.environment,
    ...own(one),
    destructive_calls: destructiveCalls(one),
  }));
  return { environments, default_environment: config.environments[0]?.name };
}

function destructiveCalls(config: Config): Record<string, unknown> {
  return { confirm: config.confirm, ask: config.ask, now: destructive(config) };
}

function shownKey(config: Config): Record<string, unknown> {
  const { kind, variable, ending, problem } = keyInfo(config, {}, undefined);
  return {
    kind,
    ...(kind === 'unknown' && { treated_as: 'live' }),
    ...(variable !== undefined && { from: variable }),
    ...(ending !== '' && { last_four: ending }),
    ...(problem !== undefined && { problem }),
  };
}

function destructive(config: Config): string {
  if (changesNothing(config)) return 'forbidden, like all changes';
  const key = config.sandbox ? { ...config.key, kind: 'test' as const } : config.key;
  if (!needsConfirmation({ confirm: config.confirm, key })) return 'run at once';
  return config.ask === 'code'
    ? 'return a preview and a confirmation code'
    : 'ask the user, or return a preview and a confirmation code if the client cannot ask';
}
