import { readFileSync } from 'node:fs';
import type { Environment } from './api-key.ts';

/** The variable that holds the key for data in Redis, and the one that names a file with it, which takes precedence. */
export const STATE_KEY_VARIABLES = ['WORKOS_MCP_STATE_KEY', 'WORKOS_MCP_STATE_KEY_FILE'] as const;

const KEY_BYTES = 32;

/** Checks the URL of Redis. @throws {Error} that says what it must be, without the URL, which can hold a password. */
export function stateUrl(text: string): string {
  const mustBe = 'must be redis://[[NAME]:PASSWORD@]HOST[:PORT][/NUMBER], or rediss:// for TLS';
  if (!URL.canParse(text)) throw new Error(mustBe);
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  const isRedis = protocol === 'redis:' || protocol === 'rediss:';
  if (!isRedis || hostname === '' || search || hash || !/^(?:\/\d{0,5})?$/.test(pathname)) throw new Error(mustBe);
  try {
    // One by one: a % at the end of the name would be completed by the password.
    for (const part of [username, password]) decodeURIComponent(part);
  } catch {
    throw new Error(`${mustBe}; write % in NAME or PASSWORD as %25`);
  }
  return text;
}

/** The key that encrypts files in Redis, if one is set. @throws {Error} that says what is wrong with it, without the key. */
export function readStateKey(env: Environment): Buffer | undefined {
  const [variable, fileVariable] = STATE_KEY_VARIABLES;
  const path = env[fileVariable]?.trim();
  const name = path ? `The file that ${fileVariable} names` : variable;
  const text = path ? readKeyFile(path, fileVariable) : env[variable]?.trim();
  if (!text && !path) return undefined;
  const key = Buffer.from(text ?? '', 'base64');
  // Buffer.from() skips characters that are not base64.
  const isBase64 = /^[\w+/-]+={0,2}$/.test(text ?? '');
  if (isBase64 && key.length === KEY_BYTES) return key;
  throw new Error(
    `${name} must be ${KEY_BYTES} random bytes in base64, for example the output of: openssl rand -base64 32`,
  );
}

function readKeyFile(path: string, variable: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`${variable} names a file that cannot be read (${code})`);
  }
}
