import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { drawSvg } from '../../src/draw/svg/svg.js';
import type { Graph } from '../../src/ir/graph.js';
import { libraryText, networkOf } from '../specs/spec-library.js';
import { expectClean } from './collisions.js';
import { gridOf, uPictureOf } from './pictures.js';
import { type Drawing, readDrawing } from './svg-reader.js';

/** The training graph of a network of specs/. */
function spec(file: string, network: string): Graph {
  return networkOf(file, libraryText(file), { network }).training;
}

/** The training graph of the only network of a text. */
function graphOf(text: string): Graph {
  const { networks, diagnostics } = compile('net.unet', text);
  const [network] = networks;
  if (!network) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return network.training;
}

/** The training graph of a padded network with these attributes. */
function padded(attributes: string, before = ''): Graph {
  return graphOf(
    `${before} unet Net { input = 1 x 64 x 64 classes = 2 channels = 8 padding = same ${attributes} }`,
  );
}

const texts = (drawing: Drawing, style: string) =>
  drawing.texts.filter((text) => text.style === style).map(({ text }) => text);

describe('a nested network', () => {
  it.each([2, 3, 4, 5, 6])('of depth %i is a triangle of nodes with dense skips', (depth) => {
    const grid = gridOf(padded(`depth = ${depth} skip = nested`));
    // X(i,j) for i + j <= depth.
    expect(grid.nodes).toHaveLength(((depth + 1) * (depth + 2)) / 2);
    const at = new Map(grid.nodes.map(({ level, column }, index) => [`${level},${column}`, index]));
    const edge = (from: string, to: string) =>
      grid.edges.find((one) => one.from === at.get(from) && one.to === at.get(to))?.arrow.family;
    let edges = 0;
    for (let level = 0; level <= depth; level += 1) {
      if (level > 0) {
        expect(edge(`${level - 1},0`, `${level},0`)).toBe('down');
        edges += 1;
      }
      for (let column = 1; column <= depth - level; column += 1) {
        expect(edge(`${level + 1},${column - 1}`, `${level},${column}`)).toBe('up');
        for (let before = 0; before < column; before += 1)
          expect(edge(`${level},${before}`, `${level},${column}`)).toBe('copy');
        edges += 1 + column;
      }
    }
    expect(grid.edges).toHaveLength(edges);
    expect(grid.undrawn).toBe(0);
    const drawing = readDrawing(drawSvg(grid));
    expectClean(drawing);
    expect(drawing.view.right - drawing.view.left).toBeLessThan(1600);
  });

  it('stands as in the figure: each node right of the one it comes up from, levels below each other', () => {
    const graph = spec('unet-plus-plus/unet-plus-plus.unet', 'UNetPlusPlusSupervised');
    const drawing = readDrawing(drawSvg(gridOf(graph)));
    const box = (name: string) => {
      const found = drawing.boxes.find(({ tip }) => tip.startsWith(`${name}: `));
      if (!found) throw new Error(`no box ${name}`);
      return found;
    };
    const row = ['encoder[1]', 'node[1,1]', 'node[1,2]', 'node[1,3]', 'decoder[1]'].map(box);
    expect(new Set(row.map(({ top }) => top)).size).toBe(1);
    const left = row.map((one) => one.left);
    expect(left).toEqual(left.toSorted((a, b) => a - b));
    const diagonal = ['encoder[1]', 'encoder[2]', 'encoder[3]', 'encoder[4]', 'bottleneck'].map(box);
    for (const [index, upper] of diagonal.slice(0, -1).entries()) {
      expect(diagonal[index + 1]?.top).toBeGreaterThan(upper.bottom);
      expect(diagonal[index + 1]?.left).toBeGreaterThan(upper.left);
    }
    expect(box('node[2,1]').left).toBeLessThan(box('node[1,2]').left);
    expect(box('node[2,1]').left).toBeGreaterThan(box('node[1,1]').left);
    expect(texts(drawing, 'block')).toContain('node[1,2]');
    expect(texts(drawing, 'note')).toContain('each box: 2 x (conv 3x3, ReLU)');
  });

  it('ends each arrow at a place of its own', () => {
    const drawing = readDrawing(drawSvg(gridOf(padded('depth = 5 skip = nested'))));
    const ends = drawing.lines.map(({ points }) => points.at(-1)?.join(' '));
    expect(new Set(ends).size).toBe(ends.length);
  });

  it('has a head at every node of level 1, those of training marked', () => {
    const grid = gridOf(spec('unet-plus-plus/unet-plus-plus.unet', 'UNetPlusPlusSupervised'));
    expect(grid.heads.map(({ output, trainingOnly }) => [output, trainingOnly])).toEqual([
      ['output', false],
      ['head[1,3]', true],
      ['head[1,2]', true],
      ['head[1,1]', true],
    ]);
    expect(grid.nodes.some((node) => node.trainingOnly)).toBe(false);
  });

  it('marks the nodes that inference leaves out', () => {
    const grid = gridOf(padded('depth = 3 skip = nested(deep_supervision: true, prune: 1)'));
    const kept = grid.nodes.filter((node) => !node.trainingOnly).map(({ path }) => path.text);
    expect(kept.sort()).toEqual(['encoder[1]', 'encoder[2]', 'node[1,1]']);
  });
});

