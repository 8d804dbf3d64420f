import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from '../../../../../codegen/tfjs/tf.js';
import { addInto, product, samples, sizeOf } from '../axis-samples.js';
import { positionsAfter, type WindowAxis } from '../window-axis.js';
import { filterGradientByLoops } from './filter-gradient-loops.js';

/** Rows and columns. */
export type Windows2d = readonly [WindowAxis, WindowAxis];

/** tfjs's explicit padding for batch, rows, columns and channels; tfjs does not export a type for it. */
export type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

/**
 * out[n, y, x, o] = sum of filter[i, j, c, o] image[n, y sy + i dy - py, x sx + j dx - px, c], by the engine's conv2d.
 *
 * @param image (N, H, W, C)
 * @param filter (kh, kw, C, O)
 */
export function convolve2d(tf: Tf, image: Tensor, filter: Tensor, [rows, columns]: Windows2d): Tensor {
  return tf.tidy(() => {
    const used = usedPositions(tf, usedPositions(tf, image, 1, rows), 2, columns);
    const padding = (axis: WindowAxis): [number, number] => [
      Math.max(axis.before, 0),
      Math.max(positionsAfter(axis), 0),
    ];
    const pads: ExplicitPadding = [[0, 0], padding(rows), padding(columns), [0, 0]];
    return tf.conv2d(
      // (N, H, W, C) by contract.
      used as Tensor4D,
      // (kh, kw, C, O) by contract.
      filter as Tensor4D,
      [rows.stride, columns.stride],
      pads.flat().every((pad) => pad === 0) ? 'valid' : pads,
      'NHWC',
      [rows.dilation, columns.dilation],
    );
  });
}

/** Crops the positions before the first window, and the positions after the last that would make another window. */
function usedPositions(tf: Tf, image: Tensor, axis: number, windows: WindowAxis): Tensor {
  const first = Math.max(-windows.before, 0);
  const unused = -positionsAfter(windows);
  const last = unused >= windows.stride ? windows.size - unused : windows.size;
  return samples(tf, image, axis, first, last - first);
}

/**
 * The gradient of a convolution in its input, as one convolution of the upstream gradient with stride 1.
 *
 * Along an axis, dx[i] is the sum of filter[k] dy[o] over o s + k d - p = i. With i + p = q s + r and d = 1, this means
 * k = r + j s and o = q - j: for each remainder r, a convolution of dy with every s-th position of the reversed filter.
 * The s remainders are channels of one convolution, and are interleaved afterwards. A dilation has stride 1 only, as in
 * tfjs: o = q - j d.
 *
 * @param dy (N, ...out, O)
 * @param filter (kh, kw, C, O)
 * @returns (N, H, W, C)
 */
export function inputGradient2d(tf: Tf, dy: Tensor, filter: Tensor, [rows, columns]: Windows2d): Tensor {
  const batch = sizeOf(dy, 0);
  const channels = sizeOf(filter, 2);
  const [down, across] = [inputPhases(rows), inputPhases(columns)];
  return tf.tidy(() => {
    const phases = convolve2d(tf, dy, phaseFilter(tf, filter, down, across), [down.windows, across.windows]);
    const [height, width] = [down.windows.out * rows.stride, across.windows.out * columns.stride];
    const placed = tf.transpose(
      tf.reshape(phases, [
        batch * down.windows.out,
        across.windows.out,
        rows.stride,
        columns.stride * channels,
      ]),
      [0, 2, 1, 3],
    );
    const image = tf.reshape(placed, [batch, height, width, channels]);
    return samples(tf, samples(tf, image, 1, down.start, rows.size), 2, across.start, columns.size);
  });
}

/** How the input gradient runs along one axis. */
export interface InputPhases {
  readonly stride: number;
  /** Filter positions of each remainder; the last is padded with zeros. */
  readonly taps: number;
  /** The windows over dy, of `taps` positions. */
  readonly windows: WindowAxis;
  /** The offset of the first position of the input in the result. */
  readonly start: number;
}

export function inputPhases({ size, kernel, stride, dilation, before, out }: WindowAxis): InputPhases {
  if (stride > 1 && dilation > 1) throw new Error('a convolution has a stride or a dilation, not both');
  const taps = Math.ceil(kernel / stride);
  const first = Math.floor(before / stride);
  const last = Math.floor((before + size - 1) / stride);
  return {
    stride,
    taps,
    windows: {
      size: out,
      kernel: taps,
      stride: 1,
      dilation,
      before: (taps - 1) * dilation - first,
      out: last - first + 1,
    },
    start: before - first * stride,
  };
}

