import { Failure, failure } from '../../diagnostics/failure.js';
import { readStoredSamples } from '../../runtime/images/image.js';
import { readNpy } from '../../runtime/images/npy.js';
import { dataFormatOf } from '../files/file-names.js';
import { readNifti } from '../files/nifti.js';

/** The numbers of a mask as they are stored, one per position in row-major order. */
export interface LabelValues {
  /** A gray value, or COLOUR + 65536 red + 256 green + blue if these are not equal. */
  readonly values: ArrayLike<number> & Iterable<number>;
  /** Whether numbers from COLOUR on are colours. */
  readonly coloured: boolean;
}

const COLOUR = 2 ** 24;

/** "255", or "#ff8000": how people write the value of a label. */
export function labelValueText(value: number, coloured: boolean): string {
  if (!coloured || value < COLOUR) return String(value);
  return `#${(value - COLOUR).toString(16).padStart(6, '0')}`;
}

/** The one way to write a value: "255" for "0255" and for "#ffffff"; undefined if the text is not a value. */
export function canonicalValue(text: string): string | undefined {
  const colour = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (colour !== null) {
    const [, r = '', g = '', b = ''] = colour;
    return r.toLowerCase() === g.toLowerCase() && g.toLowerCase() === b.toLowerCase()
      ? String(Number.parseInt(r, 16))
      : text.toLowerCase();
  }
  return /^-?\d+(\.\d+)?$/.test(text) ? String(Number(text)) : undefined;
}

async function imageValues(path: string, page: number | undefined): Promise<LabelValues | Failure> {
  const samples = await readStoredSamples(path, page === undefined ? {} : { page });
  if (samples instanceof Failure) return samples;
  const { values, stride, colours, width, height } = samples;
  const result = new Int32Array(width * height);
  // Every index is below stride * width * height, the length of `values`.
  const at = (index: number) => values[index] as number;
  if (colours === 3 && values instanceof Uint16Array) return failure('mask-depth', { path });
  for (let i = 0, s = 0; i < result.length; i++, s += stride) {
    const gray = colours === 1 || (at(s) === at(s + 1) && at(s) === at(s + 2));
    result[i] = gray ? at(s) : COLOUR + 65536 * at(s) + 256 * at(s + 1) + at(s + 2);
  }
  return { values: result, coloured: true };
}

/**
 * Decodes the stored numbers of a mask: `page` of an image with several, from 0. NIfTI numbers are taken after slope and
 * intercept.
 */
export async function readLabelValues(path: string, page?: number): Promise<LabelValues | Failure> {
  const format = dataFormatOf(path);
  if (format === 'nifti') {
    const read = readNifti(path);
    return read instanceof Failure ? read : { values: read.volume.data, coloured: false };
  }
  if (format === 'npy') {
    const read = readNpy(path);
    return read instanceof Failure ? read : { values: read.data, coloured: false };
  }
  return imageValues(path, page);
}
