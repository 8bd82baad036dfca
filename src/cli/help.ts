import { SETTINGS, type Setting, shownDefault } from '../config/settings.ts';
import { markdownTable } from './markdown-table.ts';

const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** What `--help` prints. */
export function helpText(): string {
  const rows = settings.map((setting) => {
    const initial = shownDefault(setting);
    const source = `${setting.variable}${initial ? `, default ${initial}` : ''}`;
    return `  ${written(setting)}\n      ${setting.meaning.replaceAll('`', '')} (${source})`;
  });
  return [
    'workos-mcp: the WorkOS API as MCP tools, on stdin and stdout.',
    '',
    'workos-mcp                                   serve MCP',
    'workos-mcp check [--env-name N] [--url U] [--method M] [--json]',
    '                                             check key, network and API; exits with 1 if something is wrong',
    "workos-mcp call TOOL ['JSON']                call one tool; result to stdout, error to stderr with exit code 1",
    'workos-mcp tools [NAME] [--json|--markdown]  list the tools that the settings expose, or show one of all',
    'workos-mcp init [--client C] [--scope project|user] [--env-name N] [--print]',
    "                                             write a client's configuration; without --client, say how",
    'workos-mcp sandbox [--port N] [--sandbox-state FILE] [--seed FILE]',
    '                                             serve the sandbox over HTTP, for any program',
    'workos-mcp demo                              run a short session against the sandbox',
    '',
    'The key comes from WORKOS_TOKEN, else WORKOS_API_KEY, never from a flag. WORKOS_CLIENT_ID fills in missing client ids.',
    'A flag beats its variable.',
    '',
    ...rows,
    '',
    '  --help, --version',
  ].join('\n');
}

/** The table of settings in the docs. */
export function settingsTable(): string {
  return markdownTable(
    ['flag', 'variable', 'default', 'meaning'],
    settings.map((setting) => [
      `\`${written(setting)}\``,
      `\`${setting.variable}\``,
      shownDefault(setting),
      setting.meaning,
    ]),
  );
}

function written({ flag, value }: Setting<unknown>): string {
  return `--${flag}${value ? ` ${value}` : ''}`;
}
