import { describe, expect, test } from 'vitest';
import { shapeTable } from '../../src/analysis/shape-table.js';
import { outputSize, sizeRule } from '../../src/analysis/size-table.js';
import { compile } from '../../src/compiler/compile.js';
import { fits } from '../../src/shape/admissible.js';
import { recipes, walk } from '../analysis/textbook.js';
import { type SpecFile, specNetwork, specText } from './spec-files.js';

const files: readonly (readonly [keyof typeof recipes, SpecFile])[] = [
  ['UNet2D', 'unet2d.unet'],
  ['UNet3D', 'unet3d.unet'],
  ['UNet2DPadded', 'unet2d-padded.unet'],
  ['UNet2DPaddedBilinear', 'unet2d-padded.unet'],
];

test.each(files)('every row of the table of %s is what a walk through the paper gives', (name, file) => {
  const { facts, spec } = specNetwork(file, name);
  const table = shapeTable(facts);
  const expected = walk(recipes[name]);
  const shapes = new Map(table.stages.map(({ stage, channels, spatial }) => [stage, [channels, ...spatial]]));
  expect([...shapes].sort()).toEqual([...expected.stages].sort());
  expect(table.crops).toEqual(Object.fromEntries(expected.crops));
  expect(table.params).toBe(expected.params);
  expect(table.statistics).toBe(expected.statistics);
  expect(table.macs).toBe(expected.macs);
  expect(table.stages.reduce((sum, { params }) => sum + params, 0)).toBe(expected.params);
  expect(table.stages.reduce((sum, { macs }) => sum + macs, 0)).toBe(expected.macs);
  expect(spec.depth.value).toBe(expected.crops.size);
});

describe('UNet2D (Ronneberger et al. 2015)', () => {
  const { graph, facts, axes } = specNetwork('unet2d.unet', 'UNet2D');

  test('572 -> 388, 31,030,658 parameters, crops of 4, 16, 40 and 88', () => {
    expect(facts.spatial(0)).toEqual([572, 572]);
    expect(facts.spatial(facts.output)).toEqual([388, 388]);
    expect(facts.parameters).toBe(31_030_658);
    expect(graph.crops.map(({ level, before, after }) => [level, before, after])).toEqual([
      [4, [4, 4], [4, 4]],
      [3, [16, 16], [16, 16]],
      [2, [40, 40], [40, 40]],
      [1, [88, 88], [88, 88]],
    ]);
    expect(facts.macs).toBe(150_428_424_448);
    expect(facts.context).toEqual([184, 184]);
  });

  test('the bottleneck sees 140 positions', () => {
    expect(facts.receptiveField(facts.stage('bottleneck') ?? -1)).toEqual([140, 140]);
  });

  test('sizes are 16b + 124 -> 16b - 60 from b = 4', () => {
    expect(axes.map((axis, i) => sizeRule(graph, axis, i))).toEqual([
      'H: in = 16b + 124, out = 16b - 60, b >= 4',
      'W: in = 16b + 124, out = 16b - 60, b >= 4',
    ]);
    const [axis] = axes;
    if (!axis) throw new Error('no axis');
    const sizes = Array.from({ length: 1_000 }, (_, i) => i + 1).filter((size) => fits(axis, size));
    expect(sizes).toEqual(Array.from({ length: 51 }, (_, i) => 16 * (i + 4) + 124));
    for (let b = 4; b <= 60; b += 1) {
      expect(outputSize(graph, [16 * b + 124, 572])).toEqual([16 * b - 60, 388]);
    }
  });

  test('570 is refused, with 556 and 572', () => {
    const { diagnostics, networks } = compile('unet2d.unet', specText('unet2d.unet'), {
      input: '1 x 570 x 570',
    });
    expect(networks).toEqual([]);
    expect(diagnostics.map(({ code, help }) => [code, help])).toEqual([
      ['input-does-not-fit', expect.stringContaining('556, 572')],
    ]);
  });
});

describe('UNet3D (Cicek et al. 2016)', () => {
  const { graph, facts, axes, spec } = specNetwork('unet3d.unet', 'UNet3D');

  test('132 x 132 x 116 -> 44 x 44 x 28, 19,069,955 parameters', () => {
    expect(facts.spatial(0)).toEqual([132, 132, 116]);
    expect(facts.spatial(facts.output)).toEqual([44, 44, 28]);
    expect(facts.parameters).toBe(19_069_955);
  });

  test('the context is 88 voxels, the 155 x 155 x 180 micrometres of the paper', () => {
    expect(facts.context).toEqual([88, 88, 88]);
    const lengths = spec.spacing?.value.map(({ value, unit }, axis) => {
      expect(unit).toBe('um');
      return Math.round(value * (facts.context[axis] ?? 0));
    });
    expect(lengths).toEqual([155, 155, 180]);
  });

  test('sizes are 8b + 60 -> 8b - 28 from b = 4', () => {
    expect(axes.map((axis, i) => sizeRule(graph, axis, i))).toEqual(
      ['D', 'H', 'W'].map((name) => `${name}: in = 8b + 60, out = 8b - 28, b >= 4`),
    );
    for (const axis of axes) {
      const sizes = Array.from({ length: 300 }, (_, i) => i + 1).filter((size) => fits(axis, size));
      expect(sizes).toEqual(Array.from({ length: 27 }, (_, i) => 8 * (i + 4) + 60));
    }
  });
});

test('the padded networks have 31,037,698 and 17,263,042 parameters', () => {
  expect(specNetwork('unet2d-padded.unet', 'UNet2DPadded').facts.parameters).toBe(31_037_698);
  expect(specNetwork('unet2d-padded.unet', 'UNet2DPaddedBilinear').facts.parameters).toBe(17_263_042);
});
