import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import type { Graph } from '../../src/ir/graph.js';
import { network } from '../language/compiled.js';

const lines = 'input = 1 x 32 x 48  classes = 3  depth = 2  padding = same  channels = 4';
const netOf = (more: string, block = '') => network(`${block}\nunet Net { ${lines}  ${more} }`);
const graphOf = (more: string, block = '') => netOf(more, block).graph;
const params = (more: string, block = '') => netOf(more, block).facts.parameters;
/** The ops of a stage, each as its kind and its channels. */
const opsOf = (graph: Graph, stage: string) =>
  graph.nodes
    .filter(({ path }) => path.text.startsWith(`${stage}.`))
    .map(({ kind, channels }) => `${kind} ${channels}`);
const shape = (net: ReturnType<typeof netOf>, stage: string) => {
  const value = net.facts.stage(stage) ?? -1;
  return [net.graph.nodes[value]?.channels, ...net.facts.spatial(value)];
};

describe('stride', () => {
  test('is what poolings, strided convs and the way up go by, level by level and axis by axis', () => {
    const net = netOf('stride[1] = 1x2  stride[2] = 4x1  pool[2] = conv');
    expect(shape(net, 'pool[1]')).toEqual([4, 32, 24]);
    expect(shape(net, 'pool[2]')).toEqual([8, 8, 24]);
    expect(shape(net, 'up[2]')).toEqual([8, 32, 24]);
    expect(shape(net, 'up[1]')).toEqual([4, 32, 48]);
    expect(shape(net, 'output')).toEqual([3, 32, 48]);
  });

  test('what a pooling says itself comes first', () => {
    const net = netOf('stride = 16  pool[1] = max(2x2)  pool[2] = avg(4x4, stride: 4x4)');
    expect(shape(net, 'pool[1]')).toEqual([4, 16, 24]);
    const pools = net.graph.nodes.filter(({ kind }) => kind === 'maxPool' || kind === 'avgPool');
    expect(pools.map(({ attributes }) => attributes)).toEqual([
      { window: [2, 2], stride: [2, 2] },
      { window: [4, 4], stride: [4, 4] },
    ]);
  });

  test('stands in attention gates and fused heads too', () => {
    const net = netOf(
      'stride[1] = 1x4  skip = attention  deep_supervision = levels(n: 1, fuse: sum)  up = bilinear',
    );
    expect(shape(net, 'output')).toEqual([3, 32, 48]);
    const theta = net.graph.nodes.find(({ path }) => path.text === 'skip[1].conv[1]');
    expect(theta?.attributes).toMatchObject({ kernel: [1, 4], stride: [1, 4] });
  });
});

describe('blocks in the place of a pooling and of the way up', () => {
  const down = 'block Down(c) { input -> conv(3, c, stride: stride) -> norm -> activation }';
  const up = 'block Up(c) { input -> nearest(stride) -> conv(3, c) -> relu }';

  test('a pooling is given the channels of the level below and the strides of the level', () => {
    const graph = graphOf(
      'pool = Down  norm = batch  bias = false  stride[2] = 1x2  channels[2] = 6  channels[bottleneck] = 10',
      down,
    );
    expect(opsOf(graph, 'pool[1]')).toEqual(['conv 6', 'batchNorm 6', 'relu 6']);
    expect(opsOf(graph, 'pool[2]')).toEqual(['conv 10', 'batchNorm 10', 'relu 10']);
    const convs = graph.nodes.filter(({ path }) => /^pool\[\d\]\.conv/.test(path.text));
    expect(convs.map(({ attributes }) => 'stride' in attributes && attributes.stride)).toEqual([
      [2, 2],
      [1, 2],
    ]);
  });

  test('the way up is given the channels of the level, and comes up by its strides', () => {
    const net = netOf('up = Up  stride[2] = 1x2  channels[2] = 6  channels[bottleneck] = 10', up);
    expect(opsOf(net.graph, 'up[2]')).toEqual(['resize 10', 'conv 6', 'relu 6']);
    expect(shape(net, 'up[1]')).toEqual([4, 32, 48]);
  });

  test('a level may have its own, with arguments, and a word beside it', () => {
    const wide = 'block Wide(_c, to) { input -> transpose(stride, to) }';
    const graph = graphOf('up = transpose  up[1] = Wide(to: 7)', wide);
    expect(opsOf(graph, 'up[1]')).toEqual(['convTranspose 7']);
    expect(opsOf(graph, 'up[2]')).toEqual(['convTranspose 8']);
  });

  test('`none` does nothing: the blocks have the strides, and the head comes up the last step', () => {
    const blocks = `${down}
      block UpTo(c) { input -> transpose(2, c) }`;
    const net = netOf(
      `block = Down  pool = none  up = none  decoder_block = UpTo  decoder_channels = [9, 4]
       decoder_block[1] = none  head_block = UpTo`,
      blocks,
    );
    expect(shape(net, 'encoder[1]')).toEqual([4, 16, 24]);
    expect(shape(net, 'pool[1]')).toEqual([4, 16, 24]);
    expect(shape(net, 'bottleneck')).toEqual([16, 8, 12]);
    expect(shape(net, 'decoder[1]')).toEqual([8, 16, 24]);
    expect(shape(net, 'output')).toEqual([3, 32, 48]);
    expect(opsOf(net.graph, 'head')).toEqual(['convTranspose 3', 'softmax 3']);
  });

  test('an ablation may replace one, and what differs is the setting', () => {
    const text = `${down}\nunet Base { ${lines} }\nunet Net extends Base { pool[2] = Down }`;
    const { spec } = network(text);
    expect(spec.levels.map(({ pool }) => pool.value.kind)).toEqual(['max', 'block']);
  });
});

