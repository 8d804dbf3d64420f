import type { ImageValues } from '../../src/normalize/normalize-image.js';

/** Numbers from 0 to 1 from a seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What an image looks like: kinds that a statistic can get wrong. */
export const looks = {
  'CT in raw units': (next: () => number) => Math.round(-1024 + 3000 * next() ** 3),
  '12 bits in 16': (next: () => number) => Math.floor(4096 * next() ** 2),
  'mostly background': (next: () => number) => (next() < 0.8 ? 0 : 100 + 900 * next()),
  'a small part of a large offset': (next: () => number) => 100_000 + next(),
  'tiny fractions': (next: () => number) => 1e-12 * (next() - 0.5),
  'many ties': (next: () => number) => Math.floor(3 * next()),
} as const;

export function imageOf(
  shape: readonly number[],
  value: (next: () => number) => number,
  seed: number,
): ImageValues {
  const next = numbersFrom(seed);
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length: count }, () => value(next)) };
}
