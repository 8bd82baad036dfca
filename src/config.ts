import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { nearest } from './nearest.ts';

/** How much a call may show of a secret, from least to most. */
export const SECRET_OUTPUTS = ['masked', 'file', 'result'] as const;
export type SecretOutput = (typeof SECRET_OUTPUTS)[number];

/** The key and what may be said about it. */
export interface Key {
  value: string | undefined;
  /** The variable it came from, or the one that is wrong. */
  variable: string | undefined;
  /** `test` needs `sk_test_`; `live` has `sk_live_`; everything else is `unknown` and treated as live. */
  kind: 'test' | 'live' | 'unknown' | 'none';
  /** Why it cannot be used, without showing it. */
  problem: string | undefined;
}

/** The settings of one process, checked. */
export interface Config {
  key: Key;
  clientId: string | undefined;
  /** Without a trailing slash. */
  baseUrl: string;
  toolsets: readonly string[];
  tools: readonly string[];
  excludeTools: readonly string[];
  readOnly: boolean;
  confirm: 'always' | 'live' | 'never';
  secrets: SecretOutput;
  outputDir: string;
  maxResultChars: number;
  timeoutMs: number;
  maxRetries: number;
  sandbox: boolean;
  logLevel: (typeof LOG_LEVELS)[number];
  proxy: { http: string | undefined; https: string | undefined; no: string | undefined } | undefined;
}

export const COMMANDS = ['serve', 'check', 'call', 'tools', 'demo'] as const;
export type Command = (typeof COMMANDS)[number];

/** What the command line asks for. */
export interface Invocation {
  command: Command;
  /** Words after the command: TOOL and JSON of `call`. */
  words: readonly string[];
  /** Flags that belong to one command: `env-name`, `url`, `method`, `json`, `markdown`. */
  options: Readonly<Record<string, string>>;
  help: boolean;
  version: boolean;
}

/** The names that may be chosen by `--toolsets`, `--tools` and `--exclude-tools`. */
export interface Names {
  toolsets: ReadonlySet<string>;
  tools: ReadonlySet<string>;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** One setting, as `--help` and README show it. `parse` returns the value or throws a sentence about what it wants. */
interface Setting {
  name: keyof Config;
  flag: string;
  variable: string;
  shown: string;
  meaning: string;
  /** Values a person may choose from or how the value is written; boolean flags have none. */
  value?: string;
  parse(text: string): unknown;
}

const list = (text: string) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);

function oneOf(values: readonly string[]) {
  return (text: string) => {
    if (!values.includes(text)) throw new Error(`must be one of ${values.join(', ')}`);
    return text;
  };
}

function whole(least: number, most: number) {
  return (text: string) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new Error(`must be a whole number from ${least} to ${most}`);
    }
    return value;
  };
}

function onOff(text: string): boolean {
  if (/^(true|1|on|yes)$/i.test(text)) return true;
  if (/^(false|0|off|no)$/i.test(text)) return false;
  throw new Error('must be true or false');
}

