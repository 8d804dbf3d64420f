import { Failure } from '../../diagnostics/failure.js';

/** How the learning rate goes on from its start. */
export type LearningRateSchedule = {
  /** So many steps lead up to the start in a straight line; after them the rate is as `kind` says. */
  readonly warmup: number;
} & (
  | { readonly kind: 'constant' }
  /** Times `factor` after every `every` epochs. */
  | { readonly kind: 'step'; readonly every: number; readonly factor: number }
  /**
   * Half a cosine from the start to 0 (Loshchilov & Hutter 2016, arXiv:1608.03983, section 3, without restarts), over the
   * steps behind the warm-up.
   */
  | { readonly kind: 'cosine' }
  /** (1 - epoch / epochs)^power, as nnU-Net has it. */
  | { readonly kind: 'poly'; readonly power: number }
);

/** Where a training is. */
export interface SchedulePosition {
  /** From 0 on. */
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

/** Why a schedule does not fit into a training: a warmup that all of its steps are not enough for. */
export function scheduleProblem(
  schedule: LearningRateSchedule,
  stepsPerEpoch: number,
  epochs: number,
): Failure | undefined {
  const steps = stepsPerEpoch * epochs;
  const { warmup } = schedule;
  if (warmup < steps || warmup === 0) return undefined;
  return new Failure(
    `the warmup of ${warmup} steps takes all of the training: ${epochs} x ${stepsPerEpoch} = ${steps} steps, ` +
      'epochs times steps an epoch. Set a smaller `warmup`, or more `epochs`',
  );
}
