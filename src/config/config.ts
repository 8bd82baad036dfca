import { isLoopbackUrl } from '../client/loopback.ts';
import { type Proxies, parseProxy } from '../client/proxy.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { redact } from '../text/redact.ts';
import { truncate } from '../text/truncate.ts';
import { type ApiKey, type Environment, findKey, keysIn } from './api-key.ts';
import { type Invocation, parseArgv } from './argv.ts';
import { type NamedEnvironment, readEnvironments } from './environments.ts';
import { HTTP_SETTINGS, type HttpSettings, httpProblems } from './http-settings.ts';
import type { Rights } from './rights.ts';
import { SETTINGS, type Setting, type Settings } from './settings.ts';
import { readStateKey, STATE_KEY_VARIABLES } from './state-settings.ts';

/**
 * The settings of one process, with its credentials and proxies. If there are several environments, the settings for one of
 * them: the first, or the one given to {@link inEnvironment}.
 */
export interface Config extends Omit<Settings, 'environments'> {
  key: ApiKey;
  clientId: string | undefined;
  /** The variable that holds or would hold the client id; undefined if none is named. */
  clientIdVariable: string | undefined;
  /** Undefined if the API is on this machine. */
  proxy: Proxies | undefined;
  /** Set for a caller on another machine: how its rights restrict the settings. */
  remote?: {
    readonly rights: Rights;
    /** The maximum size of a file that the caller can fetch, in bytes. */
    readonly maxFileBytes?: number;
  };
  /** The name of the environment; undefined if there is only one. */
  environment: string | undefined;
  /** All environments; empty if there is only one. */
  environments: readonly NamedEnvironment[];
}

/** The same settings for another environment. */
export function inEnvironment(config: Config, { name, ...own }: NamedEnvironment): Config {
  return { ...config, ...own, environment: name };
}

/** The name of a file that a call writes, prefixed with the environment of its content if there are several. */
export function fileNameIn({ environment }: Partial<Pick<Config, 'environment'>>, name: string): string {
  return environment === undefined ? name : `${environment}-${name}`;
}

/** The settings for each environment, in order. */
export function configsOf(config: Config): readonly Config[] {
  const { environments } = config;
  return environments.length > 0 ? environments.map((one) => inEnvironment(config, one)) : [config];
}

/** The settings for a caller on another machine. Rights never allow what the settings forbid. */
export function narrowed(config: Config, rights: Rights, maxFileBytes?: number): Config {
  const remote = { rights, ...(maxFileBytes !== undefined && { maxFileBytes }) };
  return { ...config, remote, secrets: rights.secrets ? config.secrets : 'masked', ask: 'code' };
}

/** The names that `--toolsets`, `--tools`, and `--exclude-tools` can choose. */
export interface CatalogNames {
  toolsets: ReadonlySet<string>;
  tools: ReadonlySet<string>;
}

/**
 * Reads flags and environment variables. A flag overrides its variable, which overrides the default. Each problem is one
 * sentence. If there is any, nothing may be served, because a silently ignored policy is a security hole.
 */
export function readConfig(
  argv: readonly string[],
  env: Environment,
  names: CatalogNames,
): { config: Config; invocation: Invocation; problems: readonly string[] } {
  const problems: string[] = [];
  const { invocation, flags } = parseArgv(argv, problems, names.tools);
  const understood = problems.length;
  const given: Given = {
    nameOf: ({ flag }) => `--${flag}`,
    texts: ({ flag }) => flags.get(flag) ?? [],
    needsSandbox: invocation.command !== 'sandbox',
    key: undefined,
    clientId: undefined,
  };
  if (invocation.command === 'http') for (const problem of readHttp(invocation, env).problems) problems.push(problem);
  const { config, lines } = configFrom(given, env, names, problems);
  // These commands use no settings, and must work with a wrong one so that people can read how to write it.
  const usesNone = ['help', 'version', 'completion'].includes(invocation.command);
  return { config, invocation, problems: usesNone ? lines.slice(0, understood) : lines };
}

/** Reads the settings of `http`. As with all settings, a flag overrides its variable. */
export function readHttp(
  { options }: Pick<Invocation, 'options'>,
  env: Environment,
): {
  settings: HttpSettings;
  authkitProxy: Proxies | undefined;
  stateKey: Buffer | undefined;
  problems: readonly string[];
} {
  const problems: string[] = [];
  const given: Naming = {
    nameOf: ({ flag }) => `--${flag}`,
    texts: ({ flag }) => (options[flag] === undefined ? [] : [options[flag]]),
  };
  const settings = readSettings<HttpSettings>(HTTP_SETTINGS, given, env, problems);
  const { authkitDomain: domain } = settings;
  const isFar = domain !== undefined && !isLoopbackUrl(domain);
  // Problems with the proxies are reported with the other settings.
  const authkitProxy = isFar ? readProxies(env, []) : undefined;
  const stateKey = tryTo(() => readStateKey(env), problems);
  if (stateKey && settings.state === undefined && problems.length === 0) {
    problems.push(`${STATE_KEY_VARIABLES[0]} needs --state: without it, nothing is kept in Redis`);
  }
  return { settings, authkitProxy, stateKey, problems: problems.length > 0 ? problems : httpProblems(settings) };
}

