import { Failure } from '../../diagnostics/failure.js';
import { readImage } from '../../runtime/images/image.js';
import { asImage, readNpy } from '../../runtime/images/npy.js';
import { allocate, elementCount, type Tensor } from '../../runtime/tensor.js';
import { dataFormatOf } from './file-names.js';
import { readNifti } from './nifti.js';

/** How intensities become the numbers that a network takes, in training and in `unet run`. */
export const NORMALISATION =
  'PNG, JPEG and TIFF: value / 255 or value / 65535, so 0 to 1; .npy: as stored; NIfTI: slope * number + intercept';

/** Joins (c, ...spatial) images along their channels: (sum of c, ...spatial). With `depth`, joins (C, H, W) pages to a volume. */
function concatenate(parts: readonly Tensor[], depth: boolean): Tensor | Failure {
  const [first] = parts;
  if (first === undefined) throw new Error('an image has at least one part');
  if (parts.length === 1 && !depth) return first;
  const [channels = 0, ...spatial] = first.shape;
  const count = parts.length;
  if (!depth) {
    const total = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    const data = allocate(total * elementCount(spatial), { what: 'an image', shape: [total, ...spatial] });
    if (data instanceof Failure) return data;
    let at = 0;
    for (const part of parts) {
      data.set(part.data, at);
      at += part.data.length;
    }
    return { shape: [total, ...spatial], data };
  }
  const shape = [channels, count, ...spatial];
  const data = allocate(elementCount(shape), { what: 'a volume', shape });
  if (data instanceof Failure) return data;
  const plane = elementCount(spatial);
  for (const [z, part] of parts.entries()) {
    for (let c = 0; c < channels; c++) {
      data.set(part.data.subarray(c * plane, (c + 1) * plane), (c * count + z) * plane);
    }
  }
  return { shape, data };
}

/** Which pages of an image file: one, or several as the depth of a volume. */
export type Pages = { readonly page?: number } | { readonly depth: number };

/**
 * Reads the files of one image, a file a channel or all in one, as float32 (C, ...spatial) with C = `channels` and
 * `rank` spatial axes, normalised as NORMALISATION says.
 */
export async function readIntensities(
  paths: readonly string[],
  channels: number,
  rank: number,
  pages: Pages,
): Promise<Tensor | Failure> {
  const parts: Tensor[] = [];
  const each = paths.length === 1 ? channels : 1;
  for (const path of paths) {
    const format = dataFormatOf(path);
    if (format === 'image') {
      const list = 'depth' in pages ? Array.from({ length: pages.depth }, (_, i) => i) : [pages.page];
      const planes: Tensor[] = [];
      for (const page of list) {
        const read = await readImage(path, each, page === undefined ? {} : { page });
        if (read instanceof Failure) return read;
        planes.push(read.image);
      }
      const whole = concatenate(planes, 'depth' in pages);
      if (whole instanceof Failure) return whole;
      parts.push(whole);
      continue;
    }
    const array = format === 'npy' ? readNpy(path) : readNifti(path);
    if (array instanceof Failure) return array;
    const image = asImage('volume' in array ? array.volume : array, path, each, rank);
    if (image instanceof Failure) return image;
    parts.push(image);
  }
  return concatenate(parts, false);
}
