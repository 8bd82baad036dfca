/** A pseudorandom sequence (mulberry32), the same for the same seed. */
export class Random {
  /** A new sequence with this seed continues as this one does. */
  seed: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
  }

  /** The next number, in [0, 1). */
  next(): number {
    this.seed = (this.seed + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), this.seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
