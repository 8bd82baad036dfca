import crypto from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../src/errors/errors.ts';
import {
  CodeFiles,
  createFile,
  otherFolders,
  privateFolder,
  reserveFile,
  writeFile,
} from '../../src/results/private-files.ts';
import { expectMode, WINDOWS } from '../platform.ts';

let root: string;
let umask: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workos-mcp-files-'));
  // The most permissive umask a shell can have.
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(root, { recursive: true, force: true });
});

describe('the output folder', () => {
  it('is created for this user only, with its parent folders', () => {
    const folder = privateFolder(join(root, 'a', 'b', 'c', 'd'));
    expectMode(folder, 0o700);
    expectMode(join(root, 'a'), 0o700);
  });

  it('is used unchanged if it is already private', () => {
    const folder = privateFolder(join(root, 'out'));
    writeFileSync(join(folder, 'kept'), 'x');
    expect(privateFolder(folder)).toBe(folder);
    expect(readdirSync(folder)).toEqual(['kept']);
  });

  it.skipIf(WINDOWS).each([0o755, 0o750, 0o770, 0o777, 0o701, 0o740])(
    'is refused if other users can access it: %o',
    (mode) => {
      const folder = join(root, 'open');
      mkdirSync(folder);
      chmodSync(folder, mode);
      expect(() => privateFolder(folder)).toThrow(ConfigError);
      expect(() => privateFolder(folder)).toThrow(/is open to other users/);
      expect(() => writeFile(folder, 'secret', 'json', '{}')).toThrow(ConfigError);
      expect(readdirSync(folder)).toEqual([]);
      expectMode(folder, mode);
    },
  );

  it.each<[string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, '')],
    [
      'a symlink, even to a private folder',
      (path) => {
        mkdirSync(`${path}-target`, { mode: 0o700 });
        symlinkSync(`${path}-target`, path);
      },
    ],
    ['a dangling symlink', (path) => symlinkSync(`${path}-missing`, path)],
  ])('is refused if it is %s', (_, create) => {
    const path = join(root, 'out');
    create(path);
    expect(() => privateFolder(path)).toThrow(ConfigError);
    expect(() => privateFolder(path)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('WORKOS_MCP_OUTPUT_DIR') }),
    );
  });

  it.skipIf(WINDOWS)('is refused if it belongs to another user', () => {
    const folder = privateFolder(join(root, 'out'));
    const another = vi.spyOn(process, 'getuid').mockReturnValue(statSync(folder).uid + 1);
    expect(() => privateFolder(folder)).toThrow(/is open to other users/);
    another.mockRestore();
    expect(privateFolder(folder)).toBe(folder);
  });

  it('is refused with the reason if it cannot be created', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => privateFolder(join(root, 'file', 'out'))).toThrow(/cannot be used: (?:ENOTDIR|ENOENT)/);
  });
});

describe('a file', () => {
  it('is written for this user only', () => {
    const path = writeFile(join(root, 'out'), 'get_vault_object', 'json', 'grüße\n');
    expect(readFileSync(path, 'utf8')).toBe('grüße\n');
    expectMode(path, 0o600);
    expect(path).toMatch(/get_vault_object-[0-9a-f]{12}\.json$/);
  });

  it('is streamed to for this user only', async () => {
    const { path, handle } = await createFile(join(root, 'out'), 'list_users', 'jsonl');
    await handle.appendFile('a\n');
    await handle.appendFile('b\n');
    await handle.close();
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
    expectMode(path, 0o600);
  });

  it('always gets a new name', async () => {
    const folder = join(root, 'out');
    const paths = Array.from({ length: 50 }, () => writeFile(folder, 'x', 'json', ''));
    const { path, handle } = await createFile(folder, 'x', 'json');
    await handle.close();
    expect(new Set([...paths, path]).size).toBe(51);
    expect(readdirSync(folder)).toHaveLength(51);
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'a/b', 'a\\b', 'a\u0000b', 'ü ü', '', '.', '..', 'x'.repeat(500)])(
    'named %j stays in the folder',
    (name) => {
      const folder = join(root, 'out');
      const path = writeFile(folder, name, 'json', '{}');
      expect(path.startsWith(`${folder}${sep}`)).toBe(true);
      expect(readdirSync(folder)).toEqual([path.slice(folder.length + 1)]);
    },
  );
});

