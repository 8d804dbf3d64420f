import { expect, test } from 'vitest';
import { asBest } from '../../src/train/loop/best-epoch.js';
import type { BestEpoch, EpochRow } from '../../src/train/report/run-folder-epochs.js';
import { bestBy } from '../../src/train/training-result.js';
import { epochRow } from './epoch-row.js';

/** The best epochs after each of the epochs with this Dice and this loss. */
function bestOf(
  scores: readonly (readonly [dice: number | null, loss: number | null])[],
): (number | undefined)[] {
  const rows: EpochRow[] = [];
  let best: BestEpoch | undefined;
  return scores.map(([foregroundDice, validationLoss], i) => {
    const row = { ...epochRow(i + 1), foregroundDice, validationLoss };
    best = asBest(row, best, rows) ?? best;
    rows.push(row);
    return best?.epoch;
  });
}

test.each([
  [
    'a larger Dice',
    [
      [0.1, 1],
      [0.3, 2],
      [0.3, 0.1],
      [0.2, 0.1],
    ],
    [1, 2, 2, 2],
  ],
  [
    'while every Dice is 0, a smaller loss',
    [
      [0, 3],
      [0, 2],
      [0, 2],
      [0, 2.5],
      [0, 1],
    ],
    [1, 2, 2, 2, 5],
  ],
  [
    'a Dice without a value counts as 0',
    [
      [null, 3],
      [0, 2],
      [null, 1],
    ],
    [1, 2, 3],
  ],
  [
    'the first Dice above 0, whatever the loss; a loss never after it',
    [
      [0, 1],
      [0.01, 9],
      [0, 0.1],
      [null, 0],
    ],
    [1, 2, 2, 2],
  ],
  [
    'nothing without validation',
    [
      [null, null],
      [null, null],
    ],
    [undefined, undefined],
  ],
] as const)('%s', (_, scores, best) => expect(bestOf(scores)).toEqual(best));

test('a best epoch of Dice 0, as earlier versions kept it, goes by its loss', () => {
  const rows = [{ ...epochRow(1), foregroundDice: 0, validationLoss: 2 }];
  const next = (validationLoss: number) => ({ ...epochRow(2), foregroundDice: 0, validationLoss });
  const best = { epoch: 1, value: 0 };
  expect(asBest(next(3), best, rows)).toBeUndefined();
  expect(asBest(next(1), best, rows)).toEqual({ epoch: 2, value: 1, by: 'validation loss' });
  expect(bestBy({ epoch: 2, value: 1, by: 'validation loss' })).not.toBe(bestBy(best));
});
