import { join } from 'node:path';
import { fileEnding } from '../../formats/format-of.js';
import type { PredictCase } from '../cases/find-cases.js';

const PICTURES = ['.png', '.jpg', '.jpeg', '.gif', '.webp', '.bmp'];

/** Formats whose labels have the format of their image. */
const SAME: Readonly<Record<string, string>> = {
  '.tiff': '.tif',
  '.nii': '.nii.gz',
  '.nrrd': '.nrrd',
  '.mha': '.mha',
  '.npy': '.npy',
  '.tif': '.tif',
  '.nii.gz': '.nii.gz',
  '.zarr': '.zarr',
  '.ome.zarr': '.ome.zarr',
};

/** The file of a case's labels in a folder, in the format of its image where that keeps labels. */
export function labelPath({ name, paths }: PredictCase, folder: string): string {
  const ending = `.${fileEnding(paths[0] ?? '')}`;
  return join(folder, `${name}${SAME[ending] ?? (PICTURES.includes(ending) ? '.png' : '.nii.gz')}`);
}