describe('a file whose name is taken', () => {
  const WRITERS: [string, (folder: string) => unknown][] = [
    ['written', (folder) => writeFile(folder, 'x', 'json', 'new')],
    ['streamed to', (folder) => createFile(folder, 'x', 'json')],
  ];
  beforeEach(() => {
    // Gives every file the same random suffix.
    vi.spyOn(crypto, 'randomBytes').mockImplementation(() => Buffer.alloc(6));
    syncBuiltinESMExports();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  it.each(WRITERS)('is not %s, so the existing file is unchanged', async (_, create) => {
    const folder = join(root, 'out');
    const existing = writeFile(folder, 'x', 'json', 'old');
    await expect(async () => create(folder)).rejects.toThrow(/EEXIST/);
    expect(readFileSync(existing, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it.each(WRITERS)('is not %s through a symlink', async (_, create) => {
    const folder = join(root, 'out');
    const link = writeFile(folder, 'x', 'json', '');
    rmSync(link);
    symlinkSync(join(root, 'elsewhere'), link);
    await expect(async () => create(folder)).rejects.toThrow(/EEXIST/);
    expect(readdirSync(root)).toEqual(['out']);
  });
});

describe('a reserved file', () => {
  it('takes up room until it is filled, and then holds just what was written', () => {
    const file = reserveFile(join(root, 'out'), 'create_user_api_key', 'json');
    expect(statSync(file.path).size).toBe(64 * 1024);
    expect(readFileSync(file.path, 'utf8')).toContain('has not finished');
    file.fill('{"value": "ü"}');
    expect(readFileSync(file.path, 'utf8')).toBe('{"value": "ü"}');
    expectMode(file.path, 0o600);
    file.discard();
    expect(readFileSync(file.path, 'utf8')).toBe('{"value": "ü"}');
    expect(() => file.fill('again')).toThrow(/is closed/);
    expect(readFileSync(file.path, 'utf8')).toBe('{"value": "ü"}');
  });

  it('is deleted when it is discarded before it is filled', () => {
    const file = reserveFile(join(root, 'out'), 'x', 'json');
    file.discard();
    file.discard();
    expect(readdirSync(join(root, 'out'))).toEqual([]);
  });

  // Windows neither moves nor replaces an open file.
  it.skipIf(WINDOWS)('cannot be filled if it was moved or replaced', () => {
    const moved = reserveFile(join(root, 'out'), 'x', 'json');
    renameSync(join(root, 'out'), join(root, 'away'));
    expect(() => moved.fill('secret')).toThrow(/ENOENT/);
    const replaced = reserveFile(join(root, 'out'), 'x', 'json');
    rmSync(replaced.path);
    writeFileSync(replaced.path, 'of another');
    expect(() => replaced.fill('secret')).toThrow(/has unexpected content/);
  });

  it('is refused if nothing can be written', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => reserveFile(join(root, 'file'), 'x', 'json')).toThrow(ConfigError);
  });
});

it('there are other folders to fall back to', () => {
  const folders = otherFolders(join(root, 'out'));
  expect(folders.length).toBeGreaterThan(1);
  for (const folder of folders) expect(otherFolders(`${folder}/`)).toEqual(folders.filter((one) => one !== folder));
});

describe('a confirmation code in files', () => {
  const open = { binding: 'delete_organization org_1', expires: 1_000 };

  it('can be read by the next process', async () => {
    await new CodeFiles(join(root, 'out')).set('code', open);
    expect(await new CodeFiles(join(root, 'out')).get('code')).toEqual(open);
    expect(await new CodeFiles(join(root, 'other')).get('code')).toBeUndefined();
    expect(await new CodeFiles(join(root, 'out')).get('Code')).toBeUndefined();
  });

  it('can be removed by one process only, whichever comes first', async () => {
    const [one, two] = [new CodeFiles(join(root, 'out')), new CodeFiles(join(root, 'out'))];
    await one.set('code', open);
    const tries = [one.delete('code'), two.delete('code'), one.delete('code')];
    expect(await Promise.all(tries)).toEqual([true, false, false]);
    expect(await one.get('code')).toBeUndefined();
  });

  it('is not in the file or its name, and only this user can read the file', async () => {
    await new CodeFiles(join(root, 'out')).set('Zm9vYmFy', open);
    const folder = join(root, 'out', 'confirmations');
    const [name = ''] = readdirSync(folder);
    expect(name).toMatch(/^[0-9a-f]{64}\.json$/);
    expect(readFileSync(join(folder, name), 'utf8')).not.toContain('Zm9vYmFy');
    expectMode(join(root, 'out'), 0o700);
    expectMode(folder, 0o700);
    expectMode(join(folder, name), 0o600);
  });

  it('cannot leave its folder, whatever the code', async () => {
    const codes = new CodeFiles(join(root, 'out'));
    await codes.set('../../../evil', open);
    expect(readdirSync(root)).toEqual(['out']);
    expect(await codes.get('../../../evil')).toEqual(open);
  });

  it('is never overwritten', async () => {
    const codes = new CodeFiles(join(root, 'out'));
    await codes.set('code', open);
    await expect(codes.set('code', { binding: 'other', expires: 2_000 })).rejects.toThrow(/EEXIST/);
    expect(await codes.get('code')).toEqual(open);
  });

  it.each(['', 'null', '[]', '{', '{"binding":1,"expires":2}', '{"binding":"x"}', '{"expires":1}'])(
    'is unknown if its file was damaged to %j',
    async (content) => {
      const codes = new CodeFiles(join(root, 'out'));
      await codes.set('code', open);
      const folder = join(root, 'out', 'confirmations');
      writeFileSync(join(folder, readdirSync(folder)[0] ?? ''), content);
      expect(await codes.get('code')).toBeUndefined();
    },
  );
});
