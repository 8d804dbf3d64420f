import { countedText, listText, shapeText } from '../wording.js';
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

/** In what two files of channels differ. */
export type InputDifference =
  /** The number of images, and their sizes. */
  | { readonly case: 'size'; readonly size: readonly number[]; readonly otherSize: readonly number[] }
  | { readonly case: 'spacing' | 'directions' | 'origin' };

function inputDifferenceText(path: string, other: string, difference: InputDifference): string {
  switch (difference.case) {
    case 'size':
      return `${path} is ${shapeText(difference.size)}, but ${other} is ${shapeText(difference.otherSize)} (images x size)`;
    case 'spacing':
      return `${path} and ${other} have different spacings`;
    case 'directions':
      return `the axes of ${path} and ${other} point in different directions`;
    case 'origin':
      return `${path} and ${other} begin at different places`;
  }
}

/** In what two models differ whose outputs are to be averaged. */
export type ModelDifference =
  | 'channels'
  | 'rank'
  | 'head'
  | 'classes'
  | 'labels'
  | 'orientation'
  | 'class-names'
  | 'channel-names'
  | 'slice-axis';

const MODEL_DIFFERENCES: Readonly<Record<ModelDifference, string>> = {
  channels: 'the channels of their input',
  rank: 'the number of axes',
  head: 'the head',
  classes: 'the number of classes',
  labels: 'what their channels are: classes or regions',
  orientation: 'the orientation of their images',
  'class-names': 'the names of their classes, or their order',
  'channel-names': 'the names of their channels, or their order',
  'slice-axis': 'the axis of their slices',
};

/** Why a model cannot be sampled. */
export type SamplesProblem = 'no-run' | 'no-dropout' | 'other-spec';

const SAMPLES_PROBLEMS: Readonly<
  Record<SamplesProblem, { readonly message: string; readonly help: string }>
> = {
  'no-run': {
    message: 'is a model without dropouts, because a model file leaves them out',
    help: 'pass the folder of the training, whose spec has them; several models need no --samples',
  },
  'no-dropout': {
    message: 'is the run of a network without dropout',
    help: 'pass several models, such as the folds of a training; or train with `dropout` in the spec',
  },
  'other-spec': {
    message: 'has a spec that does not belong to its model',
    help: 'restore the files of the run folder, or train again',
  },
};

/** Why the channels of a model are not regions with these labels. */
export type RegionsProblem =
  /** The channels of a softmax exclude one another. */
  | { readonly case: 'softmax' }
  | { readonly case: 'count'; readonly labels: number; readonly channels: number }
  /** Nothing says whether the channels exclude one another. */
  | { readonly case: 'unclear' };

function regionsText(problem: RegionsProblem): string {
  switch (problem.case) {
    case 'softmax':
      return 'the model ends in a softmax, so its classes exclude one another: it has no regions';
    case 'count':
      return `${countedText(problem.labels, 'label')} for ${countedText(problem.channels, 'channel')} of the output`;
    default:
      return 'nothing says whether the channels of the model are regions or classes that exclude one another';
  }
}

