import { objectsOfClass } from '../../src/metrics/objects/object-overlaps.js';
import { blobs } from './blobs.js';
import { randomNumbers } from './random-numbers.js';

/** A case as the scripts in peers/ read it; all maps are (...shape), flat. */
export interface PeerCase {
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  /** Of the normalized surface Dice, in the unit of the spacing. */
  readonly tolerance: number;
  /** Of the boundary IoU. */
  readonly ratio: number;
  /** Labels 0 .. 2. */
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
  /** 1 where nobody labelled, for the comparisons that take it. */
  readonly ignored: readonly number[];
  /** Numbered objects, true and predicted. */
  readonly objects: readonly number[];
  readonly found: readonly number[];
}

/** `count` random pairs, images and volumes in turn; in some, a class is missing in one map or in both. */
export function peerCases(count: number): PeerCase[] {
  const random = randomNumbers(2026);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return Array.from({ length: count }, (_, n): PeerCase => {
    const shape = n % 2 === 0 ? [between(12, 40), between(12, 40)] : [6, 6, 6].map((low) => between(low, 14));
    // torchmetrics measures distances in squares alone.
    if (n % 4 === 0) shape[0] = shape[1] ?? 12;
    const spacing = shape.map(() => (n % 5 === 0 ? 1 : Math.round(20 * (0.3 + 3 * random())) / 20));
    // A map that is the truth in most places, and one that is not.
    const own = blobs(shape, random, between(1, 6));
    const other = blobs(shape, random, between(1, 6));
    const mixed = own.map((label, i) => (random() < 0.1 ? (other[i] ?? 0) : label));
    const [truth, predicted] = [own, n % 3 === 0 ? other : mixed];
    // 7 and 9 are no factors of what decides above.
    if (n % 7 === 0) predicted.fill(0);
    if (n % 9 === 0)
      truth.forEach((label, i) => {
        if (label === 1) truth[i] = 0;
      });
    const objects = objectsOfClass(blobs(shape, random, 9), n % 13 === 0 ? [] : [1, 2], shape);
    const found = objects.map((object, i) =>
      object % 4 === 3 || (object % 4 === 1 && i % 3 === 0) ? 0 : object % 4 === 2 ? 77 : object,
    );
    return {
      ...{ shape, spacing, tolerance: Math.round(100 * (0.5 + 2 * random())) / 100 + 1e-4 },
      ...{ ratio: 0.02 + 0.1 * random(), truth: [...truth], predicted: [...predicted] },
      ignored: [...truth].map(() => (random() < 0.2 ? 1 : 0)),
      ...{ objects: [...objects], found: [...found].map((object) => (n % 17 === 0 ? 0 : object)) },
    };
  });
}
