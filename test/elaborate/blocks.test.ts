import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { spanText } from '../../src/diagnostics/span.js';
import type { Graph } from '../../src/ir/graph.js';
import { network } from '../language/compiled.js';

const lines = 'input = 1 x 16 x 16  classes = 2  depth = 1  padding = same  channels = 4';
const graphOf = (block: string, more = '') => network(`${block}\nunet Net { ${lines}  ${more} }`).graph;
/** The ops of a stage, each as its kind and its channels. */
const opsOf = (graph: Graph, stage: string) =>
  graph.nodes
    .filter(({ path }) => path.text.startsWith(`${stage}.`))
    .map(({ kind, channels }) => `${kind} ${channels}`);

describe('the standard blocks', () => {
  const kinds = (block: string, more = '') => opsOf(graphOf('', `block = ${block}  ${more}`), 'encoder[1]');

  test('double: convs in a row', () => {
    expect(kinds('double')).toEqual(['conv 4', 'relu 4', 'conv 4', 'relu 4']);
    expect(kinds('double', 'repeat = 3  norm = batch  bias = false  dropout = 0.5')).toEqual([
      ...[
        'conv 4',
        'batchNorm 4',
        'relu 4',
        'conv 4',
        'batchNorm 4',
        'relu 4',
        'conv 4',
        'batchNorm 4',
        'relu 4',
      ],
      'dropout 4',
    ]);
  });

  test('residual: a shortcut, added before the last activation', () => {
    expect(kinds('residual')).toEqual(['conv 4', 'relu 4', 'conv 4', 'conv 4', 'add 4', 'relu 4']);
  });

  test('residual with valid convs crops the shortcut to the size of the convs', () => {
    const graph = graphOf('', 'block = residual  padding[1] = valid  crop = pad_up');
    const crop = graph.nodes.find(({ kind, path }) => kind === 'crop' && path.text.startsWith('encoder[1]'));
    expect(crop?.attributes).toEqual({ before: [2, 2], after: [2, 2] });
  });

  test('separable: a depthwise conv and a 1x1 conv for each', () => {
    expect(kinds('separable', 'activation = none')).toEqual(['conv 1', 'conv 4', 'conv 4', 'conv 4']);
    const convs = graphOf('', 'block = separable').nodes.filter(({ kind }) => kind === 'conv');
    expect(convs.slice(0, 4).map(({ attributes }) => 'groups' in attributes && attributes.groups)).toEqual([
      1, 1, 4, 1,
    ]);
  });

  test('before_pool gives the first convs of an encoder level half of its channels, in the decoder all', () => {
    const graph = graphOf('', 'doubling = before_pool  activation = none');
    expect(opsOf(graph, 'encoder[1]')).toEqual(['conv 2', 'conv 4']);
    expect(opsOf(graph, 'bottleneck')).toEqual(['conv 4', 'conv 8']);
    expect(opsOf(graph, 'decoder[1]')).toEqual(['concat 8', 'conv 4', 'conv 4']);
  });
});

describe('stage paths', () => {
  test('number the ops of a kind below their stage', () => {
    const { graph } = network('unet Net { input = 1 x 188 x 188  classes = 2  channels = 2 }');
    const paths = graph.nodes.map(({ path }) => path.text);
    expect(paths.filter((path) => path.startsWith('encoder[2]'))).toEqual([
      'encoder[2].conv[1]',
      'encoder[2].relu[1]',
      'encoder[2].conv[2]',
      'encoder[2].relu[2]',
    ]);
    expect(paths[0]).toBe('input');
    expect(paths.slice(-2)).toEqual(['head.conv[1]', 'head.softmax[1]']);
    expect(paths).toEqual(
      expect.arrayContaining(['pool[1].maxPool[1]', 'up[4].convTranspose[1]', 'skip[3].crop[1]']),
    );
    const conv = graph.nodes.find(({ path }) => path.text === 'encoder[2].conv[1]');
    expect(conv?.parameters.map(({ name }) => name)).toEqual([
      'encoder[2].conv[1].weight',
      'encoder[2].conv[1].bias',
    ]);
  });

  test('have a part for each block inside of a block', () => {
    const block = `block Inner(c) { input -> conv(1, c) -> relu }
block Outer(c) { input -> Inner(c) -> repeat(2, Inner(c)) -> double(c, n: 1) }`;
    const graph = graphOf(block, 'block = Outer  decoder_block = double');
    expect(graph.nodes.map(({ path }) => path.text).filter((path) => path.startsWith('encoder[1]'))).toEqual([
      'encoder[1].Inner[1].conv[1]',
      'encoder[1].Inner[1].relu[1]',
      'encoder[1].Inner[2].conv[1]',
      'encoder[1].Inner[2].relu[1]',
      'encoder[1].Inner[3].conv[1]',
      'encoder[1].Inner[3].relu[1]',
      'encoder[1].double[1].conv[1]',
      'encoder[1].double[1].relu[1]',
    ]);
  });
});

