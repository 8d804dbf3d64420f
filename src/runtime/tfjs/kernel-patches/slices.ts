import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import { computeOnHost } from './host-values.js';
import { type KernelPatch, kernelPatch, required } from './kernel-patch.js';

/**
 * slice and split.
 *
 * - wasm: they copy the whole input each time, and then call once per row of the innermost axis, however short it is. A
 *   crop of a U-Net took longer than a convolution.
 * - cpu: they compute the coordinates of each element in its own array: 1 microsecond per element.
 *
 * Here only the wanted elements are copied, in rows as long as they are contiguous.
 */
const slice = kernelPatch({
  kernel: 'Slice',
  engines: ['cpu', 'wasm'],
  patches:
    'a hundred times slower than a copy: the whole input was copied on wasm, coordinates made one by one on cpu',
  run: (tf, { inputs, attrs, backend, stock }) => {
    const x = required(inputs, 'x');
    if (x.dtype !== 'float32') return stock();
    const [begin = [], size = []] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size);
    return computeOnHost(backend, [x], size, (out, [values]) => {
      if (values) copyBox(values, out, ranges(x, begin, size));
    });
  },
});

const split = kernelPatch({
  kernel: 'SplitV',
  engines: ['cpu', 'wasm'],
  patches: 'a hundred times slower than a copy, as slice was',
  run: (tf, { inputs, attrs }) => {
    const x = required(inputs, 'x');
    const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0] ?? 0;
    let start = 0;
    return tf.backend_util.prepareSplitSize(x, attrs.numOrSizeSplits, axis).map((length): Tensor => {
      const begin = x.shape.map((_, i) => (i === axis ? start : 0));
      start += length;
      return tf.slice(
        x,
        begin,
        x.shape.map((size, i) => (i === axis ? length : size)),
      );
    });
  },
});

export const slices: readonly KernelPatch[] = [slice, split];

/** `size` positions from `begin`, along an axis of `total` positions. */
interface Range {
  readonly total: number;
  readonly begin: number;
  readonly size: number;
}

/** The axes of a box, each merged with the axes after it that are taken whole. */
function ranges({ shape }: TensorInfo, begin: readonly number[], sizes: readonly number[]): Range[] {
  const found: Range[] = [];
  for (const [axis, total] of shape.entries()) {
    const [from, size] = [begin[axis] ?? 0, sizes[axis] ?? 0];
    const last = found.at(-1);
    if (last && size === total) {
      found[found.length - 1] = {
        total: last.total * total,
        begin: last.begin * total,
        size: last.size * total,
      };
    } else {
      found.push({ total, begin: from, size });
    }
  }
  return found;
}

function copyBox(from: Float32Array, to: Float32Array, all: readonly Range[]): void {
  const outer = all.slice(0, -1);
  const row = all.at(-1) ?? { total: 1, begin: 0, size: 1 };
  let written = 0;
  const visit = (axis: number, place: number): void => {
    const range = outer[axis];
    if (range) {
      for (let i = 0; i < range.size; i++) visit(axis + 1, place * range.total + range.begin + i);
      return;
    }
    const start = place * row.total + row.begin;
    // Making a view of a row costs as much as copying some dozens of elements.
    if (row.size < 32) {
      for (let i = 0; i < row.size; i++) to[written + i] = from[start + i] ?? 0;
    } else {
      to.set(from.subarray(start, start + row.size), written);
    }
    written += row.size;
  };
  visit(0, 0);
}
