import { error } from './definition.js';

/** Why the numbers of `ct(auto)` cannot be measured in a channel, which is counted from 1. */
export type UnmeasuredChannel =
  | { readonly channel: number; readonly problem: 'no-foreground' }
  /** Nearly all values are this one. */
  | { readonly channel: number; readonly problem: 'equal-values'; readonly value: number };

/** What the training of some weights measured. */
export interface MeasuredBy {
  /** The value of `normalize`, such as `ct(-100.5, 231, 80.1, 40.2)`. */
  readonly normalize: string;
  /** The spec of the run that contains it, as FILE#NET; undefined if none does. */
  readonly spec: string | undefined;
}

const writeNumbers = 'write `normalize = ct(low, high, mean, std)`';

/** What is done to the values of images before a network sees them. */
export const normalizationCodes = {
  'normalize-not-measured': error(
    'A network has `ct(auto)`, and no training has measured its numbers.',
    (a: { network: string | undefined; measured: MeasuredBy | undefined }) =>
      `${a.network ?? 'the model'} has \`normalize = ct(auto)\`, whose numbers are measured in training`,
    (a) => {
      if (a.network === undefined) {
        return 'train the network with `unet train`, and take the model in the folder of the run';
      }
      const { measured } = a;
      if (measured === undefined) {
        return `train ${a.network} and take the spec in the folder of the run, or ${writeNumbers}`;
      }
      return measured.spec === undefined
        ? `write \`normalize = ${measured.normalize}\`, which the training of these weights measured`
        : `use ${measured.spec}, where the training of these weights wrote \`normalize = ${measured.normalize}\``;
    },
  ),
  'normalize-not-measurable': error(
    'The training images do not give the numbers of `ct(auto)`.',
    (a: { network: string; unmeasured: UnmeasuredChannel }) => {
      const { channel } = a.unmeasured;
      const of = `the training images of ${a.network}`;
      return a.unmeasured.problem === 'no-foreground'
        ? `${of} have no position of a class other than 0 in channel ${channel}, so \`ct(auto)\` has nothing to measure`
        : `nearly all foreground values in channel ${channel} of ${of} are ${a.unmeasured.value}, so \`ct(auto)\` finds no range`;
    },
    () => `use \`normalize = zscore\`, or ${writeNumbers}`,
  ),
  'normalize-missing': error(
    'A model cannot normalise its input, because the network has no `normalize`.',
    (a: { network: string }) =>
      `${a.network} has \`normalize = none\`, so \`--preprocess graph\` would add nothing to the model`,
    () => 'set `normalize`, such as `normalize = range(0, 255)` for images of 8 bits',
  ),
  'normalize-not-in-graph': error(
    'A form of `normalize` cannot be a part of a model.',
    (a: { network: string; normalize: string }) =>
      `\`normalize = ${a.normalize}\` of ${a.network} cannot be a part of the model: ONNX has no percentile of some of the values`,
    () => 'leave out `--preprocess graph`, or `nonzero: true`',
  ),
  'normalize-of-part': error(
    'A model normalises each window of an image by itself, although it was trained on whole images.',
    (a: { normalize: string; windows: number; isPadded: boolean }) =>
      `the model itself applies \`normalize = ${a.normalize}\`, whose numbers must come from the whole image, but ` +
      (a.windows > 1
        ? `the image runs in ${a.windows} windows`
        : a.isPadded
          ? 'the image is mirrored at its borders'
          : 'the image is resized'),
    () => 'build the model without `--preprocess graph`: `unet run` then normalises the whole image',
  ),
  'normalize-unknown': error(
    'A model names a normalisation that this version does not know.',
    (a: { text: string }) => `the model asks for a normalisation that is not known: ${a.text}`,
    () => 'use the version of unet-lang that the model names as `unet.version`, or a newer one',
  ),
} as const;
