import type { ImageValues } from '../../src/normalize/normalize-image.js';

const product = (sizes: readonly number[]) => sizes.reduce((result, size) => result * size, 1);

/** Solves `matrix` x = `right` by Gaussian elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) {
      const factor = (rows[j]?.[i] ?? 0) / (rows[i]?.[i] ?? 1);
      if (factor === 0) continue;
      rows[j] = (rows[j] ?? []).map((value, k) => value - factor * (rows[i]?.[k] ?? 0));
    }
  }
  const x = new Array<number>(rows.length).fill(0);
  for (let i = rows.length - 1; i >= 0; i--) {
    const known = x.reduce((sum, value, j) => (j > i ? sum + value * (rows[i]?.[j] ?? 0) : sum), 0);
    x[i] = ((rows[i]?.at(-1) ?? 0) - known) / (rows[i]?.[i] ?? 1);
  }
  return x;
}

/** The cubic B-spline around 0. */
function bspline(x: number): number {
  const a = Math.abs(x);
  if (a < 1) return 2 / 3 - a * a + a ** 3 / 2;
  return a < 2 ? (2 - a) ** 3 / 6 : 0;
}

/** Edge values beyond each border: |z|^30 is below the precision of float64. */
const PAD = 30;

/** What each of the `to` positions is, as weights of the `from` values. */
export function axisMatrix(from: number, to: number, order: 0 | 1 | 3): number[][] {
  const centres = Array.from({ length: to }, (_, i) => (from / to) * (i + 0.5) - 0.5);
  const unit = (k: number) => Array.from({ length: from }, (_, j) => Number(j === k));
  if (from === to) return centres.map((_, i) => unit(i));
  const inside = (x: number) => Math.min(from - 1, Math.max(0, x));
  if (order === 0) return centres.map((x) => unit(Math.round(inside(x))));
  if (order === 1) {
    return centres.map((x) => unit(0).map((_, j) => Math.max(0, 1 - Math.abs(inside(x) - j))));
  }
  // The spline with these coefficients goes through the padded values.
  const length = from + 2 * PAD;
  const system = Array.from({ length }, (_, i) => Array.from({ length }, (_, j) => bspline(i - j)));
  const columns = unit(0).map((_, k) => {
    const padded = Array.from({ length }, (_, i) => Number(Math.min(from - 1, Math.max(0, i - PAD)) === k));
    const coefficients = solve(system, padded);
    return centres.map((x) => coefficients.reduce((sum, c, j) => sum + c * bspline(x + PAD - j), 0));
  });
  return centres.map((_, i) => columns.map((column) => column[i] ?? 0));
}

/** Every position of the result as the sum over all positions of the input. No clipping. */
export function interpolated(
  values: ArrayLike<number>,
  from: readonly number[],
  to: readonly number[],
  orders: readonly (0 | 1 | 3)[],
): number[] {
  const matrices = from.map((size, axis) => axisMatrix(size, to[axis] ?? 1, orders[axis] ?? 0));
  const indices = (sizes: readonly number[], flat: number) => {
    let rest = flat;
    return sizes
      .toReversed()
      .map((size) => {
        const index = rest % size;
        rest = Math.floor(rest / size);
        return index;
      })
      .reverse();
  };
  return Array.from({ length: product(to) }, (_, i) => {
    const target = indices(to, i);
    let sum = 0;
    for (let j = 0; j < product(from); j++) {
      const source = indices(from, j);
      const weight = source.reduce(
        (w, index, axis) => w * (matrices[axis]?.[target[axis] ?? 0]?.[index] ?? 0),
        1,
      );
      sum += weight * (values[j] ?? 0);
    }
    return sum;
  });
}

/** nnU-Net's way, written for clearness: planes across the separate axis are images of their own, cut out and clipped. */
export function nnunetResampled(
  { shape, data }: ImageValues,
  to: readonly number[],
  order: 1 | 3,
  separate: number | undefined,
): number[] {
  const [channels = 0, ...from] = shape;
  const size = product(from);
  return Array.from({ length: channels }).flatMap((_, c) => {
    const values = [...data.subarray(c * size, (c + 1) * size)];
    const orders = from.map(() => order);
    if (separate === undefined) return clipped(interpolated(values, from, to, orders), values);
    const inner = product(from.slice(separate + 1));
    const newInner = product(to.slice(separate + 1));
    const depth = from[separate] ?? 1;
    const between = to.with(separate, depth);
    const volume = new Array<number>(product(between)).fill(0);
    for (let k = 0; k < depth; k++) {
      const plane = values.filter((_, i) => Math.floor(i / inner) % depth === k);
      const without = (sizes: readonly number[]) => sizes.toSpliced(separate, 1);
      const result = clipped(interpolated(plane, without(from), without(to), orders), plane);
      const places = volume.flatMap((_, i) => (Math.floor(i / newInner) % depth === k ? [i] : []));
      for (const [i, place] of places.entries()) volume[place] = result[i] ?? 0;
    }
    return interpolated(volume, between, to, [0, 0, 0]);
  });
}

function clipped(result: readonly number[], values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return result.map((value) => Math.min(high, Math.max(low, value)));
}
