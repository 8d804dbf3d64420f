import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { network, placed } from './compiled.js';

/** A network of depth 3 with further lines. */
const spec = (lines: string) =>
  network(`unet Net { input = 1 x 64 x 64  classes = 2  depth = 3  padding = same  ${lines} }`).spec;
const channelsOf = (lines: string) => {
  const { levels, bottleneck } = spec(lines);
  return [...levels, bottleneck].map(({ channels }) => channels.value);
};
const refused = (lines: string) =>
  compile('net.unet', `unet Net { input = 1 x 64 x 64  classes = 2  depth = 3  padding = same  ${lines} }`);

describe('channels', () => {
  test.each([
    ['a number doubles at every level', 'channels = 6', [6, 12, 24, 48]],
    ['64 where nothing is written', '', [64, 128, 256, 512]],
    ['a list has a value a level, the bottleneck last', 'channels = [4, 6, 8, 10]', [4, 6, 8, 10]],
    [
      'an expression in `level` is evaluated at each level',
      'channels = min(2 * 2^level, 10)',
      [4, 8, 10, 10],
    ],
    ['`depth` is known as well', 'channels = 2 * (depth + 1 - level) + 2', [8, 6, 4, 2]],
    ['a number of a single level does not double', 'channels = 6  channels[2] = 10', [6, 10, 24, 48]],
    ['`bottleneck` names the last level', 'channels = 6  channels[bottleneck] = 10', [6, 12, 24, 10]],
    ['a range names several', 'channels = 6  channels[2..3] = 10', [6, 10, 10, 48]],
    ['an expression for single levels', 'channels = 6  channels[2..3] = 4 * level', [6, 8, 12, 48]],
    ['a list of levels in the brackets', 'channels = 6  channels[1, 3] = 10', [10, 12, 10, 48]],
  ])('%s', (_name, lines, expected) => {
    expect(channelsOf(lines)).toEqual(expected);
  });
});

describe('single levels', () => {
  test('win over the whole network, whichever comes first', () => {
    const kernels = (lines: string) => spec(lines).levels.map(({ kernel }) => kernel.value.join('x'));
    expect(kernels('kernel = 5  kernel[2] = 1x3')).toEqual(['5x5', '1x3', '5x5']);
    expect(kernels('kernel[2] = 1x3  kernel = 5')).toEqual(['5x5', '1x3', '5x5']);
  });

  test('lists reach the bottleneck only where the attribute does', () => {
    const { levels, bottleneck } = spec(
      'repeat = [1, 2, 3, 4]  dropout = [0, 0, 0.1, 0.5]  skip = [add, concat, add]',
    );
    expect(levels.map(({ repeat, skip }) => [repeat.value, skip.value.kind])).toEqual([
      [1, 'add'],
      [2, 'concat'],
      [3, 'add'],
    ]);
    expect([bottleneck.repeat.value, bottleneck.dropout.value]).toEqual([4, 0.5]);
    expect(refused('skip = [add, concat, add, add]').diagnostics.map(({ code }) => code)).toEqual([
      'list-length',
    ]);
    expect(refused('repeat = [1, 2, 3]').diagnostics.map(({ code }) => code)).toEqual(['list-length']);
  });

  test('beyond the depth, in pooling attributes the bottleneck, and set twice are errors', () => {
    expect(refused('norm[5] = batch').diagnostics.map(placed)).toEqual([['level-out-of-range', '5']]);
    expect(refused('pool[4] = max').diagnostics.map(placed)).toEqual([['level-out-of-range', '4']]);
    expect(refused('norm[2] = batch  norm[1..3] = none').diagnostics.map(placed)).toEqual([
      ['duplicate-attribute', 'norm'],
    ]);
    expect(refused('head[1] = logits').diagnostics.map(({ code }) => code)).toEqual(['not-per-level']);
  });

  test('decoder_channels, decoder_block and bottleneck change one side only', () => {
    const one = spec(
      'decoder_channels[1] = 20  decoder_block = residual  bottleneck = separable  channels = 4',
    );
    expect(
      one.levels.map(({ channels, decoderChannels }) => [channels.value, decoderChannels.value]),
    ).toEqual([
      [4, 20],
      [8, 8],
      [16, 16],
    ]);
    const names = one.levels.map(({ block, decoderBlock }) => [
      block.value.block.declaration.name.name,
      decoderBlock.value.block.declaration.name.name,
    ]);
    expect(names).toEqual(Array.from({ length: 3 }, () => ['double', 'residual']));
    expect(one.bottleneck.block.value.block.declaration.name.name).toBe('separable');
  });
});

describe('numbers for every axis', () => {
  test.each([
    ['1 x 64 x 64', 'kernel = 3', [3, 3]],
    ['1 x 64 x 64 x 64', 'kernel = 3', [3, 3, 3]],
    ['1 x 64 x 64 x 64', 'kernel = 1x3x5', [1, 3, 5]],
  ])('input %s with %s', (input, line, kernel) => {
    const text = `unet Net { input = ${input}  classes = 2  depth = 1  padding = same  channels = 2  ${line} }`;
    expect(network(text).spec.bottleneck.kernel.value).toEqual(kernel);
  });

  test('as many as the input has axes', () => {
    expect(refused('kernel = 3x3x3').diagnostics.map(placed)).toEqual([['rank-mismatch', '3x3x3']]);
  });
});
