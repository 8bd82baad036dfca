import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { parse as parseToml } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_NAMES } from '../../src/init/clients.ts';
import { PUBLISHED } from '../../src/init/server-command.ts';
import { WINDOWS } from '../platform.ts';
import { COMMAND, cleanEnvironment, runCommand } from '../process.ts';

let home: string;
let project: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'workos-mcp-init-')));
  project = join(home, 'project');
  mkdirSync(project);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const init = (...args: string[]) => runCommand(['init', ...args], { HOME: home }, project);
const json = (path: string) => JSON.parse(readFileSync(join(home, path), 'utf8'));
/** What clients start, and a person types. */
const [program, args] = PUBLISHED ? ['npx', ['-y', 'workos-mcp']] : ['node', [COMMAND]];
const typed = [program, ...args].join(' ');
/** A reference to a variable, as clients write it. */
const reference = (name: string) => `$\{${name}}`;

// On Windows it prints other paths and commands, which test/init/ checks on every system.
describe.skipIf(WINDOWS)('workos-mcp init', () => {
  it('writes the configuration of the project, and says what it did and what to do next', async () => {
    const { code, out, err } = await init('--client', 'claude-code');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`Added the server "workos" for Claude Code, in this project: ${project}/.mcp.json`);
    expect(out).toMatch(/^1\. .*export WORKOS_TOKEN=.*\n2\. Restart Claude Code\..*\n3\. .*check_connector/m);
    expect(out).toContain(`${typed} init --client claude-code --scope user`);
    expect(json('project/.mcp.json')).toEqual({
      mcpServers: { workos: { command: program, args, env: { WORKOS_TOKEN: reference('WORKOS_TOKEN') } } },
    });
  });

  it('says that there was nothing to do the second time', async () => {
    await init('--client', 'cursor', '--scope', 'user');
    const { code, out } = await init('--client', 'cursor', '--scope', 'user');
    expect(code).toBe(0);
    expect(out).toContain(`${home}/.cursor/mcp.json already has the server. Nothing was changed.`);
    expect(readdirSync(join(home, '.cursor'))).toEqual(['mcp.json']);
  });

  it('shows an existing entry of that name without its key, and exits with code 1', async () => {
    const text = JSON.stringify({
      mcpServers: { workos: { command: 'old', env: { WORKOS_TOKEN: 'sk_live_0123456789' } } },
    });
    writeFileSync(join(project, '.mcp.json'), text);
    const { code, out, err } = await init('--client', 'claude-code');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      /has another entry "workos"[\s\S]*"old"[\s\S]*It would become:[\s\S]*remove it and run this again/,
    );
    expect(err).not.toContain('0123456789');
    expect(readFileSync(join(project, '.mcp.json'), 'utf8')).toBe(text);
  });

  it('writes the flags of the server with absolute paths, and no key with --sandbox', async () => {
    await init('--client', 'cursor', '--sandbox', '--read-only', '--toolsets', 'core,vault', '--output-dir', 'out');
    const { args: written, env } = json('project/.cursor/mcp.json').mcpServers.workos;
    expect(written).toEqual([
      ...args,
      '--toolsets',
      'core,vault',
      '--read-only',
      '--output-dir',
      join(project, 'out'),
      '--sandbox',
    ]);
    expect(env).toBeUndefined();
  });

  it('repeats the flags in the command for the other scope, and names variables that it does not write', async () => {
    const given = ['init', '--client', 'cursor', '--env-name', 'ACME_KEY', '--toolsets', 'all'];
    const { out } = await runCommand(given, { HOME: home, WORKOS_MCP_READ_ONLY: 'true' }, project);
    expect(out).toContain('init --client cursor --scope user --env-name ACME_KEY --toolsets all\n');
    expect(out).toContain('Not written: WORKOS_MCP_READ_ONLY.');
    expect(json('project/.cursor/mcp.json').mcpServers.workos.args).toEqual([...args, '--toolsets', 'all']);
  });

  it('takes the key from another variable with --env-name', async () => {
    await init('--client', 'claude-code', '--env-name', 'ACME_KEY');
    expect(json('project/.mcp.json').mcpServers.workos.env).toEqual({ WORKOS_TOKEN: reference('ACME_KEY') });
    await init('--client', 'vscode', '--env-name', 'ACME_KEY');
    const { servers, inputs } = json('project/.vscode/mcp.json');
    expect({ env: servers.workos.env, inputs }).toEqual({
      env: { WORKOS_TOKEN: reference('env:ACME_KEY') },
      inputs: undefined,
    });
    await init('--client', 'codex', '--env-name', 'WORKOS_API_KEY');
    const codex = parseToml(readFileSync(join(home, '.codex/config.toml'), 'utf8'));
    expect(codex).toMatchObject({ mcp_servers: { workos: { env_vars: ['WORKOS_API_KEY'] } } });
  });

  it.each([
    ['an unknown client', ['--client', 'curser'], /--client must be one of .*; did you mean cursor\?/],
    ['an unknown scope', ['--client', 'cursor', '--scope', 'users'], /--scope must be one of project, user/],
    [
      'a scope that the client does not have',
      ['--client', 'antigravity', '--scope', 'project'],
      /use --client antigravity --scope user/,
    ],
    ['a key as a name', ['--client', 'cursor', '--env-name', 'sk_test_0123456789'], /looks like the key itself/],
    [
      'another key as a name',
      ['--client', 'cursor', '--env-name', 'a0b1c2d3e4f5a6b7c8d9e0f1'],
      /looks like the key itself/,
    ],
    ['an invalid name', ['--client', 'cursor', '--env-name', 'MY KEY'], /must be the name of a variable/],
    [
      'a name that Codex cannot pass on',
      ['--client', 'codex', '--env-name', 'ACME_KEY'],
      /WORKOS_TOKEN or WORKOS_API_KEY/,
    ],
    [
      'a name when no key is needed',
      ['--client', 'cursor', '--sandbox', '--env-name', 'ACME_KEY'],
      /leave out --env-name/,
    ],
    ['flags that an extension would not get', ['--client', 'claude-desktop', '--read-only'], /takes no --read-only/],
    ['flags without a client', ['--read-only'], /init needs --client/],
    ['a bare word', ['cursor'], /init takes no argument "cursor"/],
  ])('refuses %s with exit code 2, writes nothing and repeats no key', async (_, given, reason) => {
    const { code, out, err } = await init(...given);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(reason);
    expect(err).not.toMatch(/0123456789|a0b1c2/);
    expect([readdirSync(home), readdirSync(project)]).toEqual([['project'], []]);
  });

  it.each(CLIENT_NAMES)('writes nothing with --print for %s', async (name) => {
    const { code, out } = await init('--client', name, '--print');
    expect(code).toBe(0);
    expect(out).toContain(name === 'claude-desktop' ? 'npm run mcpb' : 'workos');
    expect([readdirSync(home), readdirSync(project)]).toEqual([['project'], []]);
  });

  it.each(['windsurf', 'zed', 'claude-desktop'])('only prints for %s', async (name) => {
    expect(await init('--client', name)).toMatchObject({ code: 0 });
    expect([readdirSync(home), readdirSync(project)]).toEqual([['project'], []]);
  });

  it('prints only the snippet on stdout, and where it belongs on stderr', async () => {
    const { out, err } = await init('--client', 'zed', '--print');
    expect(JSON.parse(out)).toMatchObject({ context_servers: { workos: { args } } });
    expect(err).toContain(`In ${home}/.config/zed/settings.json`);
    expect(err).toContain('Nothing was written.');
  });

  it("prints Claude Code's own command for all projects, and does not touch its file", async () => {
    writeFileSync(join(home, '.claude.json'), '{}');
    const { code, out } = await init('--client', 'claude-code', '--scope', 'user');
    expect(code).toBe(0);
    expect(out).toBe(`claude mcp add workos --scope user -e 'WORKOS_TOKEN=${reference('WORKOS_TOKEN')}' -- ${typed}\n`);
    expect(readFileSync(join(home, '.claude.json'), 'utf8')).toBe('{}');
  });

  it('lists the clients that it finds, or else all, with the command for each', async () => {
    const none = await init();
    expect(none.out).toContain('No client was found here.');
    for (const name of CLIENT_NAMES) expect(none.out).toContain(`init --client ${name}\n`);
    mkdirSync(join(home, '.codex'));
    mkdirSync(join(project, '.vscode'));
    const { code, out } = await init();
    expect(code).toBe(0);
    expect(out).toContain(`  ${typed} init --client codex\n      Codex: ${home}/.codex\n`);
    expect(out).toContain(`init --client vscode\n      VS Code: ${project}/.vscode\n`);
    expect(out).not.toContain('init --client zed');
    expect(existsSync(join(home, '.codex/config.toml'))).toBe(false);
  });

  it.skipIf(PUBLISHED)('writes an entry that starts a server', async () => {
    await init('--client', 'cursor', '--sandbox');
    const { command, args } = json('project/.cursor/mcp.json').mcpServers.workos;
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StdioClientTransport({ command, args, env: cleanEnvironment(), cwd: home, stderr: 'ignore' }),
    );
    const { content } = await client.callTool({ name: 'check_connector' });
    expect(JSON.stringify(content)).toContain('the sandbox needs no key');
    await client.close();
  });
});