function tryTo<T>(action: () => T, problems: string[]): T | undefined {
  try {
    return action();
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** The names and given values of the settings of a table. */
interface Naming {
  /** The flag or option of a setting, for messages. */
  nameOf(setting: Setting<unknown>, name: string): string;
  /** The values given for a setting, as written in a flag. */
  texts(setting: Setting<unknown>, name: string): readonly string[];
}

/** Values that override the environment: from flags, or from the options of a program. */
export interface Given extends Naming {
  /** Whether `sandboxState` is useless without `sandbox`. False for the command that serves a sandbox. */
  needsSandbox: boolean;
  key: ApiKey | undefined;
  clientId: string | undefined;
}

/** Makes the configuration, and a line for each problem, starting with the known ones. */
export function configFrom(
  given: Given,
  env: Environment,
  names: CatalogNames,
  known: readonly string[],
): { config: Config; lines: readonly string[] } {
  const problems = [...known];
  const settings = readSettings<Settings>(SETTINGS, given, env, problems);
  const all = [...Object.values(SETTINGS), ...Object.values(HTTP_SETTINGS)];
  const variables: readonly string[] = [...all.map(({ variable }) => variable), ...STATE_KEY_VARIABLES];
  for (const variable of Object.keys(env)) {
    if (variable.startsWith('WORKOS_MCP_') && !variables.includes(variable)) {
      problems.push(`Unknown variable ${variable}${didYouMean(variable, variables)}`);
    }
  }
  if (settings.sandboxState !== undefined && !settings.sandbox && given.needsSandbox) {
    const [state, sandbox] = (['sandboxState', 'sandbox'] as const).map((name) => given.nameOf(SETTINGS[name], name));
    problems.push(`${state} needs ${sandbox}: without it, calls go to the API`);
  }
  const unknown = [
    ...unknownNames('toolset', settings.toolsets, [...names.toolsets, 'core', 'all']),
    ...unknownNames('tool', [...settings.tools, ...settings.excludeTools], [...names.tools]),
  ];
  const { environments: named, ...common } = settings;
  const [first, ...others] = readEnvironments(
    named,
    { ...settings, sandbox: settings.sandbox || !given.needsSandbox },
    env,
    problems,
  );
  if (first && (given.key ?? given.clientId) !== undefined) {
    const option = given.key === undefined ? 'clientId' : 'key';
    problems.push(
      `${option} is for a single environment, and ${given.nameOf(SETTINGS.environments, 'environments')} names variables`,
    );
  }
  const single = {
    ...common,
    key: given.key ?? findKey(env),
    clientId: given.clientId ?? filledIn(env['WORKOS_CLIENT_ID']),
    clientIdVariable: 'WORKOS_CLIENT_ID',
    proxy: settings.sandbox || isLoopbackUrl(settings.baseUrl) ? undefined : readProxies(env, problems),
    environment: undefined,
    environments: [],
  };
  const config = first ? withEnvironments(single, first, others) : single;
  const keys = [config, ...config.environments].flatMap(({ key }) => keysIn(key));
  return { config, lines: [...problems, ...unknown].map((problem) => toOneLine(problem, keys)) };
}

/** Adds the environments. A single environment is treated as one without a name. */
function withEnvironments(config: Config, first: NamedEnvironment, others: readonly NamedEnvironment[]): Config {
  if (others.length > 0) return inEnvironment({ ...config, environments: [first, ...others] }, first);
  return { ...inEnvironment(config, first), environment: undefined };
}

function readSettings<Values>(
  table: { readonly [Name in keyof Values]: Setting<Values[Name]> },
  given: Naming,
  env: Environment,
  problems: string[],
): Values {
  const values = Object.entries<Setting<unknown>>(table).map(([name, setting]) => {
    const value = tryTo(() => ({ is: readSetting(setting, name, given, present(env[setting.variable])) }), problems);
    return [name, value ? value.is : setting.default] as const;
  });
  // Each value comes from the setting of that name, by its own parser.
  return Object.fromEntries(values) as Values;
}

/** @throws {Error} that names the flag, option, or variable at fault and says what it must be. */
function readSetting(setting: Setting<unknown>, name: string, given: Naming, fallback: string | undefined): unknown {
  const texts = given.texts(setting, name);
  const own = given.nameOf(setting, name);
  if (texts.length > 1 && !setting.list) throw new Error(`${own} is given more than once`);
  const [source, text] = texts.length ? [own, texts.join(',')] : [setting.variable, fallback];
  if (text === undefined) return setting.default;
  try {
    if (/\$\{[^}]*\}/.test(text)) {
      throw new Error(
        setting.hidden
          ? 'contains a variable that the client did not expand'
          : `is ${text}, which the client did not expand`,
      );
    }
    return setting.parse(text);
  } catch (error) {
    throw new Error(`${source} ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unknownNames(kind: string, given: readonly string[], known: readonly string[]): string[] {
  return given
    .filter((name) => !known.includes(name))
    .map((name) => `Unknown ${kind} ${name}${didYouMean(name, known)}`);
}

/** A problem as one line of bounded length, without a key that may have been passed as a flag. */
function toOneLine(problem: string, keys: readonly string[]): string {
  // Redacting a short key could remove words of the sentence.
  const line = redact(
    problem,
    keys.filter((key) => key.length >= 8),
  ).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return truncate(line, 300);
}

/** Reads the proxy variables. An unusable proxy is a problem, because the operator does not want a direct connection. */
function readProxies(env: Environment, problems: string[]): Proxies {
  const proxyIn = (...variables: readonly string[]) => {
    const variable = variables.find((name) => env[name] !== undefined) ?? '';
    const text = present(env[variable]);
    try {
      return text && parseProxy(text);
    } catch (error) {
      problems.push(`${variable} ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  return {
    http: proxyIn('http_proxy', 'HTTP_PROXY'),
    https: proxyIn('https_proxy', 'HTTPS_PROXY'),
    no: present(env['no_proxy'] ?? env['NO_PROXY']),
  };
}

function present(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}

/** The value, or undefined if it is empty or a placeholder that the client did not expand. */
function filledIn(text: string | undefined): string | undefined {
  const value = present(text);
  return value?.includes('${') ? undefined : value;
}
