import type { LabelImage } from '../../src/objects/label-array.js';
import { randomNumbers } from '../metrics/random-numbers.js';

/** Maps of any rank with noise, or with stripes and blocks that touch at corners, by their seeds. */
export function randomMaps(count: number, rank: number, most: number, firstSeed = 1): readonly LabelImage[] {
  return Array.from({ length: count }, (_, i) => randomMap(firstSeed + i, rank, most));
}

function randomMap(seed: number, rank: number, most: number): LabelImage {
  const random = randomNumbers(seed * 7919 + rank);
  const shape = Array.from({ length: rank }, () => 1 + Math.floor(random() * most));
  const size = shape.reduce((product, length) => product * length, 1);
  const classes = 1 + (seed % 3);
  const density = 0.15 + 0.75 * random();
  const labels = Uint8Array.from({ length: size }, () =>
    random() < density ? 1 + Math.floor(random() * classes) : 0,
  );
  // Every second map is smoothed along its last axis, so that it has long runs.
  if (seed % 2 === 0) for (let i = 1; i < size; i++) if (random() < 0.6) labels[i] = labels[i - 1] ?? 0;
  return { labels, shape };
}

/** The coordinates of a position of a map. */
export function pointOf(position: number, shape: readonly number[]): number[] {
  const point: number[] = [];
  let rest = position;
  for (const size of shape.toReversed()) {
    point.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return point;
}

/** The neighbours of a position inside of the map, which differ on at most `axes` axes, from their definition. */
export function neighboursOf(position: number, shape: readonly number[], axes: number): number[] {
  const point = pointOf(position, shape);
  let near: number[][] = [[]];
  for (const x of point) near = near.flatMap((start) => [-1, 0, 1].map((step) => [...start, x + step]));
  return near
    .filter((other) => {
      const differing = other.filter((x, k) => x !== point[k]).length;
      return differing > 0 && differing <= axes && other.every((x, k) => x >= 0 && x < (shape[k] ?? 0));
    })
    .map((other) => other.reduce((at, x, k) => at * (shape[k] ?? 0) + x, 0));
}

/** The components of equal numbers but `none`, by flood filling from each position; in row-major order, from 1. */
export function floodedComponents(
  { labels, shape }: LabelImage,
  axes: number,
  none: number | undefined = 0,
): Int32Array {
  const found = new Int32Array(labels.length);
  let count = 0;
  for (const [start, value] of labels.entries()) {
    if (value === none || found[start] !== 0) continue;
    count++;
    found[start] = count;
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of neighboursOf(at, shape, axes)) {
        if (labels[next] !== value || found[next] !== 0) continue;
        found[next] = count;
        open.push(next);
      }
    }
  }
  return found;
}
