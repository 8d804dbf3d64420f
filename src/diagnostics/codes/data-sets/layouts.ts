import { listText } from '../../wording.js';
import { error } from '../definition.js';

/** What a folder lacks to be a data set. */
export type FolderProblem =
  | { readonly case: 'nothing'; readonly folder: string }
  | { readonly case: 'empty'; readonly folders: readonly string[] }
  | { readonly case: 'no-images'; readonly folder: string; readonly masks: string }
  | { readonly case: 'no-masks'; readonly folder: string; readonly images: string };

function folderText(problem: FolderProblem): string {
  switch (problem.case) {
    case 'nothing':
      return `${problem.folder} contains no images, and no folders named images and masks`;
    case 'empty':
      return `${listText(problem.folders, 'and')} contain no images`;
    case 'no-images':
      return `${problem.folder} has masks in ${problem.masks}, but no folder named images`;
    case 'no-masks':
      return `${problem.folder} has images in ${problem.images}, but no folder named masks`;
  }
}

/** Files that cannot be told apart by their names. */
export type PairClash =
  | { readonly case: 'masks'; readonly path: string; readonly other: string }
  | { readonly case: 'images'; readonly paths: readonly string[]; readonly mask: string };

/** Folders and names of files from which no pairs can be made. */
export const layoutCodes = {
  'images-missing': error(
    'A folder has no images or no masks.',
    (a: { problem: FolderProblem }) => folderText(a.problem),
    (a) =>
      a.problem.case === 'nothing' || a.problem.case === 'empty'
        ? 'images and masks are files such as PNG, JPEG, TIFF, NIfTI, NRRD, MetaImage, HDF5 or .npy'
        : undefined,
  ),
  'partner-missing': error(
    'An image has no mask, or a mask has no image.',
    (a: { path: string; missing: 'image' | 'mask'; folder: string }) =>
      `${a.path}: there is no ${a.missing} for it in ${a.folder}`,
  ),
  'ambiguous-pair': error(
    'Several files have a name that belongs to one image or one mask.',
    (a: { clash: PairClash }) =>
      a.clash.case === 'masks'
        ? `${a.clash.path}: ${a.clash.other} is a mask for the same image`
        : `${listText(a.clash.paths, 'and')}: they belong to the same mask, ${a.clash.mask}`,
  ),
  'channel-numbers': error(
    'The numbers of the channels in the names of files have a gap.',
    (a: { path: string; channels: readonly number[] }) =>
      `${a.path}: its channels have the numbers ${listText(a.channels.map(String), 'and')}`,
    () => 'number them from 0 without a gap',
  ),
} as const;
