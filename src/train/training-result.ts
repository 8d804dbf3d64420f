import type { TrainingSettings } from './loop/training-settings.js';
import type { BestEpoch, EpochRow } from './report/run-folder-epochs.js';

/** How a training ended. */
export interface TrainingResult {
  readonly end: 'all epochs' | 'no better for long' | 'stopped';
  readonly epochs: readonly EpochRow[];
  readonly best: BestEpoch | undefined;
}

/** What training goes by: higher is better. */
export const BEST_BY = 'mean Dice over the validation images together, without background';

/** How a training ended, for a report. */
export function endText(
  { end, epochs, best }: TrainingResult,
  settings: Pick<TrainingSettings, 'epochs' | 'patience'>,
): string {
  if (end !== 'no better for long') return end;
  const { patience = 0 } = settings;
  const since = best ? `no better ${BEST_BY} than that of epoch ${best.epoch}` : `no ${BEST_BY} at all`;
  return `stopped after epoch ${epochs.length} of ${settings.epochs} by patience: ${since}, in ${patience} ${patience === 1 ? 'epoch' : 'epochs'}`;
}
