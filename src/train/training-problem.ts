import type { CompiledNetwork } from '../compile.js';
import type { DataSet } from '../data/data-set.js';
import { Failure } from '../runtime/failure.js';
import { stepProblems } from '../step-problems.js';
import { memoryMisfit } from './memory-fit.js';
import type { TrainingSettings } from './training-settings.js';

/** Why a network cannot be trained with settings on this machine, whatever the data. */
export function networkProblem(network: CompiledNetwork, settings: TrainingSettings): Failure | undefined {
  const { name, training } = network;
  if (training.nodes.some(({ kind }) => kind === 'time')) {
    return new Failure(`${name} takes a time step: training on images and masks has none`);
  }
  const { loss, optimizer, clip, loader } = settings;
  const { patch, batch } = loader;
  const [unfit] = stepProblems(network, { loss, optimizer, clip, batch, patch: patch.input });
  if (unfit) return new Failure(`${name} cannot be trained: ${unfit.message}`);
  return memoryMisfit(network, settings);
}

/**
 * Why a network cannot be trained on a data set: it has another number of axes, channels or classes. A network of one
 * class takes masks of two.
 */
export function dataProblem(
  network: CompiledNetwork,
  { rank, channels, labels }: DataSet,
): Failure | undefined {
  const { name, spec } = network;
  const classes = spec.classes.value;
  if (rank !== network.graph.rank) {
    return new Failure(`the images have ${rank} axes, and ${name} takes ${network.graph.rank}`);
  }
  if (channels !== spec.input.value.channels) {
    return new Failure(
      `the images have ${channels} channels, and ${name} takes ${spec.input.value.channels}`,
    );
  }
  if (labels.classes === (classes === 1 ? 2 : classes)) return undefined;
  return new Failure(
    `the masks have ${labels.classes} classes, and ${name} has ${classes}: ` +
      `set \`classes = ${labels.classes}\`, or say which values of the masks are one class`,
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
