import { countedText, shapeText } from '../wording.js';
import { error, type None } from './definition.js';

/** What is wrong with the bytes of a .npy file. */
export type NpyProblem =
  | { readonly case: 'not-npy' | 'header-cut-off' | 'header-damaged' }
  | { readonly case: 'unknown-version'; readonly version: number }
  | {
      readonly case: 'elements';
      readonly shape: readonly number[];
      readonly bytes: number;
      readonly expected: number;
    };

function npyText(path: string, problem: NpyProblem): string {
  switch (problem.case) {
    case 'not-npy':
      return `${path} is not a .npy file`;
    case 'unknown-version':
      return `${path} has the unknown .npy version ${problem.version}`;
    case 'header-cut-off':
      return `${path} is cut off inside its header`;
    case 'header-damaged':
      return `the header of ${path} is damaged`;
    case 'elements':
      return `${path} contains ${problem.bytes} bytes of elements, but an array of ${shapeText(problem.shape)} takes ${problem.expected}`;
  }
}

/** Images, arrays and masks that do not have the form that is needed. */
export const imageCodes = {
  'unknown-image-format': error(
    'The file is not an image in a readable format.',
    (a: { path: string; format: string | undefined }) =>
      a.format === undefined
        ? `cannot read ${a.path}: it is not a PNG, JPEG or TIFF, or its beginning is damaged`
        : `cannot read ${a.path}: its format is ${a.format.toUpperCase()}`,
    (a) => (a.format === undefined ? undefined : 'save the image as PNG, JPEG or TIFF, or the array as .npy'),
  ),
  'image-damaged': error(
    'The image is damaged.',
    (a: { path: string; reason: string }) => `cannot read ${a.path}: the image is damaged (${a.reason})`,
  ),
  'image-too-large': error(
    'The image has more pixels than unet reads at once.',
    (a: { path: string; width: number; height: number; limit: number }) =>
      `cannot read ${a.path}: it has ${a.width} x ${a.height} pixels, more than the ${a.limit} that are read at once`,
    () => 'cut it into parts, or save it as .npy',
  ),
  'unknown-sample-type': error(
    'The samples of the image have a type whose range is unknown.',
    (a: { path: string; type: string }) =>
      `cannot read ${a.path}: its samples are of type ${a.type}, whose range is unknown`,
    () => 'scale them as in training, and save them as .npy',
  ),
  'channels-mismatch': error(
    'The image has a number of channels that cannot be used.',
    (a: { path: string; channels: number; network: number | undefined }) =>
      a.network === undefined
        ? `cannot read ${a.path}: it has ${countedText(a.channels, 'channel')}, and an image has at most 4`
        : `${a.path} has ${countedText(a.channels, 'channel')}, but the network takes ${a.network}`,
    (a) =>
      a.network === undefined
        ? 'save it as .npy to use them all'
        : `save it as .npy with ${countedText(a.network, 'channel')}`,
  ),
  'image-not-a-volume': error(
    'The network takes volumes, but the input is an image.',
    (a: { path: string; channels: number }) =>
      `${a.path} is an image, but the network takes volumes of ${a.channels} x depth x height x width`,
    () => 'pass a NIfTI or a .npy file',
  ),
  'npy-damaged': error('The .npy file is damaged.', (a: { path: string; problem: NpyProblem }) =>
    npyText(a.path, a.problem),
  ),
  'npy-not-numbers': error(
    'The .npy file does not contain an array of plain numbers.',
    (a: { path: string; type: string | undefined }) =>
      a.type === undefined
        ? `${a.path} does not contain a plain array of numbers`
        : `${a.path} contains elements of type ${a.type}`,
    () => 'save an array of integers, floats or booleans',
  ),
  'array-shape-mismatch': error(
    'The array does not have the shape that the network takes.',
    (a: { name: string; shape: readonly number[]; channels: number; rank: number; channelsLast: boolean }) =>
      a.shape.includes(0)
        ? `${a.name} is empty: its shape is ${shapeText(a.shape)}`
        : `${a.name} has the shape ${shapeText(a.shape)}, but the network takes ${a.channels} x ${axesText(a.rank)}`,
    (a) => (a.channelsLast ? 'its channels seem to come last: move them to the front' : undefined),
  ),
  'too-many-classes': error(
    'The mask has more classes than an 8-bit image can hold.',
    (a: { classes: number; limit: number }) =>
      `a mask has at most ${a.limit} classes, but the output has ${a.classes}`,
    () => 'write a .npy file',
  ),
  'mask-not-2d': error(
    'A PNG has two axes, but the result has more.',
    (a: { shape: readonly number[] }) => `a PNG has two axes, H x W, but the mask is ${shapeText(a.shape)}`,
    () => 'write a .npy file, or a .nii.gz file if the input is NIfTI',
  ),
  'no-probabilities': error(
    'The network gives logits, not probabilities.',
    (_: None) => 'the network gives logits, not probabilities',
    () => 'write the logits as .npy, or set `head = softmax` in the spec',
  ),
  'image-library-broken': error(
    'The image library sharp does not load.',
    (a: { reason: string }) =>
      `images need the package sharp, which does not load on this machine: ${a.reason}`,
    () => 'install unet-lang again on this machine, so that npm chooses the files for its system',
  ),
} as const;

function axesText(rank: number): string {
  return ['D', 'H', 'W'].slice(-rank).join(' x ');
}
