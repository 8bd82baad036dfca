import { createHash } from 'node:crypto';

/** Remembers the line on which each key was first seen, in 12 bytes per slot, so that a file of any length fits into memory. */
export class KeyIndex {
  #hashes = new Uint32Array(2 * 1024);
  #lines = new Uint32Array(1024);
  #size = 0;

  /** The line on which the key was added before, or undefined for a new key, which is recorded with this line (1 or more). */
  add(key: string, line: number): number | undefined {
    if (2 * this.#size >= this.#lines.length) this.#grow();
    // Keys with equal hashes count as one key, so collisions must not be easy to craft.
    const digest = createHash('sha256').update(key).digest();
    return this.#put(digest.readUInt32LE(0), digest.readUInt32LE(4), line);
  }

  #put(low: number, high: number, line: number): number | undefined {
    const mask = this.#lines.length - 1;
    let at = low & mask;
    while (this.#lines[at] !== 0) {
      if (this.#hashes[2 * at] === low && this.#hashes[2 * at + 1] === high) return this.#lines[at];
      at = (at + 1) & mask;
    }
    this.#hashes[2 * at] = low;
    this.#hashes[2 * at + 1] = high;
    this.#lines[at] = line;
    this.#size += 1;
    return undefined;
  }

  #grow(): void {
    const [hashes, lines] = [this.#hashes, this.#lines];
    this.#hashes = new Uint32Array(2 * hashes.length);
    this.#lines = new Uint32Array(2 * lines.length);
    this.#size = 0;
    for (const [at, line] of lines.entries()) {
      if (line !== 0) this.#put(hashes[2 * at] ?? 0, hashes[2 * at + 1] ?? 0, line);
    }
  }
}
