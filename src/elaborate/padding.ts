import type { Padding } from '../language/schema/attributes.js';

/** The borders of a conv: padding of its own, or a pad op before it. */
export interface ConvBorders {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly residue: readonly number[];
  /** A pad op that goes before the conv. The conv itself then pads nothing. */
  readonly pad:
    | {
        readonly mode: 'reflect' | 'replicate';
        readonly before: readonly number[];
        readonly after: readonly number[];
      }
    | undefined;
}

/**
 * The borders of a conv.
 *
 * - valid: adds nothing. The windows must cover the input exactly.
 * - same: adds k - 1 positions, the smaller half first, so that a stride s turns n positions into n / s; n must be a
 *   multiple of s.
 * - reflect, replicate: as same, but with mirrored or repeated values instead of zeros.
 */
export function convBorders(
  padding: Padding,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): ConvBorders {
  const extents = kernel.map((size, axis) => (size - 1) * (dilation[axis] ?? 1) + 1);
  const zeros = kernel.map(() => 0);
  const before = extents.map((extent) => Math.floor((extent - 1) / 2));
  const after = extents.map((extent, axis) => extent - 1 - (before[axis] ?? 0));
  switch (padding) {
    case 'valid':
      return {
        before: zeros,
        after: zeros,
        residue: extents.map((extent, axis) => extent % (stride[axis] ?? 1)),
        pad: undefined,
      };
    case 'same':
      return { before, after, residue: zeros, pad: undefined };
    case 'reflect':
    case 'replicate': {
      const needed = extents.some((extent) => extent > 1);
      return {
        before: zeros,
        after: zeros,
        // The pad adds extent - 1 to a multiple of the stride.
        residue: extents.map((extent, axis) => (extent - 1) % (stride[axis] ?? 1)),
        pad: needed ? { mode: padding, before, after } : undefined,
      };
    }
    default:
      return padding satisfies never;
  }
}

/**
 * The positions that a transposed conv crops. With valid padding it crops nothing, so its output is (n - 1) s + k.
 * Otherwise it crops k - s positions, the larger half first, so its output is n s. If k < s the number is negative, and
 * zeros fill the output.
 */
export function transposeBorders(
  padding: Padding,
  kernel: readonly number[],
  stride: readonly number[],
): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const surplus = kernel.map((size, axis) => (padding === 'valid' ? 0 : size - (stride[axis] ?? 1)));
  const before = surplus.map((total) => Math.max(0, Math.ceil(total / 2)));
  return { before, after: surplus.map((total, axis) => total - (before[axis] ?? 0)) };
}
