import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../../../../../codegen/tfjs/tf.js';
import { sizeOf } from '../axis-samples.js';
import { computeOnHost, isWasm } from '../host-values.js';
import {
  type GradientCall,
  gradientPatch,
  type KernelPatch,
  kernelPatch,
  required,
  savedTensor,
} from '../kernel-patch.js';

/**
 * The gradients of resizeBilinear and resizeNearestNeighbor.
 *
 * - all engines, tfjs-node too: they ignore `halfPixelCenters`, so **half-pixel resizing receives the gradient of
 *   another op**.
 * - cpu: ResizeBilinearGrad exchanges height and width, and throws unless the image is square.
 *   ResizeNearestNeighborGrad is wrong for every sample but the first, and **never returns** if a size is 1 and
 *   `alignCorners` is set.
 */
const kernels = (['ResizeBilinearGrad', 'ResizeNearestNeighborGrad'] as const).map((kernel) =>
  kernelPatch({
    kernel,
    engines: ['cpu', 'wasm'],
    patches:
      kernel === 'ResizeBilinearGrad'
        ? 'ignored halfPixelCenters; on cpu threw for images that are not square'
        : 'ignored halfPixelCenters; on cpu wrong beyond the first sample, and endless for a size of 1 with alignCorners',
    run: (_tf, { inputs, attrs, backend }) => {
      const [dy, images] = [required(inputs, 'dy'), required(inputs, 'images')];
      const mode = kernel === 'ResizeBilinearGrad' ? 'bilinear' : 'nearest';
      // Each engine computes positions in its own precision in the forward pass; the gradient must use the same ones.
      const round = isWasm(backend) ? Math.fround : (value: number) => value;
      const [rows, columns] = [1, 2].map((axis) => {
        return sources(mode, sizeOf(images, axis), sizeOf(dy, axis), attrs, round);
      });
      if (!rows || !columns) throw new Error('an image has rows and columns');
      return computeOnHost(backend, [dy], images.shape, (dx, [upstream]) => {
        if (upstream) spread(upstream, dx, images, rows, columns);
      });
    },
  }),
);

/**
 * For the engines whose kernels ignore halfPixelCenters and cannot be replaced: two matrix products. On webgpu this also
 * covers a size of 1 with `alignCorners`, where the stock gradient divides by 0.
 */
const gradients = (['ResizeBilinear', 'ResizeNearestNeighbor'] as const).map((kernel) =>
  gradientPatch({
    kernel,
    engines: ['webgl', 'webgpu', 'tensorflow'],
    patches: 'the gradient ignored halfPixelCenters; on webgpu wrong for a size of 1 with alignCorners',
    gradient: (tf, call: GradientCall<typeof kernel>) => {
      const { dy, saved, attrs, engine, stock } = call;
      const images = savedTensor(saved, 0);
      const isSingle = attrs.alignCorners && images.shape.slice(1, 3).includes(1);
      if (engine === 'cpu' || engine === 'wasm' || !(attrs.halfPixelCenters || isSingle)) return stock();
      const mode = kernel === 'ResizeBilinear' ? 'bilinear' : 'nearest';
      return {
        images: () =>
          tf.tidy(() => {
            const [rows, columns] = [1, 2].map((axis) => {
              const [size, out] = [sizeOf(images, axis), sizeOf(dy, axis)];
              return matrix(tf, size, sources(mode, size, out, attrs, Math.fround));
            });
            if (!rows || !columns) throw new Error('an image has rows and columns');
            const [batch, height, width, channels] = [0, 1, 2, 3].map((axis) => sizeOf(images, axis));
            const [down = 0, across = 0] = dy.shape.slice(1, 3);
            // (oh, N, ow, C), then (ow, N, h, C), then back.
            const upright = tf.reshape(tf.transpose(dy, [1, 0, 2, 3]), [down, -1]);
            const high = tf.reshape(tf.matMul(rows, upright), [
              height ?? 0,
              batch ?? 0,
              across,
              channels ?? 0,
            ]);
            const flat = tf.reshape(tf.transpose(high, [2, 1, 0, 3]), [across, -1]);
            const wide = tf.reshape(tf.matMul(columns, flat), [
              width ?? 0,
              batch ?? 0,
              height ?? 0,
              channels ?? 0,
            ]);
            return tf.transpose(wide, [1, 2, 0, 3]);
          }),
      };
    },
  }),
);

