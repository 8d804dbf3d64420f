import { Failure, failure } from '../../diagnostics/failure.js';
import type { FileReader } from '../../formats/file-reader.js';
import { channelSources } from '../../images/channels.js';
import { notFinite, positionOf } from '../../images/finite.js';
import { planeView } from '../../images/plane-view.js';
import { coloursOf, imageOf } from '../../images/read-image.js';
import { isAlwaysFinite, largestValue, type ValueForm } from '../../images/value-scale.js';
import { type PlaneValues, summaryOf, summaryOfPlanes } from '../../normalize/image-summary.js';
import { shapeText, type Tensor } from '../../runtime/tensor.js';
import { readPart } from '../files/read-part.js';
import { type IndexedLabels, indexValues } from '../labels/value-index.js';
import { readMask, readSampleIntensities } from '../samples/read-sample.js';
import type { Sample } from '../samples/sample.js';
import type { SurveyedImage } from './survey-messages.js';

/** Decodes the mask of a sample, and counts its numbers. */
export async function indexedMask(
  sample: Sample,
  withPositions: boolean,
  files?: FileReader,
): Promise<IndexedLabels | Failure> {
  const read = await readMask(sample, files);
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
  files?: FileReader,
): Promise<SurveyedImage | Failure> {
  if (!isKept && (!isSummarized || form === 'stored')) {
    const found = await storedPlanes(sample, channels, isSummarized, files);
    if (found instanceof Failure) return found;
    if (found) {
      const { planes, divisor } = found;
      const summary = isSummarized ? summaryOfPlanes(planes, divisor) : undefined;
      return { image: undefined, divisor, summary };
    }
  }
  const read = await readSampleIntensities(sample, channels, form, files);
  if (read instanceof Failure) return read;
  const { image, areFinite } = read;
  const problem = areFinite ? undefined : finiteProblem(sample.images, image);
  if (problem) return problem;
  const divisor = form === 'stored' ? read.divisor : 1;
  const steps = read.divisor === 255 ? 255 / divisor : undefined;
  return {
    image: isKept ? image : undefined,
    divisor,
    summary: isSummarized ? summaryOf(image, divisor, steps) : undefined,
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

/** The channels of an image as its files store them. */
interface StoredPlanes {
  readonly planes: readonly PlaneValues[];
  readonly divisor: number;
}

/**
 * The channels of an image where its files store them as they are, without a copy, and checks them as surveyedImage does.
 * Undefined where the image has to be made for that: its numbers are scaled, or its colours become gray.
 */
async function storedPlanes(
  { images, spatial, part }: Sample,
  channels: number,
  areWanted: boolean,
  files: FileReader | undefined,
): Promise<StoredPlanes | Failure | undefined> {
  const each = images.length === 1 ? channels : 1;
  const planes: PlaneValues[] = [];
  let divisor = 1;
  for (const path of images) {
    const read = await readPart(path, spatial.length, part.image, files);
    if (read instanceof Failure) return read;
    const { header, layout } = read.array;
    if (read.image >= layout.images || shapeText(layout.spatial) !== shapeText(spatial)) {
      return failure('image-changed', { path, shape: spatial });
    }
    const sources = channelSources(header, layout.samples, each);
    if (sources instanceof Failure) return sources;
    divisor = Math.max(divisor, largestValue(header) ?? 1);
    if (areWanted) {
      const own = sources.map((source) => planeView(read.array, read.image, source));
      if (!own.every((plane) => plane !== undefined)) return undefined;
      planes.push(...own);
    }
    if (isAlwaysFinite(header)) continue;
    const image = imageOf(coloursOf(read.array), read.image, each);
    const problem = image instanceof Failure ? image : finiteProblem([path], image);
    if (problem) return problem;
  }
  return { planes, divisor };
}
