import type { ApiError } from '../errors/errors.ts';

/** Parsing and masking more than this takes long enough to be noticed. */
const MAX_PARSED_BYTES = 1024 * 1024;
const BEGINNING_BYTES = 64 * 1024;
const MAX_PENDING = 256;

/** The bytes of a body as they arrive. */
export class BodyBytes {
  readonly #blocks: Buffer[] = [];
  #pending: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(chunk: Buffer): void {
    this.#size += chunk.length;
    this.#pending.push(chunk);
    // A chunk keeps everything in memory that arrived with it, however short it is itself.
    if (this.#pending.length === MAX_PENDING) this.#join();
  }

  /** Too large to be parsed while everything else waits. */
  get isLarge(): boolean {
    return this.#size > MAX_PARSED_BYTES;
  }

  text(): string {
    return Buffer.concat(this.blocks()).toString('utf8');
  }

  /** As much of it as the error for a body that is not JSON shows from. */
  beginning(): string {
    return Buffer.concat(this.blocks(), Math.min(BEGINNING_BYTES, this.#size)).toString('utf8');
  }

  /** All of it, in order. */
  blocks(): Buffer[] {
    this.#join();
    return this.#blocks;
  }

  #join(): void {
    if (this.#pending.length > 0) this.#blocks.push(Buffer.concat(this.#pending));
    this.#pending = [];
  }
}

/** The body of a success that was not parsed, because it is large. */
export class UnparsedBody {
  /** In order; together `size` bytes. */
  readonly chunks: Buffer[];
  readonly size: number;
  /** The error for a success that cannot be used. Without a problem, it shows what came instead of JSON. */
  readonly unreadable: (problem?: string) => ApiError;

  constructor(bytes: BodyBytes, unreadable: UnparsedBody['unreadable']) {
    this.chunks = bytes.blocks();
    this.size = bytes.size;
    this.unreadable = unreadable;
  }
}
