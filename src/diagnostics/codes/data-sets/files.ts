import { countedText, listText, shapeText } from '../../wording.js';
import { error } from '../definition.js';

type Shape = readonly number[];

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

/** In what an image and its mask differ. */
export type PairDifference =
  | { readonly case: 'size'; readonly image: Shape; readonly mask: Shape }
  | { readonly case: 'pages'; readonly image: number; readonly mask: number }
  | { readonly case: 'spacing'; readonly image: Shape; readonly mask: Shape }
  | { readonly case: 'directions' }
  /** In mm. */
  | { readonly case: 'origin'; readonly distance: number };

function differenceText(mask: string, difference: PairDifference): string {
  switch (difference.case) {
    case 'size':
      return `its size is ${shapeText(difference.image)}, but its mask ${mask} is ${shapeText(difference.mask)}`;
    case 'pages':
      return `it has ${countedText(difference.image, 'page')}, but its mask ${mask} has ${difference.mask}`;
    case 'spacing':
      return `its spacing is ${shapeText(difference.image)}, but its mask ${mask} has ${shapeText(difference.mask)}`;
    case 'directions':
      return `its axes point in other directions than the axes of its mask ${mask}`;
    case 'origin':
      return `it begins ${Number(difference.distance.toPrecision(3))} mm away from its mask ${mask}`;
  }
}

/** Why a file has the wrong number of channels. */
export type ChannelProblem =
  | { readonly case: 'image-file'; readonly wanted: number }
  | {
      readonly case: 'other-file';
      readonly channels: number;
      readonly other: string;
      readonly otherChannels: number;
    }
  | { readonly case: 'wanted'; readonly channels: number; readonly wanted: number };

function channelText(problem: ChannelProblem): string {
  switch (problem.case) {
    case 'image-file':
      return `a picture in gray or in colours has 1, 3 or 4 channels, not ${problem.wanted}`;
    case 'other-file':
      return `it has ${countedText(problem.channels, 'channel')}, but ${problem.other} has ${problem.otherChannels}`;
    case 'wanted':
      return `it has ${countedText(problem.channels, 'channel')} instead of ${problem.wanted}`;
  }
}

/** Folders, files and pairs of files that make no data set. */
export const dataFileCodes = {
  'images-missing': error(
    'A folder has no images or no masks.',
    (a: { problem: FolderProblem }) => folderText(a.problem),
    (a) =>
      a.problem.case === 'nothing' || a.problem.case === 'empty'
        ? 'images and masks are files such as PNG, JPEG, TIFF, NIfTI, NRRD, MetaImage, .npy or HDF5'
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
  'pair-mismatch': error(
    'An image and its mask do not match.',
    (a: { path: string; mask: string; difference: PairDifference }) =>
      `${a.path}: ${differenceText(a.mask, a.difference)}`,
    (a) =>
      a.difference.case === 'directions'
        ? 'one of the two is rotated or mirrored'
        : a.difference.case === 'origin'
          ? 'resample the mask onto the grid of its image; if only a header is wrong, copy the header of the image'
          : undefined,
  ),
  'unexpected-axes': error(
    'A file does not have the axes of an image.',
    (a: { path: string; shape: Shape; rank: number }) =>
      `${a.path}: its shape is ${shapeText(a.shape)}, but channels x ${axesText(a.rank)} was expected`,
  ),
  'mask-channels': error(
    'A mask has more than one number per position.',
    (a: { path: string; shape: Shape }) =>
      `${a.path}: a mask has one number per position, but its shape is ${shapeText(a.shape)}`,
  ),
  'mixed-axes': error(
    'A data set contains both images and volumes.',
    (a: { path: string; axes: number; other: string; otherAxes: number }) =>
      `${a.path}: it has ${a.axes} axes, but ${a.other} has ${a.otherAxes}`,
  ),
  'image-axes': error(
    'The images are flat where volumes are needed, or volumes where flat images are needed.',
    (a: { folder: string; path: string; shape: Shape; input: Shape; wanted: 2 | 3 }) =>
      `${a.folder}: its images are ${a.wanted === 2 ? 'volumes' : 'flat'} (${a.path} is ${shapeText(a.shape)}), but ` +
      `${a.wanted === 2 ? 'images' : 'volumes'} of ${axesText(a.wanted)} are needed`,
    (a) =>
      a.wanted === 2
        ? `use a network for volumes, such as one with \`input = ${shapeText(a.input)}\`, or save the slices as separate images`
        : `use a network for images, such as one with \`input = ${shapeText(a.input)}\`, or save the slices as volumes`,
  ),
  'channel-count': error(
    'An image has another number of channels than the others, or than is needed.',
    (a: { path: string; problem: ChannelProblem }) => `${a.path}: ${channelText(a.problem)}`,
    (a) =>
      a.problem.case === 'image-file'
        ? 'for other numbers, save one file per channel (a_0000, a_0001, ... of one image a), or NIfTI or .npy files'
        : undefined,
  ),
  'values-not-finite': error(
    'An image has values that are NaN or infinite.',
    (a: { paths: readonly string[]; count: number; total: number; first: readonly number[] }) =>
      `${listText(a.paths, 'and')}: ${a.count} of ${a.total} values are NaN or infinite, the first at ${listText(a.first.map(String), 'and')} (channel first, from 0)`,
    () => 'replace them in the file; `unet run --nan 0` replaces them when it reads',
  ),
  'image-changed': error(
    'A file of a data set changed after the data set was opened.',
    (a: { path: string; shape: Shape }) =>
      `${a.path}: the image or its mask is no longer ${shapeText(a.shape)}`,
  ),
  'instances-size': error(
    'A map of instances has another size than its image.',
    (a: { path: string; shape: Shape }) =>
      `${a.path}: its size is not ${shapeText(a.shape)}, the size of the image`,
  ),
} as const;

function axesText(rank: number): string {
  return rank === 2 ? 'height x width' : 'depth x height x width';
}
