// `as number`: every index below is inside its array by construction, and a check would cost time at every position.

/** How many positions beyond a position a Gaussian reaches: it is cut off at 4 sigma, as SciPy does. */
export function gaussianReach(sigma: number): number {
  return Math.floor(4 * sigma + 0.5);
}

/**
 * Smooths a map with a Gaussian, in place, as `scipy.ndimage.gaussian_filter` does: axis by axis, with the map mirrored at
 * its border (d c b a | a b c d | d c b a).
 *
 * @param values (...shape)
 * @param sigmas in positions, on each axis; 0 leaves an axis as it is
 */
export function smooth(values: Float64Array, shape: readonly number[], sigmas: readonly number[]): void {
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    const weights = gaussian(sigmas[axis] ?? 0);
    if (weights.length > 1) smoothLines(values, length, stride, weights);
    stride *= length;
  }
}

/** The weights of a position and of those on one side of it; all of both sides together are 1. */
function gaussian(sigma: number): Float64Array {
  const weights = Float64Array.from({ length: gaussianReach(sigma) + 1 }, (_, i) =>
    i === 0 ? 1 : Math.exp(-0.5 * (i / sigma) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + 2 * weight, -1);
  return weights.map((weight) => weight / sum);
}

function smoothLines(values: Float64Array, length: number, stride: number, weights: Float64Array): void {
  const reach = weights.length - 1;
  const line = new Float64Array(length + 2 * reach);
  for (let outer = 0; outer < values.length; outer += length * stride) {
    for (let start = outer; start < outer + stride; start++) {
      for (let i = 0; i < length; i++) line[reach + i] = values[start + i * stride] as number;
      for (let i = 0; i < reach; i++) {
        line[reach - 1 - i] = line[reach + mirrored(i, length)] as number;
        line[reach + length + i] = line[reach + mirrored(length + i, length)] as number;
      }
      for (let i = 0; i < length; i++) {
        let sum = (weights[0] as number) * (line[reach + i] as number);
        for (let k = 1; k <= reach; k++) {
          const both = (line[reach + i - k] as number) + (line[reach + i + k] as number);
          sum += (weights[k] as number) * both;
        }
        values[start + i * stride] = sum;
      }
    }
  }
}

/** The position within a line of this length where a position from 0 on lands, if the line is mirrored at its ends. */
function mirrored(position: number, length: number): number {
  const inPeriod = position % (2 * length);
  return inPeriod < length ? inPeriod : 2 * length - 1 - inPeriod;
}
