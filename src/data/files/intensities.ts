import { Failure, failure } from '../../diagnostics/failure.js';
import { coloursOf, imageOf } from '../../images/read-image.js';
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

/**
 * Reads the files of one image, a file a channel or all in one, as float32 (C, ...spatial) with C = `channels` and
 * `rank` spatial axes, normalised as NORMALISATION says.
 */
export async function readIntensities(
  paths: readonly string[],
  channels: number,
  rank: number,
  part: FilePart,
): Promise<Tensor | Failure> {
  const parts: Tensor[] = [];
  const each = paths.length === 1 ? channels : 1;
  for (const path of paths) {
    const read = await readPart(path, rank, part);
    if (read instanceof Failure) return read;
    const { images, spatial } = read.array.layout;
    if (read.image >= images) return failure('image-changed', { path, shape: spatial });
    const image = imageOf(coloursOf(read.array), read.image, each);
    if (image instanceof Failure) return image;
    parts.push(image);
  }
  return joinChannels(parts);
}
