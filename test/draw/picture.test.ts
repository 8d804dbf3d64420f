import { describe, expect, it } from 'vitest';
import type { FeatureMap } from '../../src/draw/picture.js';
import { examples, networkOf } from './networks.js';
import { uPictureOf } from './pictures.js';

const shapes = (maps: readonly FeatureMap[]) => maps.map(({ channels, spatial }) => [channels, ...spatial]);
const square = (channels: number, size: number) => [channels, size, size];
const labels = (maps: readonly FeatureMap[]) => maps.map(({ arrow }) => arrow?.label);

describe('the picture of the U-Net of 2015', () => {
  const picture = uPictureOf(networkOf(examples.unet2d));

  it('has the maps of figure 1', () => {
    expect(picture.levels.map(({ encoder }) => shapes(encoder))).toEqual([
      [square(1, 572), square(64, 570), square(64, 568)],
      [square(64, 284), square(128, 282), square(128, 280)],
      [square(128, 140), square(256, 138), square(256, 136)],
      [square(256, 68), square(512, 66), square(512, 64)],
      [square(512, 32), square(1024, 30), square(1024, 28)],
    ]);
    expect(picture.levels.map(({ decoder }) => shapes(decoder))).toEqual([
      [square(128, 392), square(64, 390), square(64, 388), square(2, 388)],
      [square(256, 200), square(128, 198), square(128, 196)],
      [square(512, 104), square(256, 102), square(256, 100)],
      [square(1024, 56), square(512, 54), square(512, 52)],
      [],
    ]);
  });

  it('has its arrows', () => {
    const [top, second] = picture.levels;
    expect(labels(top?.encoder ?? [])).toEqual([undefined, 'conv 3x3, ReLU', 'conv 3x3, ReLU']);
    expect(labels(second?.encoder ?? [])[0]).toBe('max pool 2x2');
    expect(labels(top?.decoder ?? [])).toEqual([
      'up-conv 2x2',
      'conv 3x3, ReLU',
      'conv 3x3, ReLU',
      'conv 1x1, softmax',
    ]);
    expect(top?.decoder.map(({ copied }) => copied)).toEqual([64, 0, 0, 0]);
    expect(top?.decoder.map(({ output }) => output)).toEqual([undefined, undefined, undefined, 'output']);
  });

  it('has a cropped copy at every level', () => {
    expect(picture.skips.map(({ level, before, after }) => [level, before, after])).toEqual([
      [3, [4, 4], [4, 4]],
      [2, [16, 16], [16, 16]],
      [1, [40, 40], [40, 40]],
      [0, [88, 88], [88, 88]],
    ]);
    expect(new Set(picture.skips.map(({ arrow }) => arrow.label))).toEqual(new Set(['copy and crop']));
    expect(picture.undrawn).toBe(0);
  });
});

describe('the picture of other networks', () => {
  it('counts sizes of each axis of a 3D U-Net', () => {
    const { levels, rank } = uPictureOf(networkOf(examples.unet3d));
    expect(rank).toBe(3);
    expect(shapes(levels[0]?.encoder ?? [])).toEqual([
      [3, 132, 132, 116],
      [32, 130, 130, 114],
      [64, 128, 128, 112],
    ]);
    expect(shapes(levels[3]?.encoder ?? []).at(-1)).toEqual([512, 9, 9, 7]);
    expect(shapes(levels[0]?.decoder ?? []).at(-1)).toEqual([3, 44, 44, 28]);
  });

  it('makes one arrow of an enlargement with its conv', () => {
    const { levels } = uPictureOf(networkOf(examples.padded));
    const [first] = levels[3]?.decoder ?? [];
    expect(first?.arrow).toEqual({ family: 'up', label: 'bilinear up 2x2, conv 1x1, batch norm, ReLU' });
    expect([first?.channels, first?.copied]).toEqual([1024, 512]);
  });

  it('draws a residual block as a line past its convs', () => {
    const { levels, undrawn } = uPictureOf(networkOf(examples.residual));
    const last = levels[1]?.encoder.at(-1);
    expect(last?.join).toEqual({ kind: 'add', label: 'add, ReLU' });
    expect(last?.bypasses).toEqual([
      { from: 0, arrow: { family: 'pointwise', label: 'conv 1x1, group norm (8 groups)' } },
    ]);
    expect(levels[1]?.encoder[0]?.arrow).toEqual({ family: 'down', label: 'conv 2x2 stride 2x2' });
    expect(levels[1]?.decoder[0]?.join).toEqual({ kind: 'add', label: 'add' });
    expect(undrawn).toBe(0);
  });

  it('leaves out a skip that is none and keeps the others apart', () => {
    const { levels, skips } = uPictureOf(networkOf(examples.mixedSkips));
    expect(skips.map(({ level }) => level)).toEqual([3, 1]);
    expect(levels.map(({ decoder }) => [decoder[0]?.copied, decoder[0]?.join?.kind])).toEqual([
      [0, undefined],
      [0, 'add'],
      [0, undefined],
      [512, undefined],
      [undefined, undefined],
    ]);
  });

  it('shows gates, and outputs of deeper levels', () => {
    const { levels, skips, undrawn } = uPictureOf(networkOf(examples.attention));
    expect(skips.map(({ gate }) => gate?.kind)).toEqual(['mul', 'mul', 'mul', 'mul']);
    expect(levels.map(({ decoder }) => decoder.at(-1)?.output)).toEqual([
      'output',
      'output[2]',
      'output[3]',
      'output[4]',
      undefined,
    ]);
    expect(undrawn).toBe(0);
  });

  it('tells kernels apart', () => {
    const { levels } = uPictureOf(networkOf(examples.anisotropic));
    expect(labels(levels[0]?.encoder ?? [])[1]).toBe('conv 1x3x3, ReLU');
    expect(labels(levels[1]?.encoder ?? [])[1]).toBe('conv 3x3x3, ReLU');
  });

  it('counts what the U has no place for', () => {
    const graph = networkOf({ input: [32, 32], depth: 2, channels: 8, padding: 'same', skip: () => 'add' });
    const target = graph.nodes.find(({ path }) => path.text === 'decoder[1].add[1]');
    const stranger = graph.nodes.find(({ path }) => path.text === 'bottleneck.relu[1]');
    const nodes = graph.nodes.map((node) =>
      node === target ? { ...node, inputs: [stranger?.id ?? 0, node.inputs[1] ?? 0] } : node,
    );
    expect(uPictureOf({ ...graph, nodes }).undrawn).toBe(1);
  });
});
