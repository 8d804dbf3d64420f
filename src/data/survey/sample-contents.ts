import { Failure, failure } from '../../diagnostics/failure.js';
import type { ArrayHeader } from '../../formats/stored-array.js';
import { channelSources } from '../../images/channels.js';
import { notFinite, positionOf } from '../../images/finite.js';
import { coloursOf, imageOf } from '../../images/read-image.js';
import { shapeText, type Tensor } from '../../runtime/tensor.js';
import { readPart } from '../files/read-part.js';
import { type IndexedLabels, indexValues } from '../labels/value-index.js';
import { readMask, readSampleImage } from '../samples/read-sample.js';
import type { Sample } from '../samples/sample.js';

/** Decodes the mask of a sample, and counts its numbers. */
export async function indexedMask(sample: Sample): Promise<IndexedLabels | Failure> {
  const read = await readMask(sample);
  return read instanceof Failure ? read : indexValues(read);
}

/** Decodes the image of a sample, (C, ...spatial). Fails if it has a value that is NaN or infinite. */
export async function checkedImage(sample: Sample, channels: number): Promise<Tensor | Failure> {
  const image = await readSampleImage(sample, channels);
  if (image instanceof Failure) return image;
  return finiteProblem(sample.images, image) ?? image;
}

/** A failure if an image has a value that is NaN or infinite. */
function finiteProblem(paths: readonly string[], image: Tensor): Failure | undefined {
  const wrong = notFinite(image.data);
  if (wrong === undefined) return undefined;
  return failure('values-not-finite', {
    paths,
    count: wrong.count,
    total: image.data.length,
    first: positionOf(wrong.first, image.shape),
  });
}

/** Whether the numbers of a file are finite without looking at them. */
function isAlwaysFinite({ type, scale }: ArrayHeader): boolean {
  return !type.startsWith('float') && (scale === undefined || Number.isFinite(scale.slope * 2 ** 64));
}

/** Decodes the files of an image, and checks them as checkedImage does, without making the image where it need not. */
export async function imageProblem(sample: Sample, channels: number): Promise<Failure | undefined> {
  const { images, spatial, part } = sample;
  const each = images.length === 1 ? channels : 1;
  for (const path of images) {
    const read = await readPart(path, spatial.length, part.image);
    if (read instanceof Failure) return read;
    const { header, layout } = read.array;
    if (read.image >= layout.images || shapeText(layout.spatial) !== shapeText(spatial)) {
      return failure('image-changed', { path, shape: spatial });
    }
    const sources = channelSources(header, layout.samples, each);
    if (sources instanceof Failure) return sources;
    if (isAlwaysFinite(header)) continue;
    const image = imageOf(coloursOf(read.array), read.image, each);
    const problem = image instanceof Failure ? image : finiteProblem([path], image);
    if (problem) return problem;
  }
  return undefined;
}
