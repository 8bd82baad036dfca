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
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors/errors.ts';
import {
  CodeFiles,
  createFile,
  otherFolders,
  privateFolder,
  reserveFile,
  writeFile,
} from '../../src/results/private-files.ts';

let root: string;
let umask: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workos-mcp-files-'));
  // The most permissive setting a shell can have.
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(root, { recursive: true, force: true });
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the output folder', () => {
  it('is made for this user alone, with the folders above it', () => {
    const folder = privateFolder(join(root, 'a', 'b'));
    expect(modeOf(folder)).toBe('700');
    expect(modeOf(join(root, 'a'))).toBe('700');
  });

  it('is taken as it is where it is private already', () => {
    const folder = privateFolder(join(root, 'out'));
    writeFileSync(join(folder, 'kept'), 'x');
    expect(privateFolder(folder)).toBe(folder);
    expect(readdirSync(folder)).toEqual(['kept']);
  });

  it.each([0o755, 0o750, 0o770, 0o777, 0o701, 0o740])('is refused where others may look into it: %o', (mode) => {
    const folder = join(root, 'open');
    mkdirSync(folder);
    chmodSync(folder, mode);
    expect(() => privateFolder(folder)).toThrow(ConfigError);
    expect(() => privateFolder(folder)).toThrow(/is open to other users/);
    expect(() => writeFile(folder, 'secret', 'json', '{}')).toThrow(ConfigError);
    expect(readdirSync(folder)).toEqual([]);
    expect(modeOf(folder)).toBe(mode.toString(8));
  });

  it.each<[string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, '')],
    [
      'a link, even to a private folder',
      (path) => {
        mkdirSync(`${path}-target`, { mode: 0o700 });
        symlinkSync(`${path}-target`, path);
      },
    ],
    ['a link to nowhere', (path) => symlinkSync(`${path}-missing`, path)],
  ])('is refused where it is %s', (_, make) => {
    const path = join(root, 'out');
    make(path);
    expect(() => privateFolder(path)).toThrow(ConfigError);
    expect(() => privateFolder(path)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('WORKOS_MCP_OUTPUT_DIR') }),
    );
  });

  it('is refused with its reason where it cannot be made', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => privateFolder(join(root, 'file', 'out'))).toThrow(/cannot be used: ENOTDIR/);
  });
});

describe('a file', () => {
  it('is written whole, for this user alone', () => {
    const path = writeFile(join(root, 'out'), 'get_vault_object', 'json', 'grüße\n');
    expect(readFileSync(path, 'utf8')).toBe('grüße\n');
    expect(modeOf(path)).toBe('600');
    expect(path).toMatch(/get_vault_object-[0-9a-f]{12}\.json$/);
  });

  it('is streamed to, for this user alone', async () => {
    const { path, handle } = await createFile(join(root, 'out'), 'list_users', 'jsonl');
    await handle.appendFile('a\n');
    await handle.appendFile('b\n');
    await handle.close();
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
    expect(modeOf(path)).toBe('600');
  });

  it('never takes the place of another', async () => {
    const folder = join(root, 'out');
    const paths = Array.from({ length: 50 }, () => writeFile(folder, 'x', 'json', ''));
    const { path, handle } = await createFile(folder, 'x', 'json');
    await handle.close();
    expect(new Set([...paths, path]).size).toBe(51);
    expect(readdirSync(folder)).toHaveLength(51);
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'a/b', 'a\\b', 'a\u0000b', 'ü ü', '', '.', '..', 'x'.repeat(500)])(
    'named by %j stays in the folder',
    (name) => {
      const folder = join(root, 'out');
      const path = writeFile(folder, name, 'json', '{}');
      expect(path.startsWith(`${folder}${sep}`)).toBe(true);
      expect(readdirSync(folder)).toEqual([path.slice(folder.length + 1)]);
    },
  );
});

