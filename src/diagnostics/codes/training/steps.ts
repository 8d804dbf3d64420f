import { countedText, shapeText, withLines } from '../../wording.js';
import { error, type None } from '../definition.js';
import { type ImageNames, namesText } from './image-names.js';

type Shape = readonly number[];

/** A diagnostic of a recipe, with its place in the spec. */
export interface RecipeDiagnostic {
  readonly code: string;
  readonly message: string;
  readonly help?: string | undefined;
}

/** In what a network and a data set differ. */
export type DataMismatch =
  | { readonly case: 'axes' | 'channels'; readonly data: number; readonly network: number }
  /** Single slices, for a network for volumes. */
  | {
      readonly case: 'flat';
      readonly folder: string;
      readonly image: string;
      readonly slice: Shape;
      readonly input: Shape;
    }
  | { readonly case: 'classes'; readonly folder: string; readonly data: number; readonly network: number };

function mismatchText(name: string, mismatch: DataMismatch): string {
  switch (mismatch.case) {
    case 'axes':
      return `the images have ${mismatch.data} axes, but ${name} takes ${mismatch.network}`;
    case 'channels':
      return `the images have ${countedText(mismatch.data, 'channel')}, but ${name} takes ${mismatch.network}`;
    case 'flat':
      return `${mismatch.folder}: its images are flat (${mismatch.image} is ${shapeText(mismatch.slice)}), but ${name} takes volumes`;
    case 'classes':
      return `the masks of ${mismatch.folder} have ${mismatch.data} classes, but ${name} has ${mismatch.network}`;
  }
}

function mismatchHelp(mismatch: DataMismatch): string | undefined {
  switch (mismatch.case) {
    case 'flat':
      return (
        'use NIfTI, .npy or TIFF files of several slices, or train a network with ' +
        `\`input = ${shapeText(mismatch.input)}\``
      );
    case 'classes':
      return mismatch.data > 2 && mismatch.network <= 2
        ? `if every value but 0 is the same class, pass --label "*=1"; if each is a class, set \`classes = ${mismatch.data}\``
        : `set \`classes = ${mismatch.data}\`, or pass --label (in a program, \`labels\`) to give several values the same ` +
            'class, such as --label 1..9=1';
    default:
      return undefined;
  }
}

/** What became NaN or infinite. */
export type Overflow =
  | { readonly case: 'loss'; readonly value: number; readonly images: readonly string[] }
  | { readonly case: 'weights' }
  | { readonly case: 'validation-loss'; readonly value: number };

/** A step of a training and its epoch, both from 1. */
export interface StepPosition {
  readonly step: number;
  readonly epoch: number;
}

function overflowText(overflow: Overflow, { step, epoch }: StepPosition): string {
  switch (overflow.case) {
    case 'loss':
      return `the loss became ${overflow.value} in step ${step} (epoch ${epoch}, images ${overflow.images.join(', ')})`;
    case 'weights':
      return `the weights became NaN or infinite by step ${step} (epoch ${epoch})`;
    case 'validation-loss':
      return `the loss of the validation images became ${overflow.value} after step ${step} (epoch ${epoch})`;
  }
}

