import manifest from '../package.json' with { type: 'json' };
import { runCommandLine } from '../src/cli/command-line.ts';
import { terminalOf } from '../src/cli/terminal.ts';
import { type CatalogNames, readConfig } from '../src/config/config.ts';
import { type CatalogEntry, catalogEntries } from '../src/tools/catalog.ts';

/**
 * Runs the command's sources in this process, for tests that need no separate process. Its stdin is not a terminal, and
 * its output streams are terminals only if `columns` gives their width.
 */
export async function runInProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  columns?: number,
): Promise<{ code: number; out: string; err: string }> {
  const { config, invocation, problems } = readConfig(args, env, names());
  const terminal = terminalOf(columns ? { isTTY: true, columns } : {}, env);
  let out = '';
  let err = '';
  const code = await runCommandLine(invocation, problems, {
    config,
    version: manifest.version,
    entries: entries(),
    env,
    signal: new AbortController().signal,
    streams: {
      out: (line) => {
        out += `${line}\n`;
      },
      err: (line) => {
        err += `${line}\n`;
      },
      status: () => {},
      drained: async () => {},
      outTerminal: terminal,
      errTerminal: terminal,
    },
  });
  return { code, out, err };
}

let catalog: CatalogEntry[] | undefined;

function entries(): CatalogEntry[] {
  catalog ??= catalogEntries();
  return catalog;
}

function names(): CatalogNames {
  return {
    toolsets: new Set(entries().map(({ toolset }) => toolset)),
    tools: new Set(entries().map(({ definition }) => definition.name)),
  };
}
