import { createHash } from 'node:crypto';
import type { CodeStore } from '../../call/confirmation/codes.ts';
import type { Pacing } from '../../client/rate-limit.ts';
import type { DiskFiles, FileLimits, FileStore } from '../files.ts';
import { RedisCodes } from './codes.ts';
import { Redis } from './connection.ts';
import { RedisFiles } from './files.ts';
import { RedisLimits } from './limits.ts';

/** What several instances of a server share. */
export interface SharedState {
  codes: CodeStore;
  pacing: Pacing;
  /** Where files are kept that are written to this disk. Undefined without a key to encrypt them with. */
  files(disk: DiskFiles, limits?: Partial<FileLimits>): FileStore | undefined;
  /** Why it is not there at the moment, if so. */
  readonly problem: string | undefined;
  /** Tells of it each time that this changes. */
  onChange(listener: (isUp: boolean) => void): void;
  close(): void;
}

/** Which state it is. */
export interface StateOptions {
  /** Of Redis. */
  url: string;
  /** What people use: instances with the same one are one server. */
  publicUrl: string;
  /** Of the API. */
  baseUrl: string;
  /** What files are encrypted with, 32 bytes. */
  key: Buffer | undefined;
  now?: (() => number) | undefined;
}

/** Connects to the state that instances share. @throws {ConfigError} where Redis does not let this server in. */
export async function openSharedState({ url, publicUrl, baseUrl, key, now }: StateOptions): Promise<SharedState> {
  const redis = await Redis.open(url, now);
  const prefix = `workos-mcp:${createHash('sha256').update(publicUrl).digest('hex').slice(0, 16)}:`;
  return {
    codes: new RedisCodes(redis, prefix),
    pacing: new RedisLimits(redis, baseUrl, now),
    files: (disk, limits) => key && new RedisFiles(disk, redis, key, prefix, limits),
    get problem() {
      return redis.problem;
    },
    onChange: (listener) => redis.onChange(listener),
    close: () => redis.close(),
  };
}
