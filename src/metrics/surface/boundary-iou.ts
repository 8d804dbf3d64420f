import { type ClassCrop, type MaskBit, PREDICTED, TRUE, UNKNOWN } from './class-crop.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** The part of the image's diagonal that a boundary is wide, as in Cheng et al. */
export const DILATION_RATIO = 0.02;

/**
 * How many positions along each axis a boundary is wide: a length, rounded to positions and at least one. The length is a
 * part of the diagonal of the image.
 *
 * @param shape (...spatial), without axes of size 1
 * @param spacing the distance of neighbours along each axis
 */
export function boundaryWidths(
  shape: readonly number[],
  spacing: readonly number[],
  ratio: number = DILATION_RATIO,
): readonly number[] {
  const length = ratio * Math.hypot(...shape.map((size, axis) => size * (spacing[axis] ?? 1)));
  return spacing.map((distance) => Math.max(1, Math.round(length / distance)));
}

/**
 * The IoU of the boundaries of a class. The boundary of a mask consists of its positions with a position outside of the mask
 * in the box of the given half widths around them; beyond the image is outside, and unlabelled positions are not. Undefined
 * if neither mask has a boundary.
 *
 * Source: B. Cheng et al., Boundary IoU: improving object-centric image segmentation evaluation, CVPR 2021, and the
 * authors' code, whose boundary is the mask without its erosion by a box of 3 x 3, done again for each position of width.
 *
 * @param crop with a margin of the widths, if the image has unlabelled positions; otherwise, a margin of 1 is enough
 * @param widths see boundaryWidths
 */
export function boundaryIou(crop: ClassCrop, widths: readonly number[]): number | undefined {
  const [truth, predicted] = [boundaryOf(crop, TRUE, widths), boundaryOf(crop, PREDICTED, widths)];
  let [both, either] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    both += (truth[i] as number) & (predicted[i] as number);
    either += (truth[i] as number) | (predicted[i] as number);
  }
  return either === 0 ? undefined : both / either;
}

/** The boundary of a mask, (...size): 1 for its positions. */
function boundaryOf(
  { codes, size, strides }: ClassCrop,
  bit: MaskBit,
  widths: readonly number[],
): Uint8Array {
  const inside = bit | UNKNOWN;
  // An erosion by a box is one along each axis after the other.
  const left = codes.map((code) => ((code & inside) === 0 ? 0 : 1));
  for (const [axis, width] of widths.entries()) erode(left, size[axis] ?? 1, strides[axis] ?? 1, width);
  for (let i = 0; i < codes.length; i++)
    left[i] = ((codes[i] as number) & bit) !== 0 && left[i] === 0 ? 1 : 0;
  return left;
}

/** Sets all positions to 0 that have a 0 at most `width` positions away along an axis. */
function erode(mask: Uint8Array, length: number, stride: number, width: number): void {
  const block = length * stride;
  for (let outer = 0; outer < mask.length; outer += block) {
    for (let inner = 0; inner < stride; inner++) {
      const start = outer + inner;
      // Up to where positions are eroded, by the last 0 before them.
      let reach = -1;
      let cleared = 0;
      for (let i = 0; i < length; i++) {
        const at = start + i * stride;
        if (mask[at] === 0) {
          // And the positions before this 0; those up to `cleared` are done.
          for (let j = Math.max(cleared, i - width); j < i; j++) mask[start + j * stride] = 0;
          cleared = i + 1;
          reach = i + width;
        } else if (i <= reach) mask[at] = 2;
      }
      for (let i = 0; i < length; i++) if (mask[start + i * stride] === 2) mask[start + i * stride] = 0;
    }
  }
}
