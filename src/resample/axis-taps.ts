import { REACH } from './spline.js';

/** The degree of the spline between the numbers: 0 takes the nearest number, 1 is linear, 3 is cubic. */
export type Order = 0 | 1 | 3;

/** Positions that a cubic spline reads beyond each border. */
export const BORDER = 2;

/**
 * What the positions of a resampled axis read. Output i is the sum over j < `width` of
 * `weights[i * width + j] * numbers[first[i] + j]`.
 *
 * For order 3, the numbers are the B-spline coefficients of positions `start` - BORDER to `end` + BORDER - 1, and
 * otherwise the values of positions `start` to `end` - 1.
 */
export interface AxisTaps {
  readonly order: Order;
  /** The first position of the input that is read. */
  readonly start: number;
  /** The position after the last that is read. */
  readonly end: number;
  /** How many positions come out. */
  readonly count: number;
  readonly width: number;
  readonly first: Int32Array;
  readonly weights: Float64Array;
}

/** Positions of an axis, from `first` to `end` - 1. */
export interface PositionRange {
  readonly first: number;
  readonly end: number;
}

/**
 * The taps from `from` positions to `to`, which cover the same length: output i lies at input
 * `from / to * (i + 0.5) - 0.5` (the `grid_mode=True` of scipy.ndimage.zoom; skimage.transform.resize and nnU-Net use it).
 * Beyond its borders, the input continues with its first and last number. An output of order 0 that lies in the middle
 * of two positions takes the higher one, as scipy.ndimage.map_coordinates does.
 *
 * @param outputs which of the `to` positions come out; all when left out. `start` and `end` then leave out positions
 * that add less than a float32 can hold.
 */
export function axisTaps(
  from: number,
  to: number,
  order: Order,
  outputs: PositionRange = { first: 0, end: to },
): AxisTaps {
  const count = outputs.end - outputs.first;
  const width = order + 1;
  const first = new Int32Array(count);
  const weights = new Float64Array(count * width);
  const scale = from / to;
  for (let i = 0; i < count; i++) {
    const centre = scale * (outputs.first + i + 0.5) - 0.5;
    // The coefficients of a cubic spline go on beyond the border; a linear one is constant there.
    const x = order === 3 ? centre : Math.min(from - 1, Math.max(0, centre));
    if (order === 0) {
      first[i] = Math.floor(x + 0.5);
      weights[i] = 1;
    } else if (order === 1) {
      const left = Math.max(0, Math.min(from - 2, Math.floor(x)));
      first[i] = left;
      weights.set([1 - (x - left), x - left], 2 * i);
    } else {
      const left = Math.floor(x);
      first[i] = left - 1;
      weights.set(cubicWeights(x - left), 4 * i);
    }
  }
  return { order, count, width, weights, ...placed(first, from, order) };
}

/** Which positions `first` needs, and `first` counted from the first of them. */
function placed(first: Int32Array, from: number, order: Order) {
  const [low = 0, high = 0] = [first[0], first.at(-1)];
  const reach = order === 3 ? REACH : 0;
  const start = Math.min(from - 1, Math.max(0, low - reach));
  const end = Math.min(from, high + order + 1 + reach);
  const border = order === 3 ? BORDER : 0;
  return { start, end, first: first.map((position) => position - start + border) };
}

/** The cubic B-spline at distances 1 + t, t, 1 - t and 2 - t of its centre. */
function cubicWeights(t: number): readonly [number, number, number, number] {
  const rest = 1 - t;
  return [rest ** 3 / 6, (t * t * (3 * t - 6) + 4) / 6, (rest * rest * (3 * rest - 6) + 4) / 6, t ** 3 / 6];
}
