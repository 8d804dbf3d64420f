import type { TrainingBatch } from '../../data/loader/open-loader.js';
import { Failure } from '../../diagnostics/failure.js';
import { rateAt } from './schedule.js';
import type { TrainingSettings } from './training-settings.js';

/** Where a training was when it came to nothing. */
export interface Divergence {
  readonly settings: TrainingSettings;
  readonly folder: string;
  /** Steps that are done, and those of the newest checkpoint. */
  readonly step: number;
  readonly keptStep: number;
  readonly stepsPerEpoch: number;
}

/** The loss of the step that follows is no number. */
export function lossDiverged(at: Divergence, loss: number, { images, samples }: TrainingBatch): Failure {
  const step = at.step + 1;
  const size = images.data.length / samples.length;
  const largest = samples.map((_, n) => largestOf(images.data.subarray(n * size, (n + 1) * size)));
  const most = Math.max(...largest);
  const name = samples[largest.indexOf(most)] ?? '';
  return useless(
    at,
    `the loss became ${loss} in step ${step} (${epochOf(at, step)}, images ${samples.join(', ')})`,
    most > LARGE
      ? `The values of ${name} go up to ${Number(most.toPrecision(3))}: bring them to about -1 to 1, or try a lower learning rate`
      : undefined,
  );
}

/** A parameter or a tensor of the optimizer has numbers that are not finite. */
export function weightsDiverged(at: Divergence): Failure {
  return useless(at, `the weights became NaN or infinite by step ${at.step} (${epochOf(at, at.step)})`);
}

/** The loss of the validation is no number. */
export function validationDiverged(at: Divergence, loss: number): Failure {
  return useless(
    at,
    `the loss of the validation images became ${loss} after step ${at.step} (${epochOf(at, at.step)})`,
  );
}

/** Why training cannot go on, what is kept, and what to try. */
function useless(at: Divergence, what: string, cause?: string): Failure {
  const { settings, folder, step, keptStep, stepsPerEpoch } = at;
  const place = { step: Math.max(0, step - 1), stepsPerEpoch, epochs: settings.epochs };
  const rate = rateAt(settings.schedule, settings.rate, place);
  const kept =
    keptStep === 0
      ? 'there is no checkpoint yet'
      : `the checkpoint of step ${keptStep} (${epochOf(at, keptStep)}) in ${folder} is kept`;
  return new Failure(
    `${what}; ${kept}. ` +
      (cause ?? `Most likely the learning rate of ${rate} is too high: try a tenth of it, or \`clip = 1\``),
  );
}

/** The epoch of a step, both from 1. */
function epochOf({ stepsPerEpoch }: Divergence, step: number): string {
  return `epoch ${Math.ceil(step / stepsPerEpoch)}`;
}

/** Intensities above it are most likely not scaled. */
const LARGE = 100;

/** The largest absolute value. */
function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
