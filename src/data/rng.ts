import { RandomStream } from '../weights/random-stream.js';

/** Single numbers from a RandomStream, one word of it each: the same on every machine and in every version. */
export class Rng {
  private readonly stream: RandomStream;
  private readonly one = new Float32Array(1);

  constructor(seed: number, name: string) {
    this.stream = new RandomStream(seed, name);
  }

  /** A uniform number between `low` and `high`. */
  uniform(low: number, high: number): number {
    this.stream.fillUniform(this.one, 1);
    return low + (high - low) * (0.5 + 0.5 * (this.one[0] ?? 0));
  }

  /** A number of the normal distribution with mean 0 and standard deviation 1. */
  normal(): number {
    this.stream.fillNormal(this.one, 1);
    return this.one[0] ?? 0;
  }

  /** A uniform whole number from 0 to count - 1. It takes two draws, because one has only 24 bits. */
  index(count: number): number {
    const high = Math.min(65535, Math.floor(this.uniform(0, 65536)));
    const low = this.uniform(0, 1);
    return Math.min(count - 1, Math.floor(((high + low) / 65536) * count));
  }

  /** The numbers 0 to count - 1 in a random order; all orders are equally likely (Fisher and Yates). */
  order(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.index(i + 1);
      // Both are below count.
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return order;
  }
}
