import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { isLoopbackUrl } from '../client/loopback.ts';
import { type EnvironmentSetting, parseEnvironments } from './environments.ts';

/** How a call may deliver secrets, from the most to the least restrictive. */
export const SECRET_OUTPUTS = ['masked', 'file', 'result'] as const;
export type SecretOutput = (typeof SECRET_OUTPUTS)[number];

/** The levels of pino. https://github.com/pinojs/pino/blob/main/docs/api.md#level-string */
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** One setting. Its flag, its environment variable, `--help`, and the table in README follow from it. */
export interface Setting<T> {
  flag: string;
  variable: string;
  /** How the value is written. A flag without this is on or off. */
  value?: string;
  meaning: string;
  default: T;
  /** The default in words, if its value is not clear enough. */
  defaultInWords?: string;
  /** Repeated flags are combined. */
  list?: true;
  /** The value may hold a secret by mistake, so messages never repeat it. */
  hidden?: true;
  /** @throws {Error} that says what the value must be: `must be true or false`. */
  parse(text: string): T;
}

/** All settings except the credentials, in the order of help. */
export const SETTINGS = {
  baseUrl: setting({
    flag: 'base-url',
    variable: 'WORKOS_BASE_URL',
    value: 'URL',
    meaning: 'API to call; plain http only on loopback',
    default: 'https://api.workos.com',
    parse: baseUrl,
  }),
  toolsets: setting<readonly string[]>({
    flag: 'toolsets',
    variable: 'WORKOS_MCP_TOOLSETS',
    value: 'a,b',
    meaning: 'toolsets to expose, by name, or `core` or `all`',
    default: ['core'],
    list: true,
    parse: list,
  }),
  tools: setting<readonly string[]>({
    flag: 'tools',
    variable: 'WORKOS_MCP_TOOLS',
    value: 'a,b',
    meaning: 'single tools to expose in addition',
    default: [],
    list: true,
    parse: list,
  }),
  excludeTools: setting<readonly string[]>({
    flag: 'exclude-tools',
    variable: 'WORKOS_MCP_EXCLUDE_TOOLS',
    value: 'a,b',
    meaning: 'tools that never run, however they are called',
    default: [],
    list: true,
    parse: list,
  }),
  readOnly: setting({
    flag: 'read-only',
    variable: 'WORKOS_MCP_READ_ONLY',
    meaning: 'only tools that read; overrides everything else',
    default: false,
    parse: onOff,
  }),
  confirm: setting({
    flag: 'confirm',
    variable: 'WORKOS_MCP_CONFIRM',
    value: 'always|live|never',
    meaning: 'when destructive calls need confirmation; every key but `sk_test_…` counts as live',
    ...oneOf(['always', 'live', 'never'], 'live'),
  }),
  ask: setting({
    flag: 'ask',
    variable: 'WORKOS_MCP_ASK',
    value: 'client|code',
    meaning:
      'how to get consent: `client` asks through the client if it can; `code` always returns a preview and a code (for headless clients, which cancel every question)',
    ...oneOf(['client', 'code'], 'client'),
  }),
  secrets: setting({
    flag: 'secrets',
    variable: 'WORKOS_MCP_SECRETS',
    value: 'masked|file|result',
    meaning: 'the most that a call may ask for with `secret_output`',
    ...oneOf(SECRET_OUTPUTS, 'file'),
  }),
  outputDir: setting({
    flag: 'output-dir',
    variable: 'WORKOS_MCP_OUTPUT_DIR',
    value: 'PATH',
    meaning: 'folder for exports, long lists and secrets (0700, files 0600)',
    default: join(tmpdir(), `workos-mcp-${userName()}`),
    defaultInWords: 'a private folder under the temp folder',
    parse: (text) => text,
  }),
  maxResultChars: setting({
    flag: 'max-result-chars',
    variable: 'WORKOS_MCP_MAX_RESULT_CHARS',
    value: 'N',
    meaning: 'maximum size of a result, in characters',
    default: 40_000,
    parse: wholeNumber(1_000, 10_000_000),
  }),
  timeoutMs: setting({
    flag: 'timeout-ms',
    variable: 'WORKOS_MCP_TIMEOUT_MS',
    value: 'N',
    meaning: 'time limit of one HTTP attempt, in milliseconds',
    default: 30_000,
    parse: wholeNumber(1, 600_000),
  }),
  maxRetries: setting({
    flag: 'max-retries',
    variable: 'WORKOS_MCP_MAX_RETRIES',
    value: 'N',
    meaning: 'further attempts after a transient failure',
    default: 3,
    parse: wholeNumber(0, 20),
  }),
  sandbox: setting({
    flag: 'sandbox',
    variable: 'WORKOS_MCP_SANDBOX',
    meaning: 'use an embedded sandbox with sample data instead of the API; needs no key',
    default: false,
    parse: onOff,
  }),
  sandboxState: setting<string | undefined>({
    flag: 'sandbox-state',
    variable: 'WORKOS_MCP_SANDBOX_STATE',
    value: 'FILE',
    meaning: 'keep the state of the sandbox in this file between runs',
    default: undefined,
    defaultInWords: '',
    parse: (text) => resolve(text),
  }),
  auditLog: setting<string | undefined>({
    flag: 'audit-log',
    variable: 'WORKOS_MCP_AUDIT_LOG',
    value: 'FILE|-',
    meaning: 'append a JSON line for each call that writes, is refused or asks for secrets; `-` is stderr',
    default: undefined,
    defaultInWords: '',
    parse: (text) => (text === '-' ? text : resolve(text)),
  }),
  environments: setting<readonly EnvironmentSetting[]>({
    flag: 'environments',
    variable: 'WORKOS_MCP_ENVIRONMENTS',
    value: 'name=KEY_VAR[/CLIENT_ID_VAR][:read-only][:confirm-always],…',
    meaning:
      'several environments in one server, with the names of the variables that hold their keys and client ids; the first is the default',
    default: [],
    defaultInWords: 'one environment',
    list: true,
    hidden: true,
    parse: parseEnvironments,
  }),
  logLevel: setting({
    flag: 'log-level',
    variable: 'WORKOS_MCP_LOG_LEVEL',
    value: LOG_LEVELS.join('|'),
    meaning: 'level of the JSON lines on stderr',
    ...oneOf(LOG_LEVELS, 'warn'),
  }),
};

