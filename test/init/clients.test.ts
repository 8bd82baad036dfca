import { describe, expect, it } from 'vitest';
import { detectClients, nextSteps } from '../../src/init/advice.ts';
import { CLIENT_NAMES, CLIENTS, type Client, configPath, type Scope } from '../../src/init/clients.ts';
import { lastingNode, serverCommand, shellCommand } from '../../src/init/server-command.ts';
import { machineWith } from './machine.ts';

const linux = machineWith();
const mac = machineWith({ platform: 'darwin', home: '/Users/ana', folder: '/Users/ana/app' });
const windows = machineWith({
  platform: 'win32',
  home: 'C:\\Users\\ana',
  folder: 'C:\\app',
  env: { APPDATA: 'D:\\Roaming' },
});

describe('the file of', () => {
  it.each<[keyof typeof CLIENTS, Scope, string, string, string]>([
    ['claude-code', 'project', '/src/app/.mcp.json', '/Users/ana/app/.mcp.json', 'C:\\app\\.mcp.json'],
    ['cursor', 'project', '/src/app/.cursor/mcp.json', '/Users/ana/app/.cursor/mcp.json', 'C:\\app\\.cursor\\mcp.json'],
    [
      'cursor',
      'user',
      '/home/ana/.cursor/mcp.json',
      '/Users/ana/.cursor/mcp.json',
      'C:\\Users\\ana\\.cursor\\mcp.json',
    ],
    [
      'vscode',
      'user',
      '/home/ana/.config/Code/User/mcp.json',
      '/Users/ana/Library/Application Support/Code/User/mcp.json',
      'D:\\Roaming\\Code\\User\\mcp.json',
    ],
    [
      'codex',
      'user',
      '/home/ana/.codex/config.toml',
      '/Users/ana/.codex/config.toml',
      'C:\\Users\\ana\\.codex\\config.toml',
    ],
    [
      'antigravity',
      'user',
      '/home/ana/.gemini/config/mcp_config.json',
      '/Users/ana/.gemini/config/mcp_config.json',
      'C:\\Users\\ana\\.gemini\\config\\mcp_config.json',
    ],
    [
      'windsurf',
      'user',
      '/home/ana/.codeium/windsurf/mcp_config.json',
      '/Users/ana/.codeium/windsurf/mcp_config.json',
      'C:\\Users\\ana\\.codeium\\windsurf\\mcp_config.json',
    ],
    [
      'zed',
      'user',
      '/home/ana/.config/zed/settings.json',
      '/Users/ana/.config/zed/settings.json',
      'D:\\Roaming\\Zed\\settings.json',
    ],
  ])('%s, %s, is found on each system', (name, scope, ...paths) => {
    expect([linux, mac, windows].map((machine) => configPath(CLIENTS[name], scope, machine))).toEqual(paths);
  });

  it('a client whose folder was moved is found there', () => {
    const moved = machineWith({ env: { CODEX_HOME: '/data/codex', XDG_CONFIG_HOME: '/data/config' } });
    expect(configPath(CLIENTS.codex, 'user', moved)).toBe('/data/codex/config.toml');
    expect(configPath(CLIENTS.vscode, 'user', moved)).toBe('/data/config/Code/User/mcp.json');
  });
});

describe('a client starts the server', () => {
  const published = { published: true };

  it.each([
    ['from a shell', linux, false, { command: 'node', args: ['/src/workos-mcp/dist/index.js'] }],
    [
      'from the desktop, with the path of node',
      linux,
      true,
      { command: '/opt/node/bin/node', args: ['/src/workos-mcp/dist/index.js'] },
    ],
    ['with npx once it is published', machineWith(published), true, { command: 'npx', args: ['-y', 'workos-mcp'] }],
    [
      'with cmd and npx on Windows once it is published',
      machineWith({ ...published, platform: 'win32' }),
      false,
      { command: 'cmd', args: ['/c', 'npx', '-y', 'workos-mcp'] },
    ],
  ])('%s', (_, machine, fromDesktop, command) => {
    expect(serverCommand(machine, fromDesktop)).toEqual(command);
  });

  it('by a link that survives an update of Node, if there is one', () => {
    const links: Record<string, string> = { '/opt/homebrew/bin/node': '/opt/homebrew/Cellar/node/22.1.0/bin/node' };
    const realPath = (path: string) => links[path] ?? path;
    expect(lastingNode('/opt/homebrew/Cellar/node/22.1.0/bin/node', realPath)).toBe('/opt/homebrew/bin/node');
    expect(lastingNode('/home/ana/.nvm/versions/node/v22.1.0/bin/node', realPath)).toBe(
      '/home/ana/.nvm/versions/node/v22.1.0/bin/node',
    );
  });

  it('and a person with a command that is quoted for the shell', () => {
    expect(shellCommand(machineWith({ entry: "/src/ana's code/index.js" }))).toBe(
      "node '/src/ana'\\''s code/index.js'",
    );
    expect(shellCommand(machineWith({ platform: 'win32', entry: 'C:\\My code\\index.js' }))).toBe(
      'node "C:\\My code\\index.js"',
    );
  });
});

describe('the next steps', () => {
  it.each(CLIENT_NAMES.filter((name) => name !== 'claude-desktop'))(
    'name the key, the restart and the check for %s',
    (name) => {
      const client: Client = CLIENTS[name];
      for (const machine of [linux, mac, windows]) {
        const steps = nextSteps(client, machine, { flags: [], keyless: false }).join('\n');
        expect(steps).toMatch(
          name === 'vscode' ? /asks for the key/ : machine === windows ? /setx WORKOS_TOKEN/ : /export WORKOS_TOKEN=/,
        );
        expect(steps).toContain(client.title);
        expect(steps).toContain('check_connector');
      }
    },
  );
});

it('a client is detected by its folder or file', () => {
  const here = new Set(['/src/app/.vscode', '/home/ana/.codex', '/home/ana/.gemini/antigravity']);
  expect(detectClients(linux, (path) => here.has(path))).toEqual([
    { name: 'vscode', trace: '/src/app/.vscode' },
    { name: 'codex', trace: '/home/ana/.codex' },
    { name: 'antigravity', trace: '/home/ana/.gemini/antigravity' },
  ]);
});
