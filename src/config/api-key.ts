import { readFileSync, statSync } from 'node:fs';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { redact } from '../text/redact.ts';

/** `test` starts with `sk_test_`, `live` with `sk_live_`; everything else is `unknown` and treated as live. */
export type KeyKind = 'test' | 'live' | 'unknown' | 'none';

/** The secret key, and what may be shown about it. */
export interface ApiKey {
  value: string | undefined;
  /** The variable or option it came from, or the one that is wrong. */
  variable: string | undefined;
  kind: KeyKind;
  /** Why the key cannot be used, without showing it. */
  problem: string | undefined;
  /** The variable holds a placeholder, such as a dollar sign and a name in braces, which the client should have replaced. */
  unexpanded?: true;
  /** A problem that does not prevent the use of the key. */
  warning?: string;
  /** Other keys that must never be shown: former keys, and those of other environments. */
  former?: readonly string[];
}

/** The variables that can hold the key. The first one that holds a key counts. */
export const KEY_VARIABLES = ['WORKOS_TOKEN', 'WORKOS_API_KEY'] as const;

/** The variable that names a file with the key. It overrides the others, so a missing file never means another key. */
export const KEY_FILE_VARIABLE = 'WORKOS_TOKEN_FILE';

/** Whether the operator chose the variable in --environments. The usual variables are then not read. */
export function isChosenVariable(variable: string | undefined): variable is string {
  const usual: readonly string[] = [...KEY_VARIABLES, KEY_FILE_VARIABLE, 'key'];
  return variable !== undefined && !usual.includes(variable);
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The key of a process: from the file that the environment names, or else from one of the variables. */
export function findKey(env: Environment): ApiKey {
  const path = env[KEY_FILE_VARIABLE]?.trim();
  return path ? readKeyFile(path) : readKey(env, KEY_VARIABLES);
}

/** The key from the `key` option of a program. */
export function keyGiven(text: string): ApiKey {
  const key = text.trim();
  if (key !== '' && !isPlaceholder(key)) return keyFrom(key, 'key', 'key');
  const problem = key === '' ? 'key is empty' : `key is ${shownPlaceholder(key)}, which was not expanded`;
  return { value: undefined, variable: 'key', kind: 'none', problem };
}

/** All keys that no result, error, file, or log may show. The longest first, because one key may be a prefix of another. */
export function keysIn({ value, former = [] }: ApiKey): string[] {
  const keys = value === undefined ? [...former] : [value, ...former];
  return keys.sort((a, b) => b.length - a.length);
}

/** The key of a running process. A key in a file can change while the process runs. */
export class CurrentKey {
  readonly #env: Environment;
  #key: ApiKey;

  constructor(first: ApiKey, env: Environment) {
    this.#env = env;
    this.#key = first;
  }

  /** The key as last read. */
  get last(): ApiKey {
    return this.#key;
  }

  /** Reads the file each time: it is small, and a timestamp would be less reliable. */
  read(): ApiKey {
    if (!this.#env[KEY_FILE_VARIABLE]?.trim()) return this.#key;
    const next = findKey(this.#env);
    const former = [...new Set(keysIn(this.#key))].filter((key) => key !== next.value).slice(0, MAX_FORMER);
    this.#key = { ...next, former };
    return this.#key;
  }
}

/** More former keys than are likely to be still valid. */
const MAX_FORMER = 20;

/** Longer than any key. */
const MAX_FILE_BYTES = 8_192;

function readKeyFile(path: string): ApiKey {
  const variable = KEY_FILE_VARIABLE;
  const none = (problem: string): ApiKey => ({ value: undefined, variable, kind: 'none', problem });
  if (isPlaceholder(path)) {
    return { ...none(`${variable} is ${shownPlaceholder(path)}, which the client did not expand`), unexpanded: true };
  }
  // The variable may hold the key itself by mistake.
  const shown = quoteUntrusted(redact(path), 200);
  try {
    const file = statSync(path);
    // Opening a pipe would block until a process writes to it.
    if (!file.isFile()) return none(`${variable} names ${shown}, which is not a file`);
    if (file.size > MAX_FILE_BYTES) return none(`${variable} names ${shown}, which is too large to be a key`);
    const text = readFileSync(path, 'utf8').trim();
    if (text === '') return none(`${variable} names ${shown}, which is empty`);
    const key = keyFrom(text, variable, `The file that ${variable} names`);
    const open = process.platform !== 'win32' && (file.mode & 0o004) !== 0;
    return open ? { ...key, warning: `every user of this machine can read ${shown}` } : key;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return none(`${variable} names ${shown}, which cannot be read (${code})`);
  }
}

/** Reads the key from the first of these variables that holds one. */
export function readKey(env: Environment, variables: readonly string[]): ApiKey {
  let unexpanded: Omit<ApiKey, 'value' | 'kind'> | undefined;
  for (const variable of variables) {
    // A caller of check_connector can give any name, even `__proto__`.
    const raw = Object.hasOwn(env, variable) ? env[variable]?.trim() : undefined;
    if (!raw) continue;
    if (isPlaceholder(raw)) {
      unexpanded ??= {
        variable,
        unexpanded: true,
        problem: `${variable} is ${shownPlaceholder(raw)}, which the client did not expand`,
      };
      continue;
    }
    return keyFrom(raw, variable, variable);
  }
  const problem = `${variables.join(' and ')} ${variables.length > 1 ? 'are' : 'is'} not set`;
  return { value: undefined, kind: 'none', ...(unexpanded ?? { variable: undefined, problem }) };
}

function keyFrom(text: string, variable: string, source: string): ApiKey {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)
    ? { value: text, variable, kind: kindOf(text), problem: undefined }
    : { value: undefined, variable, kind: 'none', problem: `${source} contains spaces or other invalid characters` };
}

function kindOf(key: string): KeyKind {
  if (key.startsWith('sk_test_')) return 'test';
  return key.startsWith('sk_live_') ? 'live' : 'unknown';
}

function isPlaceholder(text: string): boolean {
  return /^\$\{?[\w:]*\}?$/.test(text) || text.includes('${');
}

/** A placeholder for a message. It is shown only if it is nothing but a placeholder, because the rest could be a secret. */
function shownPlaceholder(text: string): string {
  return /^\$(?:\{[\w:]+\}|[A-Z][A-Z0-9_]*)$/.test(text) ? text.slice(0, 40) : 'a placeholder';
}
