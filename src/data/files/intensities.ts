import { Failure, failure } from '../../diagnostics/failure.js';
import type { FileReader } from '../../formats/file-reader.js';
import { coloursOf, imageOf } from '../../images/read-image.js';
import { isAlwaysFinite, largestValue, type ValueForm } from '../../images/value-scale.js';
import { allocate, elementCount, type Tensor } from '../../runtime/tensor.js';
import { type FilePart, readPart } from './read-part.js';

/** Joins (c, ...spatial) images along their channels: (sum of c, ...spatial). */
function joinChannels(parts: readonly Tensor[]): Tensor | Failure {
  const [first] = parts;
  if (first === undefined) throw new Error('an image has at least one part');
  if (parts.length === 1) return first;
  const spatial = first.shape.slice(1);
  const total = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const shape = [total, ...spatial];
  const data = allocate(total * elementCount(spatial), { what: 'an image', shape });
  if (data instanceof Failure) return data;
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { shape, data };
}

/** The numbers of an image. */
export interface Intensities {
  /** (C, ...spatial). */
  readonly image: Tensor;
  /** What scaling divides stored numbers by; of several files, the largest. */
  readonly divisor: number;
  /** Whether the types of the files hold no number that is NaN or infinite. */
  readonly areFinite: boolean;
}

/**
 * Reads the files of one image, a file a channel or all in one, as float32 (C, ...spatial) with C = `channels` and
 * `rank` spatial axes, scaled as NORMALISATION says unless `form` is other.
 */
export async function readIntensities(
  paths: readonly string[],
  channels: number,
  rank: number,
  part: FilePart,
  form: ValueForm,
  files?: FileReader,
): Promise<Intensities | Failure> {
  const parts: Tensor[] = [];
  let divisor = 1;
  let areFinite = true;
  const each = paths.length === 1 ? channels : 1;
  for (const path of paths) {
    const read = await readPart(path, rank, part, files);
    if (read instanceof Failure) return read;
    const { images, spatial } = read.array.layout;
    if (read.image >= images) return failure('image-changed', { path, shape: spatial });
    const image = imageOf(coloursOf(read.array), read.image, each, form);
    if (image instanceof Failure) return image;
    parts.push(image);
    areFinite &&= isAlwaysFinite(read.array.header);
    divisor = Math.max(divisor, largestValue(read.array.header) ?? 1);
  }
  const image = joinChannels(parts);
  return image instanceof Failure ? image : { image, divisor, areFinite };
}
