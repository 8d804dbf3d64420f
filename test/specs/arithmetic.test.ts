import { expect, test } from 'vitest';
import { check } from '../../src/compiler/check.js';

const rowsOf = (rows: string) =>
  check('a.unet', `unet A { input = 1 x 188 x 188 classes = 2 channels = 4 expect { ${rows} } }`).diagnostics;

test('facts go into arithmetic: memory, crops, receptive fields, and the negative of one', () => {
  const holding = `
    memory.training / memory.training == 1
    skip[4].crop * 2 == 8
    receptive_field(bottleneck) / 2 == 70
    ; -skip[4].crop == -4
    ; (params - params) * 3 + context == 184
  `;
  expect(rowsOf(holding)).toEqual([]);
});

test('a shape is no number', () => {
  expect(rowsOf('encoder[1] * 2 == 8').map(({ code }) => code)).toEqual(['wrong-kind']);
});
