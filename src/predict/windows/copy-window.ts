import { reflect } from '../../runtime/inference/tile.js';
import { stridesOf, type Tensor } from '../../runtime/tensor.js';

/** What lies beyond the borders of an image: the image mirrored, or zeros. */
export type Border = 'mirror' | 'zero';

/** Where each position of a window lies on an axis: its position in the array, or -1 for a zero. */
export type Positions = Int32Array;

/** The positions of a window of `length` that begins at `first`, on an axis of `size`. */
export function positionsOf(first: number, length: number, size: number, border: Border): Positions {
  return Int32Array.from({ length }, (_, i) => {
    const position = first + i;
    if (position >= 0 && position < size) return position;
    return border === 'zero' ? -1 : reflect(position, size);
  });
}

/**
 * Copies a window, (C, ...window), from an image, (C, ...spatial), to `at` in `target`. `axes` has the positions of the
 * window on each spatial axis.
 */
export function copyWindow(
  image: Tensor,
  axes: readonly Positions[],
  target: Float32Array,
  at: number,
): void {
  const channels = image.shape[0] ?? 0;
  const strides = stridesOf(image.shape);
  const last = axes.length - 1;
  const inner = axes[last] ?? new Int32Array();
  const run = longestRun(inner);
  let to = at;
  const copy = (axis: number, source: number | undefined): void => {
    if (axis === last) {
      if (source !== undefined) copyLine(image.data, source, inner, run, target, to);
      // The target is new, so that it is 0 where nothing is copied.
      to += inner.length;
      return;
    }
    const stride = strides[axis + 1] ?? 1;
    for (const position of axes[axis] ?? []) {
      copy(axis + 1, source === undefined || position < 0 ? undefined : source + position * stride);
    }
  };
  for (let channel = 0; channel < channels; channel++) copy(0, channel * (strides[0] ?? 0));
}

interface Run {
  readonly from: number;
  readonly to: number;
}

/** The part of the positions that follow each other: all but what lies beyond the borders. */
function longestRun(positions: Positions): Run {
  let best: Run = { from: 0, to: 0 };
  let from = 0;
  for (let i = 1; i <= positions.length; i++) {
    if (
      i < positions.length &&
      (positions[i] ?? -1) === (positions[i - 1] ?? -1) + 1 &&
      (positions[from] ?? -1) >= 0
    )
      continue;
    if (i - from > best.to - best.from) best = { from, to: i };
    from = i;
  }
  return (positions[best.from] ?? -1) < 0 ? { from: 0, to: 0 } : best;
}

function copyLine(
  data: Float32Array,
  source: number,
  positions: Positions,
  { from, to }: Run,
  target: Float32Array,
  at: number,
): void {
  const start = source + (positions[from] ?? 0);
  target.set(data.subarray(start, start + to - from), at + from);
  for (let i = 0; i < positions.length; i++) {
    if (i === from) i = to;
    const position = positions[i];
    // A position of the image, by positionsOf.
    if (position !== undefined && position >= 0) target[at + i] = data[source + position] as number;
  }
}
