import { CLIENT_NAMES, CLIENTS, type Client, type ClientName, locate, type Scope } from './clients.ts';
import { type Machine, quoted, shellCommand } from './server-command.ts';
import { asksForKey, handedOn, keyReferences, SERVER_NAME, serverEntry, type Wanted } from './server-entry.ts';

/** The user's next steps: set the key, restart the client, and check that it works. */
export function nextSteps(client: Client, machine: Machine, wanted: Wanted): string[] {
  return [...keySteps(client, machine, wanted), client.restart, 'Then ask the agent to run check_connector.'].map(
    (step, at) => `${at + 1}. ${step}`,
  );
}

function keySteps(client: Client, { platform }: Machine, wanted: Wanted): string[] {
  if (wanted.keyless) return [];
  const { title, fromDesktop } = client;
  if (asksForKey(client, wanted)) return [`${title} asks for the key when the server first starts, and stores it.`];
  const variables = handedOn(wanted);
  const [variable = ''] = variables;
  const several = variables.length > 1;
  const it = several ? 'each of them' : 'it';
  const holds = `The file refers to ${variables.join(', ')} and contains no key.`;
  if (platform === 'win32') {
    return [
      `${holds} Set ${it} for your account with: setx ${variable} sk_test_… (a new window sees it, an open one does not).`,
    ];
  }
  const shell = several ? `export ${variables.map((one) => `${one}=…`).join(' ')}` : `export ${variable}=sk_test_…`;
  return fromDesktop
    ? [
        `${holds} Set ${it} where ${title} is started (${shell}), and start ${title} from that shell: started from the desktop, it does not read your shell's profile.`,
      ]
    : [`${holds} Set ${it} in the shell that starts ${title}: ${shell}`];
}

/** The Claude Code command that adds the server for all projects. ~/.claude.json is not meant to be edited directly. */
export function claudeCommand(client: Client, machine: Machine, wanted: Wanted): string {
  const { command, args } = serverEntryWords(client, machine, wanted);
  const references = keyReferences(client, wanted);
  // -e takes every word after it, so the name comes first.
  const words = [
    ...['claude', 'mcp', 'add', SERVER_NAME, '--scope', 'user'],
    ...references.flatMap(([name, reference]) => ['-e', `${name}=${reference}`]),
    ...['--', command, ...args],
  ];
  return words.map((word) => quoted(word, machine.platform)).join(' ');
}

/** Instructions for Claude Desktop, which does not expand variables. */
export const CLAUDE_DESKTOP_STEPS = [
  'Claude Desktop expands no variables, so anyone could read a key in its configuration file. It takes',
  "the server as an extension instead, a file that ends in .mcpb, and keeps the key in the system's own store.",
  '',
  '1. Build it in the checkout of workos-mcp: npm run mcpb. It says where the file is. If npm does not know the script, the',
  '   checkout is older than the extension: run git pull && npm ci first.',
  '2. Open the file with Claude Desktop (Settings > Extensions > Advanced settings > Install Extension), and enter the key.',
  '3. Then ask the agent to run check_connector.',
].join('\n');

/** The clients found on this machine or in this project, each with the path that shows it. */
export function detectClients(
  machine: Machine,
  exists: (path: string) => boolean,
): { name: ClientName; trace: string }[] {
  return CLIENT_NAMES.flatMap((name) => {
    const trace = CLIENTS[name].traces.map((one) => locate(one, machine)).find(exists);
    return trace === undefined ? [] : [{ name, trace }];
  });
}

/** The shell command that configures a client. */
export function initCommand(name: ClientName, machine: Machine, scope?: Scope, wanted?: Wanted): string {
  const words = [
    ...['init', '--client', name],
    ...(scope ? ['--scope', scope] : []),
    ...(wanted?.variable === undefined ? [] : ['--env-name', wanted.variable]),
    ...(wanted?.flags ?? []),
  ];
  return `${shellCommand(machine)} ${words.map((word) => quoted(word, machine.platform)).join(' ')}`;
}

function serverEntryWords(
  client: Client,
  machine: Machine,
  wanted: Wanted,
): { command: string; args: readonly string[] } {
  const { command, args } = serverEntry(client, machine, wanted);
  return { command: String(command), args: Array.isArray(args) ? args.map(String) : [] };
}
