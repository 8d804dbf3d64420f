import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../../../../codegen/tfjs/tf.js';
import { addInto, interleave, samples, sizeOf } from '../axis-samples.js';
import type { WindowAxis } from '../window-axis.js';
import { convolve2d, filterGradient2d, inputGradient2d, inputPhases } from './convolution-2d.js';
import { filterGradientByLoops } from './filter-gradient-loops.js';

/** Depth, rows and columns. */
export type Windows3d = readonly [WindowAxis, WindowAxis, WindowAxis];

/** The bytes of a block of depth positions: it bounds the intermediate copies. */
const defaultBlock = 64 * 2 ** 20;

/**
 * A 3D convolution as a sum of 2D convolutions: one per depth position k of the filter, over the slices
 * z s + k d - p of all samples at once.
 *
 * @param volume (N, D, H, W, C)
 * @param filter (kd, kh, kw, C, O)
 * @returns (N, ...out, O)
 */
export function convolve3d(
  tf: Tf,
  volume: Tensor,
  filter: Tensor,
  [depth, rows, columns]: Windows3d,
  blockBytes = defaultBlock,
): Tensor {
  const batch = sizeOf(volume, 0);
  const outputs = sizeOf(filter, 4);
  return inBlocks(tf, blockBytes, depth.out, batch * rows.out * columns.out * outputs, (first, count) => {
    let total: Tensor | undefined;
    for (let k = 0; k < depth.kernel; k++) {
      const start = first * depth.stride + k * depth.dilation - depth.before;
      if (isOutside(start, count, depth.stride, depth.size)) continue;
      total = addInto(
        tf,
        total,
        tf.tidy(() => {
          const slices = slicesOf(tf, samples(tf, volume, 1, start, count, depth.stride));
          return convolve2d(tf, slices, filterAt(tf, filter, k), [rows, columns]);
        }),
      );
    }
    const shape = [batch, count, rows.out, columns.out, outputs];
    return total ? tf.reshape(total, shape) : tf.zeros(shape);
  });
}

/**
 * The gradient of a 3D convolution in its input. Along the depth it works as `inputGradient2d` does along rows and
 * columns: each remainder of the stride is a sum of 2D input gradients.
 *
 * @param dy (N, ...out, O)
 * @param filter (kd, kh, kw, C, O)
 * @returns (N, D, H, W, C)
 */
export function inputGradient3d(
  tf: Tf,
  dy: Tensor,
  filter: Tensor,
  [depth, rows, columns]: Windows3d,
  blockBytes = defaultBlock,
): Tensor {
  const batch = sizeOf(dy, 0);
  const channels = sizeOf(filter, 3);
  const { stride, taps, windows, start } = inputPhases(depth);
  const positions = batch * rows.size * columns.size * channels * stride;
  return tf.tidy(() => {
    const volume = inBlocks(tf, blockBytes, windows.out, positions, (first, count) => {
      const phases = Array.from({ length: stride }, (_, remainder) => {
        let total: Tensor | undefined;
        for (let j = 0; j < taps && remainder + j * stride < depth.kernel; j++) {
          // Tap j of the reversed filter meets the windows over dy in reverse order.
          const from = first + (taps - 1 - j) * windows.dilation - windows.before;
          if (isOutside(from, count, 1, depth.out)) continue;
          total = addInto(
            tf,
            total,
            tf.tidy(() => {
              const slices = slicesOf(tf, samples(tf, dy, 1, from, count));
              return inputGradient2d(tf, slices, filterAt(tf, filter, remainder + j * stride), [
                rows,
                columns,
              ]);
            }),
          );
        }
        const shape = [batch, count, rows.size, columns.size, channels];
        return total ? tf.reshape(total, shape) : tf.zeros(shape);
      });
      return interleave(tf, phases, 1);
    });
    return samples(tf, volume, 1, start, depth.size);
  });
}

/**
 * The gradient of a 3D convolution in its filter: one 2D filter gradient per depth position k of the filter, over the
 * slices that k meets.
 *
 * @param volume (N, D, H, W, C)
 * @param dy (N, ...out, O)
 * @returns (kd, kh, kw, C, O)
 */
export function filterGradient3d(
  tf: Tf,
  volume: Tensor,
  dy: Tensor,
  [depth, rows, columns]: Windows3d,
  blockBytes = defaultBlock,
): Tensor {
  if (tf.getBackend() === 'cpu') return filterGradientByLoops(tf, volume, dy, [depth, rows, columns]);
  const [batch, channels, outputs] = [sizeOf(volume, 0), sizeOf(volume, 4), sizeOf(dy, 4)];
  const positions = batch * Math.max(rows.size * columns.size * channels, rows.out * columns.out * outputs);
  const block = blockLength(blockBytes, depth.out, positions);
  return tf.tidy(() => {
    const totals: (Tensor | undefined)[] = Array.from({ length: depth.kernel }, () => undefined);
    for (let first = 0; first < depth.out; first += block) {
      const count = Math.min(block, depth.out - first);
      for (let k = 0; k < depth.kernel; k++) {
        const start = first * depth.stride + k * depth.dilation - depth.before;
        if (isOutside(start, count, depth.stride, depth.size)) continue;
        const part = tf.tidy(() => {
          const slices = slicesOf(tf, samples(tf, volume, 1, start, count, depth.stride));
          const upstream = slicesOf(tf, samples(tf, dy, 1, first, count));
          return filterGradient2d(tf, slices, upstream, [rows, columns]);
        });
        totals[k] = addInto(tf, totals[k], part);
      }
    }
    const shape = [rows.kernel, columns.kernel, channels, outputs];
    return tf.stack(totals.map((total) => total ?? tf.zeros(shape)));
  });
}

/** (N, D, H, W, C) to (N x D, H, W, C). */
function slicesOf(tf: Tf, volume: Tensor): Tensor {
  const [batch = 0, depth = 0, ...rest] = volume.shape;
  return tf.reshape(volume, [batch * depth, ...rest]);
}

function filterAt(tf: Tf, filter: Tensor, k: number): Tensor {
  return tf.reshape(samples(tf, filter, 0, k, 1), filter.shape.slice(1));
}

function isOutside(start: number, count: number, step: number, size: number): boolean {
  return start >= size || start + (count - 1) * step < 0;
}

/** Computes `length` depth positions in blocks of at most `blockBytes`, and joins them along axis 1. */
function inBlocks(
  tf: Tf,
  blockBytes: number,
  length: number,
  elementsEach: number,
  compute: (first: number, count: number) => Tensor,
): Tensor {
  const block = blockLength(blockBytes, length, elementsEach);
  return tf.tidy(() => {
    const parts: Tensor[] = [];
    for (let first = 0; first < length; first += block) {
      parts.push(tf.tidy(() => compute(first, Math.min(block, length - first))));
    }
    const [only] = parts;
    return only && parts.length === 1 ? only : tf.concat(parts, 1);
  });
}

function blockLength(blockBytes: number, length: number, elementsEach: number): number {
  return Math.max(1, Math.min(length, Math.floor(blockBytes / (4 * elementsEach))));
}
