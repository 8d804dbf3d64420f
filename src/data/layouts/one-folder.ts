import { type Failure, failure } from '../../diagnostics/failure.js';
import { formatByName } from '../../formats/format-of.js';
import { isMaskName, nameWithoutMaskSuffix } from '../files/file-names.js';
import type { FilePair, FoundPairs } from './file-pair.js';
import { type Folder, type Item, unreadFailure } from './list-folder.js';
import { pairItems } from './pair-items.js';

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

/** Formats whose files can contain an image and its mask. */
const hasArrays = ({ name }: Item) => formatByName(name) === 'HDF5' || formatByName(name) === 'NPZ';

/** Files that contain the image and the mask, where nothing is named as a mask. */
function selfContained(items: readonly Item[]): readonly FilePair[] {
  return items.map(({ path, stem }) => ({ name: stem, images: [path], mask: path }));
}

/** Pairs the files of one folder by the names of masks. */
export function pairNamed(folder: Folder): FoundPairs {
  const { images, masks } = splitByName(folder);
  return pairItems(images, masks);
}

/** Whether a folder has no files that are read. */
export function isWithoutData({ items }: Folder): boolean {
  return items.every(({ kind }) => kind !== 'data');
}

/** Pairs the files of one folder, where the names of masks say that they are masks. */
export function pairInOneFolder(folder: Folder): FoundPairs | Failure {
  const { masks } = splitByName(folder);
  const data = folder.items.filter(({ kind }) => kind === 'data');
  const unread = folder.items.filter(({ kind }) => kind === 'unread');
  if (data.length > 0 && data.every(hasArrays) && masks.items.length === 0) {
    return {
      pairs: selfContained(data),
      problems: [],
      notes: [
        'each file is read as an image and its mask, by the names of its arrays: raw or image, and label or mask',
      ],
    };
  }
  const found = pairNamed(folder);
  if (data.length > 0 || found.problems.length > 0) return found;
  if (unread.length > 0)
    return { pairs: [], problems: unread.map(({ path }) => unreadFailure(path)), notes: [] };
  return failure('images-missing', { problem: { case: 'nothing', folder: folder.path } });
}
