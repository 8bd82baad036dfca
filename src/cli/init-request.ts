import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Invocation } from '../config/argv.ts';
import type { Config } from '../config/config.ts';
import { SETTINGS, type Setting } from '../config/settings.ts';
import { CLIENT_NAMES, CLIENTS, type Client, type ClientName, SCOPES, type Scope, scopesOf } from '../init/clients.ts';
import { lastingNode, type Machine, PUBLISHED } from '../init/server-command.ts';
import type { Wanted } from '../init/server-entry.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import type { Setup } from './setup.ts';

/** The variables that the server itself reads the key from. */
const READ_BY_SERVER = ['WORKOS_TOKEN', 'WORKOS_API_KEY'];

/** What `init` is asked to do for one client. */
export interface InitRequest {
  name: ClientName;
  client: Client;
  /** Undefined for a client without a configuration file that `init` could write. */
  scope: Scope | undefined;
  machine: Machine;
  wanted: Wanted;
}

/** Thrown if the command line is wrong. The message says why. */
export class UsageError extends Error {}

/** The request on the command line, or undefined if it names no client. @throws {UsageError} */
export function initRequest(
  { options, flags }: Invocation,
  machine: Machine,
  config: Pick<Config, 'sandbox' | 'environments' | 'key' | 'clientIdVariable'>,
): InitRequest | undefined {
  const name = oneOf('client', options['client'], CLIENT_NAMES);
  const scope = oneOf('scope', options['scope'], SCOPES);
  const variable = options['env-name'];
  if (variable !== undefined) checkVariable(variable);
  const { sandbox, environments } = config;
  const credentials = environments.length > 0 ? environments : [config];
  const named = flags.has('environments')
    ? credentials.flatMap(({ key, clientIdVariable }) => [key.variable ?? [], clientIdVariable ?? []].flat())
    : [];
  if (named.length > 0 && variable !== undefined) {
    throw new UsageError('--environments names the variables of the keys, so leave out --env-name');
  }
  const wanted = {
    variable,
    ...(named.length > 0 && { variables: named }),
    flags: serverFlags(flags),
    keyless: sandbox && flags.has('sandbox'),
  };
  if (name === undefined) {
    if (Object.keys(options).length || flags.size) throw new UsageError('init needs --client for its other flags');
    return undefined;
  }
  const client: Client = CLIENTS[name];
  if (wanted.keyless && variable !== undefined) {
    throw new UsageError('--sandbox needs no key, so leave out --env-name');
  }
  if (scopesOf(client).length === 0) {
    const [given] = [...(scope ? ['--scope'] : []), ...(variable ? ['--env-name'] : []), ...wanted.flags];
    if (given) throw new UsageError(`${client.title} installs the server as an extension, which takes no ${given}`);
  } else if (variable !== undefined && client.reference === undefined && !READ_BY_SERVER.includes(variable)) {
    throw new UsageError(
      `${client.title} cannot rename variables, so the key must be in ${READ_BY_SERVER.join(' or ')}`,
    );
  }
  return { name, client, scope: chosenScope(name, client, scope), machine, wanted };
}

/** Describes the machine that runs this process. */
export function thisMachine({ env }: Setup): Machine {
  const realPath = (path: string) => {
    try {
      return realpathSync(path);
    } catch {
      return undefined;
    }
  };
  const entry = process.argv[1];
  if (!entry) throw new Error('init cannot tell which file it was started from');
  return {
    platform: process.platform,
    home: homedir(),
    folder: process.cwd(),
    env,
    node: lastingNode(process.execPath, realPath),
    entry: realPath(entry) ?? resolve(entry),
    published: PUBLISHED,
  };
}

/** The server's settings that are variables of this shell. They are not written, and the client may not see them. */
export function unwrittenVariables({ env }: Machine): string[] {
  return Object.values(SETTINGS)
    .map(({ variable }) => variable)
    .filter((variable) => env[variable]?.trim());
}

function oneOf<T extends string>(flag: string, text: string | undefined, values: readonly T[]): T | undefined {
  const value = values.find((one) => one === text);
  if (text !== undefined && value === undefined) {
    throw new UsageError(`--${flag} must be one of ${values.join(', ')}${didYouMean(text, values)}`);
  }
  return value;
}

/** Checks that this is the name of a variable. The error does not repeat it, because it may be a key. @throws {UsageError} */
function checkVariable(variable: string): void {
  const isKey = /^sk_/i.test(variable) || (variable.length > 20 && /\d/.test(variable) && /[a-z]/.test(variable));
  if (isKey) {
    throw new UsageError(
      '--env-name takes the name of the variable that holds the key, and this looks like the key itself. Nothing was written. Set the key in a variable such as WORKOS_TOKEN.',
    );
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw new UsageError('--env-name must be the name of a variable: letters, digits and _, such as WORKOS_TOKEN');
  }
}

/** The settings given as flags, to pass to the server. Paths are made absolute, because a client starts it in another folder. */
function serverFlags(flags: Invocation['flags']): string[] {
  const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);
  return settings.flatMap(({ flag, value }) =>
    (flags.get(flag) ?? []).flatMap((given) => {
      if (value === undefined) return given === 'true' ? [`--${flag}`] : [`--${flag}=${given}`];
      return [`--${flag}`, value === 'PATH' || value === 'FILE' ? resolve(given) : given];
    }),
  );
}

/** @throws {UsageError} */
function chosenScope(name: ClientName, client: Client, scope: Scope | undefined): Scope | undefined {
  const scopes = scopesOf(client);
  const [first] = scopes;
  if (scope === undefined) return first;
  if (scopes.includes(scope)) return scope;
  throw new UsageError(`${client.title} has no configuration per ${scope}; use --client ${name} --scope ${first}`);
}
