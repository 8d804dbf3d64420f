import { countedText, shapeText } from '../wording.js';
import { error } from './definition.js';

/** Images and masks that cannot be shown on a page. */
export const viewCodes = {
  'view-sizes-differ': error(
    'A mask that should be shown over an image has another size.',
    (a: { image: string; size: readonly number[]; mask: string; maskSize: readonly number[] }) =>
      `${a.image} is ${shapeText(a.size)}, but its mask ${a.mask} is ${shapeText(a.maskSize)} (slices x rows x columns)`,
    () => 'resample the mask onto the grid of the image',
  ),
  'view-mask-values': error(
    'A mask that should be shown has numbers that are not whole.',
    (a: { path: string; value: string; count: number; total: number }) =>
      `${a.path}: ${a.count} of ${countedText(a.total, 'number')} are not whole, such as ${a.value}, so they name no class or object`,
    () => 'pass a map of probabilities as the image, or cut it at a threshold first',
  ),
  'view-page-missing': error(
    'The file has no page with this number.',
    (a: { path: string; page: number; pages: number }) =>
      `${a.path} has ${countedText(a.pages, 'page')}, counted from 0, so there is no page ${a.page}`,
  ),
  'view-too-large': error(
    'An image is too large for a page, even when it is reduced.',
    (a: { path: string; size: readonly number[]; limit: number }) =>
      `${a.path} is ${shapeText(a.size)} (slices x rows x columns); a page holds ${a.limit} positions, and planes are reduced at most 16 times`,
    () => 'show one page of it with --page',
  ),
} as const;
