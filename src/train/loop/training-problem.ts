import { stepProblems } from '../../autodiff/checks/step-problems.js';
import type { StepSettings } from '../../autodiff/step/step-settings.js';
import type { CompiledNetwork } from '../../compiler/compile.js';
import type { DataSet } from '../../data/data-set.js';
import type { DataMismatch } from '../../diagnostics/codes/training/steps.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { memoryProblem } from './memory-fit.js';
import { takesTimeStep } from './trainer.js';
import type { TrainingSettings } from './training-settings.js';

/** The settings of each step of a training. */
export function stepSettingsOf({ loss, optimizer, clip, loader }: TrainingSettings): StepSettings {
  return { loss, optimizer, clip, batch: loader.batch, patch: loader.patch.input };
}

/** Fails if a network cannot be trained with settings on this machine, whatever the data. */
export function networkProblem(network: CompiledNetwork, settings: TrainingSettings): Failure | undefined {
  const { name } = network;
  if (takesTimeStep(network)) return failure('time-step-network', { network: name });
  const problems = stepProblems(network, stepSettingsOf(settings));
  if (problems.length > 0) return failure('step-invalid', { network: name, problems });
  return memoryProblem(network, settings);
}

/**
 * Fails if a network and a data set have different numbers of axes, channels or classes, or if the data set has single slices
 * and the network takes volumes. A network of one class takes masks of two.
 */
export function dataProblem({ name, spec }: CompiledNetwork, dataSet: DataSet): Failure | undefined {
  const { rank, channels, labels, samples, folder } = dataSet;
  const mismatch = (one: DataMismatch) => failure('data-mismatch', { network: name, mismatch: one });
  const input = spec.input.value;
  if (rank !== spec.rank) return mismatch({ case: 'axes', data: rank, network: spec.rank });
  if (channels !== input.channels) {
    return mismatch({ case: 'channels', data: channels, network: input.channels });
  }
  const [first] = samples;
  if (rank === 3 && first && samples.every(({ spatial }) => spatial[0] === 1)) {
    const [, ...slice] = first.spatial;
    return mismatch({ case: 'flat', folder, image: first.name, slice, input: [channels, ...slice] });
  }
  const classes = spec.classes.value;
  if (labels.classes === (classes === 1 ? 2 : classes)) return undefined;
  return mismatch({ case: 'classes', folder, data: labels.classes, network: classes });
}

/** Fails if the settings have a patience and no image validates: patience ends training by the Dice of validation images. */
export function patienceProblem({ patience }: TrainingSettings, isValidated: boolean): Failure | undefined {
  return isValidated || patience === undefined
    ? undefined
    : failure('patience-without-validation', { patience });
}
