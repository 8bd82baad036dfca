import { isLoopback } from '../client/loopback.ts';

/** How much a call may show of a secret, from least to most. */
export const SECRET_OUTPUTS = ['masked', 'file', 'result'] as const;
export type SecretOutput = (typeof SECRET_OUTPUTS)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What the settings below say, checked. */
export interface Settings {
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
}

/** One setting, as `--help` and README show it. `parse` returns the value or throws a sentence about what it wants. */
interface Setting {
  name: keyof Settings;
  flag: string;
  variable: string;
  shown: string;
  meaning: string;
  /** Values a person may choose from or how the value is written; boolean flags have none. */
  value?: string;
  parse(text: string): unknown;
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

function list(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

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

function baseUrl(text: string): string {
  if (!URL.canParse(text)) throw new Error('must be a URL such as https://api.workos.com');
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash) {
    throw new Error('must be scheme, host and path only, without credentials, ? or #');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(text))) {
    throw new Error('must be https; plain http is only for 127.0.0.1, [::1] and localhost');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
