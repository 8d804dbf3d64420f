import { expect, test } from 'vitest';
import { outputSize, sizeTable } from '../../src/analysis/size-table.js';
import { fittedNetwork } from '../random/fitted.js';
import { propagate } from '../shape/propagate.js';
import { specNetwork } from '../specs/spec-files.js';

test('the sizes around 570 are the seven nearest, with their outputs', () => {
  const { graph, axes } = specNetwork('unet2d.unet', 'UNet2D');
  const table = sizeTable(graph, axes, [570]);
  const inputs = [524, 540, 556, 572, 588, 604, 620];
  expect(table.examples).toEqual(
    inputs.map((size) => ({ input: [size, size], output: [size - 184, size - 184] })),
  );
  expect(table.nearest).toEqual({ below: [556, 556], above: [572, 572] });
  expect(table.axes.map(({ axis, step, offset, minimum }) => [axis, step, offset, minimum])).toEqual([
    ['H', 16, 124, 188],
    ['W', 16, 124, 188],
  ]);
});

test('below the smallest size there is none', () => {
  const { graph, axes } = specNetwork('unet3d.unet', 'UNet3D');
  const table = sizeTable(graph, axes, [10]);
  expect(table.nearest).toEqual({ below: [null, null, null], above: [92, 92, 92] });
  expect(table.examples[0]).toEqual({ input: [92, 92, 92], output: [4, 4, 4] });
});

test('the output sizes of random networks are those of propagation', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted) continue;
    const { graph } = fitted.network;
    const output = graph.outputs[0]?.value ?? -1;
    for (const { input, output: found } of sizeTable(graph, fitted.axes).examples) {
      const expected = input.map((size, axis) => propagate(graph, axis, size)?.[output]);
      expect(found, fitted.note).toEqual(expected);
      expect(outputSize(graph, input)).toEqual(expected);
    }
  }
});
