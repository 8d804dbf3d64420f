import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../diagnostics/failure.js';
import { elementCount, shapeText } from '../../runtime/tensor.js';
import type { LabelledImage, Sample } from '../data-set.js';
import { channelOf, dataFormatOf, stemOf } from '../files/file-names.js';
import { type Pages, readIntensities } from '../files/intensities.js';
import { type LabelMap, toClasses } from '../labels/label-map.js';
import { type LabelValues, readLabelValues } from '../labels/label-values.js';

/** Where a sample is on the disk: plain data, so that a worker can read it. */
export interface StoredSample {
  readonly name: string;
  readonly images: readonly string[];
  readonly mask: string;
  /** The numbers of the cells, (...spatial); undefined where the data set has none. */
  readonly instances: string | undefined;
  readonly spatial: readonly number[];
  readonly spacing: readonly number[] | undefined;
  readonly pages: Pages;
}

/** The page that a sample's name tells: "stack#3" of stack.tif is page 2. */
function pagesOf({ name, images, spatial }: Sample): Pages {
  const [first = ''] = images;
  if (spatial.length === 3 && dataFormatOf(first) === 'image') return { depth: spatial[0] ?? 1 };
  const stem = stemOf(basename(first));
  if (name === stem || name === channelOf(stem)?.base) return {};
  const number = /#(\d+)$/.exec(name)?.[1];
  return number === undefined ? {} : { page: Number(number) - 1 };
}

/** The map of instances that belongs to a mask: `instances/a.png` beside `masks/a.png`. */
function instancesOf(mask: string): string | undefined {
  const path = join(dirname(dirname(mask)), 'instances', basename(mask));
  return existsSync(path) ? path : undefined;
}

export function storedSample(sample: Sample): StoredSample {
  const { name, images, mask, spatial, spacing } = sample;
  return { name, images, mask, instances: instancesOf(mask), spatial, spacing, pages: pagesOf(sample) };
}

async function readPages(path: string, { pages, spatial }: StoredSample): Promise<LabelValues | Failure> {
  if (!('depth' in pages) || dataFormatOf(path) !== 'image') {
    return readLabelValues(path, 'page' in pages ? pages.page : undefined);
  }
  const plane = elementCount(spatial.slice(1));
  const values = new Float64Array(plane * pages.depth);
  for (let page = 0; page < pages.depth; page++) {
    const read = await readLabelValues(path, page);
    if (read instanceof Failure) return read;
    values.set(Float64Array.from(read.values), page * plane);
  }
  return { values, coloured: true };
}

/** Reads a sample as Sample.read does. */
export async function readStored(
  stored: StoredSample,
  channels: number,
  labels: LabelMap,
): Promise<LabelledImage | Failure> {
  const { name, images, mask, spatial, spacing, pages } = stored;
  const image = await readIntensities(images, channels, spatial.length, pages);
  if (image instanceof Failure) return image;
  const values = await readPages(mask, stored);
  if (values instanceof Failure) return values;
  const classes = toClasses(values, labels, mask);
  if (classes instanceof Failure) return classes;
  if (shapeText(image.shape.slice(1)) !== shapeText(spatial) || classes.length !== elementCount(spatial)) {
    return new Failure(`${images[0]}: its size, or that of its mask, is not ${shapeText(spatial)} any more`);
  }
  return { name, image, classes, spacing };
}

/** The cells of a sample, (...spatial), numbered from 1, from its map of instances; undefined where it has none. */
export async function readInstances(stored: StoredSample): Promise<Int32Array | Failure | undefined> {
  const { instances, spatial } = stored;
  if (instances === undefined) return undefined;
  const read = await readPages(instances, stored);
  if (read instanceof Failure) return read;
  if (read.values.length !== elementCount(spatial)) {
    return new Failure(`${instances}: it does not have the size of the image, ${shapeText(spatial)}`);
  }
  return Int32Array.from(read.values);
}
