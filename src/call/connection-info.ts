import { proxyFor } from '../client/proxy.ts';
import { type Environment, KEY_VARIABLES, readKey } from '../config/api-key.ts';
import type { Config } from '../config/config.ts';
import type { ConnectionInfo, KeyInfo } from '../tools/finding.ts';

/** What check_connector may know about the settings. */
export function connectionInfo({ environment, key, baseUrl, sandbox, proxy }: Config): ConnectionInfo {
  const used = proxyFor(new URL(baseUrl), proxy);
  return {
    environment,
    baseUrl,
    sandbox,
    keyVariable: key.variable,
    keyProblem: key.problem,
    keyKind: key.kind,
    keyEnding: endingOf(key.value),
    proxy: used && new URL(used).host,
  };
}

/**
 * What may be shown of a key variable, or of the key in use if none is named. A caller can name any variable, so only a value
 * that looks like a WorkOS key shows its last characters.
 */
export function keyInfo(config: Config, env: Environment, variable: string | undefined): KeyInfo {
  const inUse = variable === undefined || variable === config.key.variable;
  const key = inUse ? config.key : readKey(env, [variable]);
  const looksLikeKey = key.kind !== 'unknown' || key.value?.startsWith('sk_');
  return {
    asked: variable,
    variable: key.variable,
    kind: key.kind,
    ending: looksLikeKey ? endingOf(key.value) : '',
    problem: looksLikeKey ? key.problem : `${key.variable} is set, but not to a WorkOS secret key (sk_…)`,
    unexpanded: key.unexpanded ?? false,
    warning: key.warning,
    inUse,
  };
}

/** What may be shown of the variables that could hold the key, are set, and are not in use. */
export function otherKeys(config: Config, env: Environment): KeyInfo[] {
  // With several environments, --environments names the variables, so no others count.
  if (config.environment !== undefined) return [];
  return KEY_VARIABLES.filter((variable) => variable !== config.key.variable)
    .map((variable) => keyInfo(config, env, variable))
    .filter(({ variable }) => variable !== undefined);
}

function endingOf(key: string | undefined): string {
  return key !== undefined && key.length >= 16 ? key.slice(-4) : '';
}
