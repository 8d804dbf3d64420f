import { Failure, failure } from '../../diagnostics/failure.js';
import type { Normalization } from '../../normalize/normalization.js';
import { normalizeImage } from '../../normalize/normalize-image.js';
import { elementCount, shapeText, type Tensor } from '../../runtime/tensor.js';
import { dataFormatOf } from '../files/file-names.js';
import { readIntensities } from '../files/intensities.js';
import { type LabelMap, toClasses } from '../labels/label-map.js';
import { type LabelValues, readLabelValues } from '../labels/label-values.js';
import type { LabelledImage, Sample } from './sample.js';

/** How the samples of a data set are read. */
export interface SampleFormat {
  /** Of the images. */
  readonly channels: number;
  readonly labels: LabelMap;
  /** What is done to the stored values of an image; nothing when left out. */
  readonly normalization?: Normalization | undefined;
}

/** What is in memory of a sample: nothing, its mask, or all of it. */
export interface SampleParts {
  readonly image?: Tensor | undefined;
  readonly classes?: Uint8Array | undefined;
}

/**
 * Reads a sample of a data set; of the parts that are in memory, the files are not read. Fails if a file is damaged, has
 * changed, or has a value without a class.
 */
export async function readSample(
  sample: Sample,
  { channels, labels, normalization }: SampleFormat,
  parts: SampleParts = {},
): Promise<LabelledImage | Failure> {
  const image = parts.image ?? (await readSampleImage(sample, channels));
  if (image instanceof Failure) return image;
  const classes = parts.classes ?? (await readSampleClasses(sample, labels));
  if (classes instanceof Failure) return classes;
  // In memory are stored values, which nobody else reads any more.
  if (normalization) normalizeImage(image, normalization);
  return { name: sample.name, image, classes, spacing: sample.spacing };
}

/** Reads the image of a sample, (C, ...spatial). */
export async function readSampleImage(sample: Sample, channels: number): Promise<Tensor | Failure> {
  const { images, spatial, pages } = sample;
  const image = await readIntensities(images, channels, spatial.length, pages);
  if (image instanceof Failure) return image;
  return shapeText(image.shape.slice(1)) === shapeText(spatial) ? image : changed(sample);
}

/** Reads the mask of a sample as classes, (...spatial). */
async function readSampleClasses(sample: Sample, labels: LabelMap): Promise<Uint8Array | Failure> {
  const values = await readMask(sample);
  return values instanceof Failure ? values : toClasses(values, labels, sample.mask);
}

/** Decodes the mask of a sample: its numbers as they are stored, (...spatial). */
export async function readMask(sample: Sample): Promise<LabelValues | Failure> {
  return (await readPages(sample.mask, sample)) ?? changed(sample);
}

/** Reads the cells of a sample, (...spatial), numbered from 1; undefined if the data set does not number them. */
export async function readInstances(sample: Sample): Promise<Int32Array | Failure | undefined> {
  const { instances, spatial } = sample;
  if (instances === undefined) return undefined;
  const read = await readPages(instances, sample);
  if (read === undefined) return failure('instances-size', { path: instances, shape: spatial });
  return read instanceof Failure ? read : Int32Array.from(read.values);
}

function changed({ images, spatial }: Sample): Failure {
  return failure('image-changed', { path: images[0] ?? '', shape: spatial });
}

/** The numbers of a file on the pages of a sample; undefined if the file has another size than the sample. */
async function readPages(
  path: string,
  { pages, spatial }: Sample,
): Promise<LabelValues | Failure | undefined> {
  // The images may be pages although their mask is one volume.
  if (!('depth' in pages) || dataFormatOf(path) !== 'image') {
    return ofLength(
      elementCount(spatial),
      await readLabelValues(path, 'page' in pages ? pages.page : undefined),
    );
  }
  const plane = elementCount(spatial.slice(1));
  const values = new Float64Array(plane * pages.depth);
  for (let page = 0; page < pages.depth; page++) {
    const read = ofLength(plane, await readLabelValues(path, page));
    if (read === undefined || read instanceof Failure) return read;
    values.set(Float64Array.from(read.values), page * plane);
  }
  return { values, coloured: true };
}

function ofLength(length: number, read: LabelValues | Failure): LabelValues | Failure | undefined {
  return read instanceof Failure || read.values.length === length ? read : undefined;
}
