import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { devNull, homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../errors/errors.ts';

/** Replaces the output folder if files are off. Nothing can exist in it. */
export const NO_FILES = join(devNull, 'files-are-off');

/** Replaces the output folder while files cannot be stored. */
export const NO_FILES_NOW = join(devNull, 'files-are-unavailable');

/** What a caller can do without files. */
const WITHOUT_FILES =
  'Shorten a list with query or max_items; exports, reports and secrets in files are not available.';

const REFUSED_FOLDERS: ReadonlyMap<string, readonly [message: string, hint: string]> = new Map([
  [
    NO_FILES,
    [
      'This call needs a file, and files are off: this server shares its state with others, and has no key to encrypt files',
      `${WITHOUT_FILES} The server's operator can set WORKOS_MCP_STATE_KEY.`,
    ],
  ],
  [
    NO_FILES_NOW,
    [
      'This call needs a file, and files cannot be kept at the moment: the Redis that the servers share does not answer',
      `${WITHOUT_FILES} Try again in a moment; if this continues, tell the server's operator.`,
    ],
  ],
]);

/**
 * Creates a folder if necessary, and checks that only this user can open it. Returns its path.
 * @throws {ConfigError} if the path is anything else: in a shared temp folder, another user could have created it.
 */
export function privateFolder(path: string): string {
  const refused = REFUSED_FOLDERS.get(path);
  if (refused) throw new ConfigError(refused[0], refused[1]);
  const hint = 'Set WORKOS_MCP_OUTPUT_DIR to a folder of your own.';
  try {
    makeFolder(resolve(path));
    const stat = lstatSync(path);
    if (!stat.isDirectory()) throw new ConfigError(`The output folder ${path} is not a folder`, hint);
    if (process.getuid && (stat.uid !== process.getuid() || (stat.mode & 0o077) !== 0)) {
      throw new ConfigError(`The output folder ${path} is open to other users`, `${hint} It must have mode 0700.`);
    }
    return path;
  } catch (error) {
    if (error instanceof ConfigError || !(error instanceof Error)) throw error;
    throw new ConfigError(`The output folder ${path} cannot be used: ${error.message}`, hint);
  }
}

/** Node's recursive mkdir never returns if the system reports that an existing parent does not exist, as /proc does. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || existsSync(parent)) throw error;
    makeFolder(parent);
    mkdirSync(path, { mode: 0o700 });
  }
}

/** Creates a private file (0600) to stream into. Never opens an existing one. */
export async function createFile(
  folder: string,
  name: string,
  extension: string,
): Promise<{ path: string; handle: FileHandle }> {
  const path = freshPath(folder, name, extension);
  return { path, handle: await open(path, 'wx', 0o600) };
}

/** A private file (0600) that is created, with its space reserved, before its text is known. */
export interface ReservedFile {
  readonly path: string;
  /**
   * Writes the text and closes the file. May be called only once.
   * @throws {Error} if the text could not be written. There is no file then.
   */
  fill(text: string): void;
  /** Removes the file, unless it was filled. */
  discard(): void;
}

/** The space to reserve, in bytes: more than a QR code takes. */
const RESERVED_BYTES = 64 * 1024;

/** The content of a reserved file, which remains if the process ends before filling it. */
const PLACEHOLDER = '{"note": "The call that created this file has not finished."}\n';

/**
 * Creates a private file and writes a placeholder to it, so that a full disk or a size limit shows before there is a text to
 * lose.
 * @throws {ConfigError} if the folder cannot be written to.
 */
export function reserveFile(folder: string, name: string, extension: string): ReservedFile {
  const path = freshPath(folder, name, extension);
  let descriptor: number | undefined;
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  const discardUnfilled = () => {
    if (descriptor === undefined) return;
    close();
    discard(path);
  };
  try {
    descriptor = openSync(path, 'wx', 0o600);
    writeWhole(descriptor, Buffer.from(PLACEHOLDER.padEnd(RESERVED_BYTES, ' ')));
  } catch (error) {
    discardUnfilled();
    throw new ConfigError(
      `The output folder ${folder} cannot be written to: ${error instanceof Error ? error.message : String(error)}`,
      'Free some disk space, or set WORKOS_MCP_OUTPUT_DIR to another folder of your own.',
    );
  }
  return {
    path,
    discard: discardUnfilled,
    fill(text) {
      if (descriptor === undefined) throw new Error(`${path} is closed`);
      try {
        writeWhole(descriptor, Buffer.from(text));
      } catch (error) {
        tryTo(discardUnfilled);
        throw error;
      }
      close();
      // The folder may have been removed meanwhile. The path then no longer leads to the file that was written.
      if (readFileSync(path, 'utf8') !== text) throw new Error(`${path} has unexpected content`);
    },
  };
}

/** Writes a new private file (0600) and returns its path. Never overwrites a file. */
export function writeFile(folder: string, name: string, extension: string, text: string): string {
  const file = reserveFile(folder, name, extension);
  file.fill(text);
  return file.path;
}

/** The folders of this user to try if `first` is not writable. They may not exist. */
export function otherFolders(first: string): string[] {
  const home = tryTo(homedir);
  const user = process.getuid?.() ?? 'user';
  return [...(home ? [join(home, '.cache', 'workos-mcp')] : []), join(tmpdir(), `workos-mcp-secrets-${user}`)].filter(
    (folder) => resolve(folder) !== resolve(first),
  );
}

/** Replaces the content of a file and flushes it to the disk, because some file systems report a full disk only then. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, written);
  }
  ftruncateSync(descriptor, bytes.length);
  fsyncSync(descriptor);
}

function tryTo<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** An unguessable path in a private folder. @throws {ConfigError} if the folder cannot be used. */
export function freshPath(folder: string, name: string, extension: string): string {
  const safe = name.replace(/[^\w.-]/g, '_').slice(0, 80);
  return join(privateFolder(folder), `${safe}-${randomBytes(6).toString('hex')}.${extension}`);
}

/** Removes a file, if it exists. */
export function discard(path: string): void {
  rmSync(path, { force: true });
}

/** Keeps confirmation codes as private files, so that a code works in the next process. The files do not hold the code itself. */
export class CodeFiles {
  readonly #folder: string;
  readonly #environment: string;

  /** @param environment The environment that codes are valid in. */
  constructor(outputDir: string, environment = '') {
    this.#folder = join(outputDir, 'confirmations');
    this.#environment = environment;
  }

  async get(code: string): Promise<{ binding: string; expires: number } | undefined> {
    return this.#read(this.#name(code));
  }

  async set(code: string, open: { binding: string; expires: number }): Promise<void> {
    privateFolder(join(this.#folder, '..'));
    writeFileSync(join(privateFolder(this.#folder), this.#name(code)), JSON.stringify(open), {
      flag: 'wx',
      mode: 0o600,
    });
  }

  /** A code works only once, because only one process succeeds in removing its file. */
  async delete(code: string): Promise<boolean> {
    try {
      unlinkSync(join(this.#folder, this.#name(code)));
      return true;
    } catch {
      return false;
    }
  }

  #read(name: string): { binding: string; expires: number } | undefined {
    try {
      const open: unknown = JSON.parse(readFileSync(join(this.#folder, name), 'utf8'));
      if (typeof open !== 'object' || open === null || !('binding' in open) || !('expires' in open)) return undefined;
      const { binding, expires } = open;
      return typeof binding === 'string' && typeof expires === 'number' ? { binding, expires } : undefined;
    } catch {
      return undefined;
    }
  }

  #name(code: string): string {
    return `${createHash('sha256').update(`${this.#environment}${code}`).digest('hex')}.json`;
  }
}
