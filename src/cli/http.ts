import { setTimeout as delay } from 'node:timers/promises';
import type { Invocation } from '../config/argv.ts';
import { readHttp } from '../config/config.ts';
import type { HttpSettings } from '../config/http-settings.ts';
import { startTeam, type Team } from '../http/team.ts';
import type { Setup } from './setup.ts';
import { setUpPermissions } from './team-setup.ts';

/** The delay between SIGTERM and shutdown, in milliseconds, so that a proxy can stop sending requests first. */
const NOTICE_MS = 2_000;

/**
 * Serves MCP over HTTP until the process is told to end, or with --setup creates the team's permissions and roles. Returns the
 * exit code.
 */
export async function http({ options, words: [code] }: Invocation, setup: Setup): Promise<number> {
  const { config, env, entries, version, streams, signal } = setup;
  if (options['setup'] !== undefined) return setUpPermissions(code, setup);
  if (code !== undefined) {
    streams.err(`workos-mcp: http takes no argument "${code}" without --setup`);
    return 2;
  }
  const { settings, authkitProxy, stateKey } = readHttp({ options }, env);
  let team: Team;
  try {
    team = await startTeam({ config, settings, authkitProxy, stateKey, version, entries, env });
  } catch (error) {
    const problem = startProblem(error, settings);
    if (problem === undefined) throw error;
    streams.err(`workos-mcp: ${problem}`);
    return 2;
  }
  for (const line of welcome(team, settings)) streams.out(line);
  for (const line of warnings(setup, settings, team.stateProblem(), stateKey !== undefined))
    streams.err(`workos-mcp: ${line}`);
  await aborted(signal);
  team.announceEnd();
  // Ctrl-C ends at once: only a deployment, which sends SIGTERM, has a proxy to wait for.
  if (signal.reason === 'SIGTERM') await delay(NOTICE_MS);
  await team.end();
  if (config.logLevel !== 'silent') streams.out('Stopped: no calls are running.');
  return 0;
}

/** The reason why the server cannot start, or undefined if the error is unexpected. */
function startProblem(error: unknown, { host, port }: HttpSettings): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'ConfigError') return error.message;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use',
    EACCES: 'this user is not allowed to',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'unknown host name',
  };
  const reason = 'code' in error ? reasons[String(error.code)] : undefined;
  return reason && `cannot listen on ${host}:${port}: ${reason}`;
}

function welcome({ publicUrl, address }: Team, { authkitDomain, requireOrganization }: HttpSettings): string[] {
  if (authkitDomain === undefined) {
    return [`WorkOS over MCP at ${publicUrl}`, 'No sign-in: anyone on this machine has full access.'];
  }
  return [
    `WorkOS over MCP at ${publicUrl}, listening on ${address}`,
    `  sign-in       ${authkitDomain}`,
    `  admits        ${requireOrganization === undefined ? 'members of any organization' : `members of ${requireOrganization}`}`,
    '  dashboard     Connect > Configuration > MCP resource indicators must have:',
    `                ${publicUrl}`,
    '  encryption    none: put a TLS proxy in front',
  ];
}

function warnings(
  { config }: Setup,
  { authkitDomain, requireOrganization, state }: HttpSettings,
  stateProblem: string | undefined,
  keepsFiles: boolean,
): string[] {
  return [
    stateProblem !== undefined && `${stateProblem}: until it does, calls that need a code or a file are refused`,
    state !== undefined && !keepsFiles && 'without WORKOS_MCP_STATE_KEY, files are off',
    config.key.value === undefined && !config.sandbox && `every call will fail: ${config.key.problem}`,
    authkitDomain !== undefined &&
      requireOrganization === undefined &&
      'without --require-organization, anyone who can assign roles in any organization decides who may use this server',
  ].filter((line) => line !== false);
}

/** Resolves when the signal is aborted. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
