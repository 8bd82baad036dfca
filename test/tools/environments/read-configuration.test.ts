import { chmodSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/errors/errors.ts';
import { localFiles } from '../../../src/results/local-files.ts';
import { readConfiguration } from '../../../src/tools/environments/read-configuration.ts';

let root: string;
let work: string;
let output: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workos-mcp-working-'));
  [work, output] = [join(root, 'work'), join(root, 'output')];
  for (const folder of [work, output, join(root, 'elsewhere'), join(work, 'inner')]) mkdirSync(folder);
  writeFileSync(join(work, 'a.yaml'), 'in work');
  writeFileSync(join(work, 'inner', 'b.yml'), 'in inner');
  writeFileSync(join(output, 'c.yaml'), 'in output');
  writeFileSync(join(root, 'elsewhere', 'secret.yaml'), 'hidden content');
  writeFileSync(join(work, 'key.txt'), 'hidden content');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (path: string, working = work) =>
  readConfiguration(localFiles({ working, output, state: output, wrote: () => {} }), path);

describe('a file to apply', () => {
  it.each([
    ['in the working directory', () => 'a.yaml', 'in work'],
    ['in a subfolder', () => 'inner/b.yml', 'in inner'],
    ['by a path with ..', () => 'inner/../a.yaml', 'in work'],
    ['by its absolute path', () => join(work, 'a.yaml'), 'in work'],
    ['in the output folder', () => join(output, 'c.yaml'), 'in output'],
  ])('is read %s', async (_, path, text) => {
    expect(await read(path())).toBe(text);
  });

  it('is read through a link inside the working directory', async () => {
    symlinkSync(join(work, 'inner', 'b.yml'), join(work, 'link.yaml'));
    expect(await read('link.yaml')).toBe('in inner');
  });

  it.each([
    ['in another folder', () => join(root, 'elsewhere', 'secret.yaml')],
    ['above the working directory', () => '../elsewhere/secret.yaml'],
    ['through a link', () => 'link.yaml'],
    ['through a linked folder', () => 'folder/secret.yaml'],
    ['through a link in the output folder', () => join(output, 'link.yaml')],
    ['with another extension', () => 'key.txt'],
    ['with another extension, through a link', () => 'text.yaml'],
    ['that does not exist', () => 'missing.yaml'],
    ['that is a folder', () => 'folder.yaml'],
    ['with a zero byte', () => 'a.yaml\0.yaml'],
    ['with nothing but an extension', () => '.yaml'],
    ['in a folder whose name starts like the working directory', () => '../work-too/a.yaml'],
    ['of the operating system', () => '/etc/passwd'],
    ['of a device', () => '/dev/stdin.yaml'],
  ])('is refused %s, without showing its content', async (_, path) => {
    symlinkSync(join(root, 'elsewhere', 'secret.yaml'), join(work, 'link.yaml'));
    symlinkSync(join(root, 'elsewhere'), join(work, 'folder'));
    symlinkSync(join(root, 'elsewhere', 'secret.yaml'), join(output, 'link.yaml'));
    symlinkSync(join(work, 'key.txt'), join(work, 'text.yaml'));
    mkdirSync(join(work, 'folder.yaml'));
    mkdirSync(join(root, 'work-too'));
    writeFileSync(join(root, 'work-too', 'a.yaml'), 'hidden content');
    const error: unknown = await read(path()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).not.toContain('hidden content');
  });

  it('is not read from a working directory that is the root of the disk', async () => {
    await expect(read(join(work, 'a.yaml'), parse(work).root)).rejects.toThrow('is not in the working directory');
    expect(await read(join(output, 'c.yaml'), parse(work).root)).toBe('in output');
  });

  it('is refused if it is too large or not UTF-8', async () => {
    writeFileSync(join(work, 'large.yaml'), 'x'.repeat(512 * 1024 + 1));
    writeFileSync(join(work, 'bytes.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
    await expect(read('large.yaml')).rejects.toThrow('larger than 512 KiB');
    await expect(read('bytes.yaml')).rejects.toThrow('not UTF-8');
  });

  it('is refused without waiting if it is a pipe', async () => {
    const { spawnSync } = await import('node:child_process');
    if (spawnSync('mkfifo', [join(work, 'pipe.yaml')]).status !== 0) return;
    await expect(read('pipe.yaml')).rejects.toThrow('is not a regular file');
  });

  it('is refused if it cannot be opened', async () => {
    if (process.getuid?.() === 0) return;
    chmodSync(join(work, 'a.yaml'), 0o000);
    await expect(read('a.yaml')).rejects.toThrow('cannot be read');
  });

  it('is read through a hard link in the same folder', async () => {
    renameSync(join(work, 'a.yaml'), join(work, 'moved.yaml'));
    linkSync(join(work, 'moved.yaml'), join(work, 'a.yaml'));
    expect(await read('a.yaml')).toBe('in work');
  });
});
