import { Failure, failure } from '../diagnostics/failure.js';
import { type OutputContent, writeFilesAtomically } from '../runtime/files/write-file.js';
import { cutRegion } from './axis-order.js';
import type { StoredData, StoredType } from './element.js';
import { elementBytes } from './element.js';
import { fileEnding } from './format-of.js';
import type { Region } from './open-array.js';
import type { ArrayHeader, StoredArray } from './stored-array.js';
import { isSpatial, sizesOf } from './stored-array.js';
import type { BoxReader, Encoder } from './write/encoder.js';
import { encodeMeta, encodeNrrd } from './write/itk.js';
import { encodeNifti } from './write/nifti.js';
import { encodeNpy } from './write/npy.js';
import { encodePng } from './write/png.js';
import { encodeTiff } from './write/tiff.js';
import { encodeZarr } from './write/zarr.js';

/** What is written, by the ending of the file. */
const ENCODERS: Readonly<Record<string, Encoder>> = {
  nii: encodeNifti,
  'nii.gz': encodeNifti,
  npy: encodeNpy,
  png: encodePng,
  tif: encodeTiff,
  tiff: encodeTiff,
  mha: encodeMeta,
  nrrd: encodeNrrd,
  zarr: encodeZarr,
  'ome.zarr': encodeZarr,
};

/** An array that need not be in memory: its elements are read box by box. */
export interface BoxedArray {
  readonly header: ArrayHeader;
  readonly boxes: BoxReader;
}

/** An array in memory, box by box. */
export function boxedArray({ header, data }: StoredArray): BoxedArray {
  const sizes = sizesOf(header.axes);
  const isAll = (region: Region) => region.every(([from, to], axis) => from === 0 && to === sizes[axis]);
  return {
    header,
    boxes: (region) => (isAll(region) ? data : cutRegion(data, header.type, sizes, region)),
  };
}

/**
 * A file, or a folder, of the format that the ending of its path names. Its elements are read when it is written, in boxes of
 * a few MB. Fails where the format cannot hold such an array, before anything is read.
 */
export function encodeBoxes(path: string, { header, boxes }: BoxedArray): OutputContent | Failure {
  const ending = fileEnding(path);
  const encode = ENCODERS[ending];
  if (encode === undefined) {
    const format = ending === '' ? 'a file without an ending' : ending.toUpperCase();
    const found = Object.keys(ENCODERS).join(', ');
    return failure('array-not-writable', { path, format, problem: 'format', found });
  }
  const encoded = encode(path, header, boxes);
  return encoded instanceof Failure ? encoded : { path, ...encoded };
}

/** Why a file of this format cannot hold such an array; undefined if it can. */
export function checkWritable(path: string, header: ArrayHeader): Failure | undefined {
  const boxes: BoxReader = () => {
    throw new Error('nothing is read before the file is written');
  };
  const encoded = encodeBoxes(path, { header, boxes });
  return encoded instanceof Failure ? encoded : undefined;
}

/** The bytes of a file of the format that its ending names. */
export function encodeArray(path: string, array: StoredArray): readonly Uint8Array[] | Failure {
  const file = encodeBoxes(path, boxedArray(array));
  if (file instanceof Failure) return file;
  if ('files' in file) throw new Error(`${path} is a folder of files`);
  const chunks = [...file.chunks];
  const start = file.start?.();
  if (start === undefined) return chunks;
  const bytes = Buffer.concat(chunks);
  bytes.set(start);
  return [bytes];
}

/** Writes an array; the ending of the path decides the format. */
export function writeArray(path: string, array: StoredArray): Failure | undefined {
  const file = encodeBoxes(path, boxedArray(array));
  return file instanceof Failure ? file : writeFilesAtomically([file]);
}

/**
 * Labels, or any numbers on the grid of an image: one for each of its positions, in the place where the image lies.
 * What the image's numbers mean (scale, colours, intent) does not apply to them.
 */
export function arrayLike(image: ArrayHeader, data: StoredData, type: StoredType): StoredArray {
  const { path, format, axes, geometry } = image;
  return {
    header: {
      path,
      format,
      axes: axes.filter(({ name }) => isSpatial(name)),
      type,
      bits: elementBytes[type] * 8,
      scale: undefined,
      colour: 'none',
      ...(geometry ? { geometry } : {}),
      notes: [],
    },
    data,
  };
}
