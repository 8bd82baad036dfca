import { type BigIntStats, constants, lstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CallResult } from '../results/result.ts';
import { type Keys, removeKeyFromText } from '../text/remove-key.ts';

/** The most bytes of one read, and the default. */
export const MAX_SLICE_BYTES = 1024 * 1024;

/** The prefix of every file's URI. */
export const FILES = 'workos://files/';

/** How many bytes around a slice are searched for the key, so that it cannot be read in parts. Longer than any encoded key. */
const MARGIN_BYTES = 16 * 1024;

/** The most files that clients can read. Older files can still be opened by path. */
const MAX_FILES = 1_000;

const MIME_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  jsonl: 'application/jsonl',
  yaml: 'application/yaml',
};

/** A file as clients know it. */
export interface ReadableFile {
  uri: string;
  name: string;
  bytes: number;
  mimeType: string;
}

/** The files that a client may read, wherever they are kept. */
export interface ReadableFiles {
  /** The files that still exist. */
  list(): Awaitable<readonly ReadableFile[]>;
  /** The file with this URI, even if it no longer exists. */
  find(uri: string): Awaitable<ReadableFile | undefined>;
  /**
   * Reads at most `length` bytes. Text never ends inside a character; other content is base64.
   * @throws {UnreadableFileError}
   */
  read(uri: string, offset: number, length: number, keys: Keys): Promise<Slice>;
}

type Awaitable<T> = T | Promise<T>;

/** A file on the disk of this server that a call wrote. */
export interface WrittenFile extends ReadableFile {
  path: string;
  /** Identifies the completed file and its state, so that a replaced or changed file is noticed. */
  identity: string;
}

/** A part of a file. */
export interface Slice {
  mimeType: string;
  offset: number;
  bytes: number;
  /** The size of the whole file, in bytes. */
  total: number;
  content: { text: string } | { blob: string };
}

/** A call's result with links to the files that it wrote. */
export interface LinkedResult extends Omit<CallResult, 'content'> {
  content: (CallResult['content'][number] | ResourceLink)[];
}

/** https://modelcontextprotocol.io/specification/2025-11-25/server/tools#resource-links */
export interface ResourceLink {
  type: 'resource_link';
  uri: string;
  name: string;
  mimeType: string;
  size: number;
}

/**
 * The files that clients may read: only those that calls of this process reported as complete and free of secrets, whatever else
 * is in their folder. Each is readable only while it is the same, unchanged file.
 */
export class WrittenFiles implements ReadableFiles {
  readonly #files = new Map<string, WrittenFile>();

