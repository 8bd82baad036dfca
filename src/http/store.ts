import { type CodeStore, MemoryCodes } from '../call/confirmation/codes.ts';
import { RateLimiter, type RequestLimits } from '../client/rate-limit.ts';
import { DiskFiles, type FileLimits, type FileStore } from './files.ts';
import { OwnTexts, type TextStore } from './memory.ts';

/**
 * What a team server knows from one message to the next. An instance that is alone keeps it itself; instances that stand for each
 * other share it, so everything in it may answer later. Caches of what can be looked up again are no part of it.
 */
export interface TeamStore {
  /** Confirmation codes that have been issued. */
  readonly codes: CodeStore;
  readonly files: FileStore;
  /** What is kept of each person between calls. */
  readonly texts: TextStore;
  /** Places under the limits that WorkOS publishes. */
  readonly limits: RequestLimits;
  /** Why it cannot be reached at the moment, if so. */
  problem?(): string | undefined;
  /** Calls the listener each time that it is lost or back. */
  onChange?(listener: (isUp: boolean) => void): void;
  /** Calls the listener when another instance encrypts files with another key, or with none, and when no instance does any more. */
  onOtherKey?(listener: (differ: boolean) => void): void;
  /** Lets go of it, and removes what nobody else could use. */
  close(): Promise<void>;
}

/** What opening a store takes. */
export interface StoreOptions {
  /** Where calls may write files. */
  outputDir: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** For tests. */
  files?: Partial<FileLimits> | undefined;
}

/** The store of an instance that is alone: in memory and on its disk. @throws {ConfigError} where there is no folder for files. */
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
