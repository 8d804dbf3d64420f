import { describe, expect, test } from 'vitest';
import { shapeTable } from '../../src/analysis/shape-table.js';
import { compile } from '../../src/compiler/compile.js';
import { Random } from '../grammar/random.js';
import { fittedNetwork } from '../random/fitted.js';
import { propagate } from '../shape/propagate.js';
import { type Recipe, walk } from './textbook.js';

/** A random textbook network, as a recipe and as the spec that says the same. */
function randomRecipe(seed: number): { recipe: Recipe; text: string } {
  const random = new Random(seed);
  const rank = random.pick([2, 3]);
  const depth = 1 + random.below(3);
  const base = random.pick([2, 4, 6]);
  const halves = random.chance(0.5);
  const up = random.pick(['halve', 'keep', 'interpolate'] as const);
  const norm = random.pick(['none', 'batch', 'batch without affine'] as const);
  const [padded, convBias, upBias] = [random.chance(0.5), random.chance(0.5), random.chance(0.5)];
  const channels = Array.from({ length: depth + 1 }, (_, i) => base * 2 ** i);
  // A bottleneck of 8, followed back up: a pooling halves, a block of valid convs takes 4.
  const loss = padded ? 0 : 4;
  let size = 8 + loss;
  for (let level = 0; level < depth; level += 1) size = 2 * size + loss;
  const input = Array.from({ length: rank }, (_, axis) => size + axis * 2 ** depth);
  const recipe: Recipe = {
    input,
    inputChannels: random.pick([1, 3]),
    classes: random.pick([2, 5]),
    channels,
    decoderChannels: channels.slice(0, -1),
    first: (side, _in, out) => (side === 'encoder' && halves ? out / 2 : out),
    up,
    padded,
    convBias,
    upBias,
    norm,
  };
  const ups = {
    halve: `transpose(bias: ${upBias})`,
    keep: `transpose(channels: keep, bias: ${upBias})`,
    interpolate: rank === 2 ? 'bilinear' : 'trilinear',
  };
  const norms = { none: 'none', batch: 'batch', 'batch without affine': 'batch(affine: false)' };
  const text = `unet Net {
  input = ${[recipe.inputChannels, ...input].join(' x ')}
  classes = ${recipe.classes}
  depth = ${depth}
  channels = ${base}
  doubling = ${halves ? 'before_pool' : 'after_pool'}
  padding = ${padded ? 'same' : 'valid'}
  bias = ${convBias}
  norm = ${norms[norm]}
  up = ${ups[up]}
}`;
  return { recipe, text };
}

test('parameters, statistics, multiply-adds and shapes are those of a walk through the recipe', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 150; seed += 1) {
    const { recipe, text } = randomRecipe(seed);
    const { networks, diagnostics } = compile('recipe.unet', text);
    const [network] = networks;
    expect(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      text,
    ).toEqual([]);
    if (!network) continue;
    const { facts } = network;
    const expected = walk(recipe);
    expect([facts.parameters, facts.statistics, facts.macs], text).toEqual([
      expected.params,
      expected.statistics,
      expected.macs,
    ]);
    const shapes = shapeTable(facts).stages.map(({ stage, channels, spatial }) => [
      stage,
      [channels, ...spatial],
    ]);
    expect(shapes.sort(), text).toEqual([...expected.stages].sort());
    seen.add(`${recipe.input.length} ${recipe.up} ${recipe.norm} ${recipe.padded}`);
  }
  expect(seen.size).toBeGreaterThan(25);
});

test('in random networks every weight is used once a position, and no position else', () => {
  for (let seed = 1; seed <= 80; seed += 1) {
    const fitted = fittedNetwork(seed);
    if (!fitted) continue;
    const { graph, facts } = fitted.network;
    const sizes = graph.inputSize.map((size, axis) => propagate(graph, axis, size) ?? []);
    const positions = (id: number) => sizes.reduce((product, axis) => product * (axis[id] ?? Number.NaN), 1);
    let [macs, trainable, kept] = [0, 0, 0];
    for (const node of graph.nodes) {
      for (const { role, shape } of node.parameters) {
        const elements = shape.reduce((product, size) => product * size, 1);
        if (role === 'mean' || role === 'variance') kept += elements;
        else trainable += elements;
        // A conv uses its weights at each output position, a transposed conv at each of its input.
        if (role === 'weight')
          macs += elements * positions(node.kind === 'conv' ? node.id : (node.inputs[0] ?? -1));
      }
    }
    expect([facts.macs, facts.parameters, facts.statistics], fitted.note).toEqual([macs, trainable, kept]);
  }
});

describe('worked by hand', () => {
  const counted = (body: string, extra = '') => {
    const text = `block Own(c) { ${body} }
unet Net { input = 4 x 10 x 12  classes = 2  depth = 1  channels = 6  padding = same  block = Own  decoder_block = Own
  bottleneck = double(n: 1)  skip = none  up = nearest  ${extra} }`;
    const { networks, diagnostics } = compile('own.unet', text);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const rows = networks.flatMap(({ facts }) => shapeTable(facts).stages);
    const row = rows.find(({ stage }) => stage === 'encoder[1]');
    return row && [row.params, row.macs];
  };

  test('a grouped conv has a weight only for the channels of its group', () => {
    // Two groups of 3 x 2 channels, 3x3 kernels, 6 biases, 120 positions.
    expect(counted('input -> conv(3, c, groups: 2)')).toEqual([2 * 3 * 2 * 9 + 6, 120 * 2 * 3 * 2 * 9]);
  });

  test('a depthwise conv and a 1x1 conv', () => {
    expect(counted('input -> depthwise(1x5, bias: false) -> conv(1, c)')).toEqual([
      4 * 5 + 4 * 6 + 6,
      120 * 4 * 5 + 120 * 4 * 6,
    ]);
  });

  test('a strided conv works at the positions that it keeps', () => {
    expect(counted('input -> conv(3, c, stride: 2x1) -> nearest(2x1)', '')).toEqual([
      4 * 6 * 9 + 6,
      5 * 12 * 4 * 6 * 9,
    ]);
  });

  test('norms, slopes and gates', () => {
    // batch: a scale and a shift; prelu: a slope; the mean and the variance are no parameters.
    expect(counted('input -> conv(1, c) -> batch -> prelu')).toEqual([4 * 6 + 6 + 12 + 6, 120 * 24]);
    expect(counted('h = input -> conv(1, c) h * (h -> sigmoid)')).toEqual([4 * 6 + 6, 120 * 24]);
  });
});
