import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Invocation } from '../config/argv.ts';
import { SETTINGS, type Setting } from '../config/settings.ts';
import { CLAUDE_DESKTOP_STEPS, claudeCommand, detectClients, initCommand, nextSteps } from '../init/advice.ts';
import {
  CLIENT_NAMES,
  CLIENTS,
  type Client,
  type ClientName,
  configPath,
  SCOPES,
  type Scope,
  scopesOf,
} from '../init/clients.ts';
import { InitError } from '../init/init-error.ts';
import { type Installed, install, snippet } from '../init/install.ts';
import { lastingNode, type Machine, PUBLISHED } from '../init/server-command.ts';
import type { Wanted } from '../init/server-entry.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import type { Setup } from './setup.ts';

/** The variables that the server itself reads the key from. */
const READ_BY_SERVER = ['WORKOS_TOKEN', 'WORKOS_API_KEY'];

/** What is wrong with the command line. */
class UsageError extends Error {}

/**
 * Adds the server to a client's configuration, or says how. Returns the exit code: 0, 1 if the client's file could not be
 * changed, 2 if the command line is wrong.
 */
export async function init(invocation: Invocation, setup: Setup): Promise<number> {
  const { out, err } = setup.streams;
  const machine = thisMachine(setup);
  try {
    const { name, scope, wanted } = request(invocation, setup);
    if (name === undefined) {
      for (const line of overview(machine)) out(line);
      return 0;
    }
    const client: Client = CLIENTS[name];
    if (name === 'claude-desktop') {
      for (const line of CLAUDE_DESKTOP_STEPS) out(line);
      return 0;
    }
    const target = targetScope(client, name, scope);
    if (name === 'claude-code' && target === 'user') {
      printed(
        claudeCommand(client, machine, wanted),
        'Claude Code adds the server for all of your projects with',
        client,
        machine,
        wanted,
        setup,
      );
      return 0;
    }
    if (invocation.options['print'] || client.printed?.includes(target)) {
      const path = configPath(client, target, machine);
      printed(snippet(client, machine, wanted).trimEnd(), `In ${path}`, client, machine, wanted, setup);
      return 0;
    }
    const installed = await install(client, target, machine, wanted);
    for (const line of report(installed, client, name, target, machine, wanted)) out(line);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      err(`workos-mcp: ${error.message}`);
      return 2;
    }
    if (!(error instanceof InitError)) throw error;
    err(`workos-mcp: ${error.message}\n${error.hint}`);
    return 1;
  }
}

function thisMachine({ env }: Setup): Machine {
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

/** @throws {UsageError} */
function request(
  { options, flags }: Invocation,
  { config }: Setup,
): { name: ClientName | undefined; scope: Scope | undefined; wanted: Wanted } {
  const name = oneOf('client', options['client'], CLIENT_NAMES);
  const scope = oneOf('scope', options['scope'], SCOPES);
  const variable = options['env-name'];
  if (variable !== undefined) checkVariable(variable, name);
  // The settings of this command that came from variables are those of this shell, not of the client.
  return {
    name,
    scope,
    wanted: { variable, flags: serverFlags(flags), keyless: config.sandbox && flags.has('sandbox') },
  };
}

function oneOf<T extends string>(flag: string, text: string | undefined, values: readonly T[]): T | undefined {
  const value = values.find((one) => one === text);
  if (text !== undefined && value === undefined) {
    throw new UsageError(`--${flag} must be one of ${values.join(', ')}${didYouMean(text, values)}`);
  }
  return value;
}

/** @throws {UsageError} that does not repeat what may be a key */
function checkVariable(variable: string, name: ClientName | undefined): void {
  const isKey = /^sk_/i.test(variable) || (variable.length > 20 && /\d/.test(variable) && /[a-z]/.test(variable));
  if (isKey) {
    throw new UsageError(
      '--env-name takes the name of the variable that holds the key, and this looks like the key itself. Nothing was written. Set the key in a variable such as WORKOS_TOKEN.',
    );
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw new UsageError('--env-name must be the name of a variable: letters, digits and _, such as WORKOS_TOKEN');
  }
  const client: Client | undefined = name && CLIENTS[name];
  if (client && client.reference === undefined && name !== 'claude-desktop' && !READ_BY_SERVER.includes(variable)) {
    throw new UsageError(
      `${client.title} hands variables on under their own names, so the key has to be in ${READ_BY_SERVER.join(' or ')}`,
    );
  }
}

/** The settings that were given as flags, for the server; paths are absolute, because a client starts it elsewhere. */
function serverFlags(flags: Invocation['flags']): string[] {
  const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);
  return settings.flatMap(({ flag, value }) =>
    (flags.get(flag) ?? []).flatMap((given) => {
      if (value === undefined) return given === 'true' ? [`--${flag}`] : [`--${flag}=${given}`];
      return [`--${flag}`, value === 'PATH' || value === 'FILE' ? resolve(given) : given];
    }),
  );
}

function targetScope(client: Client, name: ClientName, scope: Scope | undefined): Scope {
  const scopes = scopesOf(client);
  const [first] = scopes;
  if (scope === undefined && first) return first;
  if (scope !== undefined && scopes.includes(scope)) return scope;
  throw new UsageError(`${client.title} has no configuration per ${scope}; use --client ${name} --scope ${first}`);
}

/** The snippet alone goes to stdout, so that it can be piped. */
function printed(
  text: string,
  where: string,
  client: Client,
  machine: Machine,
  wanted: Wanted,
  { streams }: Setup,
): void {
  streams.err(`${where}:\n`);
  streams.out(text);
  streams.err(`\n${['Nothing was written.', ...nextSteps(client, machine, wanted)].join('\n')}`);
}

function report(
  installed: Installed,
  client: Client,
  name: ClientName,
  scope: Scope,
  machine: Machine,
  wanted: Wanted,
): string[] {
  const warning = installed.warning ? [`Warning: ${installed.warning}`] : [];
  if (installed.did === 'nothing') {
    return [
      `${installed.path} has the server already. Nothing was changed.`,
      ...warning,
      ...nextSteps(client, machine, wanted),
    ];
  }
  const others = scopesOf(client).filter((one) => one !== scope);
  const where = scope === 'project' ? 'in this project' : 'in all of your projects';
  return [
    `Added the server "workos" for ${client.title}, ${where}: ${installed.path}`,
    ...(installed.backup ? [`The file as it was: ${installed.backup}`] : []),
    ...warning,
    ...nextSteps(client, machine, wanted),
    ...others.map(
      (other) =>
        `For ${other === 'user' ? 'all of your projects' : 'this project only'}: ${initCommand(name, machine, other)}`,
    ),
  ];
}

function overview(machine: Machine): string[] {
  const found = detectClients(machine, existsSync);
  const line = (name: ClientName) => `  ${initCommand(name, machine)}`;
  const all = [`Clients: ${CLIENT_NAMES.join(', ')}. --scope project|user says where, --print writes nothing.`];
  if (found.length === 0) return ['No client was found here. To configure one:', ...CLIENT_NAMES.map(line), '', ...all];
  return [
    'These clients were found here. To configure one:',
    ...found.flatMap(({ name, trace }) => [line(name), `      ${CLIENTS[name].title}: ${trace}`]),
    '',
    ...all,
  ];
}