describe('a reserved file', () => {
  it('takes room until it is filled, and then just what was written', () => {
    const file = reserveFile(join(root, 'out'), 'create_user_api_key', 'json');
    expect(statSync(file.path).size).toBe(64 * 1024);
    expect(readFileSync(file.path, 'utf8')).toContain('has not ended');
    file.fill('{"value": "ü"}');
    expect(readFileSync(file.path, 'utf8')).toBe('{"value": "ü"}');
    expect(modeOf(file.path)).toBe('600');
    file.discard();
    expect(readFileSync(file.path, 'utf8')).toBe('{"value": "ü"}');
    expect(() => file.fill('again')).toThrow(/is closed/);
    expect(readFileSync(file.path, 'utf8')).toBe('{"value": "ü"}');
  });

  it('is gone where it was not filled', () => {
    const file = reserveFile(join(root, 'out'), 'x', 'json');
    file.discard();
    file.discard();
    expect(readdirSync(join(root, 'out'))).toEqual([]);
  });

  it('says so where what was written is not where it was written to', () => {
    const moved = reserveFile(join(root, 'out'), 'x', 'json');
    renameSync(join(root, 'out'), join(root, 'away'));
    expect(() => moved.fill('secret')).toThrow(/ENOENT/);
    const replaced = reserveFile(join(root, 'out'), 'x', 'json');
    rmSync(replaced.path);
    writeFileSync(replaced.path, 'of another');
    expect(() => replaced.fill('secret')).toThrow(/holds something else/);
  });

  it('is refused where nothing can be written', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => reserveFile(join(root, 'file'), 'x', 'json')).toThrow(ConfigError);
  });
});

it('there are other folders than the first to write to', () => {
  const folders = otherFolders(join(root, 'out'));
  expect(folders.length).toBeGreaterThan(1);
  for (const folder of folders) expect(otherFolders(`${folder}/`)).toEqual(folders.filter((one) => one !== folder));
});

describe('a confirmation code in files', () => {
  const open = { binding: 'delete_organization org_1', expires: 1_000 };

  it('is known to the next process', () => {
    new CodeFiles(join(root, 'out')).set('code', open);
    expect(new CodeFiles(join(root, 'out')).get('code')).toEqual(open);
    expect(new CodeFiles(join(root, 'other')).get('code')).toBeUndefined();
    expect(new CodeFiles(join(root, 'out')).get('Code')).toBeUndefined();
  });

  it('works once, whichever process comes first', () => {
    const [one, two] = [new CodeFiles(join(root, 'out')), new CodeFiles(join(root, 'out'))];
    one.set('code', open);
    expect([one.delete('code'), two.delete('code'), one.delete('code')]).toEqual([true, false, false]);
    expect(one.get('code')).toBeUndefined();
  });

  it('stands in no file, in no name, and lies where only this user looks', () => {
    new CodeFiles(join(root, 'out')).set('Zm9vYmFy', open);
    const folder = join(root, 'out', 'confirmations');
    const [name = ''] = readdirSync(folder);
    expect(name).toMatch(/^[0-9a-f]{64}\.json$/);
    expect(readFileSync(join(folder, name), 'utf8')).not.toContain('Zm9vYmFy');
    expect([modeOf(join(root, 'out')), modeOf(folder), modeOf(join(folder, name))]).toEqual(['700', '700', '600']);
  });

  it('does not climb out of its folder, whatever it is called', () => {
    const codes = new CodeFiles(join(root, 'out'));
    codes.set('../../../evil', open);
    expect(readdirSync(root)).toEqual(['out']);
    expect(codes.get('../../../evil')).toEqual(open);
  });

  it('is never replaced by another of the same name', () => {
    const codes = new CodeFiles(join(root, 'out'));
    codes.set('code', open);
    expect(() => codes.set('code', { binding: 'other', expires: 2_000 })).toThrow(/EEXIST/);
    expect(codes.get('code')).toEqual(open);
  });

  it.each(['', 'null', '[]', '{', '{"binding":1,"expires":2}', '{"binding":"x"}', '{"expires":1}'])(
    'is unknown where its file was damaged to %j',
    (content) => {
      const codes = new CodeFiles(join(root, 'out'));
      codes.set('code', open);
      const folder = join(root, 'out', 'confirmations');
      writeFileSync(join(folder, readdirSync(folder)[0] ?? ''), content);
      expect(codes.get('code')).toBeUndefined();
    },
  );
});