/** The values of all settings; URLs without a trailing slash, times in milliseconds. */
export type Settings = { readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name]['default'] };

/** The default of a setting, as help shows it. */
export function shownDefault(one: Setting<unknown>): string {
  if (one.defaultInWords !== undefined) return one.defaultInWords;
  return typeof one.default === 'boolean' ? (one.default ? 'on' : 'off') : String(one.default);
}

/** Returns the setting unchanged, and infers the type of its value. */
export function setting<T>(one: Setting<T>): Setting<T> {
  return one;
}

/** Splits a comma-separated list. */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

function oneOf<const T extends string>(
  values: readonly T[],
  initial: NoInfer<T>,
): Pick<Setting<T>, 'default' | 'parse'> {
  return {
    default: initial,
    parse: (text) => {
      const value = values.find((one) => one === text);
      if (value === undefined) throw new Error(`must be one of ${values.join(', ')}`);
      return value;
    },
  };
}

/** Returns a parser for whole numbers from `min` to `max`. It throws an Error for any other text. */
export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new Error(`must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

function onOff(text: string): boolean {
  if (/^(true|1|on|yes)$/i.test(text)) return true;
  if (/^(false|0|off|no)$/i.test(text)) return false;
  throw new Error('must be true or false');
}

function baseUrl(text: string): string {
  if (!URL.canParse(text)) throw new Error('must be a URL such as https://api.workos.com');
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash) {
    throw new Error('must be scheme, host and path only, without credentials, ? or #');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackUrl(text))) {
    throw new Error('must be https; plain http is only for 127.0.0.1, [::1] and localhost');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function userName(): string {
  try {
    return String(process.getuid?.() ?? userInfo().username);
  } catch {
    return 'user';
  }
}
