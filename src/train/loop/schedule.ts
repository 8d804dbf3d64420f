import { type Failure, failure } from '../../diagnostics/failure.js';

/** How the learning rate changes over time. */
export type LearningRateSchedule = {
  /** Over so many steps, the rate rises in a straight line; after them, it follows `kind`. */
  readonly warmup: number;
} & (
  | { readonly kind: 'constant' }
  /** Times `factor` after every `every` epochs. */
  | { readonly kind: 'step'; readonly every: number; readonly factor: number }
  /**
   * Half a cosine from the start to 0 (Loshchilov & Hutter 2016, arXiv:1608.03983, section 3, without restarts), over the
   * steps after the warm-up.
   */
  | { readonly kind: 'cosine' }
  /** (1 - epoch / epochs)^power, as in nnU-Net. */
  | { readonly kind: 'poly'; readonly power: number }
);

/** How far a training is. */
export interface SchedulePosition {
  /** From 0. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/** The learning rate of a step. */
export function rateAt(
  schedule: LearningRateSchedule,
  start: number,
  { step, stepsPerEpoch, epochs }: SchedulePosition,
): number {
  const epoch = Math.floor(step / stepsPerEpoch);
  const { warmup } = schedule;
  if (step < warmup) return (start * (step + 1)) / warmup;
  switch (schedule.kind) {
    case 'constant':
      return start;
    case 'step':
      return start * schedule.factor ** Math.floor(epoch / schedule.every);
    case 'cosine': {
      const total = Math.max(1, stepsPerEpoch * epochs - warmup);
      return (start * (1 + Math.cos((Math.PI * (step - warmup)) / total))) / 2;
    }
    case 'poly':
      return start * (1 - epoch / epochs) ** schedule.power;
    default:
      return schedule satisfies never;
  }
}

/** Whether the learning rate of an epoch depends on the number of all epochs. */
export function dependsOnEpochs({ kind }: LearningRateSchedule): boolean {
  return kind === 'cosine' || kind === 'poly';
}

/** Fails if the warm-up of a schedule takes all steps of a training. */
export function scheduleProblem(
  schedule: LearningRateSchedule,
  stepsPerEpoch: number,
  epochs: number,
): Failure | undefined {
  const { warmup } = schedule;
  if (warmup < stepsPerEpoch * epochs || warmup === 0) return undefined;
  return failure('warmup-too-long', { warmup, epochs, stepsPerEpoch });
}
