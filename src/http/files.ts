import { mkdtempSync, readdirSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import {
  FILES,
  type LinkedResult,
  type ReadableFile,
  type ReadableFiles,
  readSlice,
  readWindow,
  UnreadableFileError,
  type WrittenFile,
  withLinks,
  writtenFile,
} from '../mcp/written-files.ts';
import { privateFolder } from '../results/private-files.ts';
import type { CallResult } from '../results/result.ts';

/** A file that one person may fetch, until it expires. */
export interface StoredFile extends ReadableFile {
  /** Milliseconds since the epoch. */
  expires: number;
}

/**
 * Keeps the files of a team server. Each file belongs to one owner. A store that several servers share moves the bytes off the
 * disk; the store of a single server leaves them there.
 */
export interface FileStore {
  /** The folder where calls of this instance write files before keep() takes them in. */
  readonly folder: string;
  /** The largest file that is kept, in bytes. */
  readonly maxFileBytes: number;
  /** False while nothing can be kept. */
  readonly isReady: boolean;
  /** Takes in a complete file. Resolves to undefined if it is missing, or too large and therefore removed. */
  keep(owner: string, path: string): Promise<StoredFile | undefined>;
  /** The files that this owner can still read. */
  list(owner: string): Promise<readonly StoredFile[]>;
  find(owner: string, uri: string): Promise<StoredFile | undefined>;
  /** The bytes between two offsets. @throws {UnreadableFileError} if they no longer exist. */
  read(owner: string, uri: string, from: number, to: number): Promise<Buffer>;
  /** Removes expired files. */
  sweep(): Promise<void>;
  /** Removes everything that only this server could have read. */
  close(): Promise<void>;
}

/** The largest size of one file, and of all files together, in bytes. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_ALL_BYTES = 512 * 1024 * 1024;

/** How long a file is kept, in milliseconds. */
export const FILE_LIFETIME_MS = 60 * 60 * 1000;

/** The limits of a file store. Tests set their own. */
export interface FileLimits {
  maxFileBytes: number;
  maxAllBytes: number;
  /** The most files of all owners together. */
  maxFiles: number;
  lifetimeMs: number;
}

export const LIMITS: FileLimits = {
  maxFileBytes: MAX_FILE_BYTES,
  maxAllBytes: MAX_ALL_BYTES,
  maxFiles: 10_000,
  lifetimeMs: FILE_LIFETIME_MS,
};

/** A file on the disk of this server. */
export interface OwnedFile extends WrittenFile, StoredFile {
  owner: string;
}

/** Keeps files where they were written: in a private folder that exists while the server runs. */
export class DiskFiles implements FileStore {
  readonly folder: string;
  readonly maxFileBytes: number;
  readonly isReady = true;
  readonly #files = new Map<string, OwnedFile>();
  readonly #now: () => number;
  readonly #limits: FileLimits;
  #bytes = 0;

  /** @throws {ConfigError} if no private folder is available. */
  constructor(outputDir: string, now: () => number, limits: Partial<FileLimits> = {}) {
    this.folder = mkdtempSync(join(privateFolder(outputDir), 'http-'));
    this.#now = now;
    this.#limits = { ...LIMITS, ...limits };
    this.maxFileBytes = this.#limits.maxFileBytes;
  }

  async keep(owner: string, path: string): Promise<OwnedFile | undefined> {
    this.#expire();
    const written = writtenFile(path);
    if (!written) return undefined;
    const uri = uriOf(this.folder, path);
    // A call may name the same file twice.
    if (this.#files.has(uri)) return this.#own(owner, uri);
    if (written.bytes > this.#limits.maxFileBytes) {
      unlink(path);
      return undefined;
    }
    const file = { ...written, uri, owner, expires: this.#now() + this.#limits.lifetimeMs };
    this.#files.set(uri, file);
    this.#bytes += file.bytes;
    for (const oldest of this.#files.values()) {
      if (this.#bytes <= this.#limits.maxAllBytes && this.#files.size <= this.#limits.maxFiles) break;
      this.#remove(oldest);
    }
    return file;
  }

  forget(uri: string): void {
    const file = this.#files.get(uri);
    if (file) this.#remove(file);
  }

  async list(owner: string): Promise<readonly StoredFile[]> {
    this.#expire();
    return [...this.#files.values()].filter((file) => file.owner === owner);
  }

  async find(owner: string, uri: string): Promise<OwnedFile | undefined> {
    return this.#own(owner, uri);
  }

  async read(owner: string, uri: string, from: number, to: number): Promise<Buffer> {
    const file = this.#own(owner, uri);
    if (!file) throw new UnreadableFileError('The file does not exist or has expired');
    return readWindow(file, from, to).catch(() => {
      throw new UnreadableFileError('The file does not exist or has expired');
    });
  }

  async sweep(): Promise<void> {
    this.#expire();
    this.#removeUnknown(this.#now());
  }

  async close(): Promise<void> {
    this.#files.clear();
    try {
      rmSync(this.folder, { recursive: true, force: true });
    } catch {
      // Another process has put something in its place.
    }
  }

  #own(owner: string, uri: string): OwnedFile | undefined {
    const file = this.#files.get(uri);
    return file?.owner === owner && file.expires > this.#now() ? file : undefined;
  }

  /** Removes expired files. The map is in the order in which they expire. */
  #expire(): void {
    const now = this.#now();
    for (const file of this.#files.values()) {
      if (file.expires > now) return;
      this.#remove(file);
    }
  }

  #remove(file: OwnedFile): void {
    this.#files.delete(file.uri);
    this.#bytes -= file.bytes;
    unlink(file.path);
  }

  /** Removes old files that no result named: the call failed, or its JMESPath expression left the file out. */
  #removeUnknown(now: number): void {
    for (const name of readdirSync(this.folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(this.folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      const isOld = stats?.isFile() && stats.mtimeMs + this.#limits.lifetimeMs <= now;
      if (isOld && !this.#files.has(uriOf(this.folder, path))) unlink(path);
    }
  }
}

/** The files of one person, as resources. */
export function filesOf(store: FileStore, owner: string): ReadableFiles {
  return {
    list: () => store.list(owner),
    find: (uri) => store.find(owner, uri),
    async read(uri, offset, length, keys) {
      const file = await store.find(owner, uri);
      if (!file) throw new UnreadableFileError('The file does not exist or has expired');
      return readSlice(file, offset, length, keys, (from, to) => store.read(owner, uri, from, to), '');
    },
  };
}

/**
 * Prepares a result for a client on another machine: keeps the files that it names, and replaces their paths with URIs. No path
 * of this machine is left in it.
 * @param written The files that the call reported, including those that the result does not name.
 */
export async function withFiles(
  result: CallResult,
  written: readonly string[],
  store: FileStore,
  owner: string,
): Promise<LinkedResult> {
  const { folder } = store;
  const [block] = result.content;
  const isNamed = block?.text.includes(JSON.stringify(folder).slice(1, -1));
  if (!block || (written.length === 0 && !isNamed)) return result;
  // Every result is one JSON value.
  const value: unknown = result.structuredContent ?? JSON.parse(block.text);
  const paths = new Set(written);
  mapStrings(value, (text) => {
    for (const [path] of text.matchAll(pathsIn(folder))) if (dirname(path) === folder) paths.add(path);
    return text;
  });
  const kept: StoredFile[] = [];
  const names = new Map<string, string>();
  for (const path of paths) {
    const file = await store.keep(owner, path);
    if (file) kept.push(file);
    names.set(path, file?.uri ?? NOT_KEPT);
  }
  const named = mapStrings(value, (text) =>
    text
      .replace(pathsIn(folder), (path) => names.get(path) ?? (dirname(path) === folder ? NOT_KEPT : WORKING_FILE))
      .replaceAll(folder, "this server's folder"),
  );
  const texts = { ...result, content: [{ ...block, text: JSON.stringify(named) }] };
  // mapStrings() returns an object for an object.
  const structuredContent = named as Record<string, unknown>;
  return withLinks(result.structuredContent ? { ...texts, structuredContent } : texts, kept);
}

/** Files in subfolders, from which later calls resume. They are never fetched. */
const WORKING_FILE = 'a working file of this server';

const NOT_KEPT = 'a file that was not kept because it is too large or was removed';

/** Matches the paths of files in a folder. Their names have no other characters. */
function pathsIn(folder: string): RegExp {
  const below = `${folder}${sep}`.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`${below}[\\w./\\\\-]*\\w`, 'g');
}

/** The same value with its strings changed. A `path` whose value becomes a URI is renamed to `uri`. */
function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => mapStrings(one, change));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]): [string, unknown] => {
    const changed = mapStrings(one, change);
    const isUri = name === 'path' && typeof changed === 'string' && changed !== one && changed.startsWith(FILES);
    return [isUri ? 'uri' : name, changed];
  });
  return Object.fromEntries(entries);
}

function uriOf(folder: string, path: string): string {
  return FILES + relative(folder, path).split(sep).map(encodeURIComponent).join('/');
}

function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already, or is removed with the folder.
  }
}