describe('head_block', () => {
  test('takes the place of the 1x1 conv, and `head` follows', () => {
    const block = 'block Head(c) { input -> conv(5, 6) -> relu -> conv(1, c) }';
    expect(opsOf(graphOf('head_block = Head  head = sigmoid', block), 'head')).toEqual([
      'conv 6',
      'relu 6',
      'conv 3',
      'sigmoid 3',
    ]);
  });

  test('must end with the classes', () => {
    const text = `block Head(c) { input -> conv(1, c + 1) }\nunet Net { ${lines} head_block = Head }`;
    expect(compile('net.unet', text).diagnostics.map(({ code }) => code)).toEqual(['head-channels']);
  });

  test('makes the classes of every supervised level', () => {
    const block = 'block Head(c) { input -> conv(3, c) }';
    const { training } = netOf('head_block = Head  head = logits  deep_supervision = levels(n: 1)', block);
    const heads = training.nodes.filter(({ path }) => path.text.startsWith('head'));
    expect(
      heads.map(({ path, attributes }) => [path.text, 'kernel' in attributes && attributes.kernel]),
    ).toEqual([
      ['head.conv[1]', [3, 3]],
      ['head[2].conv[1]', [3, 3]],
    ]);
  });
});

describe('counts by hand', () => {
  const none = params('activation = none');

  test('prelu has a slope a channel, or one for all', () => {
    // Two activations in each of the five blocks of 4, 8, 16, 8 and 4 channels.
    expect(params('activation = prelu') - none).toBe(2 * (4 + 8 + 16 + 8 + 4));
    expect(params('activation = prelu(shared: true)') - none).toBe(10);
  });

  test('add(project: true) has a 1x1 conv with a bias where the channels differ, and none where not', () => {
    const keep = 'up = transpose(channels: keep)  activation = none';
    const projected = graphOf(`skip = add(project: true)  ${keep}`);
    expect(opsOf(projected, 'skip[2]')).toEqual(['conv 16']);
    expect(opsOf(projected, 'skip[1]')).toEqual(['conv 8']);
    const equal = graphOf('skip = add(project: true)');
    expect(opsOf(equal, 'skip[2]')).toEqual([]);
    // The decoder's first convs have 16 and 8 channels coming in, where concat has 24 and 12.
    const saved = 9 * 8 * 8 + 9 * 4 * 4;
    expect(params(`skip = concat  ${keep}`) - params(`skip = add(project: true)  ${keep}`)).toBe(
      saved - (8 * 16 + 16) - (4 * 8 + 8),
    );
  });

  test('a gate may be combined with itself alone, and its signal may go through a conv, once for all gates', () => {
    const count = (options: string) =>
      params(`skip[2] = attention(${options})  norm = batch /* allow(bias-before-norm): counted */`);
    const [plain, two] = [count(''), count('gates: 2')];
    // C = 8 below 16: a 1x1 conv of 8 to 8 with a bias, and a batch norm.
    expect(count('combine: true') - plain).toBe(8 * 8 + 8 + 16);
    const signal = 16 * 16 + 16 + 32;
    expect(count('signal: conv') - plain).toBe(signal);
    expect(count('gates: 2, signal: conv') - two).toBe(signal);
  });

  test('dense: every conv adds `growth` channels to what it sees', () => {
    const graph = graphOf('block = dense(growth: 5)  repeat = 3  activation = none');
    expect(opsOf(graph, 'encoder[2]')).toEqual([
      'conv 5',
      'concat 9',
      'conv 5',
      'concat 14',
      'conv 5',
      'concat 19',
      'conv 8',
    ]);
    const valid = network(
      `unet Net { input = 1 x 44 x 44  classes = 2  depth = 1  channels = 4  block = dense }`,
    );
    expect(valid.facts.context).toEqual([16, 16]);
  });
});

test('pad_replicate pads like pad_up, with the border instead of zeros', () => {
  const odd = 'input = 1 x 44 x 44  classes = 2  depth = 1  channels = 4  up = transpose(3x3, stride: 2x2)';
  const pads = (crop: string) =>
    network(`unet Net { ${odd}  crop = ${crop} }`).graph.nodes.flatMap(({ kind, path, attributes }) =>
      kind === 'pad' ? [{ path: path.text, ...attributes }] : [],
    );
  // The skip has 40 positions, 20 after the pooling, 16 after two convs; 33 come up: 3 before, 4 behind.
  expect(pads('pad_up')).toEqual([
    { path: 'decoder[1].pad[1]', mode: 'zero', before: [3, 3], after: [4, 4] },
  ]);
  expect(pads('pad_replicate')).toEqual(pads('pad_up').map((pad) => ({ ...pad, mode: 'replicate' })));
});
