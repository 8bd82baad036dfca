import { claudeCommand } from './advice.ts';
import { CLIENTS, type Client, type ClientName } from './clients.ts';
import { snippet } from './install.ts';
import { formatted } from './json-config.ts';
import { type Machine, PUBLISHED, serverCommand, shellCommand } from './server-command.ts';
import { keyInput, SERVER_NAME, serverEntry, type Value, type Wanted } from './server-entry.ts';

const WANTED: Wanted = { flags: [], keyless: false };

/** The generic machine that the documentation refers to. */
function anyMachine(published: boolean): Machine {
  return {
    platform: 'linux',
    home: '~',
    folder: '.',
    env: {},
    node: 'node',
    entry: '/path/to/workos-mcp/dist/index.js',
    published,
  };
}

/** The snippet for a client's file. */
export function documentedSnippet(name: ClientName, published = PUBLISHED): string {
  return snippet(CLIENTS[name], anyMachine(published), WANTED);
}

/** The same as a code block. Claude Code's is for the file of a project. */
export function snippetBlock(name: ClientName, published = PUBLISHED): string {
  const client: Client = CLIENTS[name];
  return block(client.format, documentedSnippet(name, published));
}

/** The command that adds the server to Claude Code for all projects. */
export function claudeBlock(published = PUBLISHED): string {
  return block('sh', claudeCommand(CLIENTS['claude-code'], anyMachine(published), WANTED));
}

/** The commands that start `init`. */
export function initBlock(published = PUBLISHED): string {
  const command = shellCommand(anyMachine(published));
  return block('sh', `${command} init\n${command} init --client cursor`);
}

/** The server's entry in Claude Code's plugin, which asks for the key. The checkout is the folder above the plugin. */
export function pluginServers(published = PUBLISHED): string {
  const machine = { ...anyMachine(published), entry: `\${CLAUDE_PLUGIN_ROOT}/../dist/index.js` };
  const env = { WORKOS_TOKEN: `\${user_config.workos_token}`, WORKOS_MCP_READ_ONLY: `\${user_config.read_only}` };
  const server = { ...serverCommand(machine, false), env };
  return `${formatted({ mcpServers: { [SERVER_NAME]: server } })}\n`;
}

/** What `workos-mcp` stands for in the commands of the skill. */
export function skillCommand(published = PUBLISHED): string {
  if (published) return 'Without an installation, type `npx -y workos-mcp` instead of `workos-mcp`.';
  return '`workos-mcp` stands for `node dist/index.js` in the checkout of workos-mcp, because the package is not on npm yet.';
}

/** README's section on clients. */
export function clientsSection(published = PUBLISHED): string {
  return [
    `\`${shellCommand(anyMachine(published))} init\` lists the clients that it finds; with \`--client NAME\` it writes that client's configuration and says what to do next. It keeps the rest of the file, makes a backup, and writes no key, only a reference to \`WORKOS_TOKEN\` or, with \`--env-name\`, to another variable. Flags such as \`--read-only\` go into the configuration; with \`--sandbox\` no key is needed.`,
    '',
    `The clients are ${namesOfClients()}. ${published ? 'By hand' : "By hand, with your checkout's path instead of `/path/to/workos-mcp`"}:`,
    '',
    '**Claude Code**, for all of your projects',
    '',
    claudeBlock(published),
    '',
    '**Cursor**: `.cursor/mcp.json`. It takes the key from its own environment.',
    '',
    snippetBlock('cursor', published),
    '',
    '**VS Code**: `.vscode/mcp.json`. It asks for the key once.',
    '',
    snippetBlock('vscode', published),
    '',
    '**Codex**: `~/.codex/config.toml`. It passes the variable on by name.',
    '',
    snippetBlock('codex', published),
    '',
    linksSection(published),
  ].join('\n');
}

/** The links that install the server with one click. */
export function linksSection(published = PUBLISHED): string {
  if (!published) {
    return '**Install links** for Cursor and VS Code will follow when the package is on npm: a link needs a command that works on every machine, and today the command is a path on yours.';
  }
  const { cursor, vscode } = installLinks(published);
  return `**Install links**: [add to Cursor](${cursor.web}), [add to VS Code](${vscode.web})`;
}

/** The same for docs/clients.md, with links that open the client directly. */
export function allLinksSection(published = PUBLISHED): string {
  if (!published) return linksSection(published);
  const { cursor, vscode } = installLinks(published);
  const direct = block('text', `${cursor.app}\n${vscode.app}`);
  return `${linksSection(published)}\n\nThese open the client directly, on pages that allow such links:\n\n${direct}`;
}

/**
 * For each client, a link that opens it directly (`app`), and one for web pages (`web`). Cursor:
 * https://docs.cursor.com/en/tools/developers. VS Code: https://code.visualstudio.com/api/extension-guides/ai/mcp
 */
export function installLinks(
  published = PUBLISHED,
): Readonly<Record<'cursor' | 'vscode', { app: string; web: string }>> {
  const entryOf = (name: ClientName) => serverEntry(CLIENTS[name], anyMachine(published), WANTED);
  const config = encodeURIComponent(Buffer.from(JSON.stringify(entryOf('cursor'))).toString('base64'));
  const [entry, input] = [entryOf('vscode'), keyInput(CLIENTS.vscode, WANTED)];
  const inputs: Value = input ? [input] : [];
  return {
    cursor: {
      app: `cursor://anysphere.cursor-deeplink/mcp/install?name=${SERVER_NAME}&config=${config}`,
      web: `https://cursor.com/en/install-mcp?name=${SERVER_NAME}&config=${config}`,
    },
    vscode: {
      app: `vscode:mcp/install?${json({ name: SERVER_NAME, ...entry, inputs })}`,
      web: `https://vscode.dev/redirect/mcp/install?name=${SERVER_NAME}&inputs=${json(inputs)}&config=${json(entry)}`,
    },
  };
}

function json(value: Value): string {
  return encodeURIComponent(JSON.stringify(value));
}

function namesOfClients(): string {
  const names = Object.keys(CLIENTS).map((name) => `\`${name}\``);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}