describe('blocks of a spec', () => {
  test('have each weights of their own, and bind names to maps and to numbers', () => {
    const block = `block Own(c, factor = 2) {
  wide = factor * c
  h = input -> conv(1, wide)
  concat(h, h -> relu, input) -> conv(1, c)
}`;
    const graph = graphOf(block, 'block = Own(factor: 3)  decoder_block = Own(4)');
    expect(opsOf(graph, 'encoder[1]')).toEqual(['conv 12', 'relu 12', 'concat 25', 'conv 4']);
    // An argument without a name goes to the first parameter behind the channels.
    expect(opsOf(graph, 'decoder[1]').slice(1)).toEqual(['conv 16', 'relu 16', 'concat 40', 'conv 4']);
  });

  test('know the network’s settings at their level', () => {
    const block = `block Own(c) { input -> conv(kernel, c + level + 10 * depth + 100 * classes + 1000 * repeat) -> conv(1, c) }`;
    const graph = graphOf(block, 'block = Own  kernel[bottleneck] = 1x3');
    const first = graph.nodes.find(({ path }) => path.text === 'bottleneck.conv[1]');
    expect(first?.channels).toBe(8 + 2 + 10 + 200 + 2_000);
    expect(first?.attributes).toMatchObject({ kernel: [1, 3] });
  });

  test('what they bind and never use makes no ops, and is a warning', () => {
    const text = `block Own(c) { unused = input -> conv(3, 4 * c) input -> conv(1, c) }
unet Net { ${lines}  block = Own }`;
    const { networks, diagnostics } = compile('net.unet', text);
    expect(diagnostics.map(({ code }) => code)).toEqual(['unused-value']);
    expect(networks[0] && opsOf(networks[0].graph, 'encoder[1]')).toEqual(['conv 4']);
  });
});

describe('origins', () => {
  const text = `block Inner(c) { input -> conv(1, c) }
block Outer(c) { input -> Inner(c) -> relu }
unet Net { ${lines}  block = Outer }`;

  test('an op knows its line and every use of a block that led to it, innermost first', () => {
    const { graph } = network(text);
    const conv = graph.nodes.find(({ path }) => path.text === 'encoder[1].Inner[1].conv[1]');
    expect(conv && spanText(conv.origin.span)).toBe('conv(1, c)');
    expect(conv?.origin.uses.map(({ block, span }) => [block, spanText(span)])).toEqual([
      ['Inner', 'Inner(c)'],
      ['Outer', 'Outer'],
    ]);
    const pool = graph.nodes.find(({ kind }) => kind === 'maxPool');
    expect(pool?.origin.uses).toEqual([]);
  });

  test('an error inside of blocks shows the whole chain of uses', () => {
    const wrong = text.replace('conv(1, c) }', 'conv(1, c, groups: 3) }');
    const { diagnostics } = compile('net.unet', wrong);
    const [error] = diagnostics;
    expect(error?.code).toBe('groups-not-divisible');
    expect(error && spanText(error.span)).toBe('conv(1, c, groups: 3)');
    expect(error?.notes.map(({ span }) => spanText(span))).toEqual(['Inner(c)', 'Outer']);
    expect(error?.notes.map(({ message }) => /`(\w+)`/.exec(message)?.[1])).toEqual(['Inner', 'Outer']);
  });
});
