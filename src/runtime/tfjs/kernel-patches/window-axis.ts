/** How windows (of a convolution or a pooling) lie along one spatial axis. */
export interface WindowAxis {
  /** Positions of the input. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Positions outside the input that the first window begins before it; negative when windows skip some. */
  readonly before: number;
  /** Windows, which are the positions of the output. */
  readonly out: number;
}

/** The padding of a tfjs op: by a word, the same number on all sides, or pairs for all axes with batch and channels. */
export type KernelPadding = 'valid' | 'same' | number | readonly (readonly [number, number])[];

type Sizes = readonly number[];

/** Some layers leave it out, as null, though tfjs's types of the attributes don't say so. */
export type Dilations = number | Sizes | null | undefined;

/**
 * The windows along each spatial axis of an op of tfjs, by TensorFlow's definition: `same` gives ceil(size / stride)
 * windows and adds max((out - 1) stride + reach - size, 0) positions, the smaller half in front. tfjs itself leaves
 * out that maximum for 3D.
 *
 * @param spatial sizes of the input
 * @param rounding of the number of windows where `padding` is a number; `floor` if left out
 */
export function windowAxes(
  spatial: Sizes,
  kernel: Sizes,
  strides: number | Sizes,
  dilations: Dilations,
  padding: KernelPadding,
  rounding: 'floor' | 'round' | 'ceil' = 'floor',
): WindowAxis[] {
  return spatial.map((size, axis) => {
    const [k, stride, dilation] = [
      axisEntry(kernel, axis),
      axisEntry(strides, axis),
      axisEntry(dilations ?? 1, axis),
    ];
    const reach = (k - 1) * dilation + 1;
    const fitting = (total: number, round: (value: number) => number) => round((total - reach) / stride) + 1;
    if (padding === 'same') {
      const out = Math.ceil(size / stride);
      const added = Math.max((out - 1) * stride + reach - size, 0);
      return { size, kernel: k, stride, dilation, before: Math.floor(added / 2), out };
    }
    if (padding === 'valid')
      return { size, kernel: k, stride, dilation, before: 0, out: fitting(size, Math.floor) };
    // The list has the batch in front of the spatial axes.
    const [before, after] = typeof padding === 'number' ? [padding, padding] : (padding[axis + 1] ?? [0, 0]);
    const out = fitting(before + size + after, Math[rounding]);
    return { size, kernel: k, stride, dilation, before, out };
  });
}

/** Where the padding of `windowAxes` differs from what tfjs itself computes for 3D. */
export function isPaddedWrongIn3d(axes: readonly WindowAxis[], padding: KernelPadding): boolean {
  return padding === 'same' && axes.some((axis) => positionsAfter(axis) < 0);
}

/** Positions outside the input that the last window reaches behind it; negative where it ends inside. */
export function positionsAfter({ size, kernel, stride, dilation, before, out }: WindowAxis): number {
  return (out - 1) * stride + (kernel - 1) * dilation + 1 - before - size;
}

/** One number for all axes, or one an axis. */
export function axisEntry(sizes: number | Sizes, axis: number): number {
  const size = typeof sizes === 'number' ? sizes : sizes.length === 1 ? sizes[0] : sizes[axis];
  if (size === undefined) throw new Error(`nothing is given for axis ${axis}`);
  return size;
}

export function isDilated(dilations: Dilations): boolean {
  return [dilations ?? 1].flat().some((dilation) => dilation !== 1);
}
