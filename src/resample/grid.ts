/** nnU-Net's threshold: a spacing this many times as large as another makes a volume anisotropic. */
const ANISOTROPIC = 3;

/**
 * The axis along which nnU-Net interpolates on its own, by the nearest slice: the one with the largest distance between
 * positions, if that is more than three times the smallest distance, in the current spacing or else in the new one
 * (nnunetv2 2.8, `determine_do_sep_z_and_axis`). Undefined where two axes have the largest distance, or where there
 * are not three axes.
 */
export function separateAxis(current: readonly number[], target: readonly number[]): number | undefined {
  if (current.length !== 3) return undefined;
  const spacing = [current, target].find((one) => Math.max(...one) / Math.min(...one) > ANISOTROPIC);
  if (spacing === undefined) return undefined;
  const largest = Math.max(...spacing);
  const axes = spacing.flatMap((distance, axis) => (largest / distance === 1 ? [axis] : []));
  return axes.length === 1 ? axes[0] : undefined;
}

/** The sizes of an image at another spacing: current / target * size, rounded to the nearest integer, halves to even. */
export function newSizes(
  sizes: readonly number[],
  current: readonly number[],
  target: readonly number[],
): readonly number[] {
  return sizes.map((size, axis) => roundHalfToEven(((current[axis] ?? 1) / (target[axis] ?? 1)) * size));
}

/** Python's `round` and numpy's. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
