import type { ApiError } from '../errors/errors.ts';

/** Larger bodies take noticeably long to parse and mask. */
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
    // However short a chunk is, it keeps the whole buffer that it arrived in alive.
    if (this.#pending.length === MAX_PENDING) this.#join();
  }

  /** True if the body is too large to parse while everything else waits. */
  get isLarge(): boolean {
    return this.#size > MAX_PARSED_BYTES;
  }

  text(): string {
    return Buffer.concat(this.blocks()).toString('utf8');
  }

  /** The beginning, from which the error for a body that is not JSON takes its excerpt. */
  beginning(): string {
    return Buffer.concat(this.blocks(), Math.min(BEGINNING_BYTES, this.#size)).toString('utf8');
  }

  /** All bytes, in order. */
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
  /** In order; `size` bytes in total. */
  readonly chunks: Buffer[];
  readonly size: number;
  /** The error for a success that cannot be used. Without a problem, it describes what arrived instead of JSON. */
  readonly unreadable: (problem?: string) => ApiError;

  constructor(bytes: BodyBytes, unreadable: UnparsedBody['unreadable']) {
    this.chunks = bytes.blocks();
    this.size = bytes.size;
    this.unreadable = unreadable;
  }
}
