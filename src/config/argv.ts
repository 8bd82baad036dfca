import { didYouMean } from '../text/did-you-mean.ts';
import { SETTINGS } from './settings.ts';

export const COMMANDS = ['serve', 'check', 'call', 'tools', 'demo'] as const;
export type Command = (typeof COMMANDS)[number];

/** What the command line asks for. */
export interface Invocation {
  command: Command;
  /** Words after the command: TOOL and JSON of `call`. */
  words: readonly string[];
  /** Flags that belong to one command: `env-name`, `url`, `method`, `json`, `markdown`. */
  options: Readonly<Record<string, string>>;
  help: boolean;
  version: boolean;
}

/** Flags that only one command takes; `true` where no value follows. */
const OPTIONS: Readonly<Record<Command, Readonly<Record<string, boolean>>>> = {
  serve: {},
  check: { 'env-name': false, url: false, method: false, json: true },
  call: {},
  tools: { json: true, markdown: true },
  demo: {},
};

/** Splits the command line; what cannot be understood is added to `problems`, a sentence each. */
export function parseArgv(
  argv: readonly string[],
  problems: string[],
): { invocation: Invocation; flags: ReadonlyMap<string, string> } {
  const flags = new Map<string, string>();
  const options: Record<string, string> = {};
  const words: string[] = [];
  let help = false;
  let version = false;
  const command = commandOf(argv);
  const own = OPTIONS[command];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '-h' || word === '--help') help = true;
    else if (word === '-v' || word === '--version') version = true;
    else if (!word.startsWith('--')) words.push(word);
    else {
      const [flag = '', inline] = splitOnce(word.slice(2), '=');
      const setting = SETTINGS.find((one) => one.flag === flag);
      const bare = setting ? setting.value === undefined : Object.hasOwn(own, flag) ? own[flag] : undefined;
      if (bare === undefined) {
        problems.push(
          `--${flag} is no flag${didYouMean(flag, [...SETTINGS.map((one) => one.flag), ...Object.keys(own)], '--')}`,
        );
        continue;
      }
      const next = argv[at + 1];
      const value = inline ?? (bare ? 'true' : next);
      if (inline === undefined && !bare) at++;
      if (value === undefined || (inline === undefined && !bare && value.startsWith('--'))) {
        problems.push(`--${flag} needs a value`);
        if (value !== undefined) at--;
        continue;
      }
      if (setting) flags.set(flag, value);
      else options[flag] = value;
    }
  }
  const rest = command === 'serve' ? words : words.slice(1);
  const most = command === 'call' ? 2 : 0;
  if (command === 'call' && rest.length === 0 && !help)
    problems.push("call needs a tool: workos-mcp call TOOL ['JSON']");
  if (rest.length > most) {
    problems.push(
      command === 'serve'
        ? `${rest[0]} is no command${didYouMean(rest[0] ?? '', [...COMMANDS])}`
        : `${command} takes no "${rest[most]}"`,
    );
  }
  return { invocation: { command, words: rest, options, help, version }, flags };
}

function commandOf(argv: readonly string[]): Command {
  // The first bare word may be the value of a flag before it: `--toolsets all check`, `--output-dir demo`.
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const setting = word.startsWith('--') ? SETTINGS.find((one) => one.flag === word.slice(2)) : undefined;
    if (setting?.value !== undefined) at++;
    else if (!word.startsWith('-')) return COMMANDS.find((one) => one === word) ?? 'serve';
  }
  return 'serve';
}

function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
