import { computeOnHost } from '../host-values.js';
import { type KernelPatch, kernelPatch, required } from '../kernel-patch.js';
import { type Dilations, type KernelPadding, type WindowAxis, windowAxes } from '../window-axis.js';

/**
 * The gradients of depthwiseConv2d.
 *
 * - wasm: both kernels are missing, so separable and grouped networks could not be trained.
 * - cpu: correct without dilation; the filter gradient is about 50 times slower than the forward.
 * - cpu: with a dilation they compute another op (tfjs-core refuses to call them).
 */
const inputGradient = kernelPatch({
  kernel: 'DepthwiseConv2dNativeBackpropInput',
  engines: ['cpu', 'wasm'],
  patches: 'missing on wasm; ignored the dilation on cpu',
  run: (_tf, { inputs, attrs, backend }) => {
    const [dy, filter] = [required(inputs, 'dy'), required(inputs, 'filter')];
    const layout = layoutOf(attrs.inputShape, filter.shape, attrs);
    return computeOnHost(backend, [dy, filter], attrs.inputShape, (dx, [upstream, weights]) => {
      forEachRun(layout, (image, out, tap, run) => {
        addToInput(need(dx), need(upstream), need(weights), image, out, tap, run, layout);
      });
    });
  },
});

const filterGradient = kernelPatch({
  kernel: 'DepthwiseConv2dNativeBackpropFilter',
  engines: ['cpu', 'wasm'],
  patches: 'missing on wasm; slow, and ignored the dilation, on cpu',
  run: (_tf, { inputs, attrs, backend }) => {
    const [x, dy] = [required(inputs, 'x'), required(inputs, 'dy')];
    const layout = layoutOf(x.shape, attrs.filterShape, attrs);
    return computeOnHost(backend, [x, dy], attrs.filterShape, (dw, [image, upstream]) => {
      // Sums over all positions of all samples are long, so they are kept in float64.
      const sums = new Float64Array(dw.length);
      forEachRun(layout, (from, out, tap, run) => {
        addToFilter(sums, need(image), need(upstream), from, out, tap, run, layout);
      });
      dw.set(sums);
    });
  },
});

export const depthwiseGradients: readonly KernelPatch[] = [inputGradient, filterGradient];

type Sizes = readonly number[];

interface Layout {
  readonly batch: number;
  readonly channels: number;
  /** Output channels of each input channel. */
  readonly multiplier: number;
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
}

function layoutOf(
  [batch = 0, height = 0, width = 0, channels = 0]: Sizes,
  [kernelHeight = 0, kernelWidth = 0, , multiplier = 0]: Sizes,
  attributes: {
    readonly strides: number | Sizes;
    readonly dilations?: Dilations;
    readonly pad: KernelPadding;
    readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  },
): Layout {
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  const kernel = [kernelHeight, kernelWidth];
  const [rows, columns] = windowAxes([height, width], kernel, strides, dilations, pad, dimRoundingMode);
  if (!rows || !columns) throw new Error('a 2D convolution has rows and columns');
  return { batch, channels, multiplier, rows, columns };
}

/**
 * Calls `visit` for every row of the output and every position of the filter, with the first elements in the input and in
 * the output of the `run` positions that lie inside.
 */
function forEachRun(
  { batch, channels, multiplier, rows, columns }: Layout,
  visit: (image: number, out: number, tap: number, run: number) => void,
): void {
  const outputs = channels * multiplier;
  for (let j = 0; j < columns.kernel; j++) {
    const shift = j * columns.dilation - columns.before;
    const first = Math.max(0, Math.ceil(-shift / columns.stride));
    const end = Math.min(columns.out, Math.floor((columns.size - 1 - shift) / columns.stride) + 1);
    if (end <= first) continue;
    for (let i = 0; i < rows.kernel; i++) {
      const tap = (i * columns.kernel + j) * outputs;
      for (let n = 0; n < batch; n++) {
        for (let y = 0; y < rows.out; y++) {
          const row = y * rows.stride + i * rows.dilation - rows.before;
          if (row < 0 || row >= rows.size) continue;
          const image = ((n * rows.size + row) * columns.size + first * columns.stride + shift) * channels;
          const out = ((n * rows.out + y) * columns.out + first) * outputs;
          visit(image, out, tap, end - first);
        }
      }
    }
  }
}

// `as number`: every index is inside its array by construction, and checking each would take most of the time.

function addToInput(
  dx: Float32Array,
  dy: Float32Array,
  filter: Float32Array,
  image: number,
  out: number,
  tap: number,
  run: number,
  { channels, multiplier, columns }: Layout,
): void {
  let from = out;
  for (let x = 0; x < run; x++) {
    let to = image + x * columns.stride * channels;
    let weight = tap;
    for (let c = 0; c < channels; c++, to++) {
      let sum = 0;
      for (let m = 0; m < multiplier; m++) sum += (dy[from++] as number) * (filter[weight++] as number);
      dx[to] = (dx[to] as number) + sum;
    }
  }
}

function addToFilter(
  sums: Float64Array,
  image: Float32Array,
  dy: Float32Array,
  start: number,
  out: number,
  tap: number,
  run: number,
  { channels, multiplier, columns }: Layout,
): void {
  let from = out;
  for (let x = 0; x < run; x++) {
    let at = start + x * columns.stride * channels;
    let weight = tap;
    for (let c = 0; c < channels; c++, at++) {
      const value = image[at] as number;
      for (let m = 0; m < multiplier; m++, weight++) {
        sums[weight] = (sums[weight] as number) + value * (dy[from++] as number);
      }
    }
  }
}

function need(values: Float32Array | undefined): Float32Array {
  if (!values) throw new Error('an input is missing');
  return values;
}