describe('attention gates', () => {
  it.each([
    ['grid3d.unet', 'AttentionUNet3D', 'below', [128, 64, 32], 1],
    ['grid3d.unet', 'AttentionUNet3DTwoGates', 'below', [128, 64, 32], 2],
    ['additive.unet', 'AttentionUNet', 'up', [256, 128, 64, 32], 1],
  ] as const)('of %s %s have a signal and a caption', (file, network, signal, channels, count) => {
    const picture = uPictureOf(spec(`attention-unet/${file}`, network));
    const gates = picture.skips.flatMap(({ gate }) => gate ?? []);
    expect(gates.map((gate) => gate.channels)).toEqual(channels);
    expect(new Set(gates.map((gate) => gate.signal))).toEqual(new Set([signal]));
    expect(new Set(gates.map((gate) => gate.count))).toEqual(new Set([count]));
    const drawing = readDrawing(drawSvg(picture));
    // One line a gate, and one in the legend.
    expect(drawing.lines.filter(({ style }) => style === 'signal')).toHaveLength(channels.length + 1);
    for (const one of channels) {
      const name = count === 1 ? 'gate' : `${count} gates`;
      expect(texts(drawing, 'size')).toContain(`${name}: ${one} channels`);
    }
  });

  it('count their parameters', () => {
    const { skips } = uPictureOf(spec('attention-unet/additive.unet', 'AttentionUNet'));
    // Two 1x1 convs from 512 to 256 channels and one from 256 to 1, each with biases and a batch norm.
    const expected = 2 * (512 * 256 + 256 + 2 * 256) + (256 + 1 + 2);
    expect(skips.find(({ level }) => level === 3)?.gate?.parameters).toBe(expected);
  });
});

describe('long rows', () => {
  it('of a transformer are one box with the count, the heads and the width', () => {
    const picture = uPictureOf(spec('transunet/bottleneck.unet', 'UNetViT'));
    const bottom = picture.levels.at(-1)?.encoder ?? [];
    expect(bottom.map(({ channels, run }) => [channels, run?.count])).toEqual([
      [512, undefined],
      [768, undefined],
      [768, 12],
      [1024, undefined],
    ]);
    const drawing = readDrawing(drawSvg(picture));
    expect(texts(drawing, 'block')).toEqual(['12 x transformer layer']);
    expect(texts(drawing, 'detail')).toEqual(['12 heads, 3072 channels inside']);
  });

  it('of residual units run stage by stage, and the steps between stages are arrows', () => {
    const { levels } = uPictureOf(spec('nnunet/residual-encoder.unet', 'NnUNetResEnc'));
    // 1 3 4 6 6 6 blocks a stage; the first of each is the step down.
    expect(levels.map(({ encoder }) => encoder.at(-1)?.run?.count)).toEqual([undefined, 2, 3, 5, 5, 5]);
    expect(levels.slice(1).map(({ encoder }) => encoder[0]?.arrow?.family)).toEqual(Array(5).fill('down'));
    expect(levels[1]?.encoder[0]?.arrow?.label).toContain('add (average pool 2x2x2, conv 1x1x1');
  });

  it('do not run where a use differs from the one before', () => {
    const unit = 'block Unit(c, k = 3) { input + (input -> conv(k, c) -> relu -> conv(k, c)) }';
    const same = `${unit} block Row(c) { input -> conv(3, c) -> repeat(3, Unit(c)) }`;
    const apart = `${unit} block Row(c) { input -> conv(3, c) -> Unit(c) -> conv(1, c) -> Unit(c) }`;
    const kernels = `${unit} block Row(c) { input -> conv(3, c) -> repeat(2, Unit(c)) -> Unit(c, k: 5) }`;
    const counts = (before: string) =>
      uPictureOf(padded('depth = 1 block = Row', before)).levels[0]?.encoder.flatMap(
        ({ run }) => run?.count ?? [],
      );
    expect(counts(same)).toEqual([3]);
    expect(counts(apart)).toEqual([]);
    expect(counts(kernels)).toEqual([2]);
  });

  it('of plain convs run only where they are too wide', () => {
    const runs = (repeat: number) =>
      uPictureOf(padded(`depth = 3 repeat = ${repeat}`)).levels.flatMap(({ encoder }) =>
        encoder.flatMap(({ run }) => run ?? []),
      );
    expect(runs(3)).toEqual([]);
    expect(runs(16).map(({ name, count }) => `${count} x ${name}`)).toEqual(
      Array(4).fill('16 x conv 3x3, ReLU'),
    );
  });
});

