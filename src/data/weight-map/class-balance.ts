import { Failure } from '../../diagnostics/failure.js';
import type { Sample } from '../data-set.js';

/**
 * A weight for each class so that all weigh the same together: N / (K n), where n of N labelled positions are of the class
 * and K classes occur; 1 for those that don't. The mean weight of a position is 1.
 */
export function balanceOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : total / (present * count)));
}

/** Reads every sample once and balances `classes` classes over all of them. Fails where a sample can't be read. */
export async function classBalance(
  samples: readonly Sample[],
  classes: number,
  onEach?: (done: number, total: number) => void,
): Promise<number[] | Failure> {
  const counts = new Array<number>(256).fill(0);
  for (const [i, sample] of samples.entries()) {
    const read = await sample.read();
    if (read instanceof Failure) return read;
    // Labels have 8 bits.
    for (const label of read.classes) counts[label] = (counts[label] as number) + 1;
    onEach?.(i + 1, samples.length);
  }
  return balanceOf(counts.slice(0, classes));
}
