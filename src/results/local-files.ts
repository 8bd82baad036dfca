import { constants, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { InputError, RefusedError } from '../errors/errors.ts';
import { quoteUntrusted } from '../text/quote-untrusted.ts';
import { lockFile } from './file-lock.ts';
import { FileWriter } from './file-writer.ts';
import { LineLog, readLines, syncFolder } from './line-log.ts';
import { discard, freshPath, privateFolder } from './private-files.ts';

/** The folders that calls may use, and a callback for finished files. */
export interface Folders {
  /** The working directory of the process. The root of a disk gives access to nothing. */
  working: string;
  output: string;
  state: string;
  /** The name of a folder below `output` that replaces all three for a caller on another machine. */
  own?: string | undefined;
  /** The maximum size of a file for such a caller, in bytes. */
  maxFileBytes?: number | undefined;
  wrote(path: string): void;
}

/** A file that was opened for reading. */
export interface OpenedFile {
  path: string;
  bytes: number;
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The files that a call may use: those of the working directory and of this server's own folders. */
export function localFiles(folders: Folders) {
  const { output, own, maxFileBytes, wrote } = folders;
  const ownFolder = own === undefined ? undefined : join(output, own);
  const { working, state } = ownFolder === undefined ? folders : { working: ownFolder, state: ownFolder };
  const outputFolder = () => {
    privateFolder(output);
    return privateFolder(ownFolder ?? output);
  };
  const resolved = (path: string, given: string) => realPathIn([working, ownFolder ?? output], path, given);
  return {
    outputFolder,
    stateFolder: () => (ownFolder !== undefined || state === output ? outputFolder() : privateFolder(state)),
    freshPath: (name: string, extension: string) => freshPath(output, name, extension),
    maxFileBytes: maxFileBytes ?? Number.POSITIVE_INFINITY,
    openInput: (path: string) => openInput(resolve(working, path), path, resolved),
    writablePath(path: string): string {
      const full = resolve(working, path);
      const folder = resolved(dirname(full), path);
      if (basename(full) === '') throw new InputError(`${quoteUntrusted(path)} is not a file`, ['path']);
      return join(folder, basename(full));
    },
    openLog: LineLog.open,
    readLog: readLines,
    namesIn(folder: string): string[] {
      try {
        return readdirSync(folder).sort();
      } catch {
        return [];
      }
    },
    async replace(path: string, text: string): Promise<void> {
      const temporary = `${path}.${process.pid}.tmp`;
      discard(temporary);
      await writeWhole(temporary, [text]);
      await rename(temporary, path);
      await syncFolder(path);
    },
    async read(path: string): Promise<string | undefined> {
      const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
      const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
      try {
        return await file?.readFile('utf8');
      } finally {
        await file?.close();
      }
    },
    remove: discard,
    exists: (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
    lock: lockFile,
    write: (path: string, pieces: Pieces) => writeWhole(path, pieces, maxFileBytes),
    show: wrote,
  };
}

type Pieces = Iterable<string> | AsyncIterable<string>;

async function writeWhole(path: string, pieces: Pieces, maxBytes?: number): Promise<number> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new RefusedError(
      exists ? `${path} already exists` : `${path} cannot be written: ${reasonOf(error)}`,
      exists ? 'Nothing is overwritten. Choose another path.' : 'Choose a writable folder.',
    );
  }
  const writer = new FileWriter(path, file, maxBytes);
  try {
    for await (const piece of pieces) await writer.write(piece);
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return writer.finish();
}

/**
 * Opens a path if it leads to a regular file in an allowed folder. The opened file is compared with the checked one, because
 * the path can lead elsewhere a moment later.
 */
async function openInput(
  full: string,
  given: string,
  resolved: (path: string, given: string) => string,
): Promise<OpenedFile> {
  const path = resolved(full, given);
  // O_NONBLOCK, because opening a pipe or a device could block forever.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    throw new InputError(`${quoteUntrusted(given)} cannot be read: ${reasonOf(error)}`, ['path']);
  });
  try {
    const opened = await file.stat({ bigint: true });
    if (!opened.isFile()) throw new InputError(`${quoteUntrusted(given)} is not a regular file`, ['path']);
    const checked = lstatSync(resolved(path, given), { bigint: true });
    if (checked.ino !== opened.ino || checked.dev !== opened.dev) {
      throw new InputError(`${quoteUntrusted(given)} was replaced while being opened`, ['path'], 'Call again.');
    }
    return {
      path,
      bytes: Number(opened.size),
      close: () => file.close(),
      async read(position, length) {
        const block = Buffer.alloc(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await file.read(block, done, length - done, position + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return block.subarray(0, done);
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Resolves the links of a path in one of these folders. The root of a disk does not count, because everything is in it.
 * @throws {InputError} if the path does not exist or leads elsewhere. In the second case, the error does not reveal whether it
 * exists.
 */
function realPathIn(folders: readonly string[], path: string, given: string): string {
  const real = tryRealPath(path);
  const allowed = folders.flatMap((folder) => tryRealPath(folder).path ?? []);
  if (real.path !== undefined) {
    if (isBelow(allowed, real.path)) return real.path;
    throw outside(given);
  }
  if (!isBelow([...folders, ...allowed], path)) throw outside(given);
  throw new InputError(
    real.code === 'ENOENT'
      ? `${quoteUntrusted(given)} does not exist`
      : `${quoteUntrusted(given)} cannot be used: ${real.code}`,
    ['path'],
    'Give the path of a file in the working directory or the output folder. Nothing was sent.',
  );
}

function isBelow(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => {
    const way = relative(folder, path);
    return folder !== parse(folder).root && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  });
}

function tryRealPath(path: string): { path?: string; code?: string } {
  try {
    return { path: realpathSync(path) };
  } catch (error) {
    return { code: reasonOf(error) };
  }
}

function outside(given: string): InputError {
  return new InputError(
    `${quoteUntrusted(given)} is not in the working directory or the output folder`,
    ['path'],
    'Only files there can be used, and no links that lead out of them. Move the file there, or start the server in its folder. Nothing was sent.',
  );
}

/** The reason without the path, which the message already has. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