/** (kh, kw, C, O) to (rows' taps, columns' taps, O, rows' stride x columns' stride x C), taps reversed. */
function phaseFilter(tf: Tf, filter: Tensor, rows: InputPhases, columns: InputPhases): Tensor {
  const [, , channels = 0, outputs = 0] = filter.shape;
  const [height, width] = [rows.taps * rows.stride, columns.taps * columns.stride];
  const filled = samples(tf, samples(tf, filter, 0, 0, height), 1, 0, width);
  const reversed = reverseGroups(tf, reverseGroups(tf, filled, 0, rows), 1, columns);
  const grouped = tf.transpose(
    tf.reshape(reversed, [rows.taps, rows.stride, columns.taps, columns.stride * channels * outputs]),
    [0, 2, 1, 3],
  );
  const phases = rows.stride * columns.stride * channels;
  return tf.reshape(
    tf.transpose(tf.reshape(grouped, [rows.taps * columns.taps, phases, outputs]), [0, 2, 1]),
    [rows.taps, columns.taps, outputs, phases],
  );
}

/** Along an axis of taps x stride positions: the groups of `stride` positions in reverse order. */
export function reverseGroups(tf: Tf, filter: Tensor, axis: number, { taps, stride }: InputPhases): Tensor {
  if (taps === 1) return filter;
  const outer = product(filter.shape.slice(0, axis));
  const inner = stride * product(filter.shape.slice(axis + 1));
  return tf.reshape(tf.reverse(tf.reshape(filter, [outer, taps, inner]), 1), filter.shape);
}

/**
 * The inner dimension of one matrix product: long enough to be worth a call, and short enough for its part of dy to stay
 * in the cache. Several partial sums are also more exact in float32 than one long sum. On wasm, 2000 to 16000 take the
 * same time.
 */
const innerDimension = 6000;

/**
 * The gradient of a convolution in its filter, also as convolutions. The image becomes (1, kw x C, H, ow x N), one for
 * each column of the filter, and dy becomes a filter (1, oh, ow x N, O). Stride and dilation exchange their roles:
 *
 * d filter[i, j, c, o] = sum over n, y, x of image[n, y sy + i dy - py, x sx + j dx - px, c] dy[n, y, x, o].
 *
 * It runs over blocks of rows of dy, so that it needs little memory beyond a copy of both. (On cpu, convolutions are loops
 * too, and moving data is slow: there, loops compute the gradient directly.)
 *
 * @param image (N, H, W, C)
 * @param dy (N, ...out, O)
 * @returns (kh, kw, C, O)
 */
export function filterGradient2d(tf: Tf, image: Tensor, dy: Tensor, [rows, columns]: Windows2d): Tensor {
  if (tf.getBackend() === 'cpu') return filterGradientByLoops(tf, image, dy, [rows, columns]);
  const [batch, channels, outputs] = [sizeOf(image, 0), sizeOf(image, 3), sizeOf(dy, 3)];
  const inner = columns.out * batch;
  const block = Math.max(1, Math.min(rows.out, Math.round(innerDimension / inner)));
  return tf.tidy(() => {
    const planes = tf.reshape(tf.transpose(image, [3, 1, 2, 0]), [channels, rows.size, columns.size * batch]);
    const upstream = tf.reshape(tf.transpose(dy, [1, 2, 0, 3]), [rows.out, inner, outputs]);
    let total: Tensor | undefined;
    for (let first = 0; first < rows.out; first += block) {
      const count = Math.min(block, rows.out - first);
      const height = (count - 1) * rows.stride + (rows.kernel - 1) * rows.dilation + 1;
      const part = tf.tidy(() => {
        const strip = samples(tf, planes, 1, first * rows.stride - rows.before, height);
        const shifted = Array.from({ length: columns.kernel }, (_, j) =>
          columnsUnder(tf, strip, j, columns, batch),
        );
        return convolve2d(
          tf,
          tf.reshape(tf.concat(shifted, 0), [1, columns.kernel * channels, height, inner]),
          tf.reshape(samples(tf, upstream, 0, first, count), [1, count, inner, outputs]),
          [
            {
              size: columns.kernel * channels,
              kernel: 1,
              stride: 1,
              dilation: 1,
              before: 0,
              out: columns.kernel * channels,
            },
            {
              size: height,
              kernel: count,
              stride: rows.dilation,
              dilation: rows.stride,
              before: 0,
              out: rows.kernel,
            },
          ],
        );
      });
      total = addInto(tf, total, part);
    }
    if (!total) return tf.zeros([rows.kernel, columns.kernel, channels, outputs]);
    return tf.transpose(tf.reshape(total, [columns.kernel, channels, rows.kernel, outputs]), [2, 0, 1, 3]);
  });
}

/** The columns of (C, height, W x N) that position j of the filter meets: (C, height, ow x N). */
function columnsUnder(tf: Tf, strip: Tensor, j: number, columns: WindowAxis, batch: number): Tensor {
  const [channels, height] = [sizeOf(strip, 0), sizeOf(strip, 1)];
  const grid = tf.reshape(strip, [channels * height, columns.size, batch]);
  const found = samples(tf, grid, 1, j * columns.dilation - columns.before, columns.out, columns.stride);
  return tf.reshape(found, [channels, height, columns.out * batch]);
}
