import { elementCount, stridesOf, type Tensor } from '../tensor.js';
import type { AxisPlan, Placement } from './fit.js';

/**
 * The overlap-tile strategy of Ronneberger et al. 2015 (arXiv:1505.04597, figure 2) for any number of axes: windows are
 * cut from the image, mirrored beyond its borders, and their outputs are laid side by side.
 */

/** One window: its placement on every axis. */
export type Window = readonly Placement[];

/** All combinations of the placements of the axes, the last axis fastest. */
export function windowsOf(axes: readonly AxisPlan[]): Window[] {
  return axes.reduce<Window[]>(
    (windows, axis) => windows.flatMap((window) => axis.placements.map((place) => [...window, place])),
    [[]],
  );
}

/**
 * The position in 0 .. size - 1 that `position` mirrors to, without repeating the border: for size 4, -1 becomes 1 and 4
 * becomes 2. Mirrors as often as necessary; with size 1 every position is 0.
 */
export function reflect(position: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const folded = ((position % period) + period) % period;
  return folded < size ? folded : period - folded;
}

/** The network's input for a window, (1, C, ...window), from the image, (C, ...spatial). */
export function cutWindow(image: Tensor, axes: readonly AxisPlan[], window: Window): Tensor {
  const channels = image.shape[0] ?? 0;
  const shape = [channels, ...axes.map((axis) => axis.window)];
  const data = new Float32Array(elementCount(shape));
  const sources = [
    Int32Array.from({ length: channels }, (_, i) => i),
    ...axes.map(({ window: length, before, size }, i) => {
      const first = (window[i]?.start ?? 0) - before;
      return Int32Array.from({ length }, (_, j) => reflect(first + j, size));
    }),
  ];
  const [from, to] = [stridesOf(image.shape), stridesOf(shape)];
  const copy = (axis: number, source: number, target: number) => {
    const positions = sources[axis] ?? [];
    const [read = 1, write = 1] = [from[axis], to[axis]];
    if (axis === axes.length) {
      // `as number`: `i` counts the positions, and reflect() stays inside the image.
      for (let i = 0; i < positions.length; i++) {
        data[target + i] = image.data[source + (positions[i] as number)] as number;
      }
      return;
    }
    for (const [i, position] of positions.entries())
      copy(axis + 1, source + position * read, target + i * write);
  };
  copy(0, 0, 0);
  return { shape: [1, ...shape], data };
}

/** Adds the used part of a window's output, (1, K, ...output), to the whole, (K, ...spatial). */
export function addWindow(whole: Tensor, output: Tensor, window: Window): void {
  const channels = whole.shape[0] ?? 0;
  const parts = [{ start: 0, from: 0, to: channels }, ...window];
  const [read, write] = [stridesOf(output.shape.slice(1)), stridesOf(whole.shape)];
  const add = (axis: number, source: number, target: number) => {
    const { start, from, to } = parts[axis] ?? { start: 0, from: 0, to: 0 };
    if (axis === window.length) {
      // `as number`: the used part lies inside both, by the plan.
      for (let i = from; i < to; i++) {
        const sum = (whole.data[target + i] as number) + (output.data[source + i - start] as number);
        whole.data[target + i] = sum;
      }
      return;
    }
    const [near = 1, far = 1] = [read[axis], write[axis]];
    for (let i = from; i < to; i++) add(axis + 1, source + (i - start) * near, target + i * far);
  };
  add(0, 0, 0);
}

/** Divides the sum of all windows, (K, ...spatial), by how many of them used each position. */
export function averageOverlaps(whole: Tensor, axes: readonly AxisPlan[]): void {
  const counts = axes.map(({ size, placements }) => {
    const used = new Int32Array(size);
    // Inside the image, by the plan.
    for (const { from, to } of placements) for (let i = from; i < to; i++) used[i] = (used[i] as number) + 1;
    return used;
  });
  if (counts.every((used) => used.every((n) => n === 1))) return;
  const strides = stridesOf(whole.shape);
  const divide = (axis: number, offset: number, count: number) => {
    const used = counts[axis - 1] ?? [];
    const stride = strides[axis] ?? 1;
    for (const [i, n] of used.entries()) {
      // The offset lies inside the whole, whose shape the counts have.
      if (axis === axes.length) whole.data[offset + i] = (whole.data[offset + i] as number) / (n * count);
      else divide(axis + 1, offset + i * stride, n * count);
    }
  };
  for (let channel = 0; channel < (whole.shape[0] ?? 0); channel++) divide(1, channel * (strides[0] ?? 0), 1);
}
