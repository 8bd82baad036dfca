/** Collects bytes as they arrive, without a second copy if their number is known. */
export class InputBytes {
  #whole: Buffer | undefined;
  #chunks: Buffer[] = [];
  #size = 0;

  /** @param size The number of bytes to come, if it is known. */
  constructor(size: number | undefined) {
    this.#whole = size === undefined ? undefined : Buffer.allocUnsafeSlow(size);
  }

  add(chunk: Buffer): void {
    if (this.#whole) this.#size += chunk.copy(this.#whole, this.#size);
    else this.#chunks.push(chunk);
  }

  /** Returns all bytes and releases them. */
  take(): Buffer {
    const bytes = this.#whole?.subarray(0, this.#size) ?? Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#whole = undefined;
    return bytes;
  }
}
