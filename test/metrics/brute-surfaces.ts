import { IGNORED } from '../../src/metrics/ignored.js';

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

/** What a class measures, of all pairs of border positions, and two conventions that are not followed. */
export function brute(
  predicted: Uint16Array,
  truth: Uint16Array,
  label: number,
  shape: readonly number[],
  spacing: readonly number[],
  tolerance = 0,
) {
  const a = bruteBorder(predicted, truth, label, shape);
  const b = bruteBorder(truth, truth, label, shape);
  const [there, back] = [bruteDistances(a, b, spacing), bruteDistances(b, a, spacing)];
  const pooled = [...there, ...back];
  return {
    hd: Math.max(...pooled),
    hd95: Math.max(brutePercentile(there, 0.95), brutePercentile(back, 0.95)),
    assd: pooled.reduce((sum, value) => sum + value, 0) / pooled.length,
    nsd: pooled.filter((value) => value <= tolerance + 1e-6).length / pooled.length,
    pooled95: brutePercentile(pooled, 0.95),
    meanOfMeans:
      (there.reduce((x, y) => x + y, 0) / there.length + back.reduce((x, y) => x + y, 0) / back.length) / 2,
  };
}

/** The IoU of two sets of points: those of the class with a known point of another class, or no point, in the box around them. */
export function bruteBoundaryIou(
  predicted: Uint16Array,
  truth: Uint16Array,
  label: number,
  shape: readonly number[],
  widths: readonly number[],
): number | null {
  const all = pointsOf(shape);
  const index = new Map(all.map((point, i) => [point.join(), i]));
  const around = pointsOf(widths.map((width) => 2 * width + 1));
  const boundary = (map: Uint16Array) =>
    all.map((point, i) => {
      if (map[i] !== label || truth[i] === IGNORED) return false;
      return around.some((offset) => {
        const at = index.get(point.map((x, k) => x + (offset[k] ?? 0) - (widths[k] ?? 0)).join());
        return at === undefined || (truth[at] !== IGNORED && map[at] !== label);
      });
    });
  const [a, b] = [boundary(predicted), boundary(truth)];
  const either = a.filter((inside, i) => inside || b[i]).length;
  return either === 0 ? null : a.filter((inside, i) => inside && b[i]).length / either;
}
