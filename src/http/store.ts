import { type CodeStore, MemoryCodes } from '../call/confirmation/codes.ts';
import { RateLimiter, type RequestLimits } from '../client/rate-limit.ts';
import { DiskFiles, type FileLimits, type FileStore } from './files.ts';
import { OwnTexts, type TextStore } from './memory.ts';

/**
 * The state that a team server keeps between messages. A single instance keeps it itself; interchangeable instances share it, so
 * access to it is asynchronous. It does not include caches of what can be looked up again.
 */
export interface TeamStore {
  /** Confirmation codes that have been issued. */
  readonly codes: CodeStore;
  readonly files: FileStore;
  /** Texts kept for each person between calls. */
  readonly texts: TextStore;
  /** Keeps requests below the limits that WorkOS publishes. */
  readonly limits: RequestLimits;
  /** Why the store is unreachable, or undefined. */
  problem?(): string | undefined;
  /** Calls the listener whenever the store is lost or back. */
  onChange?(listener: (isUp: boolean) => void): void;
  /** Calls the listener when another instance uses a different state key or none, and again when all use the same one. */
  onOtherKey?(listener: (differ: boolean) => void): void;
  /** Releases the store, and removes what no other instance could use. */
  close(): Promise<void>;
}

/** Options for opening a store. */
export interface StoreOptions {
  /** Where calls may write files. */
  outputDir: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Limits, for tests. */
  files?: Partial<FileLimits> | undefined;
}

/** The store of a single instance: in memory and on its disk. @throws {ConfigError} if there is no folder for files. */
export function ownStore({ outputDir, now, files: limits }: StoreOptions): TeamStore {
  const files = new DiskFiles(outputDir, now, limits);
  return {
    codes: new MemoryCodes(),
    files,
    texts: new OwnTexts(),
    limits: new RateLimiter(),
    close: () => files.close(),
  };
}
