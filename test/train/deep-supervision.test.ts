import { describe, expect, test } from 'vitest';
import { outputScales, supervisionWeights } from '../../src/autodiff/step/supervision.js';
import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';
import { inferSizes } from '../../src/shape/infer.js';
import { labelsAt } from '../../src/train/loop/labels-at.js';

function network(text: string): CompiledNetwork {
  const { networks, diagnostics } = compile('net.unet', `unet Net { ${text} }`);
  const [found] = networks;
  if (!found) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return found;
}

const flat = 'input = 1 x 64 x 64  classes = 2  channels = 2  padding = same  depth = 4';

describe('the weights of the outputs', () => {
  test.each([
    ['none', [1]],
    // Halved from level to level, of three or more the coarsest 0, and all of them together 1.
    ['levels(n: 1)', [2 / 3, 1 / 3]],
    ['levels(n: 2)', [2 / 3, 1 / 3, 0]],
    ['levels(n: 3)', [4 / 7, 2 / 7, 1 / 7, 0]],
  ])('deep_supervision = %s', (setting, expected) => {
    const found = supervisionWeights(network(`${flat}  deep_supervision = ${setting}`).training);
    expect(found).toHaveLength(expected.length);
    for (const [i, weight] of expected.entries()) expect(found[i]).toBeCloseTo(weight, 14);
  });

  test('a grid of one resolution weighs all its outputs alike', () => {
    const { training } = network(
      `${flat.replace('depth = 4', 'depth = 3')}  skip = nested(deep_supervision: true)`,
    );
    const found = supervisionWeights(training);
    expect(found).toHaveLength(3);
    for (const weight of found) expect(weight).toBeCloseTo(1 / 3, 14);
  });

  test('a level that is smaller on some axes only is another resolution', () => {
    const { training } = network(
      'input = 1 x 8 x 32 x 32  classes = 2  channels = 2  padding = same  depth = 3  ' +
        'stride = [1 x 2 x 2, 1 x 2 x 2, 2 x 2 x 2]  deep_supervision = levels(n: 2)',
    );
    expect(outputScales(training)).toEqual([
      [1, 1, 1],
      [1, 2, 2],
      [1, 4, 4],
    ]);
    const found = supervisionWeights(training);
    for (const [i, weight] of [2 / 3, 1 / 3, 0].entries()) expect(found[i]).toBeCloseTo(weight, 14);
  });
});

/** A map (1, 1, ...sizes) of numbers from 1 on. */
function counted(sizes: readonly number[]) {
  const count = sizes.reduce((product, size) => product * size, 1);
  return { shape: [1, 1, ...sizes], data: Float32Array.from({ length: count }, (_, i) => i + 1) };
}

describe('labels as a coarser output sees them', () => {
  test('of one size: themselves', () => {
    const map = counted([3, 2]);
    expect(labelsAt(map, [1, 1, 3, 2], [1, 1])).toBe(map);
  });

  test('half the size: of each four the one behind the middle', () => {
    expect([...labelsAt(counted([4, 4]), [1, 1, 2, 2], [2, 2]).data]).toEqual([6, 8, 14, 16]);
  });

  test('samples stay apart, and axes have scales of their own', () => {
    const one = counted([2, 4]);
    const map = {
      shape: [2, 1, 2, 4],
      data: Float32Array.of(...one.data, ...one.data.map((value) => 10 * value)),
    };
    expect([...labelsAt(map, [2, 1, 2, 2], [1, 2]).data]).toEqual([2, 4, 6, 8, 20, 40, 60, 80]);
  });

  test('a map that reaches beyond the labels has 0 there', () => {
    // Four positions stand for eight of the input, and the labels are the four in the middle.
    expect([...labelsAt(counted([4]), [1, 1, 4], [2]).data]).toEqual([0, 2, 4, 0]);
  });

  test('in a network without padding, both have the same middle', () => {
    const { training } = network(
      'input = 1 x 100 x 100  classes = 2  channels = 2  depth = 3  deep_supervision = levels(n: 2)',
    );
    const { sizes } = inferSizes(training, [100, 100]);
    const [main = 0, second = 0, third = 0] = training.outputs.map(({ value }) => sizes[value]?.[0] ?? 0);
    // 100: 96 | 48, 44 | 22, 18 | 9, 5 -> 10, 6 -> 12, 8 -> 16, 12.
    expect([main, second, third]).toEqual([12, 8, 6]);
    expect(outputScales(training).map(([scale]) => scale)).toEqual([1, 2, 4]);
    const row = (count: number, scale: number) => [...labelsAt(counted([main]), [1, 1, count], [scale]).data];
    // Two positions of the input each; two of the eight on either side are lost on the way to the first output.
    expect(row(second, 2)).toEqual([0, 2, 4, 6, 8, 10, 12, 0]);
    // 6 positions stand for 24: of 6 on either side there are no labels. Their middles are at 4 i + 2 - 6.
    expect(row(third, 4)).toEqual([0, 1, 5, 9, 0, 0]);
  });
});