/** Networks, recipes and data that cannot be trained with each other, and steps that fail. */
export const stepCodes = {
  'recipe-invalid': error(
    'A recipe does not fit the network.',
    (a: {
      network: string;
      recipe: string | undefined;
      diagnostics: readonly RecipeDiagnostic[];
      /** Whether the diagnostics have been reported with their places in the spec. */
      isReported: boolean;
    }) => {
      const head = `${a.recipe === undefined ? 'the standard recipe' : `the recipe \`${a.recipe}\``} does not fit ${a.network}`;
      if (a.isReported) return `${head}: ${countedText(a.diagnostics.length, 'error')}`;
      const lines = a.diagnostics.map(({ code, message, help }) =>
        help === undefined ? `${code}: ${message}` : `${code}: ${message}; ${help}`,
      );
      return withLines(head, lines);
    },
  ),
  'time-step-network': error(
    'A network that takes a time step cannot be trained on images and masks.',
    (a: { network: string }) =>
      `${a.network} takes a time step, which a data set of images and masks does not have`,
  ),
  'step-invalid': error(
    'The settings of a training step do not fit the network.',
    (a: { network: string; problems: readonly { readonly kind: string; readonly message: string }[] }) =>
      `${a.network} cannot be trained: ${a.problems.map(({ message }) => message).join('; ')}`,
  ),
  'step-memory': error(
    'A training step takes more memory than there is.',
    (a: {
      network: string;
      needed: string;
      available: string;
      batch: number;
      patch: Shape;
      each: string;
      largest: number;
    }) =>
      `a step of ${a.network} takes at least ${a.needed} of memory, but ${a.available} are available: a batch has ` +
      `${a.batch === 1 ? 'one patch' : `${a.batch} patches`} of ${shapeText(a.patch)}, and a patch takes ${a.each}`,
    (a) =>
      a.largest >= 1
        ? `set \`batch = ${a.largest}\` at most, or a smaller \`patch\``
        : 'set a smaller `patch`',
  ),
  'data-mismatch': error(
    'The network and the data set do not match.',
    (a: { network: string; mismatch: DataMismatch }) => mismatchText(a.network, a.mismatch),
    (a) => mismatchHelp(a.mismatch),
  ),
  'patience-without-validation': error(
    'Patience needs validation images, and there are none.',
    (a: { patience: number }) =>
      `a patience of ${a.patience} ends training by the Dice of validation images, but there are no validation images`,
    () => 'leave out `patience`, or use some of the images for validation',
  ),
  'warmup-too-long': error(
    'The warm-up takes as many steps as the whole training.',
    (a: { warmup: number; epochs: number; stepsPerEpoch: number }) =>
      `the warm-up of ${a.warmup} steps takes the whole training: ${a.epochs} epochs of ${a.stepsPerEpoch} are ` +
      `${a.epochs * a.stepsPerEpoch} steps`,
    () => 'set a smaller `warmup`, or more `epochs`',
  ),
  'labels-missing': error(
    'The training images or the validation images have no labels.',
    (a: { part: 'training' | 'validation'; images: ImageNames; isValidated: boolean }) =>
      `the ${a.part} ${a.images.count === 1 ? 'image has' : 'images have'} no labels (${namesText(a.images)})`,
    (a) => {
      if (a.part === 'validation') {
        return 'choose labelled images for validation with --validation FILE (in a program, with `splitByNames`)';
      }
      return a.isValidated
        ? 'choose other images for validation with --validation FILE (in a program, with `splitByNames`)'
        : undefined;
    },
  ),
  'batch-shape': error(
    'A batch has another shape than the training step takes.',
    (a: { what: 'images' | 'labels' | 'weights'; wanted: Shape; found: Shape | number }) =>
      `a step takes ${a.what} of ${shapeText(a.wanted)}, not ` +
      (typeof a.found === 'number' ? countedText(a.found, 'number') : shapeText(a.found)),
  ),
  'training-diverged': error(
    'The numbers of a training became NaN or infinite.',
    (a: {
      overflow: Overflow;
      at: StepPosition;
      /** The newest checkpoint. */
      kept: (StepPosition & { readonly folder: string }) | undefined;
      cause:
        | { readonly case: 'rate'; readonly rate: number }
        | { readonly case: 'intensities'; readonly image: string; readonly most: number };
    }) =>
      `${overflowText(a.overflow, a.at)}; ` +
      (a.kept
        ? `the checkpoint of step ${a.kept.step} (epoch ${a.kept.epoch}) is kept in ${a.kept.folder}`
        : 'there is no checkpoint yet'),
    ({ cause }) =>
      cause.case === 'rate'
        ? `the learning rate of ${cause.rate} is probably too high: try a tenth of it, or \`clip = 1\``
        : `the values of ${cause.image} go up to ${cause.most}: set \`normalize = zscore\`, or try a lower learning rate`,
  ),
  'spec-text-missing': error(
    'A training is started without the text of its spec.',
    (_: None) => 'a run keeps the text of its spec, but `sources` is empty',
    () => 'pass the `sources` of the compilation',
  ),
  'model-not-exported': error(
    'The trained network cannot be written as an ONNX model.',
    (a: { network: string; problems: readonly string[] }) =>
      `cannot write ${a.network} as ONNX: ${a.problems.join('; ')}`,
  ),
} as const;
