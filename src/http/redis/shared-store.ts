import { createHash } from 'node:crypto';
import { DiskFiles } from '../files.ts';
import { OwnTexts } from '../memory.ts';
import type { StoreOptions, TeamStore } from '../store.ts';
import { RedisCodes } from './codes.ts';
import { Redis } from './connection.ts';
import { noFiles, RedisFiles } from './files.ts';
import { RedisLimits } from './limits.ts';
import { keyedHash } from './sealing.ts';
import { RedisTexts } from './texts.ts';

/** Options for sharedStore(). */
export interface SharedStoreOptions extends StoreOptions {
  /** The URL of Redis. */
  url: string;
  /** The URL that clients use. Instances with the same URL are interchangeable. */
  deployment: string;
  /** The base URL of the WorkOS API. */
  baseUrl: string;
  /** The key that encrypts files, 32 bytes. Without it, no files are kept. */
  key: Buffer | undefined;
}

/**
 * Opens the store that interchangeable instances share in Redis.
 * @throws {ConfigError} if Redis refuses this server, or there is no folder for files.
 */
export async function sharedStore(options: SharedStoreOptions): Promise<TeamStore> {
  const { outputDir, now, files: limits, url, deployment, baseUrl, key } = options;
  const prefix = `workos-mcp:${createHash('sha256').update(deployment).digest('hex').slice(0, 16)}:`;
  const label = `${prefix}${key ? keyedHash(key, 'state key') : 'none'}`;
  const redis = await Redis.open(url, label, now);
  try {
    const files = key
      ? new RedisFiles(new DiskFiles(outputDir, now, limits), redis, { key, prefix, now, limits })
      : noFiles;
    return {
      codes: new RedisCodes(redis, prefix),
      files,
      // Without a key there are no files. Followed events are delivered in files, so there is no position to share.
      texts: key ? new RedisTexts(redis, { key, prefix }) : new OwnTexts(),
      limits: new RedisLimits(redis, baseUrl, now),
      problem: () => redis.problem,
      onChange: (listener) => redis.onChange(listener),
      onOtherKey(listener) {
        let before = false;
        redis.onPeers((labels) => {
          const differ = labels.some((one) => one.startsWith(prefix) && one !== label);
          if (differ !== before) listener(differ);
          before = differ;
        });
      },
      async close() {
        redis.close();
        await files.close();
      },
    };
  } catch (error) {
    redis.close();
    throw error;
  }
}
