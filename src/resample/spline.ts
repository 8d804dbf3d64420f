/**
 * The filter that turns values x into the coefficients c of the cubic B-spline through them: c is 6x, filtered by
 * 1 / (1 - z / k) forwards and -z / (1 - z k) backwards, where z = sqrt(3) - 2 is its pole (Unser, Aldroubi & Eden 1993,
 * "B-spline signal processing", part II, box 1; scipy.ndimage.spline_filter is the same).
 *
 * Beyond the borders, the values continue with the first and the last one. scipy.ndimage.zoom(mode='nearest') pads with
 * 12 of them and mirrors the padded values; both agree to |z|^24 = 2e-14.
 */
export const POLE = Math.sqrt(3) - 2;

/** The sum of the two filters' gains. */
export const GAIN = 6;

/** The forward filter of endless values x is this times x. */
export const STEADY = GAIN / (1 - POLE);

/**
 * A coefficient depends on a value k positions away by 3 |z|^k at most. So the values that are further away than this
 * change a coefficient by less than 1e-8 of their range, which float32 cannot hold: |z|^14 = 1e-8.
 */
export const REACH = 14;

/**
 * The coefficient at the last position, where the values continue with the last one.
 *
 * @param forward the forward filter at the last position
 * @param before the forward filter at the position before
 */
export function lastCoefficient(forward: number, before: number): number {
  // The steady state of the forward filter, (forward - POLE * before) / GAIN * STEADY.
  const steady = (forward - POLE * before) / (1 - POLE);
  return -POLE * (steady / (1 - POLE) + (forward - steady) / (1 - POLE * POLE));
}