/** All settings but the credentials, in the order in which people read about them. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'baseUrl',
    flag: 'base-url',
    variable: 'WORKOS_BASE_URL',
    value: 'URL',
    shown: 'https://api.workos.com',
    meaning: 'where the API is; plain http only on loopback',
    parse: baseUrl,
  },
  {
    name: 'toolsets',
    flag: 'toolsets',
    variable: 'WORKOS_MCP_TOOLSETS',
    value: 'a,b',
    shown: 'core',
    meaning: 'toolsets to expose: their names, `core` or `all`',
    parse: list,
  },
  {
    name: 'tools',
    flag: 'tools',
    variable: 'WORKOS_MCP_TOOLS',
    value: 'a,b',
    shown: '',
    meaning: 'single tools to expose in addition',
    parse: list,
  },
  {
    name: 'excludeTools',
    flag: 'exclude-tools',
    variable: 'WORKOS_MCP_EXCLUDE_TOOLS',
    value: 'a,b',
    shown: '',
    meaning: 'tools that are never run, however they are called',
    parse: list,
  },
  {
    name: 'readOnly',
    flag: 'read-only',
    variable: 'WORKOS_MCP_READ_ONLY',
    shown: 'off',
    meaning: 'only tools that read; beats everything else',
    parse: onOff,
  },
  {
    name: 'confirm',
    flag: 'confirm',
    variable: 'WORKOS_MCP_CONFIRM',
    value: 'always|live|never',
    shown: 'live',
    meaning: 'when destructive calls need a confirmation; every key but `sk_test_…` counts as live',
    parse: oneOf(['always', 'live', 'never']),
  },
  {
    name: 'secrets',
    flag: 'secrets',
    variable: 'WORKOS_MCP_SECRETS',
    value: 'masked|file|result',
    shown: 'file',
    meaning: 'the most that a call may ask for with `secret_output`',
    parse: oneOf(SECRET_OUTPUTS),
  },
  {
    name: 'outputDir',
    flag: 'output-dir',
    variable: 'WORKOS_MCP_OUTPUT_DIR',
    value: 'PATH',
    shown: 'a private folder under the temp folder',
    meaning: 'where exports, long lists and secrets are written (0700, files 0600)',
    parse: (text) => text,
  },
  {
    name: 'maxResultChars',
    flag: 'max-result-chars',
    variable: 'WORKOS_MCP_MAX_RESULT_CHARS',
    value: 'N',
    shown: '40000',
    meaning: 'size of one result in characters',
    parse: whole(1_000, 10_000_000),
  },
  {
    name: 'timeoutMs',
    flag: 'timeout-ms',
    variable: 'WORKOS_MCP_TIMEOUT_MS',
    value: 'N',
    shown: '30000',
    meaning: 'time for one HTTP attempt in milliseconds',
    parse: whole(1, 600_000),
  },
  {
    name: 'maxRetries',
    flag: 'max-retries',
    variable: 'WORKOS_MCP_MAX_RETRIES',
    value: 'N',
    shown: '3',
    meaning: 'further attempts after a failure that may pass',
    parse: whole(0, 20),
  },
  {
    name: 'sandbox',
    flag: 'sandbox',
    variable: 'WORKOS_MCP_SANDBOX',
    shown: 'off',
    meaning: 'serve an embedded WorkOS with invented data instead of the API; no key needed',
    parse: onOff,
  },
  {
    name: 'logLevel',
    flag: 'log-level',
    variable: 'WORKOS_MCP_LOG_LEVEL',
    value: LOG_LEVELS.join('|'),
    shown: 'warn',
    meaning: 'JSON lines on stderr',
    parse: oneOf(LOG_LEVELS),
  },
];

/** Flags that only one command takes; `true` where no value follows. */
const OPTIONS: Readonly<Record<Command, Readonly<Record<string, boolean>>>> = {
  serve: {},
  check: { 'env-name': false, url: false, method: false, json: true },
  call: {},
  tools: { json: true, markdown: true },
  demo: {},
};

type Environment = Readonly<Record<string, string | undefined>>;

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
  const { invocation, flags } = readArguments(argv, problems);
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
      problems.push(`${variable} is no setting${nearest(variable, [...known])}`);
    }
  }
  // Each value was parsed by its own setting just above; the defaults fill what was not given.
  const config: Config = { ...defaults(env), ...(Object.fromEntries(values) as Partial<Config>) };
  if (config.sandbox || isLoopback(config.baseUrl)) config.proxy = undefined;
  for (const name of config.toolsets) {
    if (name !== 'core' && name !== 'all' && !names.toolsets.has(name)) {
      problems.push(`toolset ${name} is unknown${nearest(name, [...names.toolsets, 'core', 'all'])}`);
    }
  }
  for (const name of [...config.tools, ...config.excludeTools]) {
    if (!names.tools.has(name)) problems.push(`tool ${name} is unknown${nearest(name, [...names.tools])}`);
  }
  return { config, invocation, problems };
}

