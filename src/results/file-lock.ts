import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { RefusedError } from '../errors/errors.ts';

/** The locks that this process holds. */
const HELD = new Set<string>();

/** How long writing a lock file may take, in milliseconds. A file that is older and has no owner is from a dead process. */
const BEING_WRITTEN_MS = 2_000;

/**
 * Locks a file against other processes and other calls of this one until it is released. A lock that a dead process left
 * behind is taken over, even after a reboot.
 * @throws {RefusedError} if the lock is held or cannot be written.
 */
export function lockFile(file: string): { release(): void } {
  const lock = `${file}.lock`;
  for (const isLastTry of [false, true]) {
    if (create(lock, file)) {
      HELD.add(lock);
      return {
        release() {
          if (HELD.delete(lock)) rmSync(lock, { force: true });
        },
      };
    }
    const owner = ownerOf(lock);
    if (isLastTry || isAlive(owner, lock) || !removeLockOf(owner, lock)) throw inUse(file, lock, owner);
  }
  throw inUse(file, lock, undefined);
}

/** The process that holds a lock, and when it started; empty if the system does not tell. */
interface Owner {
  process: number;
  started: string;
}

function create(lock: string, file: string): boolean {
  try {
    const handle = openSync(lock, 'wx', 0o600);
    writeSync(handle, `${process.pid} ${startOf(process.pid)}\n`);
    closeSync(handle);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new RefusedError(
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      'Nothing was sent. Use a writable folder on a disk with free space.',
    );
  }
}

function inUse(file: string, lock: string, owner: Owner | undefined): RefusedError {
  const who = owner ? `process ${owner.process}` : 'another process';
  const own = owner?.process === process.pid ? 'another call of this server' : who;
  return new RefusedError(
    `${file} is in use by ${own}`,
    `Wait until it ends, or stop it. If nothing uses the file anymore, delete ${lock}.`,
  );
}

function isAlive(owner: Owner | undefined, lock: string): boolean {
  if (!owner) return Date.now() - modified(lock) < BEING_WRITTEN_MS;
  // In a container, a new process often has the id of the previous one.
  if (owner.process === process.pid) return HELD.has(lock);
  try {
    process.kill(owner.process, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  // After a reboot, any other process can have the id.
  return owner.started === startOf(owner.process);
}

/** Removes the lock of a dead process, unless another process has just taken it over. */
function removeLockOf(owner: Owner | undefined, lock: string): boolean {
  const moved = `${lock}.${process.pid}`;
  try {
    renameSync(lock, moved);
    const now = ownerOf(moved);
    const isSame = now?.process === owner?.process && now?.started === owner?.started;
    if (!isSame) linkSync(moved, lock);
    rmSync(moved, { force: true });
    return isSame;
  } catch {
    return false;
  }
}

function ownerOf(lock: string): Owner | undefined {
  try {
    const [, id = '', started = ''] = /^(\d+) (.*)\n/.exec(readFileSync(lock, 'utf8')) ?? [];
    return id === '' ? undefined : { process: Number(id), started };
  } catch {
    return undefined;
  }
}

/** The boot id of the system and the start time of a process. Empty on systems that do not tell. */
function startOf(id: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The process name before it can hold spaces and parentheses. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}

function modified(lock: string): number {
  try {
    return statSync(lock).mtimeMs;
  } catch {
    return 0;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
