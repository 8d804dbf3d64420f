/** How windows (of a convolution or a pooling) lie along one spatial axis. */
export interface WindowAxis {
  /** Positions of the input. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** How many positions before the input the first window begins; negative if the windows skip some. */
  readonly before: number;
  /** The number of windows, which is the size of the output. */
  readonly out: number;
}

/** The padding of a tfjs op: a word, one number for all sides, or pairs for all axes including batch and channels. */
export type KernelPadding = 'valid' | 'same' | number | readonly (readonly [number, number])[];

type Sizes = readonly number[];

/** Some layers pass null instead, although the types of tfjs don't say so. */
export type Dilations = number | Sizes | null | undefined;

/**
 * The windows along each spatial axis of a tfjs op, by TensorFlow's definition: `same` gives ceil(size / stride) windows
 * and adds max((out - 1) stride + reach - size, 0) positions, the smaller half before the input. tfjs itself omits the
 * maximum in 3D.
 *
 * @param spatial sizes of the input
 * @param rounding of the number of windows if `padding` is a number; `floor` by default
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
    // In the list, the batch comes before the spatial axes.
    const [before, after] = typeof padding === 'number' ? [padding, padding] : (padding[axis + 1] ?? [0, 0]);
    const out = fitting(before + size + after, Math[rounding]);
    return { size, kernel: k, stride, dilation, before, out };
  });
}

/** Whether the padding of `windowAxes` differs from the padding that tfjs computes in 3D. */
export function isPaddedWrongIn3d(axes: readonly WindowAxis[], padding: KernelPadding): boolean {
  return padding === 'same' && axes.some((axis) => positionsAfter(axis) < 0);
}

/** How many positions after the input the last window ends; negative if it ends inside. */
export function positionsAfter({ size, kernel, stride, dilation, before, out }: WindowAxis): number {
  return (out - 1) * stride + (kernel - 1) * dilation + 1 - before - size;
}

/** One number for all axes, or one per axis. */
export function axisEntry(sizes: number | Sizes, axis: number): number {
  const size = typeof sizes === 'number' ? sizes : sizes.length === 1 ? sizes[0] : sizes[axis];
  if (size === undefined) throw new Error(`nothing is given for axis ${axis}`);
  return size;
}

export function isDilated(dilations: Dilations): boolean {
  return [dilations ?? 1].flat().some((dilation) => dilation !== 1);
}
