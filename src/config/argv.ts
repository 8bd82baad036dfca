import { parseArgs } from 'node:util';
import { didYouMean } from '../text/did-you-mean.ts';
import { COMMANDS, type Command, type CommandDefinition, EXPORTED, isCommand, SHELLS } from './commands.ts';
import { SETTINGS } from './settings.ts';

/** A parsed command line. */
export interface Invocation {
  command: Command;
  /** Words after the command: TOOL and arguments of `call`, NAME of `tools`. */
  words: readonly string[];
  /** Flags that belong to one command, such as `json`. */
  options: Readonly<Record<string, string>>;
  /** The settings that were given as flags, by flag name. */
  flags: ReadonlyMap<string, readonly string[]>;
  help: boolean;
  version: boolean;
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionType = { type: 'string' | 'boolean'; short?: string };

/** Flags that only one command takes. */
const COMMAND_OPTIONS: ReadonlyMap<string, Readonly<Record<string, OptionType>>> = new Map(
  [...COMMANDS].map(([name, { options }]) => [name, optionTypes(options)]),
);

function optionTypes(options: CommandDefinition['options']): Record<string, OptionType> {
  return Object.fromEntries(
    Object.entries(options).map(([flag, { value }]) => [flag, { type: value === undefined ? 'boolean' : 'string' }]),
  );
}

const SETTING_OPTIONS: Readonly<Record<string, OptionType>> = Object.fromEntries(
  Object.values(SETTINGS).map(({ flag, value }) => [flag, { type: value === undefined ? 'boolean' : 'string' }]),
);

const ALL_OPTIONS: Readonly<Record<string, OptionType>> = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  ...SETTING_OPTIONS,
  ...Object.fromEntries([...COMMAND_OPTIONS.values()].flatMap((options) => Object.entries(options))),
};

/**
 * Splits the command line into a command, its words, and flags. `flags` holds the settings, with every value given.
 * Adds a sentence to `problems` for each part that cannot be understood.
 * @param tools The names of all tools, which people may mistake for commands.
 */
export function parseArgv(
  argv: readonly string[],
  problems: string[],
  tools: ReadonlySet<string> = new Set(),
): { invocation: Invocation; flags: ReadonlyMap<string, readonly string[]> } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: ALL_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const named = isCommand(positionals[0]) ? positionals[0] : undefined;
  const command = named ?? 'serve';
  const own = COMMAND_OPTIONS.get(command) ?? {};
  const flags = new Map<string, string[]>();
  const options: Record<string, string> = {};
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    given.add(name);
    if (name === 'help' || name === 'version') continue;
    const isSetting = Object.hasOwn(SETTING_OPTIONS, name);
    if (!isSetting && !Object.hasOwn(own, name)) {
      const known = [...Object.keys(SETTING_OPTIONS), ...Object.keys(own), 'help', 'version'];
      const near = didYouMean(name, known, '--');
      const argument = command === 'call' && !near ? `; tool arguments take no dashes: ${name}=VALUE` : near;
      problems.push(`Unknown flag ${rawName}${argument}`);
      continue;
    }
    const bare = ALL_OPTIONS[name]?.type === 'boolean';
    const value = token.value ?? (bare ? 'true' : undefined);
    // The next flag is not taken for the missing value.
    if (value === undefined || (!bare && !token.inlineValue && value.startsWith('--'))) {
      problems.push(`${rawName} needs a value`);
    } else if (isSetting) {
      flags.set(name, [...(flags.get(name) ?? []), value]);
    } else if (Object.hasOwn(options, name) && COMMANDS.get(command)?.options[name]?.list) {
      options[name] += `,${value}`;
    } else if (Object.hasOwn(options, name)) {
      problems.push(`${rawName} is given more than once`);
    } else {
      options[name] = value;
    }
  }
  const words = named ? positionals.slice(1) : withoutValuesOfUnknownFlags(tokens);
  const help = given.has('help');
  for (const problem of wordProblems(named, words, help, tools)) problems.push(problem);
  return { invocation: { command, words, options, flags, help, version: given.has('version') }, flags };
}

/** The words that can be a misspelled command. A word after an unknown flag is probably its value, and may be a secret. */
function withoutValuesOfUnknownFlags(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'positional') return [];
    const before = tokens[at - 1];
    const isValue = before?.kind === 'option' && !before.inlineValue && !Object.hasOwn(ALL_OPTIONS, before.name);
    return isValue ? [] : [token.value];
  });
}

function wordProblems(
  command: Command | undefined,
  words: readonly string[],
  help: boolean,
  tools: ReadonlySet<string>,
): string[] {
  const [first = ''] = words;
  const definition = COMMANDS.get(command ?? '');
  if (!command || !definition) {
    if (words.length === 0) return [];
    const meant = tools.has(first) ? `; did you mean call ${first}?` : didYouMean(first, [...COMMANDS.keys()]);
    return [`Unknown command ${first}${meant || '; workos-mcp help lists the commands'}`];
  }
  if (help) return [];
  const usage = `workos-mcp ${command} ${definition.words}`;
  if (words.length < definition.least) return [`${command} needs ${NEEDED[command] ?? 'a word'}: ${usage}`];
  if (words.length > definition.most) {
    const extra = words[definition.most];
    const one = definition.first === 'tool' ? 'name' : definition.first;
    const meant = command === 'init' ? '; --client names the client' : '';
    return [
      one
        ? `${command} takes only one ${one}; unexpected: "${extra}"`
        : `${command} takes no argument "${extra}"${meant}`,
    ];
  }
  if (command === 'help' && words.length && !isCommand(first)) {
    return [`Unknown command ${first}${didYouMean(first, [...COMMANDS.keys()])}`];
  }
  const exported: readonly string[] = EXPORTED;
  if (command === 'export' && !exported.includes(first)) {
    return [`export writes ${EXPORTED.join(', ')}, not ${first}${didYouMean(first, EXPORTED)}: ${usage}`];
  }
  const shells: readonly string[] = [...SHELLS, CANDIDATES];
  const unknown = command === 'completion' && !shells.includes(first);
  return unknown ? [`Unknown shell ${first}${didYouMean(first, SHELLS)}: ${usage}`] : [];
}

/** The word with which the scripts of `completion` ask for candidates. */
export const CANDIDATES = 'candidates';

const NEEDED: Partial<Record<Command, string>> = {
  call: 'a tool',
  import: 'a file',
  export: 'what to write',
  find: 'words to search for',
  compare: 'two environments',
  plan: 'a file',
  completion: 'a shell',
};
