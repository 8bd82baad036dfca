import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RefusedError } from '../errors/errors.ts';
import { lockFile } from './file-lock.ts';
import type { WritableFile } from './file-writer.ts';

/** The methods of an open file that {@link LineLog} uses. */
export interface LogFile extends Pick<WritableFile, 'write' | 'truncate' | 'close'> {
  read: FileHandle['read'];
  datasync: FileHandle['datasync'];
}

const BLOCK = 64 * 1024;

/** The longest line in bytes. A longer one was not written by this program. */
const LONGEST_LINE = 1024 * 1024;

/** An append-only file of JSON lines, written by one process at a time. */
export class LineLog {
  readonly path: string;
  readonly existed: boolean;
  readonly #file: LogFile;
  readonly #unlock: () => void;
  /** The position after the last complete line. */
  #bytes: number;
  readonly #before: number;
  #pending: { text: string; done: () => void; failed: (error: unknown) => void }[] = [];
  #isWriting = false;
  #writing: Promise<void> | undefined;
  #broken: unknown;

  constructor(path: string, file: LogFile, bytes: number, unlock: () => void) {
    this.path = path;
    this.existed = bytes > 0;
    this.#file = file;
    this.#bytes = bytes;
    this.#before = bytes;
    this.#unlock = unlock;
  }

  /** Opens the log, and creates it (0600) if it does not exist. @throws {RefusedError} */
  static async open(path: string): Promise<LineLog> {
    const lock = lockFile(path);
    let file: FileHandle | undefined;
    try {
      const { O_RDWR, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
      file = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
      const stats = await file.stat();
      if (!stats.isFile()) throw new Error('it is not a regular file');
      const bytes = await endOfLastLine(file, stats.size);
      if (bytes < stats.size) await file.truncate(bytes);
      if (stats.size === 0) await syncFolder(path);
      return new LineLog(path, file, bytes, lock.release);
    } catch (error) {
      await file?.close();
      lock.release();
      throw cannotBeWritten(path, error);
    }
  }

  lines(): AsyncGenerator<string, void> {
    return linesOf(this.#file, this.#before);
  }

  append(values: readonly object[]): Promise<void> {
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
    return new Promise((done, failed) => {
      this.#pending.push({ text, done, failed });
      if (!this.#isWriting) this.#writing = this.#writeAll();
    });
  }

  async close(): Promise<void> {
    try {
      await this.#writing;
      await this.#file.close();
    } finally {
      this.#unlock();
    }
  }

  /** Lines that arrive during a write are written together in the next one, so that they do not queue up on a slow disk. */
  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        if (this.#broken !== undefined) throw this.#broken;
        await this.#write(Buffer.from(batch.map(({ text }) => text).join('')));
        for (const { done } of batch) done();
      } catch (error) {
        this.#broken ??= error;
        for (const { failed } of batch) failed(cannotBeWritten(this.path, error));
      }
    }
    // Reset in the same turn as the last check of #pending. Otherwise, lines that arrive in between would wait forever.
    this.#isWriting = false;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      // If the disk is nearly full or a size limit is near, a write is partial, and only the next one fails.
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done);
        if (bytesWritten === 0) throw new Error('the disk accepts no more data');
        done += bytesWritten;
      }
      await this.#file.datasync();
      this.#bytes += bytes.length;
    } catch (error) {
      // A failed truncation does no harm: the next open() cuts off an incomplete line.
      await this.#file.truncate(this.#bytes).catch(() => {});
      throw error;
    }
  }
}

/** The lines of a file that another process may be appending to. None if it cannot be read. */
export async function* readLines(path: string): AsyncGenerator<string, void> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (!file) return;
  try {
    const stats = await file.stat();
    if (stats.isFile()) yield* linesOf(file, await endOfLastLine(file, stats.size));
  } finally {
    await file.close();
  }
}

/** The complete lines in the first `bytes` bytes. A line that is too long is left out. */
async function* linesOf(file: Pick<LogFile, 'read'>, bytes: number): AsyncGenerator<string, void> {
  let rest = Buffer.alloc(0);
  let tooLong = false;
  for (let position = 0; position < bytes; ) {
    const block = Buffer.alloc(Math.min(BLOCK, bytes - position));
    const { bytesRead } = await file.read(block, 0, block.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    const all = Buffer.concat([rest, block.subarray(0, bytesRead)]);
    let from = 0;
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, from)) {
      if (!tooLong) yield all.toString('utf8', from, end);
      tooLong = false;
      from = end + 1;
    }
    rest = all.subarray(from);
    if (rest.length > LONGEST_LINE) {
      tooLong = true;
      rest = Buffer.alloc(0);
    }
  }
}

const NEWLINE = 0x0a;

/** The position after the last newline. Any text after it was being written when the process or the machine stopped. */
async function endOfLastLine(file: Pick<LogFile, 'read'>, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - BLOCK);
    const block = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    const at = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

/** Flushes a folder, so that the name of a new file is on the disk too. Some systems cannot do that, or need not. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), constants.O_RDONLY).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

function cannotBeWritten(path: string, error: unknown): RefusedError {
  if (error instanceof RefusedError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new RefusedError(`${path} cannot be written: ${reason}`, 'Use a writable folder on a disk with free space.');
}
