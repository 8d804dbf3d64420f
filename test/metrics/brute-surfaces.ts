import { IGNORED } from '../../src/data/labels/label-map.js';

type Point = readonly number[];

/** All positions of a box, the last axis fastest. */
export const pointsOf = (shape: readonly number[]): Point[] =>
  shape.reduce<Point[]>(
    (points, size) => points.flatMap((point) => Array.from({ length: size }, (_, i) => [...point, i])),
    [[]],
  );

/** The definition by coordinates: a labelled point of the class with a known neighbour that is not. */
export function bruteBorder(
  map: Uint16Array,
  truth: Uint16Array,
  label: number,
  shape: readonly number[],
): Point[] {
  const all = pointsOf(shape);
  const index = new Map(all.map((point, i) => [point.join(), i]));
  const isClass = (i: number) => map[i] === label && truth[i] !== IGNORED;
  return all.filter((point, i) => {
    if (!isClass(i)) return false;
    return shape.some((size, axis) =>
      [-1, 1].some((step) => {
        if (size === 1) return false;
        const neighbour = index.get(point.map((at, k) => (k === axis ? at + step : at)).join());
        return neighbour === undefined || (truth[neighbour] !== IGNORED && map[neighbour] !== label);
      }),
    );
  });
}

/** The nearest of all pairs. */
function bruteDistances(from: readonly Point[], to: readonly Point[], spacing: readonly number[]): number[] {
  return from.map((a) =>
    Math.min(...to.map((b) => Math.hypot(...a.map((at, k) => (at - (b[k] ?? 0)) * (spacing[k] ?? 1))))),
  );
}

/** By weights of the two values around the place, as the formula of type 7 (Hyndman & Fan 1996) has it. */
function brutePercentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  return sorted.reduce((sum, value, i) => sum + value * Math.max(0, 1 - Math.abs(place - i)), 0);
}

/** What surfaceDistances gives, of all pairs of border positions, and two conventions that it does not follow. */
export function brute(
  predicted: Uint16Array,
  truth: Uint16Array,
  label: number,
  shape: readonly number[],
  spacing: readonly number[],
) {
  const a = bruteBorder(predicted, truth, label, shape);
  const b = bruteBorder(truth, truth, label, shape);
  const [there, back] = [bruteDistances(a, b, spacing), bruteDistances(b, a, spacing)];
  const pooled = [...there, ...back];
  return {
    hd: Math.max(...pooled),
    hd95: Math.max(brutePercentile(there, 0.95), brutePercentile(back, 0.95)),
    assd: pooled.reduce((sum, value) => sum + value, 0) / pooled.length,
    pooled95: brutePercentile(pooled, 0.95),
    meanOfMeans:
      (there.reduce((x, y) => x + y, 0) / there.length + back.reduce((x, y) => x + y, 0) / back.length) / 2,
  };
}
