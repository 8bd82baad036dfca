import {
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isObject } from './http/body-fields.ts';
import type { Saved } from './open-states.ts';
import { SandboxStartError } from './start-error.ts';

const FORMAT = 'workos-mcp sandbox state';
/** The versions of the format: with a single environment, and with several. */
const VERSIONS = { single: 1, several: 2 };

/** The locks that this process holds. */
const HELD = new Set<string>();

/** The file that keeps a sandbox's state between runs. Only one process at a time has it open. */
export interface StateFile {
  /** The contents of the file. Undefined if it does not exist yet. */
  saved: Saved | undefined;
  /** Replaces the file with a new one. Resolves when a file with all changes up to this call is in place. */
  save(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a state file, and creates it with the first `save()`.
 * @param several whether it holds several environments
 * @param current returns the state to save
 * @throws SandboxStartError if another process has it open, or it is not a state file of this kind
 */
export function openStateFile(path: string, several: boolean, current: () => Saved): StateFile {
  const file = realPath(path);
  const lock = `${file}.lock`;
  const version = several ? VERSIONS.several : VERSIONS.single;
  takeLock(lock, file);
  try {
    removeLeftovers(file);
    return new LockedStateFile(file, lock, version, readState(file, version), current);
  } catch (error) {
    release(lock);
    throw error;
  }
}

class LockedStateFile implements StateFile {
  readonly saved: Saved | undefined;
  readonly #file: string;
  readonly #lock: string;
  readonly #version: number;
  readonly #current: () => Saved;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(file: string, lock: string, version: number, saved: Saved | undefined, current: () => Saved) {
    this.#file = file;
    this.#lock = lock;
    this.#version = version;
    this.#current = current;
    this.saved = saved;
  }

  save(): Promise<void> {
    // Calls during a write share the next one.
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#writing = this.#write();
        return this.#writing;
      });
    return this.#next;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify({ format: FORMAT, version: this.#version, ...this.#current() });
    const temporary = `${this.#file}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, text, { mode: 0o600 });
      await rename(temporary, this.#file);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#writing.catch(() => {});
    release(this.#lock);
  }
}

/** Removes unfinished files of killed processes. This is safe, because only the holder of the lock writes. */
function removeLeftovers(file: string): void {
  const folder = dirname(file);
  const start = `${basename(file)}.`;
  try {
    for (const name of readdirSync(folder)) {
      const isLeftover = name.startsWith(start) && /^\d+\.tmp$/.test(name.slice(start.length));
      if (isLeftover) rmSync(join(folder, name), { force: true });
    }
  } catch {
    // Leftovers take space but do no other harm.
  }
}

function readState(file: string, version: number): Saved | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new SandboxStartError(`The sandbox state ${file} cannot be read: ${messageOf(error)}`);
  }
  const value = parsed(text);
  if (!isObject(value) || value['format'] !== FORMAT || value['version'] !== version) {
    if (isObject(value) && value['format'] === FORMAT && Object.values(VERSIONS).includes(Number(value['version']))) {
      const holds = version === VERSIONS.several ? 'a single environment' : 'several environments';
      const instead = version === VERSIONS.several ? 'leave out --environments' : 'name them with --environments';
      throw new SandboxStartError(
        `${file} holds the state of ${holds}, so it was not changed. Name another file, or ${instead}.`,
      );
    }
    throw new SandboxStartError(
      `${file} is not a state file of this sandbox, so it was not changed. Name another file, or delete it to start over.`,
    );
  }
  // Only this module writes such files, and a new file replaces the old one as a whole.
  return value as unknown as Saved;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Resolves links, because two names of one file must share its lock. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT')
      throw new SandboxStartError(`The sandbox state ${path} cannot be used: ${messageOf(error)}`);
  }
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    throw new SandboxStartError(
      `The sandbox state ${path} cannot be used: its folder does not exist. Create it first.`,
    );
  }
}

/** Creates the lock file, which contains the process id. A lock left behind by a dead process is taken over. */
function takeLock(lock: string, file: string): void {
  for (const isLastTry of [false, true]) {
    try {
      const handle = openSync(lock, 'wx', 0o600);
      writeSync(handle, `${process.pid}\n`);
      closeSync(handle);
      HELD.add(lock);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') {
        throw new SandboxStartError(`The sandbox state ${file} cannot be used: ${messageOf(error)}`);
      }
    }
    const owner = ownerOf(lock);
    if (isLastTry || owner === undefined || isRunning(owner, lock) || !removeLockOf(owner, lock)) {
      throw new SandboxStartError(
        `The sandbox state ${file} is in use by ${owner === undefined ? 'another process' : `process ${owner}`}. ` +
          'End it, name another file, or share one sandbox: workos-mcp sandbox --sandbox-state FILE, and ' +
          `--base-url for the others. If nothing uses it any more, delete ${lock}.`,
      );
    }
  }
}

function release(lock: string): void {
  HELD.delete(lock);
  rmSync(lock, { force: true });
}

/** Removes the lock of a dead process, unless another process has just taken it over. */
function removeLockOf(owner: number, lock: string): boolean {
  const moved = `${lock}.${process.pid}`;
  try {
    renameSync(lock, moved);
    const isSame = ownerOf(moved) === owner;
    if (!isSame) linkSync(moved, lock);
    rmSync(moved, { force: true });
    return isSame;
  } catch {
    return false;
  }
}

function ownerOf(lock: string): number | undefined {
  try {
    return Number(/^\d+/.exec(readFileSync(lock, 'utf8'))?.[0] ?? Number.NaN) || undefined;
  } catch {
    return undefined;
  }
}

function isRunning(processId: number, lock: string): boolean {
  // In a container, a new process often has the id of its predecessor.
  if (processId === process.pid) return HELD.has(lock);
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
