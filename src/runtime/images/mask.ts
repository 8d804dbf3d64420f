import { Failure, failure } from '../../diagnostics/failure.js';
import { type WriteOptions, writeFilesAtomically } from '../files/write-file.js';
import { elementCount, type Tensor } from '../tensor.js';
import { importSharp } from './sharp.js';

/** Labels as they are, or spread over 0..255, which makes the classes visible. */
export type Labels = 'index' | 'spread';

/** One class index per pixel or voxel, in row-major order. */
export interface Mask {
  /** (...spatial). */
  readonly shape: readonly number[];
  readonly data: Uint8Array | Uint16Array;
  /** Indices are 0 .. classes - 1. */
  readonly classes: number;
}

export interface MaskOptions extends WriteOptions {
  /** "spread" by default. */
  readonly labels?: Labels;
}

/** The most classes that a label image of 16 bits can hold. */
const MOST_CLASSES = 65536;
/** The same of 8 bits. */
const MOST_BYTE_CLASSES = 256;

/**
 * The most probable class of (K, ...spatial); of equal ones, the lowest index. One channel means two classes: 1 if the
 * value is above `threshold` (0.5 for probabilities, 0 for logits), otherwise 0.
 */
export function maskOf(output: Tensor, threshold = 0.5): Mask | Failure {
  const [channels = 1, ...shape] = output.shape;
  if (channels > MOST_CLASSES) {
    return failure('too-many-classes', { classes: channels, limit: MOST_CLASSES });
  }
  // `as number`: every index is below channels * count, the length of the output.

  const count = elementCount(shape);
  const data = channels > MOST_BYTE_CLASSES ? new Uint16Array(count) : new Uint8Array(count);
  const values = output.data;
  if (channels === 1) {
    for (let i = 0; i < count; i++) data[i] = (values[i] as number) > threshold ? 1 : 0;
    return { shape, data, classes: 2 };
  }
  const best = values.slice(0, count);
  for (let channel = 1; channel < channels; channel++) {
    for (let i = 0, j = channel * count; i < count; i++, j++) {
      const value = values[j] as number;
      if (value > (best[i] as number)) {
        best[i] = value;
        data[i] = channel;
      }
    }
  }
  return { shape, data, classes: channels };
}

/** A gray PNG of `data`, (H, W), of 8 or 16 bits. */
async function encodeGray(
  data: Uint8Array | Uint16Array,
  shape: readonly number[],
): Promise<Uint8Array | Failure> {
  const [height, width] = shape;
  if (height === undefined || width === undefined || shape.length !== 2) {
    return failure('mask-not-2d', { shape });
  }
  const sharp = await importSharp();
  if (sharp instanceof Failure) return sharp;
  const image = sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: false });
  return image
    .toColourspace(data instanceof Uint16Array ? 'grey16' : 'b-w')
    .png()
    .toBuffer();
}

/**
 * Writes a mask, (H, W), as a gray PNG of 8 bits, or 16 for more than 256 classes: class k is k with the labels "index",
 * and round(255 k / (K - 1)) with "spread" and up to 256 classes.
 */
export async function writeMask(
  path: string,
  mask: Mask,
  options: MaskOptions = {},
): Promise<Failure | undefined> {
  const factor =
    options.labels === 'index' || mask.classes < 2 || mask.classes > MOST_BYTE_CLASSES
      ? 1
      : 255 / (mask.classes - 1);
  const png = await encodeGray(
    mask.data.map((label) => Math.round(label * factor)),
    mask.shape,
  );
  if (png instanceof Failure) return png;
  return writeFilesAtomically([{ path, chunks: [png] }], options);
}

/**
 * Writes probabilities, (K, H, W), as K 8-bit gray PNGs of round(255 p): all files or none. `pathOf` gives the path for a
 * class.
 */
export async function writeProbabilities(
  pathOf: (classIndex: number) => string,
  probabilities: Tensor,
  options: WriteOptions = {},
): Promise<Failure | undefined> {
  const [channels = 0, ...shape] = probabilities.shape;
  const count = elementCount(shape);
  const files = [];
  for (let channel = 0; channel < channels; channel++) {
    const plane = probabilities.data.subarray(channel * count, (channel + 1) * count);
    // A clamped array rounds halves to even; adding and flooring is what people expect of 127.5.
    const bytes = Uint8Array.from(plane, (p) => Math.floor(Math.min(Math.max(p, 0), 1) * 255 + 0.5));
    const png = await encodeGray(bytes, shape);
    if (png instanceof Failure) return png;
    files.push({ path: pathOf(channel), chunks: [png] });
  }
  return writeFilesAtomically(files, options);
}
