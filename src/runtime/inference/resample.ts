import { elementCount, type Tensor } from '../tensor.js';

/** What one output position reads: the input positions from `first` on, with `weights` that sum to 1. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Linear interpolation between pixel centres. For a smaller size the triangle is widened by the scale, so every input
 * counts and nothing aliases. Positions beyond the border have no weight. Pillow calls this BILINEAR, and PyTorch
 * `interpolate(mode='bilinear', antialias=True)`.
 */
function linearTaps(from: number, to: number): Taps[] {
  const scale = from / to;
  const support = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(from, Math.ceil(centre + support - 0.5));
    const raw = Array.from({ length: end - first }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / support),
    );
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: raw.map((weight) => weight / total) };
  });
}

function resampleAxis(tensor: Tensor, axis: number, size: number): Tensor {
  const from = tensor.shape[axis] ?? 1;
  if (from === size) return tensor;
  const outer = elementCount(tensor.shape.slice(0, axis));
  const inner = elementCount(tensor.shape.slice(axis + 1));
  const data = new Float32Array(outer * size * inner);
  const sums = new Float64Array(inner);
  const taps = linearTaps(from, size);
  for (let o = 0; o < outer; o++) {
    for (const [i, { first, weights }] of taps.entries()) {
      sums.fill(0);
      for (const [j, weight] of weights.entries()) {
        const base = (o * from + first + j) * inner;
        // `as number`: both indices stay inside their arrays, by the sizes above.
        for (let k = 0; k < inner; k++) {
          sums[k] = (sums[k] as number) + weight * (tensor.data[base + k] as number);
        }
      }
      data.set(sums, (o * size + i) * inner);
    }
  }
  return { shape: tensor.shape.with(axis, size), data };
}

/**
 * (C, ...spatial), resampled linearly to (C, ...sizes), axis by axis, for any number of axes. sharp cannot do this, because
 * it passes numbers through 16-bit integers.
 */
export function resample(image: Tensor, sizes: readonly number[]): Tensor {
  return sizes.reduce((tensor, size, axis) => resampleAxis(tensor, axis + 1, size), image);
}