/** True for an address on this machine, where plain http and an unproxied connection are fine. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname;
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Reads one key variable the way the server does; the diagnostic uses it for a variable of another name. */
export function readKey(env: Environment, variables: readonly string[]): Key {
  let problem: { variable: string; text: string } | undefined;
  for (const variable of variables) {
    const raw = env[variable]?.trim();
    if (!raw) continue;
    if (/^\$\{?[\w:]*\}?$/.test(raw) || raw.includes('${')) {
      problem ??= { variable, text: `${variable} holds ${raw.slice(0, 40)}, which the client did not fill in` };
      continue;
    }
    if (!/^[\x21-\x7e]+$/.test(raw)) {
      return {
        value: undefined,
        variable,
        kind: 'none',
        problem: `${variable} holds spaces or characters that no key has`,
      };
    }
    const kind = raw.startsWith('sk_test_') ? 'test' : raw.startsWith('sk_live_') ? 'live' : 'unknown';
    return { value: raw, variable, kind, problem: undefined };
  }
  return {
    value: undefined,
    variable: problem?.variable,
    kind: 'none',
    problem: problem?.text ?? `${variables.join(' and ')} ${variables.length > 1 ? 'are' : 'is'} not set`,
  };
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

function baseUrl(text: string): string {
  if (!URL.canParse(text)) throw new Error('must be a URL such as https://api.workos.com');
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash) {
    throw new Error('must be scheme, host and path only, without credentials, ? or #');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(text))) {
    throw new Error('must be https; plain http is only for 127.0.0.1, [::1] and localhost');
  }
  return url.href.replace(/\/+$/, '');
}

function readArguments(
  argv: readonly string[],
  problems: string[],
): { invocation: Invocation; flags: ReadonlyMap<string, string> } {
  const flags = new Map<string, string>();
  const options: Record<string, string> = {};
  const words: string[] = [];
  let help = false;
  let version = false;
  const first = argv.find((word) => !word.startsWith('-'));
  const command = commandOf(argv, first);
  const own = OPTIONS[command];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '-h' || word === '--help') help = true;
    else if (word === '-v' || word === '--version') version = true;
    else if (!word.startsWith('--')) words.push(word);
    else {
      const [flag = '', inline] = splitOnce(word.slice(2), '=');
      const setting = SETTINGS.find((one) => one.flag === flag);
      const bare = setting ? setting.value === undefined : own[flag];
      if (bare === undefined) {
        problems.push(
          `--${flag} is no flag${nearest(flag, [...SETTINGS.map((one) => one.flag), ...Object.keys(own)], '--')}`,
        );
        continue;
      }
      const next = argv[at + 1];
      const value = inline ?? (bare ? 'true' : next);
      if (inline === undefined && !bare) at++;
      if (value === undefined || (inline === undefined && !bare && value.startsWith('--'))) {
        problems.push(`--${flag} needs a value`);
        if (value !== undefined) at--;
        continue;
      }
      if (setting) flags.set(flag, value);
      else options[flag] = value;
    }
  }
  const rest = command === 'serve' ? words : words.slice(1);
  const most = command === 'call' ? 2 : 0;
  if (command === 'call' && rest.length === 0 && !help)
    problems.push("call needs a tool: workos-mcp call TOOL ['JSON']");
  if (rest.length > most) {
    problems.push(
      command === 'serve'
        ? `${rest[0]} is no command${nearest(rest[0] ?? '', [...COMMANDS])}`
        : `${command} takes no "${rest[most]}"`,
    );
  }
  return { invocation: { command, words: rest, options, help, version }, flags };
}

function commandOf(argv: readonly string[], first: string | undefined): Command {
  // The first bare word may be the value of a flag before it: `--toolsets all check`.
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const setting = word.startsWith('--') ? SETTINGS.find((one) => one.flag === word.slice(2)) : undefined;
    if (setting?.value !== undefined) at++;
    else if (!word.startsWith('-')) words.push(word);
  }
  const found = COMMANDS.find((one) => one === (words[0] ?? first));
  return found ?? 'serve';
}

function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
