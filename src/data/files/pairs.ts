import { join } from 'node:path';
import { Failure, failure } from '../../diagnostics/failure.js';
import { formatByName } from '../../formats/format-of.js';
import type { FilePair, FoundPairs, PairOptions } from '../layouts/file-pair.js';
import { type Folder, type Item, listFolder, unreadFailure } from '../layouts/list-folder.js';
import { pairItems } from '../layouts/pair-items.js';
import { isMaskName, nameWithoutMaskSuffix } from './file-names.js';

export type { DataDescription, FilePair, PairOptions } from '../layouts/file-pair.js';

const IMAGE_FOLDERS = ['images', 'imagesTr', 'image', 'imgs'];
const MASK_FOLDERS = ['masks', 'labels', 'labelsTr', 'mask', 'label'];

/** The images and the masks of one folder, told apart by their names. */
function splitByName(folder: Folder): { images: Folder; masks: Folder } {
  // The image mask_rcnn of the mask mask_rcnn_mask.
  const named = new Set(folder.items.map(({ stem }) => nameWithoutMaskSuffix(stem)));
  const isMask = ({ stem }: Item) =>
    isMaskName(stem) && (nameWithoutMaskSuffix(stem) !== undefined || !named.has(stem));
  return {
    images: { ...folder, items: folder.items.filter((item) => !isMask(item)) },
    masks: { ...folder, items: folder.items.filter(isMask), folders: [] },
  };
}

const isHdf5 = ({ name }: Item) => formatByName(name) === 'HDF5';

/** HDF5 files that contain the image and the mask, where nothing is named as a mask. */
function selfContained(items: readonly Item[]): readonly FilePair[] {
  return items.map(({ path, stem }) => ({ name: stem, images: [path], mask: path }));
}

function pairInOneFolder(folder: Folder): FoundPairs | Failure {
  const { images, masks } = splitByName(folder);
  const data = folder.items.filter(({ kind }) => kind === 'data');
  const unread = folder.items.filter(({ kind }) => kind === 'unread');
  if (data.length > 0 && data.every(isHdf5) && masks.items.length === 0) {
    return {
      pairs: selfContained(data),
      problems: [],
      notes: ['each HDF5 file is read as its image, raw, and its mask, label'],
    };
  }
  const found = pairItems(images, masks);
  if (data.length > 0 || found.problems.length > 0) return found;
  if (unread.length > 0)
    return { pairs: [], problems: unread.map(({ path }) => unreadFailure(path)), notes: [] };
  return failure('images-missing', { problem: { case: 'nothing', folder: folder.path } });
}

function pairTwoFolders(imagePath: string, maskPath: string): FoundPairs | Failure {
  const images = listFolder(imagePath);
  if (images instanceof Failure) return images;
  const masks = listFolder(maskPath);
  if (masks instanceof Failure) return masks;
  const found = pairItems(images, masks);
  const isEmpty = ![...images.items, ...masks.items].some(({ kind }) => kind === 'data');
  return isEmpty && found.problems.length === 0
    ? failure('images-missing', { problem: { case: 'empty', folders: [imagePath, maskPath] } })
    : found;
}

/**
 * The pairs of image and mask in a folder, in the order of their names, and a failure for each file without a partner.
 *
 * Images are in `images` (or imagesTr) and masks in `masks` (or `labels`, labelsTr); or all are in one folder, and the names
 * of masks end in _mask, _label, -labels, _seg, _gt or the like. A mask has the image's name, or that name with such a
 * suffix. Files a_0000, a_0001 for a mask a are the channels of one image, as nnU-Net names them.
 */
export function findPairs(folder: string, options: PairOptions = {}): FoundPairs | Failure {
  const top = listFolder(folder);
  if (top instanceof Failure) return top;
  const images = options.images ?? IMAGE_FOLDERS.find((name) => top.folders.includes(name));
  const masks = options.masks ?? MASK_FOLDERS.find((name) => top.folders.includes(name));
  if (images === undefined && masks === undefined) return pairInOneFolder(top);
  if (images === undefined) {
    return failure('images-missing', { problem: { case: 'no-images', folder, masks: masks ?? '' } });
  }
  if (masks === undefined)
    return failure('images-missing', { problem: { case: 'no-masks', folder, images } });
  return pairTwoFolders(join(folder, images), join(folder, masks));
}