/** Images, arrays and masks that do not have the form that is needed. */
export const imageCodes = {
  'channels-mismatch': error(
    'The image has another number of channels than the network.',
    /** `shape` where the last axis of the array has as many as the network takes. */
    (a: { path: string; channels: number; network: number; shape?: readonly number[] }) =>
      `${a.path} has ${countedText(a.channels, 'channel')}, but the network takes ${a.network}`,
    (a) =>
      a.shape !== undefined
        ? `the channels are the first axis of ${a.shape.join(' x ')}: if they are the last, save np.moveaxis(array, -1, 0)`
        : `choose ${countedText(a.network, 'channel')} of the file, or set the network's \`input\``,
  ),
  'input-count': error(
    'The number of input files is not the number of channels.',
    (a: { files: readonly string[]; channels: number }) =>
      `${a.files.length} files are given as channels (${listText(a.files, 'and')}), but the network takes ${countedText(a.channels, 'channel')}`,
    () => 'pass one file with all channels, or one file for each channel',
  ),
  'inputs-differ': error(
    'The files of the channels have different sizes or places.',
    (a: { path: string; other: string; difference: InputDifference }) =>
      inputDifferenceText(a.path, a.other, a.difference),
    () => 'resample the files onto one grid',
  ),
  'cases-missing': error(
    'There is no image to predict.',
    (a: { input: string }) => `${a.input} names no image, volume or array`,
    () => 'pass a file, a folder of files, or a pattern such as "scans/{case}_{channel}.nii.gz"',
  ),
  'case-names-clash': error(
    'Two images would have the same output.',
    (a: { name: string; paths: readonly string[] }) =>
      `${listText(a.paths, 'and')} would both be written as ${a.name}`,
    () => 'rename one of them, or predict them into different folders',
  ),
  'models-differ': error(
    'The models cannot be averaged.',
    (a: { path: string; other: string; difference: ModelDifference }) =>
      `${a.path} and ${a.other} differ in ${MODEL_DIFFERENCES[a.difference]}`,
    () => 'average models of one network, such as the folds of one training',
  ),
  'unfit-regions': error(
    'The labels of regions do not fit the model.',
    (a: { problem: RegionsProblem }) => regionsText(a.problem),
    ({ problem }) =>
      problem.case === 'softmax'
        ? 'leave --regions and --region-masks out'
        : problem.case === 'count'
          ? `give ${countedText(problem.channels, 'label')}, one for each channel in its order`
          : 'say what the channels are: --head sigmoid, or their labels with --regions',
  ),
  'samples-unavailable': error(
    'A model has no dropout to sample.',
    (a: { path: string; problem: SamplesProblem }) => `${a.path} ${SAMPLES_PROBLEMS[a.problem].message}`,
    ({ problem }) => SAMPLES_PROBLEMS[problem].help,
  ),
  'single-member': error(
    'One output cannot disagree.',
    (_: None) => 'disagreement is between several outputs, and there is one model without samples',
    () => 'pass several models, or --samples N for a network with dropout; the entropy needs one model',
  ),
  'head-unknown': error(
    'The model does not say how its numbers become probabilities.',
    (_: None) => 'the model does not name its head, so that its numbers have no entropy',
    () => 'pass --head softmax, --head sigmoid or --head logits',
  ),
  'model-untrained': error(
    'A spec has no trained weights, so it predicts nothing.',
    (a: { path: string }) => `${a.path} is a spec, whose weights would be random numbers`,
    () => 'pass the folder of a training, or a model of `unet build --weights`',
  ),
  'object-number-invalid': error(
    'The number of an object is not a whole number from 0 on.',
    (a: { path: string; value: number; count: number; total: number }) =>
      `${a.count} of ${a.total} positions of ${a.path} have a number that no object can have, the first ${Number.isFinite(a.value) ? a.value : 'one that is not finite'}`,
    () =>
      'number the objects from 1 on, with 0 as the background; `unet evaluate` compares classes without --objects',
  ),
  'prediction-missing': error(
    'A true mask has no prediction.',
    (a: { path: string; folder: string }) => `${a.path}: there is no prediction for it in ${a.folder}`,
    () => 'predict its image too, or measure the others with --subset',
  ),
  'prediction-changed': error(
    'A prediction that was begun with other settings cannot be continued.',
    (a: { part: string; output: string }) =>
      `${a.part} was begun with another model, image or option than ${a.output} asks for`,
    () => 'leave out --resume to begin again, or pass the options of the first call',
  ),
  'head-unclear': error(
    'The model does not tell whether its output is a probability.',
    (a: { op: string | undefined; least: number; most: number }) =>
      `the model does not name its head, and its output${a.op === undefined ? '' : `, which ${a.op} computes,`} lies between ${Number(a.least.toPrecision(4))} and ${Number(a.most.toPrecision(4))}: nothing tells where class 1 begins`,
    () =>
      'pass --head sigmoid if class 1 begins above 0.5, --head logits if it begins above 0; .npy keeps the numbers',
  ),
  'output-not-probability': error(
    'The output of the model is read as probabilities, and is none.',
    (a: { head: string; value: number }) =>
      `the output is read as that of a ${a.head}, but has the value ${Number(a.value.toPrecision(4))}, which is not a probability`,
    () => 'pass --head logits if the model does not name its head',
  ),
  'output-not-finite': error(
    'The output of the model has values that are NaN or infinite.',
    (a: { count: number; total: number; first: readonly number[] }) =>
      `${a.count} of ${a.total} values of the output are NaN or infinite, the first at ${listText(a.first.map(String), 'and')} (channel first, from 0)`,
    () => 'check the weights of the model, and the range of the input',
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
    'The mask has more classes than an image can hold.',
    (a: { classes: number; limit: number }) =>
      `a mask has at most ${a.limit} classes, but the output has ${a.classes}`,
    () => 'write a .npy file',
  ),
  'mask-not-2d': error(
    'A PNG has two axes, but the result has more.',
    (a: { shape: readonly number[] }) => `a PNG has two axes, H x W, but the mask is ${shapeText(a.shape)}`,
    () => 'write a .tif, .nii.gz or .npy file',
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
