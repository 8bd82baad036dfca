import { SETTINGS } from '../config/settings.ts';
import { table } from './markdown-table.ts';

/** What `--help` prints. */
export function helpText(): string {
  const rows = SETTINGS.map(({ flag, value, variable, shown, meaning }) => [
    `--${flag}${value ? ` ${value}` : ''}`,
    `${variable}${shown ? `, default ${shown}` : ''}`,
    meaning.replaceAll('`', ''),
  ]);
  return [
    'workos-mcp: the WorkOS API as MCP tools, on stdin and stdout.',
    '',
    'workos-mcp                                   serve MCP',
    'workos-mcp check [--env-name N] [--url U] [--method M] [--json]',
    '                                             look at key, network and API; exit 1 if something is wrong',
    "workos-mcp call TOOL ['JSON']                one tool call; result on stdout, errors on stderr with exit 1",
    'workos-mcp tools [--json|--markdown]         the tools that the settings expose',
    'workos-mcp demo                              a short session against the embedded sandbox',
    '',
    'The key comes from WORKOS_TOKEN, else WORKOS_API_KEY, never from a flag; WORKOS_CLIENT_ID fills left-out client ids.',
    'A flag beats its variable.',
    '',
    ...rows.map(([flag = '', variable = '', meaning = '']) => `  ${flag}\n      ${meaning} (${variable})`),
    '',
    '  --help, --version',
  ].join('\n');
}

/** README's table of settings. */
export function settingsTable(): string {
  return table(
    ['flag', 'variable', 'default', 'meaning'],
    SETTINGS.map(({ flag, value, variable, shown, meaning }) => [
      `\`--${flag}${value ? ` ${value}` : ''}\``,
      `\`${variable}\``,
      shown,
      meaning,
    ]),
  );
}
