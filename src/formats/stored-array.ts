import { type Failure, failure } from '../diagnostics/failure.js';
import type { StoredData, StoredType } from './element.js';
import type { WorldGeometry } from './geometry.js';

/**
 * What a file stores, as it stores it. White-is-zero is not inverted, palettes and lookup tables are not applied,
 * alpha is a channel, scales are not applied, and NaN stays NaN. Only the order of axes is one for all formats:
 * the channels of an image come before its spatial axes, however the file interleaves them.
 */
export type AxisName = 'time' | 'page' | 'channel' | 'z' | 'y' | 'x' | 'unnamed';

export interface Axis {
  /** `unnamed` where the format has no names for its axes (.npy). */
  readonly name: AxisName;
  readonly size: number;
}

export type FormatName =
  | 'TIFF'
  | 'PNG'
  | 'JPEG'
  | 'GIF'
  | 'WebP'
  | 'BMP'
  | 'NIfTI-1'
  | 'NIfTI-2'
  | 'MGH'
  | 'NRRD'
  | 'MetaImage'
  | 'DICOM'
  | 'NPY'
  | 'NPZ'
  | 'HDF5'
  | 'OME-Zarr';

/** What the channels are. `samples`: several numbers a pixel without a meaning that the file states. */
export type Colour =
  | 'none'
  | 'palette'
  | 'gray-alpha'
  | 'rgb'
  | 'rgba'
  | 'cmyk'
  | 'ycbcr'
  | 'cielab'
  | 'vector'
  | 'samples';

/** Colours by index, [red, green, blue] or with alpha, of `bits` each. The elements are the indices. */
export interface Palette {
  readonly bits: 8 | 16;
  readonly colours: readonly (readonly number[])[];
}

export function samePalette(a: Palette | undefined, b: Palette | undefined): boolean {
  return a === b || JSON.stringify(a?.colours) === JSON.stringify(b?.colours);
}

/** What a reader should know about the file besides its numbers. */
export type ArrayNote =
  /** The file is meant to be shown with 0 as white; the numbers are not inverted. */
  | { readonly kind: 'white-is-zero' }
  /** The numbers went through a compression that changes them. */
  | { readonly kind: 'lossy'; readonly compression: string }
  /** The file asks viewers to turn or mirror the image (the value of TIFF's and EXIF's orientation); it is as stored. */
  | { readonly kind: 'turned-when-shown'; readonly orientation: number }
  /** Smaller copies of the image, which are not read. */
  | { readonly kind: 'reduced-images'; readonly count: number }
  /** Other images of the file, which are not read. */
  | { readonly kind: 'other-images'; readonly count: number }
  /** The channel `index` is alpha or a mask of validity; `premultiplied` where the colours were multiplied by it. */
  | { readonly kind: 'alpha'; readonly index: number; readonly premultiplied: boolean }
  /**
   * One colour of the image, or some indices of its palette, are meant to be transparent; `inPalette` where the colours of
   * the palette say how opaque they are.
   */
  | { readonly kind: 'transparent'; readonly values: readonly number[]; readonly inPalette?: boolean }
  /** The text that names axes contradicts the pages, so the pages are one axis. */
  | { readonly kind: 'axes-ignored'; readonly source: 'ImageJ' | 'OME' | 'tifffile' }
  /** The file continues after its last element. */
  | { readonly kind: 'more-bytes'; readonly count: number }
  /** The names of the channels. */
  | { readonly kind: 'channel-names'; readonly names: readonly string[] }
  /** The numbers stand for something that the header names (NIfTI's intent). */
  | { readonly kind: 'intent'; readonly code: number; readonly name: string }
  /** The two transforms of a NIfTI header differ by up to so many mm at a corner of the volume. */
  | { readonly kind: 'transforms-differ'; readonly distance: number };

export interface ArrayHeader {
  readonly path: string;
  readonly format: FormatName;
  /** Slowest first. */
  readonly axes: readonly Axis[];
  readonly type: StoredType;
  /** How many bits of each element the file uses: 12 of a uint16 for a 12-bit TIFF. */
  readonly bits: number;
  /** What a stored number means: slope * number + intercept. Undefined where the file has no scale. */
  readonly scale: { readonly slope: number; readonly intercept: number } | undefined;
  readonly colour: Colour;
  readonly palette?: Palette;
  readonly geometry?: WorldGeometry;
  readonly notes: readonly ArrayNote[];
}

export interface StoredArray {
  readonly header: ArrayHeader;
  /** Row-major in the order of `header.axes`. */
  readonly data: StoredData;
}

export interface ReadOptions {
  /** Only this page of a TIFF or frame of a GIF, counted from 0. */
  readonly page?: number;
  /** The array of a file with several (.npz, HDF5). */
  readonly array?: string;
}

/** Whether an axis is one of space. */
export function isSpatial(name: AxisName): boolean {
  return name === 'z' || name === 'y' || name === 'x';
}

export function sizesOf(axes: readonly Axis[]): number[] {
  return axes.map(({ size }) => size);
}

export function countOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

/** The elements as numbers: 64-bit integers too, unless one of them has no exact number. */
export function asNumbers({
  header,
  data,
}: StoredArray): Exclude<StoredData, BigInt64Array | BigUint64Array> | Failure {
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return data;
  const result = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0n;
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      return failure('integer-too-large', { path: header.path, value: value.toString(), index: i });
    }
    result[i] = number;
  }
  return result;
}
