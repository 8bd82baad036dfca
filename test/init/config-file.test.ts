import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLIENTS, type Client } from '../../src/init/clients.ts';
import { readConfigFile, writeConfigFile } from '../../src/init/config-file.ts';
import { InitError } from '../../src/init/init-error.ts';
import { install } from '../../src/init/install.ts';
import { machineWith } from './machine.ts';

let home: string;
let folder: string;
let path: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'workos-mcp-config-file-')));
  folder = join(home, 'app');
  path = join(folder, '.mcp.json');
  mkdirSync(folder);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const installed = (scope: 'project' | 'user' = 'project', client: Client = CLIENTS['claude-code']) =>
  install(client, scope, machineWith({ home, folder }), { flags: [], keyless: false });
const refusal = async () => {
  const error: unknown = await installed().catch((reason: unknown) => reason);
  if (!(error instanceof InitError)) throw new Error(`it was not refused: ${JSON.stringify(error)}`);
  return `${error.message}\n${error.hint}`;
};

describe('a configuration file is left unchanged, with the reason, if it', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    [
      'is not JSON',
      '{"mcpServers": {',
      /\.mcp\.json is not JSON: CloseBraceExpected at line 1, column 17\nNothing was changed/,
    ],
    ['has unresolved conflicts', '{\n<<<<<<< HEAD\n}', /is not JSON: InvalidSymbol at line 2, column 1/],
    ['is a list', '[]', /is a list, not an object/],
    ['has servers of another shape', '{"mcpServers": []}', /has mcpServers, which is a list, not an object/],
    ['has the servers twice', '{"mcpServers": {}, "mcpServers": {}}', /has "mcpServers" twice/],
    ['is UTF-16', Buffer.from('\ufeff{}', 'utf16le'), /is not UTF-8/],
    ['is nested too deeply', '['.repeat(200_000), /cannot be changed|is not JSON/],
  ])('%s', async (_, text, reason) => {
    writeFileSync(path, text);
    expect(await refusal()).toMatch(reason);
    expect(readFileSync(path)).toEqual(Buffer.from(text));
    expect(readdirSync(folder)).toEqual(['.mcp.json']);
  });

  it('is read-only', async () => {
    writeFileSync(path, '{}', { mode: 0o444 });
    expect(await refusal()).toContain('is read-only');
    expect(readFileSync(path, 'utf8')).toBe('{}');
  });

  it('is a folder', async () => {
    mkdirSync(path);
    expect(await refusal()).toContain('is not a file');
  });

  it('is a broken link', async () => {
    symlinkSync(join(home, 'missing'), path);
    expect(await refusal()).toContain('is a broken link');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it.each(['.mcp.json', '.vscode'])('is reached through a link out of the project: %s', async (name) => {
    mkdirSync(join(home, 'elsewhere'));
    writeFileSync(join(home, 'elsewhere/mcp.json'), '{}');
    symlinkSync(join(home, name === '.vscode' ? 'elsewhere' : 'elsewhere/mcp.json'), join(folder, name));
    const client = name === '.vscode' ? CLIENTS.vscode : CLIENTS['claude-code'];
    await expect(installed('project', client)).rejects.toThrow('is a link that leads out of the project');
    expect(readFileSync(join(home, 'elsewhere/mcp.json'), 'utf8')).toBe('{}');
    expect(readdirSync(join(home, 'elsewhere'))).toEqual(['mcp.json']);
  });

  it('would be in a folder that is itself a file', async () => {
    writeFileSync(join(folder, '.cursor'), 'text');
    await expect(installed('project', CLIENTS.cursor)).rejects.toThrow(InitError);
    expect(readFileSync(join(folder, '.cursor'), 'utf8')).toBe('text');
  });

  it('was changed by another program in the meantime', async () => {
    writeFileSync(path, '{}');
    const file = await readConfigFile(path);
    writeFileSync(path, '{"theirs": true}');
    await expect(writeConfigFile(file, '{"ours": true}')).rejects.toThrow('was changed by another program');
    expect(readFileSync(path, 'utf8')).toBe('{"theirs": true}');
    expect(readdirSync(folder)).toEqual(['.mcp.json']);
  });

  it('was created by another program in the meantime', async () => {
    const file = await readConfigFile(path);
    writeFileSync(path, '{"theirs": true}');
    await expect(writeConfigFile(file, '{"ours": true}')).rejects.toThrow('was changed by another program');
    expect(readFileSync(path, 'utf8')).toBe('{"theirs": true}');
  });
});

describe('a changed configuration file', () => {
  it('is written through its link', async () => {
    const real = join(home, 'dotfiles.json');
    writeFileSync(real, '{}');
    mkdirSync(join(home, '.cursor'));
    symlinkSync(real, join(home, '.cursor/mcp.json'));
    const did = await installed('user', CLIENTS.cursor);
    expect(did).toMatchObject({ did: 'wrote', path: real, backup: `${real}.backup-1` });
    expect(lstatSync(join(home, '.cursor/mcp.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toContain('"workos"');
  });

  it('keeps its mode, which its backup has too', async () => {
    writeFileSync(path, '{}');
    chmodSync(path, 0o640);
    await installed();
    expect([path, `${path}.backup-1`].map((one) => statSync(one).mode & 0o777)).toEqual([0o640, 0o640]);
  });

  it('is backed up under a new name each time', async () => {
    writeFileSync(`${path}.backup-1`, 'of somebody else');
    writeFileSync(path, '{}');
    expect(await installed()).toMatchObject({ backup: `${path}.backup-2` });
    writeFileSync(path, '{"mcpServers": {}}');
    expect(await installed()).toMatchObject({ backup: `${path}.backup-3` });
    expect(readFileSync(`${path}.backup-1`, 'utf8')).toBe('of somebody else');
    expect(readFileSync(`${path}.backup-3`, 'utf8')).toBe('{"mcpServers": {}}');
  });

  it('comes with a warning if its client cannot read comments', async () => {
    writeFileSync(path, '{} // nothing yet');
    expect(await installed()).toMatchObject({
      did: 'wrote',
      warning: expect.stringContaining('Claude Code ignores it'),
    });
    expect(existsSync(`${path}.backup-1`)).toBe(true);
  });
});
