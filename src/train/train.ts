import { createRequire } from 'node:module';
import type { DataSet } from '../data/data-set.js';
import type { Sample } from '../data/samples/sample.js';
import type { Split } from '../data/split/split.js';
import { Failure, failure } from '../diagnostics/failure.js';
import { trainEpochs } from './loop/training-run.js';
import { closeStep, planTraining, type TrainingPlan, type TrainingRequest } from './plan-training.js';
import { isUnchanged } from './run-folder/inspect-run.js';
import { startRun } from './run-folder/run-folder.js';
import type { LengthFrom } from './run-folder/run-length.js';
import { lockRunFolder } from './run-folder/run-lock.js';
import { writeResults } from './run-results.js';
import type { TrainingEvents } from './training-events.js';
import type { TrainingResult } from './training-result.js';

/** What to train, on which images, and into which folder. What is left out is as in `unet train`. */
export interface TrainOptions extends Omit<TrainingRequest, 'onDiagnostics'>, TrainingEvents {
  readonly dataSet: DataSet;
  /** Without validation images, the best weights are the weights of the last step, and nothing is measured. */
  readonly split: Split<Sample>;
}

/**
 * Trains a network on images and masks, and leaves weights, metrics, pictures, a report and the model in a folder, as
 * `unet train` does. It can continue a run that was stopped or killed, to the same bytes. Fails if things do not fit
 * together, before it writes anything, and if the numbers of the training overflow.
 */
export async function train(options: TrainOptions): Promise<TrainingResult | Failure> {
  const { dataSet, split } = options;
  const plan = await planTraining(options, {
    isValidated: split.validation.length > 0,
    open: async () => dataSet,
    split: () => split,
  });
  return plan instanceof Failure ? plan : runTraining(plan, options);
}

/** Trains what a plan says. */
export async function runTraining(
  plan: TrainingPlan,
  events: TrainingEvents,
): Promise<TrainingResult | Failure> {
  const { folder, run, state, threads, title, settings } = plan;
  for (const note of plan.notes) events.onNote?.(note);
  const lock = lockRunFolder(folder);
  if (lock instanceof Failure) {
    await closeStep(plan.step);
    return lock;
  }
  try {
    if (!isUnchanged(folder, state)) {
      await closeStep(plan.step);
      return failure('run-changed', { folder });
    }
    events.onStart?.({ title, settings });
    let lengths: readonly LengthFrom[] = [];
    const result = await trainEpochs(plan, events, (own) => {
      lengths = own;
      const libraries = { 'onnxruntime-node': packageVersion('onnxruntime-node') };
      return startRun(folder, run, { threads, libraries }, lengths);
    });
    if (result instanceof Failure || result.end === 'stopped') return result;
    return (await writeResults(plan, result, lengths)) ?? result;
  } finally {
    lock.release();
  }
}

/** The version of an installed package; "unknown" if the package does not give it. */
function packageVersion(name: string): string {
  try {
    const { version: found }: { version?: unknown } = createRequire(import.meta.url)(`${name}/package.json`);
    return typeof found === 'string' ? found : 'unknown';
  } catch {
    return 'unknown';
  }
}
