import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RefusedError } from '../../src/errors/errors.ts';
import { FileWriter, type WritableFile } from '../../src/results/file-writer.ts';
import { expectMode } from '../platform.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workos-mcp-writer-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const failure = (code: string) => Object.assign(new Error(`${code}: it failed, write`), { code });

interface Disk {
  /** The most bytes that one write takes. */
  most?: number;
  /** The bytes that fit in total. */
  room?: number;
  /** The operation that fails. */
  fails?: 'sync' | 'close' | 'truncate';
}

/** A writer to a real file on a disk that behaves like this. */
async function writerOn({ most = Number.POSITIVE_INFINITY, room = Number.POSITIVE_INFINITY, fails }: Disk) {
  const path = join(root, 'export.csv');
  const handle = await open(path, 'wx', 0o600);
  let left = room;
  const file: WritableFile = {
    async write(buffer, offset, length, position) {
      if (left === 0) throw failure('EFBIG');
      const taken = Math.min(length, most, left);
      left -= taken;
      return handle.write(buffer, offset, taken, position);
    },
    truncate: async (length) => {
      if (fails === 'truncate') throw failure('EIO');
      await handle.truncate(length);
    },
    sync: async () => {
      if (fails === 'sync') throw failure('EIO');
      await handle.sync();
    },
    close: async () => {
      await handle.close();
      if (fails === 'close') throw failure('EDQUOT');
    },
  };
  const makeRoom = () => {
    left = Number.POSITIVE_INFINITY;
  };
  return { path, writer: new FileWriter(path, file), makeRoom };
}

describe('a file', () => {
  it.each([1, 2, 3, 7, 1_000])('is complete even if the disk takes only %i bytes at a time', async (most) => {
    const { path, writer } = await writerOn({ most });
    await writer.write(Buffer.from('id,action\n1,'));
    await writer.write('\u00fcber\ud83d\ude00\n');
    await writer.write('');
    const text = 'id,action\n1,\u00fcber\ud83d\ude00\n';
    expect(await writer.finish()).toBe(Buffer.byteLength(text));
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it.each<[string, Disk]>([
    ['a write', { room: 5, most: 2 }],
    ['the first write', { room: 0 }],
    ['a write that takes no bytes', { most: 0 }],
    ['the sync to disk', { fails: 'sync' }],
    ['closing it', { fails: 'close' }],
  ])('is gone if this fails: %s', async (_, disk) => {
    const { path, writer } = await writerOn(disk);
    const whole = (async () => {
      await writer.write('more than five bytes');
      return writer.finish();
    })().catch(async (error: unknown) => {
      await writer.discard();
      return error;
    });
    const error = await whole;
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^The file cannot be written: /),
      hint: expect.stringContaining('WORKOS_MCP_OUTPUT_DIR'),
    });
    expect(existsSync(path)).toBe(false);
  });

  it('keeps the writes before a failed one, and nothing of the failed one', async () => {
    const { path, writer, makeRoom } = await writerOn({ room: 12, most: 5 });
    await writer.write('one\n');
    await writer.write('two\n');
    await expect(writer.write('three\n')).rejects.toThrow('EFBIG');
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    makeRoom();
    await writer.write('four\n');
    expect(await writer.finish()).toBe(13);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nfour\n');
  });

  it('is gone if it cannot be truncated to the last complete write', async () => {
    const { path, writer } = await writerOn({ room: 6, fails: 'truncate' });
    await writer.write('one\n');
    await expect(writer.write('two\n')).rejects.toThrow('EFBIG');
    await expect(writer.finish()).rejects.toThrow(RefusedError);
    expect(existsSync(path)).toBe(false);
  });

  it('can be discarded twice', async () => {
    const { path, writer } = await writerOn({});
    await writer.discard();
    await writer.discard();
    expect(existsSync(path)).toBe(false);
  });
});

describe('a new file', () => {
  it('is private and has a unique name', async () => {
    const folder = join(root, 'out');
    const writers = [
      await FileWriter.create(folder, 'list_users', 'jsonl'),
      await FileWriter.create(folder, 'a/b', 'csv'),
    ];
    for (const writer of writers) {
      await writer.write('x');
      await writer.finish();
      expectMode(writer.path, 0o600);
    }
    expect(
      readdirSync(folder)
        .map((name) => name.replace(/-[0-9a-f]{12}\./, '.'))
        .sort(),
    ).toEqual(['a_b.csv', 'list_users.jsonl']);
  });

  it('that cannot be created is refused with the reason', async () => {
    await expect(FileWriter.create(join(root, 'out'), 'x', 'c'.repeat(300))).rejects.toMatchObject({
      name: 'RefusedError',
      message: expect.stringMatching(/^The file cannot be written: ENAMETOOLONG/),
    });
  });
});
