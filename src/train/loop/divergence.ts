import type { LoadedBatch } from '../../data/loader/training-batch.js';
import type { Overflow, StepPosition } from '../../diagnostics/codes/training/steps.js';
import { type Failure, failure } from '../../diagnostics/failure.js';
import { rateAt } from './schedule.js';
import type { TrainingSettings } from './training-settings.js';

/** The state of a training when its numbers overflowed. */
export interface Divergence {
  readonly settings: TrainingSettings;
  readonly folder: string;
  /** How many steps are done, and how many the newest checkpoint has. */
  readonly step: number;
  readonly keptStep: number;
  readonly stepsPerEpoch: number;
}

/** The loss of the next step is NaN or infinite. */
export function lossDiverged(at: Divergence, loss: number, { images, samples }: LoadedBatch): Failure {
  const size = images.data.length / samples.length;
  const largest = samples.map((_, n) => largestOf(images.data.subarray(n * size, (n + 1) * size)));
  const most = Math.max(...largest);
  const image = samples[largest.indexOf(most)] ?? '';
  return diverged(
    at,
    { case: 'loss', value: loss, images: samples },
    at.step + 1,
    most > LARGE ? { case: 'intensities', image, most: Number(most.toPrecision(3)) } : undefined,
  );
}

/** A parameter or a tensor of the optimizer has values that are NaN or infinite. */
export function weightsDiverged(at: Divergence): Failure {
  return diverged(at, { case: 'weights' }, at.step);
}

/** The loss of the validation images is NaN or infinite. */
export function validationDiverged(at: Divergence, loss: number): Failure {
  return diverged(at, { case: 'validation-loss', value: loss }, at.step);
}

function diverged(
  { settings, folder, step, keptStep, stepsPerEpoch }: Divergence,
  overflow: Overflow,
  failedStep: number,
  cause?: { readonly case: 'intensities'; readonly image: string; readonly most: number },
): Failure {
  const positionOf = (one: number): StepPosition => ({ step: one, epoch: Math.ceil(one / stepsPerEpoch) });
  const position = { step: Math.max(0, step - 1), stepsPerEpoch, epochs: settings.epochs };
  return failure('training-diverged', {
    overflow,
    at: positionOf(failedStep),
    kept: keptStep === 0 ? undefined : { ...positionOf(keptStep), folder },
    cause: cause ?? { case: 'rate', rate: rateAt(settings.schedule, settings.rate, position) },
  });
}

/** Intensities above it were probably not scaled. */
const LARGE = 100;

/** The largest absolute value. */
function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
