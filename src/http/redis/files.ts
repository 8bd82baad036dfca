import { readWindow, UnreadableFileError } from '../../mcp/written-files.ts';
import { NO_FILES } from '../../results/private-files.ts';
import { type DiskFiles, type FileLimits, type FileStore, LIMITS, type OwnedFile, type StoredFile } from '../files.ts';
import { type Redis, RedisError } from './connection.ts';
import { keyedHash, open, seal } from './sealing.ts';

/** The size of a part in bytes. Files are encrypted and read part by part. */
const PART_BYTES = 256 * 1024;

/** Options for RedisFiles. */
interface RedisFilesOptions {
  /** The encryption key, 32 bytes. */
  key: Buffer;
  /** The prefix of all keys in Redis. */
  prefix: string;
  /** Milliseconds since the epoch. */
  now(): number;
  limits?: Partial<FileLimits> | undefined;
}

/** A store that keeps nothing, for instances without a key to encrypt files with. */
export const noFiles: FileStore = {
  folder: NO_FILES,
  maxFileBytes: 0,
  isReady: true,
  keep: async () => undefined,
  list: async () => [],
  find: async () => undefined,
  async read() {
    throw new UnreadableFileError('This server keeps no files');
  },
  async sweep() {},
  async close() {},
};

/**
 * Files that every instance can read: encrypted in Redis, in parts, each bound to its owner, URI, and position. A call writes to
 * the disk of its own instance. From there, the file moves to Redis, or waits until Redis is back.
 */
export class RedisFiles implements FileStore {
  readonly folder: string;
  readonly maxFileBytes: number;
  readonly #disk: DiskFiles;
  readonly #redis: Redis;
  readonly #key: Buffer;
  readonly #prefix: string;
  readonly #limits: FileLimits;
  readonly #now: () => number;
  /** Files that have not moved to Redis yet, by URI. */
  readonly #waiting = new Map<string, OwnedFile>();

