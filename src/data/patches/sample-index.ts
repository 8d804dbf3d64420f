import type { Rng } from '../rng.js';

/** A uniform whole number from 0 to count - 1. Of two rng, because one has only 24 bits. */
export function drawIndex(rng: Rng, count: number): number {
  const high = Math.min(65535, Math.floor(rng.uniform(0, 65536)));
  const low = rng.uniform(0, 1);
  return Math.min(count - 1, Math.floor(((high + low) / 65536) * count));
}

/** The numbers 0 to count - 1 in an order of which all are equally likely (Fisher and Yates). */
export function drawOrder(rng: Rng, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = drawIndex(rng, i + 1);
    // Both are below count.
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
