import { describe, expect, test } from 'vitest';
import { outputSize } from '../../src/analysis/size-table.js';
import { compile } from '../../src/compiler/compile.js';
import type { Graph, NodeOf } from '../../src/ir/graph.js';
import { fits } from '../../src/shape/admissible.js';
import { network } from '../language/compiled.js';
import { evaluate } from '../reference/evaluate.js';

const netOf = (lines: string) => network(`unet Net { classes = 2  channels = 2  crop = resize  ${lines} }`);
/** Each op that resizes, and by how many positions. */
const changes = (graph: Graph) =>
  Object.fromEntries(
    graph.nodes
      .filter((node): node is NodeOf<'interpolate'> => node.kind === 'interpolate')
      .map(({ path, attributes }) => [path, attributes.change]),
  );
const stage = ({ facts }: ReturnType<typeof netOf>, name: string) => facts.spatial(facts.stage(name) ?? -1);

describe('crop = resize', () => {
  test('makes each skip as large as what came up, whole: nothing is cropped', () => {
    const net = netOf('input = 1 x 60 x 68  depth = 2');
    // Level 2 loses 8 between its skip and what comes up, level 1 32: as many as a crop takes.
    expect(changes(net.graph)).toEqual({
      'skip[2].interpolate[1]': [-8, -8],
      'skip[1].interpolate[1]': [-32, -32],
    });
    expect(stage(net, 'skip[1]')).toEqual(stage(net, 'up[1]'));
    expect(net.graph.crops).toEqual([
      { level: 2, before: [0, 0], after: [0, 0] },
      { level: 1, before: [0, 0], after: [0, 0] },
    ]);
    expect(net.graph.nodes.filter(({ kind }) => kind === 'crop' || kind === 'pad')).toEqual([]);
  });

  test('takes odd differences, which no crop does', () => {
    const odd = 'input = 1 x 44 x 46  depth = 1  up = transpose(3x3, stride: 2x2)';
    const cropped = compile('net.unet', `unet Net { classes = 2  ${odd} }`).diagnostics;
    expect(cropped.map(({ code }) => code)).toEqual(['odd-crop']);
    // 40 and 42 at level 1; 16 and 17 at the bottleneck, 2 * 15 + 3 and 2 * 16 + 3 above it.
    const net = netOf(odd);
    expect(changes(net.graph)).toEqual({ 'skip[1].interpolate[1]': [-7, -7] });
    expect([stage(net, 'skip[1]'), stage(net, 'decoder[1]')]).toEqual([
      [33, 35],
      [29, 31],
    ]);
  });

  test('enlarges a skip that is the smaller one', () => {
    const net = netOf(
      'input = 1 x 32 x 32  depth = 1  repeat = 1  kernel = 1  up = transpose(5x4, stride: 2x2)',
    );
    // (16 - 1) * 2 + 5 and + 4.
    expect(changes(net.graph)).toEqual({ 'skip[1].interpolate[1]': [3, 2] });
    expect(stage(net, 'output')).toEqual([35, 34]);
  });

  test('resizes along the axes that differ, in 3D as well', () => {
    const net = netOf(
      'input = 1 x 12 x 44 x 46  depth = 1  kernel = 1x3x3  up = transpose(2x3x2, stride: 2x2x2)',
    );
    // D: 6 back to 12; H: 40 against 33; W: 42 against 2 * 17.
    expect(changes(net.graph)).toEqual({ 'skip[1].interpolate[1]': [0, -7, -8] });
  });

  test('is nothing where the sizes are equal', () => {
    expect(changes(netOf('input = 1 x 32 x 32  depth = 2  padding = same').graph)).toEqual({});
  });

  test('holds for single levels, and for every mode of skips', () => {
    const lines = 'input = 1 x 60 x 68  depth = 2';
    const single = network(`unet Net { classes = 2  channels = 2  ${lines}  crop[1] = resize }`).graph;
    expect(changes(single)).toEqual({ 'skip[1].interpolate[1]': [-32, -32] });
    expect(single.nodes.filter(({ kind }) => kind === 'crop').map(({ path }) => path.text)).toEqual([
      'skip[2].crop[1]',
    ]);
    for (const mode of ['add', 'attention(gate: additive)'])
      expect(changes(netOf(`${lines}  skip = ${mode}`).graph), mode).toEqual({
        'skip[2].interpolate[1]': [-8, -8],
        'skip[1].interpolate[1]': [-32, -32],
      });
  });

  test('with skips from every block, each to what it meets', () => {
    const net = netOf('input = 1 x 60 x 60  depth = 1  skip = every(blocks: 2)');
    // The skips have 52, 56 and 60 positions; they meet 44, 40 and 36.
    expect(changes(net.graph)).toEqual({
      'skip[1].interpolate[1]': [-8, -8],
      'skip[1,1].interpolate[1]': [-16, -16],
      'skip[1,0].interpolate[1]': [-24, -24],
    });
  });

  test('in a grid, every map of a level to what came up', () => {
    const net = netOf('input = 1 x 60 x 60  depth = 2  skip = nested');
    // Level 1: 56, then 2 * 24 comes up to node 1, which has 44; 2 * 12 comes up to node 2.
    expect(changes(net.graph)).toEqual({
      'skip[1,1].interpolate[1]': [-8, -8],
      'skip[2].interpolate[1]': [-8, -8],
      'skip[1].interpolate[1]': [-32, -32],
      'skip[1].interpolate[2]': [-20, -20],
    });
    expect(stage(net, 'output')).toEqual([20, 20]);
  });

  test('a level that is left and returned to at different resolutions is an error still', () => {
    const text =
      'unet Net { input = 1 x 60 x 60  classes = 2  depth = 1  crop = resize  pool = max(2)  up = nearest(factor: 3) }';
    expect(compile('net.unet', text).diagnostics.map(({ code }) => code)).toEqual(['skip-size-varies']);
  });

  test('the change is the same for every size that fits', () => {
    const net = netOf('input = 1 x 44 x 44  depth = 1  up = transpose(3x3, stride: 2x2)');
    const [axis] = net.axes;
    for (let size = 1; size <= 80; size += 1) {
      // n - 4 positions are halved, lose 4, and m of them come up as 2m + 1; the skip takes any size.
      const bottleneck = (size - 4) / 2 - 4;
      const output = 2 * bottleneck + 1 - 4;
      const whole = size % 2 === 0 && output >= 1;
      expect(axis && fits(axis, size), `${size}`).toBe(whole);
      if (whole) expect(outputSize(net.graph, [size, size])).toEqual([output, output]);
    }
  });

  test('is linear on pixel centres: by hand, at a size that the spec does not name', () => {
    const { graph } = network(
      `unet Net { input = 1 x 6 x 6  classes = 1  depth = 1  channels = [1, 1]  kernel = [1, 2]  repeat = 1  bias = false
         activation = none  up = transpose(2, channels: keep)  decoder_block = none  skip = add  crop = resize  head = logits }`,
    );
    const skip = graph.stages.find(({ path }) => path.text === 'skip[1]')?.value ?? -1;
    const ones = {
      chunks: ({ shape }: { shape: readonly number[] }) => [
        new Float32Array(shape.reduce((a, b) => a * b)).fill(1),
      ],
    };
    const resizedRow = (size: number, row: (column: number) => number) => {
      const data = Float64Array.from({ length: size * size }, (_, i) => row(i % size));
      const value = evaluate(graph, ones, { shape: [1, 1, size, size], data }).get(skip);
      return [...(value?.data ?? [])].slice(0, size - 2);
    };
    // Of n positions n - 2 are left: output i lies at (i + 1/2) n / (n - 2) - 1/2. On a ramp the value is the place.
    expect(resizedRow(6, (column) => column)).toEqual([0.25, 1.75, 3.25, 4.75]);
    const places = [1 / 6, 1.5, 17 / 6, 25 / 6, 5.5, 41 / 6];
    resizedRow(8, (column) => column).forEach((value, i) => {
      expect(value).toBeCloseTo(places[i] ?? Number.NaN, 12);
    });
  });

  test('the receptive field is no smaller than what a position reads', () => {
    const net = netOf('input = 1 x 44 x 44  depth = 1  repeat = 1  up = transpose(3x3, stride: 2x2)');
    // The skip's 42 positions become 39: each of these is a mean of two positions, which see 3 of the input each. The
    // bound takes the places of both ends of the map at once, 3 positions apart.
    const [field = 0] = net.facts.receptiveField(net.facts.stage('skip[1]') ?? -1);
    expect(stage(net, 'skip[1]')).toEqual([39, 39]);
    expect(field).toBeGreaterThanOrEqual(4);
    expect(field).toBeLessThanOrEqual(4 + 3);
  });
});
