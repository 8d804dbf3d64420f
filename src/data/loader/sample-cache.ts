import { bytesOf, type PreparedSample } from './prepared-sample.js';

/**
 * Decoded samples by their number, up to a bound in bytes: those that were not used for longest leave first. The newest stays
 * even if it alone is larger.
 */
export class SampleCache {
  private readonly bound: number;
  /** The least recently used first. */
  private readonly samples = new Map<number, PreparedSample>();
  private used = 0;

  constructor(bound: number) {
    this.bound = bound;
  }

  /** The bytes of all that is kept. */
  get bytes(): number {
    return this.used;
  }

  get(index: number): PreparedSample | undefined {
    const sample = this.samples.get(index);
    if (sample === undefined) return undefined;
    this.samples.delete(index);
    this.samples.set(index, sample);
    return sample;
  }

  set(index: number, sample: PreparedSample): void {
    this.delete(index);
    this.samples.set(index, sample);
    this.used += bytesOf(sample);
    for (const oldest of this.samples.keys()) {
      if (this.used <= this.bound || oldest === index) break;
      this.delete(oldest);
    }
  }

  delete(index: number): void {
    const sample = this.samples.get(index);
    if (sample === undefined) return;
    this.samples.delete(index);
    this.used -= bytesOf(sample);
  }
}
