import { isDeepStrictEqual } from 'node:util';
import { redact } from '../text/redact.ts';
import { type Client, configPath, KEY_INPUT, type Scope } from './clients.ts';
import { type ConfigFile, readConfigFile, writeConfigFile } from './config-file.ts';
import { InitError } from './init-error.ts';
import { formatted, JsonConfig } from './json-config.ts';
import type { Machine } from './server-command.ts';
import { keyInput, SERVER_NAME, serverEntry, type Value, type Wanted } from './server-entry.ts';
import { tomlTable, tomlText, tomlValue, withTomlTable } from './toml-config.ts';

/** What was done. `path` has its links resolved. */
export type Installed =
  | { did: 'wrote'; path: string; backup: string | undefined; warning?: string }
  | { did: 'nothing'; path: string; warning?: string };

/**
 * Adds the server to a client's configuration file and keeps everything else in it.
 * @throws {InitError} if the file cannot be changed safely, or has another entry of that name; nothing is changed then
 */
export async function install(client: Client, scope: Scope, machine: Machine, wanted: Wanted): Promise<Installed> {
  const path = configPath(client, scope, machine);
  if (path === undefined) throw new Error(`${client.title} has no file in the scope ${scope}`);
  try {
    const file = await readConfigFile(path, scope === 'project' ? machine.folder : undefined);
    const after =
      client.format === 'toml' ? tomlWith(file, client, machine, wanted) : jsonWith(file, client, machine, wanted);
    const warning = warningOf(file, client);
    if (after === undefined) return { did: 'nothing', path: file.path, ...warning };
    return { did: 'wrote', path: file.path, backup: await writeConfigFile(file, after), ...warning };
  } catch (error) {
    if (error instanceof InitError) throw new InitError(`${path} ${error.message}`, error.hint);
    throw new InitError(
      `${path} cannot be changed: ${error instanceof Error ? error.message : String(error)}`,
      'Nothing was changed. Use --print to see the entry, and add it yourself.',
    );
  }
}

/** The text of a file with only the server, for an empty file or to add by hand. */
export function snippet(client: Client, machine: Machine, wanted: Wanted): string {
  const entry = serverEntry(client, machine, wanted);
  if (client.format === 'toml') return tomlTable([client.servers, SERVER_NAME], entry);
  const input = keyInput(client, wanted);
  return `${formatted({ ...(input ? { inputs: [input] } : {}), [client.servers]: { [SERVER_NAME]: entry } })}\n`;
}

/** The text with the server added, or undefined if it is there already. @throws {InitError} */
function jsonWith({ text, eol }: ConfigFile, client: Client, machine: Machine, wanted: Wanted): string | undefined {
  const [path, entry, input] = [
    [client.servers, SERVER_NAME],
    serverEntry(client, machine, wanted),
    keyInput(client, wanted),
  ];
  if (text.trim() === '') return snippet(client, machine, wanted).replaceAll('\n', eol);
  const config = new JsonConfig(text, eol);
  const found = config.valueAt(path);
  if (found !== undefined && !isSame(found, entry))
    throw conflict((value) => formatted({ [SERVER_NAME]: value }), found, entry);
  const asks = input === undefined || hasInput(config.valueAt(['inputs']));
  if (found !== undefined && asks) return undefined;
  const withInput = asks ? text : config.withItem(['inputs'], input);
  return found === undefined ? new JsonConfig(withInput, eol).withProperty(path, entry) : withInput;
}

function tomlWith({ text, eol }: ConfigFile, client: Client, machine: Machine, wanted: Wanted): string | undefined {
  const [path, entry] = [[client.servers, SERVER_NAME], serverEntry(client, machine, wanted)];
  const found = tomlValue(text, path);
  if (found === undefined) return withTomlTable(text, path, entry, eol);
  if (!isSame(found, entry)) throw conflict((value) => tomlText(path, value), found, entry);
  return undefined;
}

/** A warning if the client will ignore the file. */
function warningOf({ text }: ConfigFile, { strict, title }: Client): { warning?: string } {
  if (!strict || new JsonConfig(text).isPlain) return {};
  return {
    warning: `${title} reads plain JSON only. This file has comments or trailing commas, so ${title} ignores it.`,
  };
}

/** Whether an input asks for the key. @throws {InitError} if an input with this id does not prompt, or shows what is typed */
function hasInput(inputs: unknown): boolean {
  if (!Array.isArray(inputs)) return false;
  const found = inputs.find(
    (one: unknown) => typeof one === 'object' && one !== null && 'id' in one && one.id === KEY_INPUT,
  );
  if (found && !(found.type === 'promptString' && found.password === true)) {
    throw new InitError(
      `has another input "${KEY_INPUT}", which does not ask for a password`,
      'Nothing was changed. Correct it ("type": "promptString", "password": true) or remove it, and run this again.',
    );
  }
  return found !== undefined;
}

function isSame(found: unknown, entry: unknown): boolean {
  return isDeepStrictEqual(plain(found), plain(entry));
}

/** A value as plain JSON, without the special types of its parser. */
function plain(value: unknown): Value {
  const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
  return JSON.parse(text);
}

function conflict(show: (value: Value) => string, found: unknown, entry: Value): InitError {
  return new InitError(
    `has another entry "${SERVER_NAME}"`,
    [
      'Nothing was changed. The file has:',
      redact(show(hidden(plain(found)))),
      'It would become:',
      show(entry),
      'Keep yours, or remove it and run this again.',
    ].join('\n'),
  );
}

/** An entry that shows variables and headers only if they are references, because anything else may be a secret. */
function hidden(entry: Value): Value {
  if (typeof entry !== 'object' || Array.isArray(entry)) return entry;
  const fields = Object.entries(entry).map(([name, value]) => [
    name,
    /^(?:env|headers|http_headers)$/.test(name) ? masked(value) : value,
  ]);
  return Object.fromEntries(fields);
}

function masked(value: Value): Value {
  if (typeof value === 'string') return /^\$\{(?:env:|input:)?\w[\w-]*\}$/.test(value) ? value : '[not shown]';
  if (typeof value !== 'object' || Array.isArray(value)) return '[not shown]';
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one)]));
}
