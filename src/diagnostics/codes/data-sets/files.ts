import { countedText, listText, shapeText } from '../../wording.js';
import { error } from '../definition.js';

type Shape = readonly number[];

/** In what an image and its mask differ. */
export type PairDifference =
  | {
      readonly case: 'size';
      readonly image: Shape;
      readonly mask: Shape;
      /** The file whose sizes fit if its last axis is its channels. */
      readonly channelsLast?: string;
    }
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

function differenceHelp(difference: PairDifference): string | undefined {
  switch (difference.case) {
    case 'size': {
      const { image, mask, channelsLast } = difference;
      if (channelsLast !== undefined)
        return `the channels of ${channelsLast} come last: save them first, by numpy.moveaxis(array, -1, 0)`;
      return shapeText(image) === shapeText(mask.toReversed()) ? 'one of the two is transposed' : undefined;
    }
    case 'directions':
      return 'one of the two is rotated or mirrored';
    case 'origin':
      return 'resample the mask onto the grid of its image; if only a header is wrong, copy the header of the image';
    default:
      return undefined;
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

/** A file whose axes do not fit, and what was asked of it. */
export interface UnexpectedAxes {
  readonly shape: Shape;
  /** The names of the axes, slowest first: z, y, x, channel, time, page or unnamed. */
  readonly axes: readonly string[];
  readonly rank: number;
  /** The axis along which slices were wanted, where a caller names it. */
  readonly sliceAxis: 'x' | 'y' | 'z' | undefined;
}

const hasNames = ({ axes }: UnexpectedAxes) => !axes.includes('unnamed');

/** Whether the slices lie across the rows or the columns. */
const isAcross = ({ sliceAxis }: UnexpectedAxes) => sliceAxis === 'x' || sliceAxis === 'y';

function axesHelp(a: UnexpectedAxes): string | undefined {
  if (!isAcross(a)) return undefined;
  if (!hasNames(a)) return 'save the volume as NIfTI or NRRD, whose axes have names';
  if (a.axes.includes('z')) return 'save the volume as NIfTI or NRRD, or take --axis z';
  return a.axes.includes('page') || a.axes.includes('time')
    ? 'leave --axis out to read each page as an image, or save the pages as a NIfTI or NRRD volume'
    : 'leave --axis out: the file is one image';
}

/** Files and pairs of files that make no data set. */
export const dataFileCodes = {
  'pair-mismatch': error(
    'An image and its mask do not match.',
    (a: { path: string; mask: string; difference: PairDifference }) =>
      `${a.path}: ${differenceText(a.mask, a.difference)}`,
    (a) => differenceHelp(a.difference),
  ),
  'unexpected-axes': error(
    'A file does not have the axes of an image.',
    (a: UnexpectedAxes & { path: string }) =>
      `${a.path}: its shape is ${shapeText(a.shape)} (${hasNames(a) ? a.axes.join(', ') : 'axes without names'}), but ` +
      (isAcross(a)
        ? `--axis ${a.sliceAxis} takes slices of a volume with the axes z, y and x`
        : `channels x ${axesText(a.rank)} was expected`),
    (a) => axesHelp(a),
  ),
  'mask-channels': error(
    'A mask has more than one number per position.',
    (a: { path: string; shape: Shape }) =>
      `${a.path}: a mask has one number per position, but its shape is ${shapeText(a.shape)}`,
    () => 'if each channel is a class, save the number of the class, such as mask.argmax(0) in Python',
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
    () => 'replace them in the file; --nan 0 of `unet predict` and `unet run` replaces them when they read',
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
