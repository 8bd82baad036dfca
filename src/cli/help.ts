import { COMMANDS, type CommandDefinition } from '../config/commands.ts';
import { HTTP_SETTINGS } from '../config/http-settings.ts';
import { SETTINGS, type Setting, shownDefault } from '../config/settings.ts';
import { markdownTable } from './markdown-table.ts';

const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);
const httpSettings: readonly Setting<unknown>[] = Object.values(HTTP_SETTINGS);

/** What `--help` prints. */
export function helpText(): string {
  const commands = [...COMMANDS].map(([name, { words, does }]) => {
    const usage = `workos-mcp${name === 'serve' ? '' : ` ${name}`}${words && ` ${words}`}`;
    return usage.length < USAGE ? `${usage.padEnd(USAGE)}${does}` : `${usage}\n${' '.repeat(USAGE)}${does}`;
  });
  return [
    'workos-mcp: the WorkOS API as MCP tools, on stdin and stdout, and as a command.',
    '',
    ...commands,
    '',
    'workos-mcp COMMAND --help explains a command, workos-mcp call TOOL --help a tool.',
    '',
    'The key comes from the file named by WORKOS_TOKEN_FILE, or else from WORKOS_TOKEN or WORKOS_API_KEY; never from a',
    'flag. WORKOS_CLIENT_ID fills in missing client ids. A flag overrides its variable. Every command takes the settings:',
    '',
    ...settings.map(explained),
    '',
    'workos-mcp http also takes:',
    '',
    ...httpSettings.map(explained),
    '',
    '  --help, --version',
  ].join('\n');
}

function explained(setting: Setting<unknown>): string {
  const initial = shownDefault(setting);
  const source = `${setting.variable}${initial ? `, default ${initial}` : ''}`;
  return `  ${written(setting)}\n      ${setting.meaning.replaceAll('`', '')} (${source})`;
}

/** The width of the usage column, in characters. */
const USAGE = 32;

/** One line for each flag of a command. */
export function optionLines(options: CommandDefinition['options']): string[] {
  const usages = Object.entries(options).map(([flag, { value, meaning }]) => ({
    usage: `  --${flag}${value ? ` ${value}` : ''}`,
    meaning,
  }));
  const width = usages.reduce((most, { usage }) => Math.max(most, usage.length), 0) + 2;
  return usages.map(({ usage, meaning }) => usage.padEnd(width) + meaning);
}

/** The table of settings in the docs. */
export function settingsTable(): string {
  return tableOf(settings);
}

/** The table of the settings that only `http` takes. */
export function httpSettingsTable(): string {
  return tableOf(httpSettings);
}

function tableOf(rows: readonly Setting<unknown>[]): string {
  return markdownTable(
    ['flag', 'variable', 'default', 'meaning'],
    rows.map((setting) => [
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
