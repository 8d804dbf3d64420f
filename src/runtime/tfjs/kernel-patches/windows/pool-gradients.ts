import { computeOnHost } from '../host-values.js';
import type { KernelPatch } from '../kernel-patch.js';
import { kernelPatch, required } from '../kernel-patch.js';
import { type WindowAxis, windowAxes } from '../window-axis.js';

/**
 * The gradient of maxPool.
 *
 * - wasm: the search for a window's maximum starts at the smallest POSITIVE float, so **windows whose maximum is zero or
 *   negative send their gradient to a wrong position or nowhere**.
 * - cpu: correct; this code is 2 to 10 times faster there.
 */
const maxPoolGradient = kernelPatch({
  kernel: 'MaxPoolGrad',
  engines: ['cpu', 'wasm'],
  patches: 'on wasm wrong for windows without a positive value; slow on cpu',
  run: (_tf, { inputs, attrs, backend }) => {
    const [dy, input] = [required(inputs, 'dy'), required(inputs, 'input')];
    const { filterSize, strides, pad, dimRoundingMode } = attrs;
    const axes = windows(input.shape, filterSize, strides, pad, dimRoundingMode);
    return computeOnHost(backend, [dy, input], input.shape, (dx, [upstream, x]) => {
      spreadMaxima(need(upstream), need(x), dx, input.shape, ...axes);
    });
  },
});

/**
 * The gradient of avgPool. On cpu, wasm, webgl and webgpu it always divides by the size of the whole window. The forward
 * divides by the part inside the image, if `same` padding makes a window reach outside. It is also slow on cpu.
 */
const averagePoolGradient = kernelPatch({
  kernel: 'AvgPoolGrad',
  engines: ['cpu', 'wasm'],
  patches: "wrong at the border with 'same' padding, where the forward divides by less; slow on cpu",
  run: (_tf, { inputs, attrs, backend }) => {
    const [dy, input] = [required(inputs, 'dy'), required(inputs, 'input')];
    const axes = windows(input.shape, attrs.filterSize, attrs.strides, attrs.pad);
    return computeOnHost(backend, [dy], input.shape, (dx, [upstream]) => {
      spreadMeans(need(upstream), dx, input.shape, ...axes);
    });
  },
});

/** The same as `averagePoolGradient`, by scaling the input of the stock kernel. */
const averagePoolGradientByScale = kernelPatch({
  kernel: 'AvgPoolGrad',
  engines: ['webgl', 'webgpu'],
  patches: "wrong at the border with 'same' padding, where the forward divides by less",
  run: (tf, { inputs, attrs, stock }) => {
    const [dy, input] = [required(inputs, 'dy'), required(inputs, 'input')];
    const [rows, columns] = windows(input.shape, attrs.filterSize, attrs.strides, attrs.pad);
    const scales = [rows, columns].map((axis) => {
      return Array.from({ length: axis.out }, (_, i) => axis.kernel / length(range(axis, i)));
    });
    const [down = [], across = []] = scales;
    const scale = tf.mul(tf.tensor4d(down, [1, rows.out, 1, 1]), tf.tensor4d(across, [1, 1, columns.out, 1]));
    return stock({ inputs: { dy: tf.mul(dy, scale) } });
  },
});

export const poolGradients: readonly KernelPatch[] = [
  maxPoolGradient,
  averagePoolGradient,
  averagePoolGradientByScale,
];

type Sizes = readonly number[];
type Range = readonly [from: number, to: number];

function windows(
  shape: Sizes,
  filterSize: number | Sizes,
  strides: number | Sizes,
  pad: Parameters<typeof windowAxes>[4],
  rounding?: 'floor' | 'round' | 'ceil',
): [WindowAxis, WindowAxis] {
  const size = typeof filterSize === 'number' ? [filterSize, filterSize] : filterSize;
  const [rows, columns] = windowAxes(shape.slice(1, 3), size, strides, 1, pad, rounding);
  if (!rows || !columns) throw new Error('a pooling has rows and columns');
  return [rows, columns];
}

/** The positions of window i that lie inside the input. */
function range({ size, kernel, stride, before }: WindowAxis, i: number): Range {
  const start = i * stride - before;
  return [Math.max(start, 0), Math.min(start + kernel, size)];
}

const length = ([from, to]: Range) => to - from;

// `as number`: every index is inside its array by construction, and checking each would take most of the time.

/**
 * Adds the gradient of each window's maximum to the position of the first maximum in it, row by row.
 *
 * @param dy (N, oh, ow, C), @param x and @param dx (N, H, W, C)
 */
function spreadMaxima(
  dy: Float32Array,
  x: Float32Array,
  dx: Float32Array,
  [batch = 0, height = 0, width = 0, channels = 0]: Sizes,
  rows: WindowAxis,
  columns: WindowAxis,
): void {
  const best = new Float32Array(channels);
  const place = new Int32Array(channels);
  let from = 0;
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < rows.out; i++) {
      const [top, bottom] = range(rows, i);
      for (let j = 0; j < columns.out; j++) {
        const [left, right] = range(columns, j);
        best.fill(Number.NEGATIVE_INFINITY);
        place.fill(-1);
        for (let y = top; y < bottom; y++) {
          let at = ((n * height + y) * width + left) * channels;
          for (let column = left; column < right; column++) {
            for (let c = 0; c < channels; c++, at++) {
              const value = x[at] as number;
              if (value > (best[c] as number) || place[c] === -1) {
                best[c] = value;
                place[c] = at;
              }
            }
          }
        }
        for (let c = 0; c < channels; c++, from++) {
          const at = place[c] as number;
          if (at >= 0) dx[at] = (dx[at] as number) + (dy[from] as number);
        }
      }
    }
  }
}

/** Adds to each position inside a window its share of the gradient of the window's mean. */
function spreadMeans(
  dy: Float32Array,
  dx: Float32Array,
  [batch = 0, height = 0, width = 0, channels = 0]: Sizes,
  rows: WindowAxis,
  columns: WindowAxis,
): void {
  let from = 0;
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < rows.out; i++) {
      const [top, bottom] = range(rows, i);
      for (let j = 0; j < columns.out; j++, from += channels) {
        const [left, right] = range(columns, j);
        const share = 1 / ((bottom - top) * (right - left));
        for (let y = top; y < bottom; y++) {
          let at = ((n * height + y) * width + left) * channels;
          for (let column = left; column < right; column++) {
            for (let c = 0; c < channels; c++, at++) {
              dx[at] = (dx[at] as number) + share * (dy[from + c] as number);
            }
          }
        }
      }
    }
  }
}

function need(values: Float32Array | undefined): Float32Array {
  if (!values) throw new Error('an input is missing');
  return values;
}
