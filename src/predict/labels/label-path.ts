import { join } from 'node:path';
import { formatByName } from '../../formats/format-of.js';
import type { FormatName } from '../../formats/stored-array.js';
import type { PredictCase } from '../cases/find-cases.js';

/** The endings of labels, by the formats of their images that have one. */
const ENDINGS: Partial<Record<FormatName, string>> = {
  PNG: '.png',
  JPEG: '.png',
  GIF: '.png',
  WebP: '.png',
  BMP: '.png',
  TIFF: '.tif',
  NRRD: '.nrrd',
  MetaImage: '.mha',
  NPY: '.npy',
};

/** The file of a case's labels in a folder, in the format of its image where that keeps labels. */
export function labelPath({ name, paths }: PredictCase, folder: string): string {
  const [path = ''] = paths;
  const format = formatByName(path);
  const known = typeof format === 'string' ? ENDINGS[format] : undefined;
  const ending = /(\.ome)?\.zarr$/i.exec(path)?.[0].toLowerCase();
  return join(folder, `${name}${ending ?? known ?? '.nii.gz'}`);
}
