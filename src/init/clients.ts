import { type Machine, pathsOf } from './server-command.ts';

/** Where a configuration applies: in one project, or in all projects of a user. */
export const SCOPES = ['project', 'user'] as const;
export type Scope = (typeof SCOPES)[number];

/** The id of the input with which VS Code asks the user for the key. */
export const KEY_INPUT = 'workos-token';

/**
 * A path that starts with `~` or a variable that `locate` knows, or is relative to the project's folder. An object has one per
 * system.
 */
type Location = string | Readonly<{ linux: string; darwin: string; win32: string }>;

/** How to configure one client. */
export interface Client {
  title: string;
  /** Its configuration files. The first scope is the default. */
  files: Readonly<Partial<Record<Scope, Location>>>;
  /** The property of the file that holds the servers. */
  servers: string;
  format: 'json' | 'toml';
  /** The prefix of a variable's name in `${…}`. A client without it passes variables on under their own names. */
  reference?: '' | 'env:';
  /** Asks its user for the key, unless a variable is named. */
  asks?: true;
  /** Is usually started from the desktop, without a shell's variables and PATH. */
  fromDesktop?: true;
  /** Accepts no comments or trailing commas in its file. */
  strict?: true;
  /** The scopes in which `init` prints a snippet instead of writing the file. */
  printed?: readonly Scope[];
  /** Folders and files that show that the client is used here. */
  traces: readonly Location[];
  /** Tells the user how to reload the configuration, and where the client shows the server. */
  restart: string;
}

const codeFolder = {
  linux: '$CONFIG/Code/User',
  darwin: '~/Library/Application Support/Code/User',
  win32: '$APPDATA/Code/User',
};
const zedFolder = { linux: '$CONFIG/zed', darwin: '~/.config/zed', win32: '$APPDATA/Zed' };

/** Every client that `init` knows. */
export const CLIENTS = {
  'claude-code': {
    title: 'Claude Code',
    files: { project: '.mcp.json', user: '~/.claude.json' },
    servers: 'mcpServers',
    format: 'json',
    reference: '',
    strict: true,
    traces: ['.mcp.json', '.claude', '~/.claude.json', '~/.claude'],
    restart:
      "Restart Claude Code. It asks once whether to use the project's server. claude mcp get workos and /mcp show it.",
  },
  'claude-desktop': {
    title: 'Claude Desktop',
    files: {},
    servers: 'mcpServers',
    format: 'json',
    fromDesktop: true,
    traces: [{ linux: '$CONFIG/Claude', darwin: '~/Library/Application Support/Claude', win32: '$APPDATA/Claude' }],
    restart: 'Restart Claude Desktop. Settings > Extensions shows the server.',
  },
  cursor: {
    title: 'Cursor',
    files: { project: '.cursor/mcp.json', user: '~/.cursor/mcp.json' },
    servers: 'mcpServers',
    format: 'json',
    reference: 'env:',
    fromDesktop: true,
    traces: ['.cursor', '~/.cursor'],
    restart: 'Restart Cursor. Cursor Settings > MCP shows the server.',
  },
  vscode: {
    title: 'VS Code',
    files: {
      project: '.vscode/mcp.json',
      user: {
        linux: `${codeFolder.linux}/mcp.json`,
        darwin: `${codeFolder.darwin}/mcp.json`,
        win32: `${codeFolder.win32}/mcp.json`,
      },
    },
    servers: 'servers',
    format: 'json',
    reference: 'env:',
    asks: true,
    fromDesktop: true,
    traces: ['.vscode', codeFolder],
    restart: 'Run MCP: List Servers in VS Code and start workos. The same command shows its state and output.',
  },
  codex: {
    title: 'Codex',
    files: { user: '$CODEX_HOME/config.toml', project: '.codex/config.toml' },
    servers: 'mcp_servers',
    format: 'toml',
    traces: ['.codex', '$CODEX_HOME'],
    restart:
      "Restart Codex. codex mcp get workos shows the server; a project's server only if Codex trusts the project.",
  },
  antigravity: {
    title: 'Antigravity',
    files: { user: '~/.gemini/config/mcp_config.json' },
    servers: 'mcpServers',
    format: 'json',
    fromDesktop: true,
    traces: ['~/.gemini/config', '~/.gemini/antigravity'],
    restart: 'Restart Antigravity. Manage MCP Servers shows the server.',
  },
  windsurf: {
    title: 'Windsurf',
    files: { user: '~/.codeium/windsurf/mcp_config.json' },
    servers: 'mcpServers',
    format: 'json',
    reference: 'env:',
    fromDesktop: true,
    printed: ['user'],
    traces: ['~/.codeium/windsurf'],
    restart: 'Restart Windsurf. Its MCP settings show the server.',
  },
  zed: {
    title: 'Zed',
    files: {
      user: {
        linux: `${zedFolder.linux}/settings.json`,
        darwin: `${zedFolder.darwin}/settings.json`,
        win32: `${zedFolder.win32}/settings.json`,
      },
      project: '.zed/settings.json',
    },
    servers: 'context_servers',
    format: 'json',
    fromDesktop: true,
    printed: ['user', 'project'],
    traces: ['.zed', zedFolder],
    restart: 'Zed reads its settings at once. Settings > AI > MCP Servers shows the server.',
  },
} satisfies Readonly<Record<string, Client>>;

export type ClientName = keyof typeof CLIENTS;

/** The names of all clients, in the order in which `init` lists them. */
export const CLIENT_NAMES: readonly ClientName[] = [
  'claude-code',
  'claude-desktop',
  'cursor',
  'vscode',
  'codex',
  'antigravity',
  'windsurf',
  'zed',
];

/** The scopes that a client has; the first is the default. */
export function scopesOf(client: Client): Scope[] {
  // The keys of `files` are scopes, by its type.
  return Object.keys(client.files) as Scope[];
}

/** The path of a client's file. Undefined if it has none in this scope. */
export function configPath(client: Client, scope: Scope, machine: Machine): string | undefined {
  const location = client.files[scope];
  return location === undefined ? undefined : locate(location, machine);
}

/** The absolute path of a location. */
export function locate(location: Location, machine: Machine): string {
  const { env, home, folder, platform } = machine;
  const { join } = pathsOf(machine);
  const system = platform === 'win32' || platform === 'darwin' ? platform : 'linux';
  const [first = '', ...rest] = (typeof location === 'string' ? location : location[system]).split('/');
  const roots: Readonly<Record<string, string>> = {
    '~': home,
    $CONFIG: env['XDG_CONFIG_HOME'] || join(home, '.config'),
    $APPDATA: env['APPDATA'] || join(home, 'AppData', 'Roaming'),
    $CODEX_HOME: env['CODEX_HOME'] || join(home, '.codex'),
  };
  const root = roots[first];
  return root === undefined ? join(folder, first, ...rest) : join(root, ...rest);
}
