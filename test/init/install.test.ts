import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claudeCommand } from '../../src/init/advice.ts';
import { CLIENTS, type Client, type ClientName, configPath, type Scope, scopesOf } from '../../src/init/clients.ts';
import { install, snippet } from '../../src/init/install.ts';
import type { Wanted } from '../../src/init/server-entry.ts';
import { hasAllOf, machineWith } from './machine.ts';

const WANTED: Wanted = { flags: [], keyless: false };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'workos-mcp-init-'));
  mkdirSync(join(home, 'app'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const machine = () => machineWith({ home, folder: join(home, 'app') });
const golden = (name: string) => new URL(`golden/${name}`, import.meta.url);

/** The clients and scopes in which a file is written. */
const written: [ClientName, Scope][] = [
  ['claude-code', 'project'],
  ['cursor', 'project'],
  ['cursor', 'user'],
  ['vscode', 'project'],
  ['vscode', 'user'],
  ['codex', 'user'],
  ['codex', 'project'],
  ['antigravity', 'user'],
];

describe('an existing VS Code input with the same id', () => {
  it.each([
    { id: 'workos-token', type: 'promptString' },
    { id: 'workos-token', type: 'command', command: 'evil.run' },
  ])('is refused if it does not hide the key: %j', async (input) => {
    const path = configPath(CLIENTS.vscode, 'project', machine()) ?? '';
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ inputs: [input] }));
    await expect(install(CLIENTS.vscode, 'project', machine(), WANTED)).rejects.toThrow('does not ask for a password');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ inputs: [input] });
  });
});

describe.each(written)('%s, %s', (name, scope) => {
  const client: Client = CLIENTS[name];
  const extension = client.format;
  const path = () => configPath(client, scope, machine()) ?? '';
  const put = (text: string) => {
    mkdirSync(dirname(path()), { recursive: true });
    writeFileSync(path(), text);
  };
  const installed = (wanted = WANTED) => install(client, scope, machine(), wanted);
  const text = () => readFileSync(path(), 'utf8');
  const before = readFileSync(golden(`before/${name}.${extension}`), 'utf8');

  it('gets a new file if there is none', async () => {
    expect(await installed()).toEqual({ did: 'wrote', path: path(), backup: undefined });
    await expect(text()).toMatchFileSnapshot(fileURLToPath(golden(`${name}-${scope}-new.${extension}`)));
    expect(readdirSync(dirname(path()))).toEqual([path().slice(dirname(path()).length + 1)]);
  });

  it.each([
    ['empty', ''],
    ['blank', ' \n\n'],
  ])('gets the same content in a file that is %s', async (_, blank) => {
    put(blank);
    await installed();
    expect(text().trimStart()).toBe(readFileSync(golden(`${name}-${scope}-new.${extension}`), 'utf8'));
  });

  it('keeps other servers, comments and everything else, and backs up the file', async () => {
    put(before);
    expect(await installed()).toMatchObject({ did: 'wrote', backup: `${path()}.backup-1` });
    await expect(text()).toMatchFileSnapshot(fileURLToPath(golden(`${name}-${scope}-added.${extension}`)));
    expect(readFileSync(`${path()}.backup-1`, 'utf8')).toBe(before);
    expect(hasAllOf(text(), before)).toBe(true);
  });

  it('is unchanged by a second run, and gets no second backup', async () => {
    put(before);
    await installed();
    const after = text();
    expect(await installed()).toMatchObject({ did: 'nothing', path: path() });
    expect(text()).toBe(after);
    expect(readdirSync(dirname(path())).filter((file) => file.includes('.backup-'))).toHaveLength(1);
  });

  it('keeps Windows line endings and a byte order mark', async () => {
    put(`\ufeff${before.replaceAll('\n', '\r\n')}`);
    await installed();
    const plain = readFileSync(golden(`${name}-${scope}-added.${extension}`), 'utf8');
    expect(text()).toBe(`\ufeff${plain.replaceAll('\n', '\r\n')}`);
  });

  it('keeps a different entry, and shows both without its key', async () => {
    await installed({ flags: ['--read-only'], keyless: false });
    const edited = text().replace('"$' + '{WORKOS_TOKEN}"', '"sk_live_secret123"');
    writeFileSync(path(), edited);
    const error = await installed().then(
      String,
      (error: { message: string; hint: string }) => `${error.message}\n${error.hint}`,
    );
    expect(error).toContain(`${path()} has another entry "workos"`);
    expect(error).toContain('--read-only');
    expect(error).toContain('It would become:');
    expect(error).not.toContain('secret123');
    expect(text()).toBe(edited);
  });
});

it('an existing entry is shown without anything that may be a secret', async () => {
  const path = join(home, '.cursor/mcp.json');
  mkdirSync(dirname(path));
  const [env, headers] = [{ A: 'hunter2', B: '$' + '{env:B}', C: '$' + '{C:-hunter2}' }, { authorization: 'hunter2' }];
  writeFileSync(path, JSON.stringify({ mcpServers: { workos: { args: ['--key', 'sk_live_hunter2'], env, headers } } }));
  const error: { hint?: string } = await install(CLIENTS.cursor, 'user', machine(), WANTED).catch((reason) => reason);
  expect(error.hint).toContain('"A": "[not shown]"');
  expect(error.hint).toContain('"B": "$' + '{env:B}"');
  expect(error.hint).not.toContain('hunter2');
});

describe('what is printed', () => {
  const printed = (['windsurf', 'zed'] as const).flatMap((name) =>
    scopesOf(CLIENTS[name]).map((scope) => [name, scope] as const),
  );

  it.each(printed)('for %s, %s, is a snippet', async (name) => {
    await expect(snippet(CLIENTS[name], machineWith(), WANTED)).toMatchFileSnapshot(
      fileURLToPath(golden(`${name}.json`)),
    );
  });

  it('for Claude Code in all projects is its own command', () => {
    const client = CLIENTS['claude-code'];
    expect(claudeCommand(client, machineWith(), WANTED)).toBe(
      "claude mcp add workos --scope user -e 'WORKOS_TOKEN=$" + "{WORKOS_TOKEN}' -- node /src/workos-mcp/dist/index.js",
    );
    const windows = machineWith({ platform: 'win32', entry: 'C:\\My code\\workos-mcp\\dist\\index.js' });
    expect(claudeCommand(client, windows, { variable: 'ACME_KEY', flags: ['--read-only'], keyless: false })).toBe(
      'claude mcp add workos --scope user -e "WORKOS_TOKEN=$' +
        '{ACME_KEY}" -- node "C:\\My code\\workos-mcp\\dist\\index.js" --read-only',
    );
  });
});
