import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { InitError } from './init-error.ts';

/** A client's configuration file, as it was read. */
export interface ConfigFile {
  /** The given path with links resolved. */
  path: string;
  /** Its text without a byte order mark. Empty if there is no file. */
  text: string;
  /** Its line ending. */
  eol: '\n' | '\r\n';
  /** Undefined if there is no file. */
  before: { bytes: Buffer; stats: Stats; mark: string } | undefined;
}

/** The maximum size. A larger file was not written by hand. */
const MAX_BYTES = 16 * 1024 * 1024;

const MARK = '\ufeff';

/**
 * Reads a file that will be changed. Follows links, but not out of the folder `within`.
 * @throws {InitError} if it is not a writable text file
 */
export async function readConfigFile(path: string, within?: string): Promise<ConfigFile> {
  const real = await realPathOf(path);
  if (within !== undefined && !isInside(real, await realpath(within))) {
    throw new InitError(
      `is a link that leads out of the project, to ${real}`,
      'Nothing was changed. Run this in the folder that has the real file, or use --print and add the entry yourself.',
    );
  }
  const stats = await stat(real).catch(ifMissing);
  if (!stats) return { path: real, text: '', eol: '\n', before: undefined };
  if (!stats.isFile())
    throw new InitError('is not a file', 'Nothing was changed. Move it elsewhere, and run this again.');
  // A rename would replace even a read-only file, which the user has protected on purpose.
  if ((stats.mode & 0o222) === 0) {
    throw new InitError('is read-only', 'Nothing was changed. Make it writable and run this again, or use --print.');
  }
  if (stats.size > MAX_BYTES) throw new InitError('is larger than 16 MiB', 'Nothing was changed. Use --print.');
  const bytes = await readFile(real);
  const text = decoded(bytes);
  const mark = text.startsWith(MARK) ? MARK : '';
  return {
    path: real,
    text: text.slice(mark.length),
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    before: { bytes, stats, mark },
  };
}

/**
 * Replaces the file's text atomically and keeps a backup beside it. Returns the path of the backup, or undefined if the file is
 * new.
 * @throws {InitError} if the file has changed since it was read
 */
export async function writeConfigFile(file: ConfigFile, text: string): Promise<string | undefined> {
  const { path, before } = file;
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const copy = before && (await backUp(path, before.bytes, before.stats.mode));
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await createFile(temporary, (before?.mark ?? '') + text, before?.stats);
    const now = await readFile(path).catch(ifMissing);
    if (before ? !now?.equals(before.bytes) : now !== undefined) {
      throw new InitError('was changed by another program in the meantime', 'Run this again.');
    }
    await rename(temporary, path);
    return copy;
  } catch (error) {
    await rm(temporary, { force: true });
    if (copy !== undefined) await rm(copy, { force: true });
    throw error;
  }
}

/** Copies a file beside itself, under an unused name. */
async function backUp(path: string, bytes: Buffer, mode: number): Promise<string> {
  for (let number = 1; ; number++) {
    const copy = `${path}.backup-${number}`;
    try {
      await createFile(copy, bytes, { mode });
      return copy;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** Creates a file and syncs it to disk. Takes over the owner and mode of `like`, if given. */
async function createFile(
  path: string,
  data: string | Buffer,
  like?: Pick<Stats, 'mode'> & Partial<Stats>,
): Promise<void> {
  const handle = await open(path, 'wx', like ? 0o600 : 0o666);
  try {
    await handle.writeFile(data);
    if (like?.uid !== undefined && like.gid !== undefined) {
      // Only the superuser can change the owner. For any other user, the new file usually has the right one.
      await handle.chown(like.uid, like.gid).catch(() => {});
    }
    if (like) await handle.chmod(like.mode & 0o7777);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Resolves links. For a missing file, resolves its nearest existing folder. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    if (await lstat(path).catch(ifMissing)) {
      throw new InitError('is a broken link', 'Nothing was changed. Remove the link, and run this again.');
    }
    return join(await realPathOf(dirname(path)), basename(path));
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && !/^\.\.(?:[/\\]|$)/.test(way);
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InitError('is not UTF-8', 'Nothing was changed. Save it as UTF-8, and run this again.');
  }
}

function ifMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
