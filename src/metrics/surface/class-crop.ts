import { elementCount, stridesOf } from '../../ir/parameter.js';
import { IGNORED } from '../ignored.js';
import type { Box } from './class-boxes.js';

// `as number`: every index below is inside its array by construction, and a check would cost time at every number.

/** Bits of a position: it belongs to the class in the truth, or in the prediction; or nobody labelled it, and it is in neither. */
export const TRUE = 1;
export const PREDICTED = 2;
export const UNKNOWN = 4;

/** A mask of a class: its bit. */
export type MaskBit = typeof TRUE | typeof PREDICTED;

/**
 * A class in a part of an image. The part has a margin of at least one position on each side, so every position of the class
 * has all its neighbours in it. Beyond the image, positions are known, and in neither mask.
 */
export interface ClassCrop {
  /** (...size): the bits of each position. */
  readonly codes: Uint8Array;
  readonly size: readonly number[];
  /** Row-major, in positions. */
  readonly strides: readonly number[];
}

/** Label maps of an image, (...shape); the truth of unlabelled positions is IGNORED. */
export interface LabelMaps {
  readonly truth: Uint16Array;
  readonly predicted: Uint16Array;
  readonly shape: readonly number[];
}

/**
 * Cuts a class out of label maps.
 *
 * @param isMember by label: 1 if it belongs to the class
 * @param box a box around all positions of the class: see labelBoxes
 * @param margin by axis, how many positions more than the box; at least 1. Beyond the image, there is never more than 1.
 */
export function cropClass(
  maps: LabelMaps,
  isMember: Uint8Array,
  box: Box,
  margin: readonly number[],
): ClassCrop {
  const { truth, predicted, shape } = maps;
  const strides = stridesOf(shape);
  // Where the crop begins and ends in the image; -1 and the size of the axis lie just beyond it.
  const begin = box.low.map((low, axis) => Math.max(-1, low - (margin[axis] ?? 1)));
  const end = box.high.map((high, axis) => Math.min(shape[axis] ?? 1, high + (margin[axis] ?? 1)));
  const size = begin.map((from, axis) => (end[axis] ?? from) - from + 1);
  const cropStrides = stridesOf(size);
  const codes = new Uint8Array(elementCount(size));
  const last = shape.length - 1;
  const copyRow = (from: number, to: number, count: number) => {
    for (let i = 0; i < count; i++) {
      const label = truth[from + i] as number;
      codes[to + i] =
        label === IGNORED
          ? UNKNOWN
          : (isMember[label] as number) | ((isMember[predicted[from + i] as number] as number) << 1);
    }
  };
  const walk = (axis: number, from: number, to: number): void => {
    const [first = 0, after = 0, length = 1] = [begin[axis], end[axis], shape[axis]];
    const low = Math.max(0, first);
    const high = Math.min(length - 1, after);
    if (axis === last) {
      copyRow(from + low, to + low - first, high - low + 1);
      return;
    }
    const [stride = 1, cropStride = 1] = [strides[axis], cropStrides[axis]];
    for (let i = low; i <= high; i++) walk(axis + 1, from + i * stride, to + (i - first) * cropStride);
  };
  walk(0, 0, 0);
  return { codes, size, strides: cropStrides };
}

/** The steps to the neighbours of a position across a face. */
function neighbourSteps(strides: readonly number[]): Int32Array {
  return Int32Array.from(strides.flatMap((stride) => [-stride, stride]));
}

/**
 * The border of a mask: its positions with a neighbour across a face (2 for each axis) that is not in the mask and not
 * unlabelled. This is the mask without its erosion, as in MONAI and MedPy.
 *
 * @returns the row-major indices of the border in the crop, in order
 */
export function borderOf({ codes, strides }: ClassCrop, bit: MaskBit): Int32Array {
  const steps = neighbourSteps(strides);
  const count = steps.length;
  const inside = bit | UNKNOWN;
  let border = new Int32Array(1024);
  let found = 0;
  for (let i = 0; i < codes.length; i++) {
    if (((codes[i] as number) & bit) === 0) continue;
    for (let k = 0; k < count; k++) {
      // The margin has no position of the mask, so all neighbours are in the crop.
      if (((codes[i + (steps[k] as number)] as number) & inside) !== 0) continue;
      if (found === border.length) {
        const longer = new Int32Array(2 * found);
        longer.set(border);
        border = longer;
      }
      border[found++] = i;
      break;
    }
  }
  return border.slice(0, found);
}
