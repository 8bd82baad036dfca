import { COMMANDS, type CommandOption, EXPORTED, SHELLS } from '../config/commands.ts';
import { SETTINGS } from '../config/settings.ts';
import type { CatalogEntry } from '../tools/catalog.ts';

/** The flags that every command takes. */
const SETTING_FLAGS: Readonly<Record<string, CommandOption>> = Object.fromEntries(
  Object.values(SETTINGS).map(({ flag, value, meaning }) => [flag, { ...(value && { value }), meaning }]),
);

/**
 * Completions for the last word. None if a file name may follow, because shells complete those themselves.
 * @param words the command line after `workos-mcp`, up to the cursor
 */
export function candidates(words: readonly string[], entries: readonly CatalogEntry[]): string[] {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [name, ...rest] = withoutFlags(before);
  const command = COMMANDS.get(name ?? '');
  const flags: Readonly<Record<string, CommandOption>> = { ...command?.options, ...SETTING_FLAGS };
  const found = (names: Iterable<string>) => [...names].filter((one) => one.startsWith(current));
  const flag = before.at(-1);
  const asked = flag?.startsWith('--') ? flags[flag.slice(2)] : undefined;
  if (flag && asked?.value) return valuesOf(flag.slice(2), asked.value, current, entries);
  if (current.startsWith('-')) return found([...Object.keys(flags), 'help'].map((one) => `--${one}`));
  if (!command) return found(COMMANDS.keys());
  if (rest.length > 0) return name === 'call' ? found(argumentsOf(rest[0], entries)) : [];
  switch (command.first) {
    case 'tool':
      return found(entries.map(({ definition }) => definition.name));
    case 'command':
      return found(COMMANDS.keys());
    case 'shell':
      return found(SHELLS);
    case 'kind':
      return found(EXPORTED);
    default:
      return [];
  }
}

/** The words that are neither flags nor their values. */
function withoutFlags(words: readonly string[]): string[] {
  const all = [SETTING_FLAGS, ...[...COMMANDS.values()].map(({ options }) => options)].flatMap((flags) =>
    Object.entries<CommandOption>(flags),
  );
  const valued = new Set(all.filter(([, { value }]) => value !== undefined).map(([flag]) => `--${flag}`));
  return words.filter((word, at) => !word.startsWith('-') && !valued.has(words[at - 1] ?? ''));
}

/**
 * Completions for a flag's value. Choices are in the value's name, as in `a|b`. A list of names is completed after its last
 * comma.
 */
function valuesOf(flag: string, value: string, current: string, entries: readonly CatalogEntry[]): string[] {
  // Choices that contain a placeholder, such as FILE, cannot be completed.
  if (value.includes('|') && !/\bFILE\b|…/.test(value))
    return value.split('|').filter((one) => one.startsWith(current));
  const names =
    flag === 'toolsets'
      ? [...new Set(['core', 'all', ...entries.map(({ toolset }) => toolset)])]
      : flag.endsWith('tools')
        ? entries.map(({ definition }) => definition.name)
        : [];
  const done = current.slice(0, current.lastIndexOf(',') + 1);
  return names.map((one) => done + one).filter((one) => one.startsWith(current));
}

function argumentsOf(tool: string | undefined, entries: readonly CatalogEntry[]): string[] {
  const schema = entries.find(({ definition }) => definition.name === tool)?.definition.inputSchema ?? {};
  const { properties } = schema as { properties?: object };
  return Object.keys(properties ?? {}).map((name) => `${name}=`);
}
