import { stepProblems } from '../../autodiff/checks/step-problems.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import type { DataSet } from '../../data/data-set.js';
import { Failure } from '../../diagnostics/failure.js';
import { shapeText } from '../../runtime/tensor.js';
import { memoryProblem } from './memory-fit.js';
import type { TrainingSettings } from './training-settings.js';

/** Why a network cannot be trained with settings on this machine, whatever the data. */
export function networkProblem(network: CompiledNetwork, settings: TrainingSettings): Failure | undefined {
  const { name, training } = network;
  if (training.nodes.some(({ kind }) => kind === 'time')) {
    return new Failure(`${name} takes a time step: training on images and masks has none`);
  }
  const { loss, optimizer, clip, loader } = settings;
  const { patch, batch } = loader;
  const [invalid] = stepProblems(network, { loss, optimizer, clip, batch, patch: patch.input });
  if (invalid) return new Failure(`${name} cannot be trained: ${invalid.message}`);
  return memoryProblem(network, settings);
}

/**
 * Why a network cannot be trained on a data set: it has another number of axes, channels or classes, or holds single
 * slices for a network of volumes. A network of one class takes masks of two.
 */
export function dataProblem({ name, spec }: CompiledNetwork, dataSet: DataSet): Failure | undefined {
  const { rank, channels, labels, samples, folder } = dataSet;
  const input = spec.input.value;
  if (rank !== spec.rank) {
    return new Failure(`the images have ${rank} axes, and ${name} takes ${spec.rank}`);
  }
  if (channels !== input.channels) {
    return new Failure(`the images have ${channels} channels, and ${name} takes ${input.channels}`);
  }
  const [first] = samples;
  if (rank === 3 && first && samples.every(({ spatial }) => spatial[0] === 1)) {
    const [, ...slice] = first.spatial;
    return new Failure(
      `${folder}: its images are flat (${first.name} is ${shapeText(slice)}), and ${name} takes volumes: give it NIfTI, ` +
        `.npy or TIFF files of several slices, or train a network with \`input = ${shapeText([channels, ...slice])}\``,
    );
  }
  const classes = spec.classes.value;
  if (labels.classes === (classes === 1 ? 2 : classes)) return undefined;
  return new Failure(
    `the masks of ${folder} have ${labels.classes} classes, and ${name} has ${classes}: set ` +
      `\`classes = ${labels.classes}\`, or say with --label, or \`labels\` in a program, which values are one class`,
  );
}

/** Why settings cannot be trained with: without validation there is nothing that patience could go by. */
export function patienceProblem({ patience }: TrainingSettings, isValidated: boolean): Failure | undefined {
  if (isValidated || patience === undefined) return undefined;
  return new Failure(
    `a patience of ${patience} ends training by what is measured on validation images, and there is no validation: ` +
      'leave out `patience`, or validate with some of the images',
  );
}
