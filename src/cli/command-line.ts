import type { Invocation } from '../config/argv.ts';
import type { Setup } from './setup.ts';

/** Runs any command except `serve`, or prints help or the version. Returns the exit code. */
export async function runCommandLine(
  invocation: Invocation,
  problems: readonly string[],
  setup: Setup,
): Promise<number> {
  const { command, words } = invocation;
  const { run } = await import('./commands.ts');
  if (invocation.help && command === 'call' && words[0]) {
    return run({ ...invocation, command: 'tools', words: words.slice(0, 1) }, setup);
  }
  if (invocation.help || (command === 'help' && problems.length === 0)) {
    setup.streams.out(await help(invocation));
    return 0;
  }
  if (invocation.version || (command === 'version' && problems.length === 0)) {
    setup.streams.out(setup.version);
    return 0;
  }
  for (const problem of problems) setup.streams.err(`workos-mcp: ${problem}`);
  return problems.length ? 2 : run(invocation, setup);
}

/** The help of one command, or the general help. */
async function help({ command, words: [word] }: Invocation): Promise<string> {
  const [{ helpText }, { commandHelp }] = await Promise.all([import('./help.ts'), import('./command-help.ts')]);
  const about = command === 'help' ? word : command === 'serve' ? undefined : command;
  return (about && commandHelp(about)) || helpText();
}
