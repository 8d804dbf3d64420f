import { RandomStream } from '../weights/random-stream.js';

/** Single numbers from a RandomStream, one word of it each: the same for ever and on every machine. */
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

  /** A number of the normal distribution of mean 0 and standard deviation 1. */
  normal(): number {
    this.stream.fillNormal(this.one, 1);
    return this.one[0] ?? 0;
  }
}