  constructor(disk: DiskFiles, redis: Redis, { key, prefix, now, limits }: RedisFilesOptions) {
    this.folder = disk.folder;
    this.maxFileBytes = disk.maxFileBytes;
    this.#disk = disk;
    this.#redis = redis;
    this.#key = key;
    // Each encryption key has its own prefix, because files encrypted with another key cannot be read.
    this.#prefix = `${prefix}${keyedHash(key, 'files')}:`;
    this.#now = now;
    this.#limits = { ...LIMITS, ...limits };
    redis.onChange((isUp) => void (isUp && this.#moveWaiting()));
  }

  get isReady(): boolean {
    return this.#redis.isUp;
  }

  async keep(owner: string, path: string): Promise<StoredFile | undefined> {
    const file = await this.#disk.keep(owner, path);
    if (!file) return undefined;
    this.#waiting.set(file.uri, file);
    await this.#move(file);
    return file;
  }

  async list(owner: string): Promise<readonly StoredFile[]> {
    const here = await this.#disk.list(owner);
    const prefix = keyedHash(this.#key, owner);
    try {
      const all = await this.#redis.run('ZRANGE', `${this.#prefix}files`, '0', '-1');
      const ids = [all]
        .flat()
        .map(String)
        .filter((id) => id.startsWith(prefix));
      const there = await Promise.all(ids.map((id) => this.#about(owner, id)));
      const moved = there.filter((file) => file !== undefined);
      return [...moved, ...here.filter(({ uri }) => !moved.some((one) => one.uri === uri))];
    } catch (error) {
      // The list of resources has more than files, so it must not fail. Reading a file says why it cannot be read.
      if (error instanceof RedisError) return here;
      throw error;
    }
  }

  async find(owner: string, uri: string): Promise<StoredFile | undefined> {
    return (await this.#disk.find(owner, uri)) ?? (await readable(() => this.#about(owner, this.#idOf(owner, uri))));
  }

  async read(owner: string, uri: string, from: number, to: number): Promise<Buffer> {
    if (await this.#disk.find(owner, uri)) return this.#disk.read(owner, uri, from, to);
    const id = this.#idOf(owner, uri);
    return readable(async () => {
      const file = await this.#about(owner, id);
      if (!file) throw new UnreadableFileError('The file does not exist or has expired');
      const parts: Buffer[] = [];
      const first = Math.floor(from / PART_BYTES);
      for (let at = first; at * PART_BYTES < Math.min(to, file.bytes); at++) {
        const sealed = await this.#redis.run('GET', `${this.#prefix}part:${id}:${at}`);
        const part = open(this.#key, sealed, [owner, uri, file.bytes, at]);
        if (!part) throw new UnreadableFileError('The file does not exist or has expired');
        parts.push(part);
      }
      return Buffer.concat(parts).subarray(from - first * PART_BYTES, to - first * PART_BYTES);
    });
  }

  async sweep(): Promise<void> {
    await this.#disk.sweep();
    await this.#moveWaiting();
  }

  close(): Promise<void> {
    return this.#disk.close();
  }

  async #moveWaiting(): Promise<void> {
    for (const file of [...this.#waiting.values()]) await this.#move(file);
  }

  /** Moves a file from the disk to Redis. If Redis fails, the file stays on the disk and is moved later. */
  async #move(file: OwnedFile): Promise<void> {
    const { owner, uri, bytes } = file;
    try {
      // The file may have expired, or is being moved already.
      if (!this.#waiting.delete(uri) || !(await this.#disk.find(owner, uri))) return;
      const id = this.#idOf(owner, uri);
      const { maxAllBytes, maxFiles, lifetimeMs } = this.#limits;
      const numbers = [bytes, maxAllBytes, maxFiles, lifetimeMs, PART_BYTES].map(String);
      await this.#redis.script(ADMIT, [`${this.#prefix}files`, `${this.#prefix}sizes`], [id, ...numbers, this.#prefix]);
      for (let at = 0; at * PART_BYTES < bytes; at++) {
        const part = await readWindow(file, at * PART_BYTES, Math.min(bytes, (at + 1) * PART_BYTES));
        await this.#set(`part:${id}:${at}`, seal(this.#key, part, [owner, uri, bytes, at]));
      }
      // Written last, because it makes the file visible.
      const { name, mimeType, expires } = file;
      const about = Buffer.from(JSON.stringify({ uri, name, bytes, mimeType, expires }));
      await this.#set(`file:${id}`, seal(this.#key, about, [owner, id]));
      this.#disk.forget(uri);
    } catch (error) {
      if (error instanceof RedisError) this.#waiting.set(uri, file);
      // Otherwise, the file was removed or changed meanwhile, and is no longer the one that was kept.
    }
  }

  async #set(name: string, value: Buffer): Promise<void> {
    await this.#redis.run('SET', this.#prefix + name, value, 'PX', String(this.#limits.lifetimeMs));
  }

  async #about(owner: string, id: string): Promise<StoredFile | undefined> {
    const text = open(this.#key, await this.#redis.run('GET', `${this.#prefix}file:${id}`), [owner, id]);
    // #move() sealed a value of this type with the same key.
    const file: StoredFile | undefined = text && JSON.parse(String(text));
    return file && file.expires > this.#now() ? file : undefined;
  }

  #idOf(owner: string, uri: string): string {
    return keyedHash(this.#key, owner) + keyedHash(this.#key, uri);
  }
}

async function readable<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    throw new UnreadableFileError(`Files cannot be read at the moment: ${error.message}. Try again in a moment`);
  }
}

/** Registers a file and makes room for it: removes expired files, then the oldest ones until the limits hold. */
const ADMIT = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local files, sizes, prefix = KEYS[1], KEYS[2], ARGV[7]
local lifetime = tonumber(ARGV[5])
local function drop(id)
  local bytes = redis.call('HGET', sizes, id) or 0
  redis.call('UNLINK', prefix .. 'file:' .. id)
  for at = 0, math.ceil(bytes / ARGV[6]) - 1 do redis.call('UNLINK', prefix .. 'part:' .. id .. ':' .. at) end
  redis.call('ZREM', files, id)
  redis.call('HDEL', sizes, id)
  return bytes
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', files, '-inf', now - lifetime * 1000)) do drop(id) end
redis.call('ZADD', files, now, ARGV[1])
redis.call('HSET', sizes, ARGV[1], ARGV[2])
-- Where Redis has evicted the one and not the other, nobody could find these.
for _, id in ipairs(redis.call('HKEYS', sizes)) do if not redis.call('ZSCORE', files, id) then drop(id) end end
local all = 0
for _, bytes in ipairs(redis.call('HVALS', sizes)) do all = all + bytes end
while all > tonumber(ARGV[3]) or redis.call('ZCARD', files) > tonumber(ARGV[4]) do
  all = all - drop(redis.call('ZRANGE', files, 0, 0)[1])
end
redis.call('PEXPIRE', files, lifetime)
redis.call('PEXPIRE', sizes, lifetime)
return all`;
