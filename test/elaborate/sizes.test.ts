import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { network } from '../language/compiled.js';

/** The sizes of a stage of a network of depth 1, or the codes of what is wrong. */
function sizesOf(lines: string, stage: string, size = 24): readonly number[] | readonly string[] {
  const text = `unet Net { input = 1 x ${size} x ${size}  classes = 2  depth = 1  channels = 2  skip = none  ${lines} }`;
  const { networks, diagnostics } = compile('net.unet', text);
  const [found] = networks;
  return found ? found.facts.spatial(found.facts.stage(stage) ?? -1) : diagnostics.map(({ code }) => code);
}

describe('padding', () => {
  test.each([
    ['valid', '3', [22, 22]],
    ['valid', '2x5', [23, 20]],
    ['same', '3', [24, 24]],
    ['same', '2x4', [24, 24]],
    ['reflect', '5x2', [24, 24]],
    ['replicate', '1x7', [24, 24]],
  ])('%s with a kernel of %s', (padding, kernel, sizes) => {
    const lines = `padding = ${padding}  kernel = ${kernel}  repeat = 1  pool = max(1)`;
    expect(sizesOf(lines, 'encoder[1]')).toEqual(sizes);
  });

  test.each([
    'same',
    'reflect',
    'replicate',
  ])('%s and a stride of s make n / s of n, whatever the kernel', (padding) => {
    for (const kernel of [1, 2, 3, 4, 5]) {
      for (const stride of [1, 2, 3, 4]) {
        const pool = `padding = ${padding}  kernel = 1  pool = conv(kernel: ${kernel}, stride: ${stride})`;
        expect(sizesOf(pool, 'pool[1]'), pool).toEqual([24 / stride, 24 / stride]);
        if (stride > 1) expect(sizesOf(pool, 'pool[1]', 25), pool).toEqual(['input-does-not-fit']);
      }
    }
  });

  test('of an even kernel puts the smaller half first, and a transposed conv cuts the larger half there', () => {
    const { graph } =
      network(`unet Net { input = 1 x 16 x 16  classes = 2  depth = 1  channels = 2  padding = same
      kernel = 2x4  up = transpose(kernel: 5x3, stride: 2)  skip = none }`);
    const borders = ['encoder[1].conv[1]', 'up[1].convTranspose[1]'].map((path) => {
      const attributes = graph.nodes.find((node) => node.path.text === path)?.attributes;
      return attributes && 'before' in attributes && [attributes.before, attributes.after];
    });
    expect(borders).toEqual([
      [
        [0, 1],
        [1, 2],
      ],
      [
        [2, 1],
        [1, 0],
      ],
    ]);
  });

  test('valid and a stride must use the map up', () => {
    const pool = 'kernel = 1  pool = conv(kernel: 3, stride: 2)';
    expect(sizesOf(pool, 'pool[1]', 25)).toEqual([12, 12]);
    expect(sizesOf(pool, 'pool[1]', 24)).toEqual(['input-does-not-fit']);
  });

  test('a transposed conv makes (n - 1) s + k of n with valid padding, else n s', () => {
    const up = 'kernel = 1  up = transpose(kernel: 5x1, stride: 2)';
    expect(sizesOf(up, 'up[1]')).toEqual([11 * 2 + 5, 11 * 2 + 1]);
    for (const padding of ['same', 'reflect', 'replicate'])
      expect(sizesOf(`padding = ${padding}  ${up}`, 'up[1]')).toEqual([24, 24]);
  });
});

describe('the way down and up', () => {
  test.each([
    ['pool = max(3)', [8, 8], [24, 24]],
    ['pool = avg(2x3)', [12, 8], [24, 24]],
    ['pool = max(1x4)', [24, 6], [24, 24]],
    ['pool = max(4, stride: 2)', [11, 11], [22, 22]],
    ['pool = max(2, stride: 2)  up = nearest(factor: 3)', [12, 12], [36, 36]],
    ['pool = max(2)  up = bilinear(factor: 1x2)', [12, 12], [12, 24]],
  ])('%s', (lines, pool, up) => {
    // `max(4, stride: 2)` has one argument in order: with two it would be the larger of two numbers.
    expect(sizesOf(`padding = same  ${lines}`, 'pool[1]')).toEqual(pool);
    expect(sizesOf(`padding = same  ${lines}`, 'up[1]')).toEqual(up);
  });

  test('three axes are the same code', () => {
    const { facts } =
      network(`unet Net { input = 2 x 8 x 12 x 16  classes = 2  depth = 1  channels = 2  padding = same
      pool = max(1x2x4)  up = trilinear }`);
    expect(facts.spatial(facts.stage('pool[1]') ?? -1)).toEqual([8, 6, 4]);
    expect(facts.spatial(facts.stage('up[1]') ?? -1)).toEqual([8, 12, 16]);
  });
});

describe('channels on the way up', () => {
  const channelsOf = (up: string, stage: string) => {
    const { graph } = network(
      `unet Net { input = 1 x 16 x 16  classes = 2  depth = 1  padding = same  channels = [6, 20]  up = ${up} }`,
    );
    const value = graph.stages.find(({ path }) => path.text === stage)?.value;
    return graph.nodes[value ?? -1]?.channels;
  };

  test.each([
    ['transpose', 10],
    ['transpose(channels: keep)', 20],
    ['transpose(channels: skip)', 6],
    ['transpose(channels: 7)', 7],
    ['bilinear', 20],
    ['nearest(conv: 1)', 10],
    ['bilinear(conv: 3, channels: skip)', 6],
  ])('%s', (up, channels) => {
    expect(channelsOf(up, 'up[1]')).toBe(channels);
  });

  test('heads', () => {
    const last = (head: string) =>
      network(
        `unet Net { input = 1 x 16 x 16  classes = 3  depth = 1  padding = same  bias = false  head = ${head} }`,
      )
        .graph.nodes.slice(-2)
        .map(({ kind, parameters }) => [kind, parameters.map(({ role }) => role)]);
    expect(last('softmax')).toEqual([
      ['conv', ['weight', 'bias']],
      ['softmax', []],
    ]);
    expect(last('sigmoid')[1]).toEqual(['sigmoid', []]);
    expect(last('logits')[1]).toEqual(['conv', ['weight', 'bias']]);
  });
});
