import { join } from 'node:path';
import { Failure, failure } from '../../diagnostics/failure.js';
import { formatByName } from '../../formats/format-of.js';
import type { FilePair, FoundPairs, PairOptions } from '../layouts/file-pair.js';
import { type Folder, type Item, listFolder, unreadFailure } from '../layouts/list-folder.js';
import { chooseFolders } from '../layouts/choose-folders.js';
import { readDatasetJson } from '../layouts/dataset-json.js';
import { pairFolders } from '../layouts/folder-pairs.js';
import { pairAsDescribed, pairAsListed } from '../layouts/nnunet.js';
import { isPattern, pairByPatterns } from '../layouts/pattern-pairs.js';
import { pairItems } from '../layouts/pair-items.js';
import { isMaskName, nameWithoutMaskSuffix } from './file-names.js';

export type { DataDescription, FilePair, PairOptions } from '../layouts/file-pair.js';

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

/**
 * The pairs of image and mask in a folder, in the order of their names, and a failure for each file without a partner.
 *
 * Images are in `images` (or imagesTr) and masks in `masks` (or `labels`, labelsTr); or all are in one folder, and the names
 * of masks end in _mask, _label, -labels, _seg, _gt or the like. A mask has the image's name, or that name with such a
 * suffix. Files a_0000, a_0001 for a mask a are the channels of one image, as nnU-Net names them.
 */
export function findPairs(folder: string, options: PairOptions = {}): FoundPairs | Failure {
  const { images, masks } = options;
  if (isPattern(images) || isPattern(masks)) return pairByPatterns(folder, images ?? '', masks ?? '');
  const top = listFolder(folder);
  if (top instanceof Failure) return top;
  const json = readDatasetJson(folder);
  if (json instanceof Failure) return json;
  if (json?.listed?.field === 'dataset' && images === undefined && masks === undefined) {
    return pairAsListed(json, folder, json.listed);
  }
  const chosen = chooseFolders(top, options);
  if (chosen instanceof Failure) return chosen;
  if (chosen === undefined) return pairInOneFolder(top);
  return json === undefined
    ? pairFolders(join(folder, chosen.images), join(folder, chosen.masks))
    : pairAsDescribed(json, folder, chosen);
}
