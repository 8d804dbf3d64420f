import { IGNORED } from '../../src/metrics/ignored.js';
import { pointsOf } from './brute-surfaces.js';

/** Discs and balls of two classes around random places, and some that nobody labelled. */
export function blobs(
  shape: readonly number[],
  random: () => number,
  count: number,
  ignored = 0,
): Uint16Array {
  const centres = Array.from({ length: count }, (_, i) => ({
    at: shape.map((size) => random() * size),
    radius: 1.5 + random() * 3,
    label: 1 + (i % 2),
  }));
  return Uint16Array.from(pointsOf(shape), (point) => {
    if (random() < ignored) return IGNORED;
    const near = centres.find(
      ({ at, radius }) => Math.hypot(...point.map((x, k) => x - (at[k] ?? 0))) < radius,
    );
    return near?.label ?? 0;
  });
}
