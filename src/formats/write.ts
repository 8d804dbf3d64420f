import { Failure, failure } from '../diagnostics/failure.js';
import { writeFileAtomically } from '../runtime/files/write-file.js';
import type { StoredData, StoredType } from './element.js';
import { elementBytes } from './element.js';
import { fileEnding } from './format-of.js';
import type { ArrayHeader, StoredArray } from './stored-array.js';
import { isSpatial } from './stored-array.js';
import type { Encoder } from './write/encoder.js';
import { encodeMeta, encodeNrrd } from './write/itk.js';
import { encodeNifti } from './write/nifti.js';
import { encodeNpy } from './write/npy.js';
import { encodePng } from './write/png.js';
import { encodeTiff } from './write/tiff.js';

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
};

/** The bytes of a file of the format that its ending names. */
export function encodeArray(path: string, array: StoredArray): Iterable<Uint8Array> | Failure {
  const ending = fileEnding(path);
  const encode = ENCODERS[ending];
  if (encode !== undefined) return encode(path, array);
  const format = ending === '' ? 'a file without an ending' : ending.toUpperCase();
  return failure('array-not-writable', {
    path,
    format,
    problem: 'format',
    found: Object.keys(ENCODERS).join(', '),
  });
}

/** Writes an array; the ending of the path decides the format. */
export function writeArray(path: string, array: StoredArray): Failure | undefined {
  const chunks = encodeArray(path, array);
  return chunks instanceof Failure ? chunks : writeFileAtomically(path, chunks);
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
