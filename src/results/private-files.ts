import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors/errors.ts';

/**
 * Makes sure that a folder exists and only this user can open it. Returns its path.
 * @throws {ConfigError} where the path is not such a folder: in a shared temp folder another user could have made it.
 */
export function privateFolder(path: string): string {
  const hint = 'Set WORKOS_MCP_OUTPUT_DIR to a folder of your own.';
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
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

/** Creates a private file (0600) to stream into. Never opens an existing one. */
export async function createFile(
  folder: string,
  name: string,
  extension: string,
): Promise<{ path: string; handle: FileHandle }> {
  const path = freshPath(folder, name, extension);
  return { path, handle: await open(path, 'wx', 0o600) };
}

/** Writes a new private file (0600) and returns its path. Never overwrites one. */
export function writeFile(folder: string, name: string, extension: string, text: string): string {
  const path = freshPath(folder, name, extension);
  writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  return path;
}

function freshPath(folder: string, name: string, extension: string): string {
  const safe = name.replace(/[^\w.-]/g, '_').slice(0, 80);
  return join(privateFolder(folder), `${safe}-${randomBytes(6).toString('hex')}.${extension}`);
}

/** Removes a file that was only half written. */
export function discard(path: string): void {
  rmSync(path, { force: true });
}

/** Confirmation codes as private files, so a code issued by one process works in the next. The files do not hold the code itself. */
export class CodeFiles {
  readonly #folder: string;

  constructor(outputDir: string) {
    this.#folder = join(outputDir, 'confirmations');
  }

  get(code: string): { binding: string; expires: number } | undefined {
    return this.#read(this.#name(code));
  }

  set(code: string, open: { binding: string; expires: number }): void {
    privateFolder(join(this.#folder, '..'));
    writeFileSync(join(privateFolder(this.#folder), this.#name(code)), JSON.stringify(open), {
      flag: 'wx',
      mode: 0o600,
    });
  }

  /** Only one process succeeds in removing a file, which is what makes a code work once. */
  delete(code: string): boolean {
    try {
      unlinkSync(join(this.#folder, this.#name(code)));
      return true;
    } catch {
      return false;
    }
  }

  /** Nothing to clean up: an old file is refused by its expiry. */
  entries(): Iterable<[string, { binding: string; expires: number }]> {
    return [];
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
    return `${createHash('sha256').update(code).digest('hex')}.json`;
  }
}
