import type { TrainingSettings } from './loop/training-settings.js';
import type { BestEpoch, EpochRow } from './report/run-folder-epochs.js';

/** How a training ended. */
export interface TrainingResult {
  readonly end: 'all epochs' | 'early-stopped' | 'stopped';
  readonly epochs: readonly EpochRow[];
  readonly best: BestEpoch | undefined;
}

/** What decides the best epoch: a higher Dice is better, or a lower loss. */
export function bestBy(best: BestEpoch | undefined): string {
  return best?.by === 'validation loss'
    ? 'loss of the validation images, because no epoch has a mean Dice above 0'
    : 'mean Dice over the validation images together, without background';
}

/** How a training ended, for a report. */
export function endText(
  { end, epochs, best }: TrainingResult,
  settings: Pick<TrainingSettings, 'epochs' | 'patience'>,
): string {
  if (end !== 'early-stopped') return end;
  const { patience = 0 } = settings;
  const counted = `${patience} ${patience === 1 ? 'epoch' : 'epochs'}`;
  const change = best?.by === 'validation loss' ? 'fallen' : 'risen';
  const since = best
    ? `since epoch ${best.epoch}, the ${bestBy(best)} has not ${change}`
    : `there was no ${bestBy(best)}`;
  return `stopped early after epoch ${epochs.length} of ${settings.epochs}: ${since}, and the patience is ${counted}`;
}

/** The names of classes in the files of a run. */
export function classNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => (i === 0 ? 'background' : `class ${i}`));
}
