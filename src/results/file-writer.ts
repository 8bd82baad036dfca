import type { FileHandle } from 'node:fs/promises';
import { ConfigError, RefusedError } from '../errors/errors.ts';
import { createFile, discard } from './private-files.ts';

/** The methods of an open file that {@link FileWriter} uses. */
export interface WritableFile {
  write(data: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  truncate: FileHandle['truncate'];
  sync: FileHandle['sync'];
  close: FileHandle['close'];
}

/**
 * Streams to a new private file. After `finish`, the file is on the disk with every byte of every write that succeeded. After
 * `discard`, or a `finish` that failed, there is no file.
 */
export class FileWriter {
  readonly path: string;
  readonly #file: WritableFile;
  readonly #maxBytes: number;
  #bytes = 0;
  /** The error if the file could not be truncated to its last complete write. */
  #broken: unknown;

  /** @param maxBytes The maximum size of the file. */
  constructor(path: string, file: WritableFile, maxBytes = Number.POSITIVE_INFINITY) {
    this.path = path;
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  /** Creates the file (0600). @throws {ConfigError} for the folder, {RefusedError} for the file. */
  static async create(folder: string, name: string, extension: string, maxBytes?: number): Promise<FileWriter> {
    try {
      const { path, handle } = await createFile(folder, name, extension);
      return new FileWriter(path, handle, maxBytes);
    } catch (error) {
      throw error instanceof ConfigError ? error : cannotBeWritten(error);
    }
  }

  /** Writes all of the data, or throws and leaves the file unchanged. @throws {RefusedError} */
  async write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (this.#bytes + bytes.length > this.#maxBytes) {
      throw new RefusedError(
        `The file would be larger than ${this.#maxBytes / 1024 / 1024} MiB, the most that this server keeps`,
        'Request less at once: narrow the filter or shorten the range. What was already written is kept.',
      );
    }
    try {
      // If the disk is nearly full or a size limit is near, a write is partial, and only the next one fails.
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done);
        if (bytesWritten === 0) throw new Error('the disk accepts no more data');
        done += bytesWritten;
      }
      this.#bytes += bytes.length;
    } catch (error) {
      await this.#file.truncate(this.#bytes).catch((truncating: unknown) => {
        this.#broken = truncating;
      });
      throw cannotBeWritten(error);
    }
  }

  /** Flushes to the disk and closes. Resolves to the size in bytes. @throws {RefusedError} */
  async finish(): Promise<number> {
    try {
      if (this.#broken !== undefined) throw this.#broken;
      await this.#file.sync();
      await this.#file.close();
      return this.#bytes;
    } catch (error) {
      await this.discard();
      throw cannotBeWritten(error);
    }
  }

  /** Closes and removes the file. */
  async discard(): Promise<void> {
    // It may already be closed.
    await this.#file.close().catch(() => {});
    discard(this.path);
  }
}

/** Writes a text to a new private file, or nothing. Resolves to its path. @throws {ConfigError} @throws {RefusedError} */
export async function writeText(
  folder: string,
  name: string,
  extension: string,
  text: string,
  maxBytes?: number,
): Promise<string> {
  const writer = await FileWriter.create(folder, name, extension, maxBytes);
  try {
    await writer.write(text);
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.finish();
  return writer.path;
}

function cannotBeWritten(error: unknown): RefusedError {
  const reason = error instanceof Error ? error.message : String(error);
  return new RefusedError(
    `The file cannot be written: ${reason}`,
    'Free some disk space, or set WORKOS_MCP_OUTPUT_DIR to a folder on another disk.',
  );
}
