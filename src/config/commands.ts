import { HTTP_SETTINGS } from './http-settings.ts';
import { type Setting, shownDefault } from './settings.ts';

/** A flag of one command. */
export interface CommandOption {
  /** How the value is written, with choices as `a|b`. A flag without this is on or off. */
  value?: string;
  meaning: string;
  /** Repeated flags are combined. */
  list?: true;
}

/** One command of the command line. Parsing, help, and completion follow from it. */
export interface CommandDefinition {
  /** The words after the command, as help shows them. */
  words: string;
  /** The kind of the first word, for completion. */
  first?: 'tool' | 'command' | 'shell' | 'file' | 'kind';
  /** How many words it takes. */
  least: number;
  most: number;
  does: string;
  options: Readonly<Record<string, CommandOption>>;
}

const JSON_OUTPUT: CommandOption = { meaning: 'JSON, also on a terminal' };
const ENVIRONMENT: CommandOption = { value: 'NAME', meaning: 'one of --environments; default: the first' };

/** All commands, in the order of help. `serve` runs if none is given. */
export const COMMAND_TABLE = {
  serve: { words: '', least: 0, most: 0, does: 'serves MCP on stdin and stdout', options: {} },
  check: {
    words: '',
    least: 0,
    most: 0,
    does: 'checks key, network and API, and says how to fix problems',
    options: {
      environment: { value: 'NAME', meaning: 'one of --environments; default: all' },
      'env-name': { value: 'NAME', meaning: 'the key variable to check; default: the one in use' },
      url: { value: 'URL', meaning: 'the API URL to try' },
      method: { value: 'GET|HEAD|OPTIONS', meaning: 'the HTTP method' },
      json: JSON_OUTPUT,
    },
  },
  call: {
    words: "TOOL ['JSON' | key=value | key:=json | @FILE | -]…",
    first: 'tool',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    does: 'calls one tool',
    options: { environment: ENVIRONMENT, json: JSON_OUTPUT },
  },
  batch: {
    words: '[FILE|-]',
    first: 'file',
    least: 0,
    most: 1,
    does: 'makes a call for each line of JSON, and writes a line for each',
    options: { environment: ENVIRONMENT },
  },
  find: {
    words: 'WORDS…',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    does: 'searches all tools for what you want to do',
    options: { json: JSON_OUTPUT },
  },
  tools: {
    words: '[NAME]',
    first: 'tool',
    least: 0,
    most: 1,
    does: 'lists the tools that the settings expose, or explains any one',
    options: { json: { meaning: 'JSON' }, markdown: { meaning: 'a Markdown table' } },
  },
  compare: {
    words: 'FROM TO',
    least: 2,
    most: 2,
    does: 'shows what differs between two of --environments',
    options: {
      only: { value: 'a,b', meaning: 'only these kinds, for example permissions,roles' },
      json: JSON_OUTPUT,
    },
  },
  plan: {
    words: 'FILE',
    first: 'file',
    least: 1,
    most: 1,
    does: 'shows what applying a configuration file would change',
    options: { environment: ENVIRONMENT, json: JSON_OUTPUT },
  },
  init: {
    words: '',
    least: 0,
    most: 0,
    does: "writes a client's configuration, keeping what is there; without --client, says how",
    options: {
      client: {
        value: 'claude-code|claude-desktop|cursor|vscode|codex|antigravity|windsurf|zed',
        meaning: 'the client',
      },
      scope: { value: 'project|user', meaning: 'this project, or all of your projects' },
      'env-name': { value: 'NAME', meaning: 'the variable that holds the key; default: WORKOS_TOKEN' },
      print: { meaning: 'prints what it would write' },
    },
  },
  http: {
    words: '[CODE]',
    least: 0,
    most: 1,
    does: 'serves MCP over HTTP to a team that signs in with AuthKit',
    options: {
      ...httpOptions(),
      setup: { meaning: 'creates the permissions and roles of the team, with your consent, and serves nothing' },
    },
  },
  sandbox: {
    words: '',
    least: 0,
    most: 0,
    does: 'serves the sandbox over HTTP, for any program',
    options: {
      port: { value: 'N', meaning: 'the port; default: 8788, 0 for any free port' },
      seed: { value: 'FILE', meaning: 'the data to start with' },
    },
  },
  import: {
    words: 'FILE',
    first: 'file',
    least: 1,
    most: 1,
    does: 'creates, invites or updates the people in a CSV or JSON Lines file, and resumes where it stopped',
    options: {
      organization: { value: 'ORG', meaning: 'id, name or domain, for rows without organization_id' },
      role: { value: 'SLUG', meaning: 'for rows without a role' },
      mode: { value: 'create|invite|update', meaning: 'what to do; default: create' },
      match: { value: 'email|external_id', meaning: 'the column that identifies people; default: email' },
      'dry-run': { meaning: 'only looks up and counts' },
      confirmation: { value: 'CODE', meaning: 'the code of the preview' },
      json: JSON_OUTPUT,
    },
  },
  export: {
    words: 'users|organizations|memberships [FILE]',
    first: 'kind',
    least: 1,
    most: 2,
    does: 'exports all of them to a new file, and resumes where it stopped',
    options: { format: { value: 'csv|jsonl', meaning: 'default: csv' }, json: JSON_OUTPUT },
  },
  demo: {
    words: '',
    least: 0,
    most: 0,
    does: 'runs a short session against the sandbox',
    options: { fast: { meaning: 'without a pause between sections' } },
  },
  completion: {
    words: 'bash|zsh|fish',
    first: 'shell',
    least: 1,
    most: Number.POSITIVE_INFINITY,
    does: 'prints the completion script for a shell',
    options: {},
  },
  help: { words: '[COMMAND]', first: 'command', least: 0, most: 1, does: 'explains the commands, or one', options: {} },
  version: { words: '', least: 0, most: 0, does: 'prints the version', options: {} },
} satisfies Record<string, CommandDefinition>;

/** The settings of `http` as its flags. */
function httpOptions(): Record<string, CommandOption> {
  const settings: readonly Setting<unknown>[] = Object.values(HTTP_SETTINGS);
  return Object.fromEntries(
    settings.map((setting) => {
      const { flag, variable, value, meaning, list } = setting;
      const initial = shownDefault(setting);
      const source = `${variable}${initial && `, default ${initial}`}`;
      return [flag, { ...(value && { value }), meaning: `${meaning} (${source})`, ...(list && { list }) }];
    }),
  );
}

export type Command = keyof typeof COMMAND_TABLE;

/** The commands by name, for names that may not be commands. */
export const COMMANDS: ReadonlyMap<string, CommandDefinition> = new Map(Object.entries(COMMAND_TABLE));

/** Whether a word is a command. */
export function isCommand(word: string | undefined): word is Command {
  return word !== undefined && COMMANDS.has(word);
}

/** The shells that `completion` supports. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** The kinds of objects that `export` can write. */
export const EXPORTED = ['users', 'organizations', 'memberships'] as const;
