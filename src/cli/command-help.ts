import { COMMANDS, type Command } from '../config/commands.ts';
import { optionLines } from './help.ts';

/** What the help of a command adds to its line in the table of commands. */
const DETAILS: Partial<Record<Command, readonly string[]>> = {
  serve: ['This is what an MCP client runs. docs/clients.md shows how to configure each.'],
  check: [
    'Looks at the key variable, the proxy, DNS, TLS, an authenticated request, the clock and the rate limit.',
    'Exit codes: 0 all is well; 1 something is wrong.',
    '  workos-mcp check',
    '  workos-mcp check --env-name WORKOS_LIVE_KEY --json',
  ],
  call: [
    'Arguments can be mixed, and later ones win:',
    '  key=value     text, or a number, true or false if the tool takes one',
    '  key:=json     any JSON: limit:=5 or \'domains:=["a.example"]\'',
    '  \'{"a": 1}\'    a JSON object',
    '  @FILE         a JSON object in a file',
    '  -             a JSON object on stdin',
    'Other users of the machine can see your command line. Pass secrets with @FILE or -.',
    'A terminal shows tables and fields; a pipe, or --json, gets JSON. An error goes to stderr.',
    'A call that needs your consent asks at a terminal. Elsewhere it changes nothing and writes a preview',
    'with a code: repeat the call with confirmation=CODE.',
    'Exit codes: 0 done; 1 the call failed, in whole or in part; 2 unknown tool or flag, unreadable JSON,',
    'wrong settings; 3 a confirmation is needed.',
    '  workos-mcp call list_organizations search=Acme limit=5',
    "  workos-mcp call list_users all_pages=true query='data[].email' --json",
    "  workos-mcp call create_organization 'name=Acme, Inc.' 'domains:=[\"acme.example\"]'",
    '  workos-mcp call create_user - < user.json',
    '  workos-mcp tools TOOL shows the arguments of a tool.',
  ],
  batch: [
    'In:   {"tool": "get_user", "arguments": {"user_id": "user_1"}, "query": "email"}; the last two may be left out',
    'Out:  {"index": 0, "tool": "get_user", "ok": true, "value": …} or {…, "ok": false, "error": …}',
    'Lines are read from a file or from stdin, and run one after the other. A line that fails, or cannot be read, does not',
    'stop the others. A call that needs consent writes its preview as its value; to run it, add the code to its arguments.',
    'Ctrl-C stops after the current call.',
    'Exit codes: 0 all done; 1 a line failed; 2 the file cannot be read, wrong settings; 3 a confirmation is needed.',
    '  workos-mcp batch calls.jsonl > results.jsonl',
  ],
  find: ['  workos-mcp find invite a user', '  workos-mcp find why can nobody sign in --json'],
  tools: ['  workos-mcp tools --toolsets all', '  workos-mcp tools create_user'],
  compare: [
    'Permissions, roles, feature flags, webhook endpoints, redirect URIs, CORS origins, the JWT template, audit log schemas',
    'and Connect applications. Ids, secrets and times are not compared.',
    'Exit codes: 0 nothing differs; 1 it could not be determined; 2 wrong usage or settings; 3 something differs.',
    '  workos-mcp compare staging production',
    '  workos-mcp compare staging production --only permissions,roles --json',
  ],
  plan: [
    'The file is one that export_configuration writes, in the working directory. Nothing is changed, even if the settings',
    'allow it: workos-mcp call apply_configuration path=FILE apply=true applies it.',
    'Exit codes: 0 nothing would change; 1 it could not be determined; 2 wrong usage or settings; 3 something would change.',
    '  workos-mcp plan workos.yaml --environment production',
  ],
  init: [
    'It writes no key, only a reference to the variable that holds it. Settings given as flags go into the entry.',
    'Exit codes: 0 done; 1 the file was not changed; 2 wrong usage or settings.',
    '  workos-mcp init --client cursor --read-only',
    '  workos-mcp init --client codex --print',
  ],
  http: [
    'Without --authkit-domain only this machine can connect, without signing in. Put a TLS proxy in front of it.',
    'The permissions workos-mcp:read, :write, :delete and :secrets in their roles decide what people may do.',
    'SIGTERM lets running calls finish. docs/teams.md shows every step.',
    'Exit codes: 0 stopped on request; 1 --setup failed; 2 wrong settings, or it cannot listen; 3 --setup needs a',
    'confirmation: run it again with the code.',
    '  workos-mcp http --sandbox',
    '  workos-mcp http --setup',
    '  workos-mcp http --public-url https://mcp.example.com/mcp --authkit-domain https://your-team.authkit.app',
  ],
  sandbox: ['Ctrl-C stops it. With --sandbox-state FILE it keeps its state between runs.'],
  import: [
    'The columns are the arguments of create_user, and locale, metadata.KEY, organization_id and role_slug.',
    'The whole file is checked before anything is sent. Progress is kept in a journal next to the file:',
    'the same command resumes where it stopped, even after Ctrl-C or a crash, and creates no duplicates.',
    'Invitations, and updates of an email address, a password or email_verified, ask for your consent under a live key.',
    'The file is in the working directory or the output folder. docs/imports.md has examples.',
    'Exit codes: 0 all rows are done; 1 rows failed or remain; 2 wrong usage or settings; 3 a confirmation is needed.',
    '  workos-mcp import users.csv --dry-run',
    '  workos-mcp import users.csv --organization Acme --role member',
    '  workos-mcp import changes.jsonl --mode update --match external_id',
  ],
  export: [
    'After an interruption, the same command resumes after the part that was written. Nothing is overwritten.',
    'Without FILE, it writes a new file in the output folder. Exports contain no passwords.',
    'Exit codes: 0 done; 1 failed or interrupted; 2 wrong usage or settings.',
    '  workos-mcp export users users.csv',
    '  workos-mcp export memberships --format jsonl',
  ],
  demo: ['On a terminal it waits for Enter between sections.'],
  completion: [
    '  bash  eval "$(workos-mcp completion bash)"         in ~/.bashrc',
    '  zsh   eval "$(workos-mcp completion zsh)"          in ~/.zshrc, after compinit',
    '  fish  workos-mcp completion fish | source          in ~/.config/fish/config.fish',
    'The scripts ask this command for candidates, so they know its tools, flags and arguments.',
  ],
};

/** The help of one command, or undefined if there is none of that name. */
export function commandHelp(name: string): string | undefined {
  const definition = COMMANDS.get(name);
  if (!definition) return undefined;
  const details = new Map(Object.entries(DETAILS)).get(name) ?? [];
  const options = optionLines(definition.options);
  const { words, does } = definition;
  return [
    `workos-mcp${name === 'serve' ? '' : ` ${name}`}${words && ` ${words}`}${options.length ? ' [flags]' : ''}: ${does}`,
    ...(details.length ? ['', ...details] : []),
    ...(options.length ? ['', ...options] : []),
    '',
    'workos-mcp --help lists the settings, which every command takes.',
  ].join('\n');
}