export const resizeGradients: readonly KernelPatch[] = [...kernels, ...gradients];

/** For each position of the output: two positions of the input, and the weight of each. */
interface Sources {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weight: Float64Array;
}

/** As in the forward kernels: out = (1 - weight) x[first] + weight x[second]. */
function sources(
  mode: 'bilinear' | 'nearest',
  size: number,
  out: number,
  { alignCorners, halfPixelCenters }: { readonly alignCorners: boolean; readonly halfPixelCenters: boolean },
  round: (value: number) => number,
): Sources {
  const cornered = alignCorners && out > 1;
  const ratio = round((cornered ? size - 1 : size) / (cornered ? out - 1 : out));
  const found = { first: new Int32Array(out), second: new Int32Array(out), weight: new Float64Array(out) };
  for (let i = 0; i < out; i++) {
    const scaled = round(ratio * (halfPixelCenters ? i + 0.5 : i));
    if (mode === 'nearest') {
      const nearest = alignCorners ? Math.round(scaled) : Math.floor(scaled);
      found.first[i] = Math.min(Math.max(nearest, 0), size - 1);
    } else {
      const position = halfPixelCenters ? round(scaled - 0.5) : scaled;
      const first = Math.max(Math.floor(position), 0);
      found.first[i] = first;
      found.second[i] = Math.min(Math.max(Math.ceil(position), 0), size - 1);
      found.weight[i] = Math.max(position - first, 0);
    }
  }
  return found;
}

/** dx += the transpose of the resizing, applied to dy. */
function spread(
  dy: Float32Array,
  dx: Float32Array,
  { shape: [batch = 0, height = 0, width = 0, channels = 0] }: TensorInfo,
  rows: Sources,
  columns: Sources,
): void {
  const [down, across] = [rows.first.length, columns.first.length];
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < down; i++) {
      const from = (n * down + i) * across * channels;
      for (const [y, high] of ends(rows, i)) {
        const to = (n * height + y) * width * channels;
        if (high !== 0) spreadRow(dy, dx, from, to, high, channels, columns);
      }
    }
  }
}

function spreadRow(
  dy: Float32Array,
  dx: Float32Array,
  start: number,
  row: number,
  high: number,
  channels: number,
  { first, second, weight }: Sources,
): void {
  let from = start;
  // `as number`: every index is inside its array by construction, and checking each would take most of the time.
  for (let j = 0; j < first.length; j++, from += channels) {
    const part = weight[j] as number;
    const left = row + (first[j] as number) * channels;
    const near = high * (1 - part);
    for (let c = 0; c < channels; c++)
      dx[left + c] = (dx[left + c] as number) + near * (dy[from + c] as number);
    if (part === 0) continue;
    const right = row + (second[j] as number) * channels;
    const far = high * part;
    for (let c = 0; c < channels; c++)
      dx[right + c] = (dx[right + c] as number) + far * (dy[from + c] as number);
  }
}

function ends({ first, second, weight }: Sources, i: number): readonly (readonly [number, number])[] {
  const part = weight[i] ?? 0;
  return [
    [first[i] ?? 0, 1 - part],
    [second[i] ?? 0, part],
  ];
}

/** (size, out): column i has the weight of each position of the input in position i of the output. */
function matrix(tf: Tf, size: number, all: Sources): Tensor {
  const out = all.first.length;
  const values = new Float32Array(size * out);
  for (let i = 0; i < out; i++) {
    for (const [position, weight] of ends(all, i)) {
      values[position * out + i] = (values[position * out + i] ?? 0) + weight;
    }
  }
  return tf.tensor2d(values, [size, out]);
}
