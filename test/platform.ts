import { statSync } from 'node:fs';
import { expect } from 'vitest';

/**
 * Windows has no file modes, no signals that a process can handle, no named pipes in folders and not always a POSIX
 * shell. Tests that need these are skipped there.
 */
export const WINDOWS = process.platform === 'win32';

/** Checks the mode of a file or folder. Modes mean nothing on Windows. */
export function expectMode(path: string, mode: number): void {
  if (!WINDOWS) expect((statSync(path).mode & 0o777).toString(8)).toBe(mode.toString(8));
}
