import { Failure, failure } from '../../diagnostics/failure.js';
import { channelSources } from '../../images/channels.js';
import { notFinite, positionOf } from '../../images/finite.js';
import { coloursOf, imageOf } from '../../images/read-image.js';
import { isAlwaysFinite, type ValueForm } from '../../images/value-scale.js';
import { summaryOf } from '../../normalize/image-summary.js';
import { shapeText, type Tensor } from '../../runtime/tensor.js';
import { readPart } from '../files/read-part.js';
import { type IndexedLabels, indexValues } from '../labels/value-index.js';
import { readMask, readSampleIntensities } from '../samples/read-sample.js';
import type { Sample } from '../samples/sample.js';
import type { SurveyedImage } from './survey-messages.js';

/** Decodes the mask of a sample, and counts its numbers. */
export async function indexedMask(sample: Sample, withPositions: boolean): Promise<IndexedLabels | Failure> {
  const read = await readMask(sample);
  return read instanceof Failure ? read : indexValues(read, withPositions);
}

/** What is wanted of an image. */
export interface ImageRequest {
  readonly channels: number;
  readonly form: ValueForm;
  readonly isKept: boolean;
  readonly isSummarized: boolean;
}

/** Decodes the image of a sample. Fails if it has a value that is NaN or infinite. */
export async function surveyedImage(
  sample: Sample,
  { channels, form, isKept, isSummarized }: ImageRequest,
): Promise<SurveyedImage | Failure> {
  if (!isKept && !isSummarized) {
    return (await imageProblem(sample, channels)) ?? { image: undefined, summary: undefined };
  }
  const read = await readSampleIntensities(sample, channels, form);
  if (read instanceof Failure) return read;
  const { image, divisor, areFinite } = read;
  const problem = areFinite ? undefined : finiteProblem(sample.images, image);
  if (problem) return problem;
  return {
    image: isKept ? image : undefined,
    summary: isSummarized ? summaryOf(image, form === 'stored' ? divisor : 1) : undefined,
  };
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

/** Decodes the files of an image, and checks them as surveyedImage does, without making the image where it need not. */
async function imageProblem(sample: Sample, channels: number): Promise<Failure | undefined> {
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
