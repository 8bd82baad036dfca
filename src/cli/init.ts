import { existsSync } from 'node:fs';
import type { Invocation } from '../config/argv.ts';
import { CLAUDE_DESKTOP_STEPS, claudeCommand, detectClients, initCommand, nextSteps } from '../init/advice.ts';
import { CLIENT_NAMES, CLIENTS, type ClientName, configPath, type Scope, scopesOf } from '../init/clients.ts';
import { InitError } from '../init/init-error.ts';
import { type Installed, install, snippet } from '../init/install.ts';
import type { Machine } from '../init/server-command.ts';
import { type InitRequest, initRequest, thisMachine, UsageError, unwrittenVariables } from './init-request.ts';
import type { Setup } from './setup.ts';

/**
 * Adds the server to a client's configuration, or prints how to do so. Returns the exit code: 0, 1 if the client's file could not
 * be changed, 2 if the command line is wrong.
 */
export async function init(invocation: Invocation, setup: Setup): Promise<number> {
  const { out, err } = setup.streams;
  try {
    const machine = thisMachine(setup);
    const request = initRequest(invocation, machine, setup.config);
    if (!request) {
      out(overview(machine));
      return 0;
    }
    const { name, client, scope, wanted } = request;
    if (scope === undefined) {
      out(CLAUDE_DESKTOP_STEPS);
    } else if (name === 'claude-code' && scope === 'user') {
      const text = claudeCommand(client, machine, wanted);
      // PowerShell would expand the reference, as sh would without the quotes.
      const shell = machine.platform === 'win32' ? ' in Command Prompt' : '';
      print(text, `Claude Code adds the server for all of your projects with this command${shell}`, request, setup);
    } else if (invocation.options['print'] || client.printed?.includes(scope)) {
      print(snippet(client, machine, wanted).trimEnd(), `In ${configPath(client, scope, machine)}`, request, setup);
    } else {
      out(report(await install(client, scope, machine, wanted), request, scope));
    }
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

/** Only the snippet goes to stdout, so that it can be piped. */
function print(text: string, where: string, request: InitRequest, { streams }: Setup): void {
  streams.err(`${where}:\n`);
  streams.out(text);
  streams.err(['', 'Nothing was written.', ...nextStepLines(request)].join('\n'));
}

function report(installed: Installed, request: InitRequest, scope: Scope): string {
  const { name, client, machine, wanted } = request;
  const warnings = installed.warning ? [`Warning: ${installed.warning}`] : [];
  if (installed.did === 'nothing') {
    const done = `${installed.path} already has the server. Nothing was changed.`;
    return [done, ...warnings, ...nextStepLines(request)].join('\n');
  }
  const others = scopesOf(client).filter((one) => one !== scope);
  return [
    `Added the server "workos" for ${client.title}, ${WHERE[scope]}: ${installed.path}`,
    ...(installed.backup ? [`Backup: ${installed.backup}`] : []),
    ...warnings,
    ...nextStepLines(request),
    ...others.map((other) => `To add it ${WHERE[other]}: ${initCommand(name, machine, other, wanted)}`),
  ].join('\n');
}

const WHERE: Readonly<Record<Scope, string>> = { project: 'in this project', user: 'in all of your projects' };

function nextStepLines({ client, machine, wanted }: InitRequest): string[] {
  const variables = unwrittenVariables(machine);
  const note = `Not written: ${variables.join(', ')}. This shell has it, but the client may not. Pass it as a flag.`;
  return [...(variables.length ? [note] : []), ...nextSteps(client, machine, wanted)];
}

function overview(machine: Machine): string {
  const found = detectClients(machine, existsSync);
  const line = (name: ClientName) => `  ${initCommand(name, machine)}`;
  return [
    found.length ? 'These clients were found here. To configure one:' : 'No client was found here. To configure one:',
    ...found.flatMap(({ name, trace }) => [line(name), `      ${CLIENTS[name].title}: ${trace}`]),
    ...(found.length ? [] : CLIENT_NAMES.map(line)),
    '',
    `Clients: ${CLIENT_NAMES.join(', ')}. --scope project|user chooses where to write; --print only prints.`,
  ].join('\n');
}
