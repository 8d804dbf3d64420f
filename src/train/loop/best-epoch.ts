import type { BestEpoch, EpochRow } from '../report/run-folder-epochs.js';

/**
 * The epoch as the best one, if it is better than the best so far. A larger Dice is better. While every Dice is 0 or has no
 * value, a smaller loss of the validation images is better: the first epochs of a hard task would all be equal otherwise.
 *
 * @param rows the epochs before it
 */
export function asBest(
  { epoch, foregroundDice: dice, validationLoss: loss }: EpochRow,
  best: BestEpoch | undefined,
  rows: readonly EpochRow[],
): BestEpoch | undefined {
  const bestDice = best && best.by === undefined ? best.value : 0;
  if (dice !== null && dice > 0) return dice > bestDice ? { epoch, value: dice } : undefined;
  if (bestDice > 0 || loss === null) return undefined;
  const bestLoss = rows.find((row) => row.epoch === best?.epoch)?.validationLoss ?? Number.POSITIVE_INFINITY;
  return loss < bestLoss ? { epoch, value: loss, by: 'validation loss' } : undefined;
}
