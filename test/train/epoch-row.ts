import type { EpochRow } from '../../src/train/report/run-folder-epochs.js';

/** What an epoch of a training that goes well could come to, for two classes. */
export function epochRow(epoch: number, other: Partial<EpochRow> = {}): EpochRow {
  const foreground = 1 - 0.6 / epoch;
  const overlap = foreground / (2 - foreground);
  return {
    epoch,
    step: 25 * epoch,
    learningRate: 0.01 / epoch,
    trainLoss: 1 / epoch,
    validationLoss: 1.1 / epoch + 0.02,
    dice: [0.97, foreground],
    iou: [0.94, overlap],
    meanDice: (0.97 + foreground) / 2,
    meanIou: (0.94 + overlap) / 2,
    foregroundDice: foreground,
    foregroundIou: overlap,
    requested: {},
    seconds: 1.5,
    ...other,
  };
}
