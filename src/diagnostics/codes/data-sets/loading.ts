import { listText, shapeText } from '../../wording.js';
import { error, type None } from '../definition.js';

type Shape = readonly number[];

/** What is wrong with the names of the validation images. */
export type ValidationNamesProblem =
  | { readonly case: 'unknown'; readonly names: readonly string[] }
  | { readonly case: 'none' | 'all' };

function namesText(problem: ValidationNamesProblem): string {
  switch (problem.case) {
    case 'unknown':
      return `there is no image named ${listText(problem.names, 'or')} for validation`;
    case 'none':
      return 'no image is named for validation';
    case 'all':
      return 'all images are named for validation, so none is left for training';
  }
}

/** A number that a loader of batches cannot use. */
export type LoaderSettingProblem =
  | {
      readonly setting: 'workers' | 'ahead' | 'from' | 'to' | 'batch' | 'seed' | 'foreground';
      readonly value: number;
    }
  | { readonly setting: 'class_weights'; readonly values: readonly number[] }
  | { readonly setting: 'spacing'; readonly values: readonly number[]; readonly rank: number }
  | { readonly setting: 'sigma'; readonly value: number; readonly unit: string };

function settingText(problem: LoaderSettingProblem): string {
  switch (problem.setting) {
    case 'workers':
      return `the number of workers is a whole number from 0, not ${problem.value}`;
    case 'ahead':
      return `the number of batches ahead is a whole number from 0, not ${problem.value}`;
    case 'from':
      return `the first step is a whole number from 0, not ${problem.value}`;
    case 'to':
      return `the last step is a whole number from 0, not ${problem.value}`;
    case 'batch':
      return `the number of patches in a batch is a whole number from 1, not ${problem.value}`;
    case 'seed':
      return `the seed is a whole number from 0, not ${problem.value}`;
    case 'foreground':
      return `foreground is a fraction of each batch, from 0 to 1, not ${problem.value}`;
    case 'class_weights':
      return `class_weights are numbers from 0, not ${problem.values.join(', ')}`;
    case 'spacing':
      return `the spacing is ${problem.rank} numbers above 0, not ${problem.values.join(' x ')}`;
    case 'sigma':
      return `weight_map: the sigma of border is above 0, not ${problem.value}${problem.unit}`;
  }
}

/** Why sizes are no sizes of a patch. */
export type PatchProblem =
  | { readonly case: 'rank'; readonly rank: number; readonly input: Shape; readonly output: Shape }
  | { readonly case: 'whole' | 'larger'; readonly input: Shape; readonly output: Shape };

function patchText(problem: PatchProblem): string {
  const [input, output] = [shapeText(problem.input), shapeText(problem.output)];
  switch (problem.case) {
    case 'rank':
      return `the images have ${problem.rank} axes, but the network takes ${input} and gives ${output}`;
    case 'whole':
      return `the sizes of a patch are whole numbers above 0, not ${input} and ${output}`;
    case 'larger':
      return `a patch of ${input} cannot have labels of ${output}: they would extend beyond it`;
  }
}

/** Images that cannot be split, cut into patches, or loaded. */
export const loadingCodes = {
  'validation-fraction': error(
    'The fraction of images for validation is out of range.',
    (a: { fraction: number }) =>
      `the fraction of images for validation is a number from 0 to below 1, not ${a.fraction}`,
  ),
  'single-image': error(
    'A data set of one image cannot be split.',
    (_: None) => 'a data set of one image cannot be split into training and validation images',
    () =>
      'pass --validation 0 (in a program, a fraction of 0) to train with it and measure nothing, or cut the image and ' +
      'its mask into two files',
  ),
  'validation-names': error(
    'The named images cannot be used for validation.',
    (a: { problem: ValidationNamesProblem }) => namesText(a.problem),
  ),
  'no-training-image': error('There is no training image.', (_: None) => 'there is no training image'),
  'loader-setting': error(
    'A setting of the batches is out of range.',
    (a: { problem: LoaderSettingProblem }) => settingText(a.problem),
  ),
  'class-weight-count': error(
    'There is not one class weight for each class.',
    (a: { weights: number; classes: number }) =>
      `class_weights has ${a.weights} weights, but the data set has ${a.classes} classes`,
  ),
  'patch-size': error('The sizes of a patch do not fit together.', (a: { problem: PatchProblem }) =>
    patchText(a.problem),
  ),
  'spacing-missing': error(
    'A length in micrometres or millimetres needs the spacing of the network.',
    (a: {
      attribute: 'augment' | 'weight_map';
      setting: 'std' | 'sigma';
      of: string;
      length: { readonly value: number; readonly unit: string };
    }) =>
      `${a.attribute}: the ${a.setting} of ${a.of} is ${a.length.value}${a.length.unit}, but the network has no \`spacing\``,
    () => 'give the network a `spacing`, or write the length in px',
  ),
  'grid-axes': error(
    'The grid of an elastic deformation has another number of axes than the network.',
    (a: { grid: Shape; rank: number }) =>
      `augment: the grid of elastic is ${a.grid.join('x')}, but the network has ${a.rank} spatial axes`,
  ),
  'sample-memory': error(
    'An image does not fit into memory.',
    (a: { path: string; shape: Shape | undefined }) =>
      a.shape === undefined
        ? `${a.path}: a patch of it does not fit into memory`
        : `${a.path}: its ${shapeText(a.shape)} positions do not fit into memory`,
  ),
  'loader-closed': error('A loader of batches was closed.', (_: None) => 'the loader was closed'),
  'loader-thread': error(
    'A thread that reads images ended too early.',
    (a: { exitCode: number } | { reason: string }) =>
      'reason' in a
        ? `a thread that reads images failed: ${a.reason}`
        : `a thread that reads images ended with exit code ${a.exitCode}`,
  ),
} as const;
