import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { isLoopback } from '../client/loopback.ts';
import type { Proxies } from '../client/proxy.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { redact } from '../text/redact.ts';
import { type Environment, type Key, readKey } from './api-key.ts';
import { type Invocation, parseArgv } from './argv.ts';
import { SETTINGS, type Settings } from './settings.ts';

/** The settings of one process, with its credentials and its proxies. */
export interface Config extends Settings {
  key: Key;
  clientId: string | undefined;
  proxy: Proxies | undefined;
}

/** The names that may be chosen by `--toolsets`, `--tools` and `--exclude-tools`. */
export interface Names {
  toolsets: ReadonlySet<string>;
  tools: ReadonlySet<string>;
}

/**
 * Reads flags and environment. Returns every problem as a sentence of its own; with a problem nothing may be served,
 * because a policy that is silently ignored is a hole.
 */
export function readConfig(
  argv: readonly string[],
  env: Environment,
  names: Names,
): { config: Config; invocation: Invocation; problems: readonly string[] } {
  const problems: string[] = [];
  const { invocation, flags } = parseArgv(argv, problems);
  const values = new Map<string, unknown>();
  for (const setting of SETTINGS) {
    const flag = flags.get(setting.flag);
    const source = flag === undefined ? setting.variable : `--${setting.flag}`;
    const text = flag ?? present(env[setting.variable]);
    if (text === undefined) continue;
    try {
      if (/\$\{[^}]*\}/.test(text)) throw new Error(`holds ${text}, which the client did not fill in`);
      values.set(setting.name, setting.parse(text));
    } catch (error) {
      problems.push(`${source} ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const known = new Set(SETTINGS.map((setting) => setting.variable));
  for (const variable of Object.keys(env)) {
    if (variable.startsWith('WORKOS_MCP_') && !known.has(variable)) {
      problems.push(`${variable} is no setting${didYouMean(variable, [...known])}`);
    }
  }
  // Each value was parsed by its own setting just above; the defaults fill what was not given.
  const config: Config = { ...defaults(env), ...(Object.fromEntries(values) as Partial<Config>) };
  if (config.sandbox || isLoopback(config.baseUrl)) config.proxy = undefined;
  for (const name of config.toolsets) {
    if (name !== 'core' && name !== 'all' && !names.toolsets.has(name)) {
      problems.push(`toolset ${name} is unknown${didYouMean(name, [...names.toolsets, 'core', 'all'])}`);
    }
  }
  for (const name of [...config.tools, ...config.excludeTools]) {
    if (!names.tools.has(name)) problems.push(`tool ${name} is unknown${didYouMean(name, [...names.tools])}`);
  }
  return { config, invocation, problems: problems.map(asLine) };
}

/** One line on a terminal, without a key that somebody passed as a flag. */
function asLine(problem: string): string {
  return redact(problem).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

function defaults(env: Environment): Config {
  return {
    key: readKey(env, ['WORKOS_TOKEN', 'WORKOS_API_KEY']),
    clientId: usable(env['WORKOS_CLIENT_ID']),
    baseUrl: 'https://api.workos.com',
    toolsets: ['core'],
    tools: [],
    excludeTools: [],
    readOnly: false,
    confirm: 'live',
    secrets: 'file',
    outputDir: join(tmpdir(), `workos-mcp-${userName()}`),
    maxResultChars: 40_000,
    timeoutMs: 30_000,
    maxRetries: 3,
    sandbox: false,
    logLevel: 'warn',
    proxy: {
      http: proxyUrl(env['http_proxy'] ?? env['HTTP_PROXY']),
      https: proxyUrl(env['https_proxy'] ?? env['HTTPS_PROXY']),
      no: present(env['no_proxy'] ?? env['NO_PROXY']),
    },
  };
}

function userName(): string {
  try {
    return String(process.getuid?.() ?? userInfo().username);
  } catch {
    return 'user';
  }
}

function present(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}

function usable(text: string | undefined): string | undefined {
  const value = present(text);
  return value?.includes('${') ? undefined : value;
}

/** Proxies are often written as host:port, which curl takes for http. */
function proxyUrl(text: string | undefined): string | undefined {
  const value = usable(text);
  if (!value) return undefined;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  return URL.canParse(url) ? url : undefined;
}