describe('heads', () => {
  it('of training stand dashed at the end of their levels', () => {
    const picture = uPictureOf(spec('nnunet/plain.unet', 'NnUNet3D'));
    expect(picture.levels.map(({ decoder }) => decoder.at(-1)?.output)).toEqual([
      'output',
      'head[2]',
      'head[3]',
      'head[4]',
      'head[5]',
      undefined,
    ]);
    const drawing = readDrawing(drawSvg(picture));
    // Four heads and the legend.
    expect(drawing.boxes.filter(({ style }) => style === 'training')).toHaveLength(5);
    expect(texts(drawing, 'note')).toContain('in training only');
  });

  it.each(['sum', 'concat'])('fused by a %s go into the output', (how) => {
    const picture = uPictureOf(padded(`depth = 4 deep_supervision = levels(n: 3, fuse: ${how})`));
    expect(picture.feeds.map(({ from, to, arrow }) => [from.level, to.level, arrow.label])).toEqual([
      [1, 0, 'bilinear up 2x2'],
      [2, 0, 'bilinear up 4x4'],
      [3, 0, 'bilinear up 8x8'],
    ]);
    expect(picture.undrawn).toBe(0);
    const drawing = readDrawing(drawSvg(picture));
    expectClean(drawing);
    expect(drawing.boxes.some(({ style }) => style === 'training')).toBe(false);
  });
});

describe('skips from every block', () => {
  it('run above each other with what they lose', () => {
    const attributes = 'input = 1 x 188 x 188 classes = 2 depth = 3 channels = 8 block = double(n: 1)';
    const graph = graphOf(`unet Net { ${attributes} skip = every(blocks: 2) }`);
    const drawing = readDrawing(drawSvg(uPictureOf(graph)));
    expectClean(drawing);
    const crops = texts(drawing, 'size').filter((text) => text.startsWith('crop'));
    expect(crops.sort()).toEqual(
      ['2', '4', '6', '14', '16', '18', '38', '40', '42'].map((n) => `crop ${n}`).sort(),
    );
  });
});

describe('side branches of constant size', () => {
  const squeeze = `block Squeeze(c) {
    h = input -> conv(3, c) -> relu
    h * (h -> global_avg -> conv(1, c / 4) -> relu -> conv(1, c) -> sigmoid)
  }`;

  it('make no boxes: a squeeze-excitation is part of its arrow', () => {
    const picture = uPictureOf(padded('depth = 2 block = Squeeze', squeeze));
    const [top] = picture.levels;
    expect(top?.encoder.map(({ channels }) => channels)).toEqual([1, 8]);
    expect(top?.encoder[1]?.arrow?.label).toBe(
      'conv 3x3, ReLU, multiply (global average, conv 1x1, ReLU, conv 1x1, sigmoid)',
    );
    expect(picture.undrawn).toBe(0);
  });

  it('have their names in the nodes of a grid', () => {
    const block = `block Timed(c) {
      h = input -> conv(3, c)
      h + (time -> relu -> conv(1, c)) -> relu
    }`;
    const grid = gridOf(padded('depth = 2 skip = nested time = time_embedding block = Timed', block));
    expect(new Set(grid.nodes.map((node) => node.block))).toEqual(
      new Set(['conv 3x3, add (ReLU, conv 1x1 of time), ReLU']),
    );
    expect(grid.embeddings.map(({ name }) => name)).toEqual(['time']);
    expectClean(readDrawing(drawSvg(grid)));
  });

  it('have the time step by its name, and every skip of a level', () => {
    const picture = uPictureOf(spec('diffusion/ddpm.unet', 'DDPM'));
    expect(picture.embeddings.map(({ name }) => name)).toEqual(['time']);
    // Two blocks a level, and what came into them: three skips of each of three levels.
    expect([0, 1, 2].map((level) => picture.skips.filter((skip) => skip.level === level).length)).toEqual([
      3, 3, 3,
    ]);
    const labels = picture.levels.flatMap(({ encoder }) => encoder.flatMap(({ run }) => run?.label ?? []));
    for (const label of labels) expect(label).toContain('add (SiLU, conv 1x1 of time)');
    expect(labels.length).toBeGreaterThan(5);
  });
});
