import { parseArgs } from 'node:util';
import { didYouMean } from '../text/did-you-mean.ts';
import { SETTINGS } from './settings.ts';

export const COMMANDS = ['serve', 'check', 'call', 'tools', 'init', 'sandbox', 'demo'] as const;
export type Command = (typeof COMMANDS)[number];

/** What the command line asks for. */
export interface Invocation {
  command: Command;
  /** Words after the command: TOOL and JSON of `call`, NAME of `tools`. */
  words: readonly string[];
  /** Flags that belong to one command: `env-name`, `url`, `method`, `json`, `markdown`, `port`, `seed`, `client`, `scope`, `print`. */
  options: Readonly<Record<string, string>>;
  /** The settings that were given as flags, by the flag's name. */
  flags: ReadonlyMap<string, readonly string[]>;
  help: boolean;
  version: boolean;
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionType = { type: 'string' | 'boolean'; short?: string };

/** Flags that only one command takes. */
const COMMAND_OPTIONS: Readonly<Record<Command, Readonly<Record<string, OptionType>>>> = {
  serve: {},
  check: {
    'env-name': { type: 'string' },
    url: { type: 'string' },
    method: { type: 'string' },
    json: { type: 'boolean' },
  },
  call: {},
  tools: { json: { type: 'boolean' }, markdown: { type: 'boolean' } },
  init: {
    client: { type: 'string' },
    scope: { type: 'string' },
    'env-name': { type: 'string' },
    print: { type: 'boolean' },
  },
  sandbox: { port: { type: 'string' }, seed: { type: 'string' } },
  demo: {},
};

const SETTING_OPTIONS: Readonly<Record<string, OptionType>> = Object.fromEntries(
  Object.values(SETTINGS).map(({ flag, value }) => [flag, { type: value === undefined ? 'boolean' : 'string' }]),
);

const ALL_OPTIONS: Readonly<Record<string, OptionType>> = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  ...SETTING_OPTIONS,
  ...Object.fromEntries(Object.values(COMMAND_OPTIONS).flatMap((options) => Object.entries(options))),
};

/**
 * Splits the command line into a command, its words and flags. `flags` holds the settings, with every value given.
 * Whatever cannot be understood adds a sentence to `problems`.
 */
export function parseArgv(
  argv: readonly string[],
  problems: string[],
): { invocation: Invocation; flags: ReadonlyMap<string, readonly string[]> } {
  const { tokens } = parseArgs({
    args: [...argv],
    options: ALL_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const named = COMMANDS.find((one) => one === positionals[0]);
  const command = named ?? 'serve';
  const flags = new Map<string, string[]>();
  const options: Record<string, string> = {};
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    given.add(name);
    if (name === 'help' || name === 'version') continue;
    const isSetting = Object.hasOwn(SETTING_OPTIONS, name);
    if (!isSetting && !Object.hasOwn(COMMAND_OPTIONS[command], name)) {
      const known = [...Object.keys(SETTING_OPTIONS), ...Object.keys(COMMAND_OPTIONS[command])];
      problems.push(`Unknown flag ${rawName}${didYouMean(name, known, '--')}`);
      continue;
    }
    const bare = ALL_OPTIONS[name]?.type === 'boolean';
    const value = token.value ?? (bare ? 'true' : undefined);
    // The next flag is not the value that is missing here.
    if (value === undefined || (!bare && !token.inlineValue && value.startsWith('--'))) {
      problems.push(`${rawName} needs a value`);
    } else if (isSetting) {
      flags.set(name, [...(flags.get(name) ?? []), value]);
    } else if (Object.hasOwn(options, name)) {
      problems.push(`${rawName} is given more than once`);
    } else {
      options[name] = value;
    }
  }
  const words = named ? positionals.slice(1) : withoutValuesOfUnknownFlags(tokens);
  const help = given.has('help');
  for (const problem of wordProblems(named, words, help)) problems.push(problem);
  return { invocation: { command, words, options, flags, help, version: given.has('version') }, flags };
}

/** The words that can be a misspelt command. What follows an unknown flag is more likely its value, and maybe a secret. */
function withoutValuesOfUnknownFlags(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'positional') return [];
    const before = tokens[at - 1];
    const isValue = before?.kind === 'option' && !before.inlineValue && !Object.hasOwn(ALL_OPTIONS, before.name);
    return isValue ? [] : [token.value];
  });
}

function wordProblems(command: Command | undefined, words: readonly string[], help: boolean): string[] {
  const [first = ''] = words;
  if (command === 'call') {
    if (words.length === 0 && !help) return ["call needs a tool: workos-mcp call TOOL ['JSON']"];
    return words.length > 2 ? [`call takes a tool and one JSON object, not also "${words[2]}"`] : [];
  }
  if (command === 'tools') return words.length > 1 ? [`tools takes one name, not also "${words[1]}"`] : [];
  if (words.length === 0) return [];
  return command
    ? [`${command} takes no argument "${first}"`]
    : [`Unknown command ${first}${didYouMean(first, COMMANDS)}`];
}