  /** Adds a file that was just finished. Returns undefined if it does not exist. */
  add(path: string): WrittenFile | undefined {
    const file = writtenFile(path);
    if (!file) return undefined;
    this.#files.set(file.uri, file);
    const [oldest] = this.#files.keys();
    if (oldest !== undefined && this.#files.size > MAX_FILES) this.#files.delete(oldest);
    return file;
  }

  list(): WrittenFile[] {
    return [...this.#files.values()].filter(isUnchanged);
  }

  find(uri: string): WrittenFile | undefined {
    return this.#files.get(uri);
  }

  /** A result with links to those of these files that still exist. */
  link(result: CallResult, files: readonly WrittenFile[]): LinkedResult {
    return withLinks(result, files.filter(isUnchanged));
  }

  async read(uri: string, offset: number, length: number, keys: Keys): Promise<Slice> {
    const file = this.find(uri);
    if (!file) throw new UnreadableFileError('No such file');
    return readSlice(file, offset, length, keys, (from, to) => readWindow(file, from, to), `: ${file.path}`);
  }
}

/** A file that was just finished, as clients know it. Undefined if it does not exist. */
export function writtenFile(path: string): WrittenFile | undefined {
  const stats = statsOf(path);
  if (!stats) return undefined;
  const name = basename(path);
  const mimeType = MIME_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  return { uri: FILES + name, name, path, bytes: Number(stats.size), mimeType, identity: identityOf(stats) };
}

/** A result with links to files. */
export function withLinks(result: CallResult, files: readonly ReadableFile[]): LinkedResult {
  const links = files.map(({ uri, name, mimeType, bytes }) => {
    return { type: 'resource_link' as const, uri, name, mimeType, size: bytes };
  });
  return links.length > 0 ? { ...result, content: [...result.content, ...links] } : result;
}

/** Why a file cannot be read, in one sentence. */
export class UnreadableFileError extends Error {
  override name = 'UnreadableFileError';
}

/**
 * A part of a file.
 * @param read Reads the bytes between two offsets.
 * @param place Where a person finds the file, as the end of a sentence.
 * @throws {UnreadableFileError} if the part contains the key, or cannot be read.
 */
export async function readSlice(
  file: Pick<ReadableFile, 'bytes' | 'mimeType'>,
  offset: number,
  length: number,
  keys: Keys,
  read: (from: number, to: number) => Promise<Buffer>,
  place: string,
): Promise<Slice> {
  const from = Math.max(0, offset - MARGIN_BYTES);
  const to = Math.min(file.bytes, offset + length + MARGIN_BYTES);
  const window = await read(from, to);
  const text = window.toString('utf8');
  if (removeKeyFromText(text, keys) !== text) {
    const instead = place && `. A person can open it${place}`;
    throw new UnreadableFileError(`This part of the file contains this server's key${instead}`);
  }
  const start = offset - from;
  const end = Math.min(start + length, window.length);
  const slice = { mimeType: file.mimeType, offset, total: file.bytes };
  const whole = textIn(window.subarray(start, endOfCharacter(window, start, end)));
  if (whole !== undefined) return { ...slice, bytes: Buffer.byteLength(whole), content: { text: whole } };
  const bytes = window.subarray(start, end);
  return { ...slice, bytes: bytes.length, content: { blob: bytes.toString('base64') } };
}

/**
 * The bytes between two offsets of a file. Opens no link and waits for no pipe. Checks the identity of the opened file, because
 * the path may lead to another file by then.
 */
export async function readWindow(file: WrittenFile, from: number, to: number): Promise<Buffer> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = await open(file.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (!handle) throw changed(file);
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile() || identityOf(stats) !== file.identity) throw changed(file);
    const window = Buffer.alloc(to - from);
    for (let done = 0; done < window.length; ) {
      const { bytesRead } = await handle.read(window, done, window.length - done, from + done);
      if (bytesRead === 0) throw changed(file);
      done += bytesRead;
    }
    return window;
  } finally {
    await handle.close();
  }
}

function changed({ path }: WrittenFile): UnreadableFileError {
  return new UnreadableFileError(`The file was removed or changed after this server wrote it: ${path}`);
}

function isUnchanged({ path, identity }: WrittenFile): boolean {
  const stats = statsOf(path);
  return stats !== undefined && identityOf(stats) === identity;
}

/** Undefined if there is no file, or a link. */
function statsOf(path: string): BigIntStats | undefined {
  try {
    const stats = lstatSync(path, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** An inode number can be reused after a file is removed, but the new file has other times. */
function identityOf({ dev, ino, size, mtimeNs, birthtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, birthtimeNs].join(' ');
}

/** Moves the end of a slice of text out of a character: back if possible, or forward if the slice would be empty. */
function endOfCharacter(bytes: Buffer, start: number, end: number): number {
  const isInside = (at: number) => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let before = end;
  while (before > start && end - before < 3 && isInside(before)) before--;
  if (before > start) return before;
  let after = end;
  while (after - end < 3 && isInside(after)) after++;
  return after;
}

/** The bytes as text, or undefined if they are not text. */
function textIn(bytes: Buffer): string | undefined {
  try {
    return bytes.includes(0) ? undefined : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
