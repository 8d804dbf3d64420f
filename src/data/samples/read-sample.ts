import { Failure, failure } from '../../diagnostics/failure.js';
import type { FileReader } from '../../formats/file-reader.js';
import { type LabelValues, labelValuesOf } from '../../images/label-values.js';
import { formFor, type ValueForm } from '../../images/value-scale.js';
import type { ImageSummary } from '../../normalize/image-summary.js';
import type { Normalization } from '../../normalize/normalization.js';
import { normalizeImage } from '../../normalize/normalize-image.js';
import { shapeText, type Tensor } from '../../runtime/tensor.js';
import { type Intensities, readIntensities } from '../files/intensities.js';
import { type FilePart, readPart } from '../files/read-part.js';
import { toClasses } from '../labels/classified-mask.js';
import type { LabelMap } from '../labels/label-map.js';
import { mergeClassFiles } from './class-files.js';
import { objectNumbers } from './object-numbers.js';
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
  /** What a picture's numbers in `image` are divided by where they are as stored; 1 when left out. */
  readonly divisor?: number | undefined;
  /** What the values of `image` are like, if it is known. */
  readonly summary?: ImageSummary | undefined;
  readonly classes?: Uint16Array | undefined;
}

/**
 * Reads a sample of a data set; of the parts that are in memory, the files are not read. Fails if a file is damaged, has
 * changed, or has a value without a class.
 */
export async function readSample(
  sample: Sample,
  format: SampleFormat,
  parts: SampleParts = {},
): Promise<LabelledImage | Failure> {
  const read = await readPlainSample(sample, format, parts);
  if (read instanceof Failure || !format.normalization) return read;
  // What was in memory is handed over, so nobody else reads it.
  normalizeImage(read.image, format.normalization);
  return read;
}

/** As readSample, with the values before they are normalised. */
export async function readPlainSample(
  sample: Sample,
  { channels, labels, normalization }: SampleFormat,
  parts: SampleParts = {},
): Promise<LabelledImage | Failure> {
  const image = parts.image ?? (await readSampleImage(sample, channels, formFor(normalization)));
  if (image instanceof Failure) return image;
  const classes = parts.classes ?? (await readSampleClasses(sample, labels));
  if (classes instanceof Failure) return classes;
  return { name: sample.name, image, classes, spacing: sample.spacing };
}

/** Reads the image of a sample, (C, ...spatial), before it is normalised. */
export async function readSampleImage(
  sample: Sample,
  channels: number,
  form: ValueForm,
): Promise<Tensor | Failure> {
  const read = await readSampleIntensities(sample, channels, form);
  return read instanceof Failure ? read : read.image;
}

/** As readSampleImage, with what scaling divides stored numbers by. */
export async function readSampleIntensities(
  sample: Sample,
  channels: number,
  form: ValueForm,
  files?: FileReader,
): Promise<Intensities | Failure> {
  const { images, spatial, part } = sample;
  const read = await readIntensities(images, channels, spatial.length, part.image, form, files);
  if (read instanceof Failure) return read;
  return shapeText(read.image.shape.slice(1)) === shapeText(spatial) ? read : changed(sample);
}

/** Reads the mask of a sample as classes, (...spatial). */
async function readSampleClasses(sample: Sample, labels: LabelMap): Promise<Uint16Array | Failure> {
  const values = await readMask(sample);
  return values instanceof Failure ? values : toClasses(values, labels, sample.mask);
}

/** Decodes the mask of a sample: its numbers as they are stored, (...spatial). */
export async function readMask(sample: Sample, files?: FileReader): Promise<LabelValues | Failure> {
  const { classFiles, mask, part } = sample;
  if (classFiles.length === 0) return (await readLabels(mask, sample, part.mask, files)) ?? changed(sample);
  const classes = [];
  for (const { path, label } of classFiles) {
    const read = (await readLabels(path, sample, part.mask, files)) ?? changed(sample);
    if (read instanceof Failure) return read;
    classes.push({ path, label, values: read });
  }
  return mergeClassFiles(classes);
}

/** Reads the cells of a sample, (...spatial), numbered from 1; undefined if the data set does not number them. */
export async function readInstances(sample: Sample): Promise<Int32Array | Failure | undefined> {
  const { instances, spatial, part } = sample;
  if (instances === undefined) return undefined;
  const read = await readLabels(instances, sample, part.mask);
  if (read === undefined) return failure('instances-size', { path: instances, shape: spatial });
  return read instanceof Failure ? read : objectNumbers(read, instances);
}

function changed({ images, spatial }: Sample): Failure {
  return failure('image-changed', { path: images[0] ?? '', shape: spatial });
}

/** The numbers of a file for a sample; undefined if the file has another size than the sample. */
async function readLabels(
  path: string,
  { spatial }: Sample,
  part: FilePart,
  files?: FileReader,
): Promise<LabelValues | Failure | undefined> {
  const read = await readPart(path, spatial.length, part, files);
  if (read instanceof Failure) return read;
  const { layout } = read.array;
  if (read.image >= layout.images || shapeText(layout.spatial) !== shapeText(spatial)) return undefined;
  return labelValuesOf(read.array, read.image);
}
