import { proxyFor } from '../client/proxy.ts';
import { type Environment, readKey } from '../config/api-key.ts';
import type { Config } from '../config/config.ts';
import type { ConnectionFacts, KeyFacts } from '../tools/define.ts';

/** Only a value that looks like a WorkOS key has its last characters told: any variable may be asked for. */
export function keyFacts(
  { config, env }: { config: Config; env: Environment },
  variable: string | undefined,
): KeyFacts {
  const own = variable === undefined || variable === config.key.variable;
  const key = own ? config.key : readKey(env, [variable]);
  const looksRight = key.kind !== 'unknown' || key.value?.startsWith('sk_');
  return {
    variable: key.variable,
    kind: key.kind,
    ending: looksRight ? endingOf(key.value) : '',
    problem: looksRight ? key.problem : `${key.variable} is set, but not to a WorkOS secret key (sk_…)`,
    inUse: own,
  };
}

function endingOf(key: string | undefined): string {
  return key !== undefined && key.length >= 16 ? key.slice(-4) : '';
}

/** What the diagnostic may know of the settings. */
export function factsOf({ key, baseUrl, sandbox, proxy }: Config): ConnectionFacts {
  const used = proxyFor(new URL(baseUrl), proxy);
  return {
    baseUrl,
    sandbox,
    keyVariable: key.variable,
    keyProblem: key.problem,
    keyKind: key.kind,
    keyEnding: endingOf(key.value),
    proxy: used && new URL(used).host,
  };
}
