import { describe, expect, test } from 'vitest';
import { codesOf, countOf, found } from './warned.js';

const lines = 'classes = 2  padding = same  channels = 8  bias = false';

describe('norm-of-one', () => {
  const code = 'norm-of-one';
  const net = (input: string, more: string) => `unet Net { input = ${input}  ${lines}  ${more} }`;

  test.each([
    ['16 halved four times', '1 x 16 x 16', 'norm = instance', '128 x 1 x 1'],
    ['in 3D', '1 x 4 x 4 x 4', 'depth = 2  norm = instance', '32 x 1 x 1 x 1'],
    [
      'groups of one channel',
      '1 x 4 x 4',
      'depth = 2  norm = group(groups: 32)  norm[1..2] = none',
      '32 x 1 x 1',
    ],
  ])('%s', (_name, input, more, shape) => {
    const [one, ...others] = found(code, net(input, more));
    expect(others).toEqual([]);
    const kind = more.includes('group') ? 'group' : 'instance';
    expect(one?.[1]).toContain(`bottleneck.${kind}Norm[1] and 1 more `);
    expect(one?.[1]).toMatch(new RegExp(` ${shape}$`));
  });

  test('a layer norm of one channel', () => {
    const block = 'block Own(c) { input -> conv(3, 1, bias: true) -> layer -> conv(3, c) }';
    const text = `${block} ${net('1 x 16 x 16', 'depth = 1  bottleneck = Own')}`;
    const [[at, note] = [], ...more] = found(code, text);
    expect([at, more]).toEqual(['layer', []]);
    expect(note).toMatch(/^bottleneck\.layerNorm\[1\] .*1 x 8 x 8$/);
  });

  test.each([
    ['two positions', '1 x 16 x 32', 'norm = instance'],
    ['a group of two channels', '1 x 16 x 16', 'norm = group(groups: 64)  norm[1..4] = none'],
    ['a batch norm', '1 x 16 x 16', 'norm = batch'],
    ['a layer norm', '1 x 16 x 16', 'norm = layer'],
  ])('not for %s', (_name, input, more) => {
    expect(codesOf(net(input, more))).toEqual([]);
  });

  test('goes by the input that is asked for', () => {
    const text = net('1 x 32 x 32', 'norm = instance');
    expect(codesOf(text)).toEqual([]);
    expect(codesOf(text, { input: '1 x 16 x 16' })).toEqual([code]);
    expect(codesOf(net('1 x 16 x 16', 'norm = instance'), { input: '1 x 32 x 32' })).toEqual([]);
  });

  test('is at the own line of a network whose depth makes it so', () => {
    const text = `${net('1 x 16 x 16', 'depth = 3  norm = instance')} unet Deep extends Net { depth = 4 }`;
    expect(found(code, text).map(([at]) => at)).toEqual(['Deep']);
  });
});

describe('dead-parameters', () => {
  const code = 'dead-parameters';
  const net = (block: string, more: string) =>
    `${block} unet Net { input = 1 x 16 x 16  ${lines}  depth = 1  ${more} }`;

  test('a time step that no block reads', () => {
    // To 8 sinusoids of a time step, 32 channels, and 32 of these again; both convs have biases.
    const unread = net('', 'time = time_embedding');
    expect(countOf(code, unread)).toBe(8 * 32 + 32 + 32 * 32 + 32);
    expect(found(code, unread)[0]?.[0]).toBe('time_embedding');
    const reader = 'block Own(c) { input -> conv(3, c) + (time -> conv(1, c)) }'.replace(
      'input -> conv(3, c) + ',
      '(input -> conv(3, c)) + ',
    );
    expect(codesOf(net(reader, 'time = time_embedding  bottleneck = Own'))).toEqual([]);
  });

  const attend = (key: string, value = 'input -> conv(1, c)') =>
    `block Own(c) { k = input -> conv(1, c, bias: ${key})  attention(input -> conv(1, c), k, ${value}) }`;

  test('the bias of a key', () => {
    const text = net(attend('true'), 'bottleneck = Own');
    expect(countOf(code, text)).toBe(16);
    expect(found(code, text)[0]?.[0]).toBe('conv(1, c, bias: true)');
    expect(codesOf(net(attend('false'), 'bottleneck = Own'))).toEqual([]);
  });

  test('not where the key is the value too', () => {
    expect(codesOf(net(attend('true', 'k'), 'bottleneck = Own'))).toEqual([]);
  });

  test('not in the blocks of the library, which keep to what is published', () => {
    const text = net('', 'bottleneck = transformer(layers: 1, heads: 2, dim: 8, mlp: 16)');
    expect(codesOf(text)).toEqual([]);
  });

  test.each([
    ['batch -> instance', 32],
    ['layer -> batch', 32],
    ['group(groups: 4) -> instance', 32],
    ['batch -> group(groups: 16)', 32],
    ['batch -> instance -> batch', 64],
  ])('a norm behind a norm: %s', (norms, count) => {
    // 16 channels, a scale and a shift for each.
    const text = net(`block Own(c) { input -> conv(3, c) -> ${norms} -> relu }`, 'bottleneck = Own');
    const total = found(code, text)
      .map(([, note]) => Number(/: (\d+) /.exec(note)?.[1]))
      .reduce((a, b) => a + b, 0);
    expect(total).toBe(count);
  });

  test.each([
    'batch -> layer',
    'batch -> relu -> batch',
    'batch(affine: false) -> instance',
    'batch -> group(groups: 4)',
  ])('not for %s', (norms) => {
    const text = net(`block Own(c) { input -> conv(3, c) -> ${norms} -> relu }`, 'bottleneck = Own');
    expect(codesOf(text)).toEqual([]);
  });
});

describe('skip-unused', () => {
  const net = (more: string) => `unet Net { input = 1 x 64 x 64  ${lines}  ${more} }`;
  const messages = (text: string) => found('skip-unused', text).map(([at]) => at);

  test('is said once a place, with all levels of it', () => {
    expect(messages(net('skip[2] = none'))).toEqual(['none']);
    expect(messages(net('skip[2..3] = none'))).toEqual(['none']);
    expect(messages(net('skip[2] = none  skip[4] = none'))).toEqual(['none', 'none']);
    expect(messages(net('skip = [none, add, none, add]'))).toEqual(['none', 'none']);
  });

  test('is not said where no level has a skip, of networks that extend, and of variants', () => {
    expect(codesOf(net('skip = none'))).toEqual([]);
    expect(codesOf(`${net('')} unet Heir extends Net { skip[2] = none }`)).toEqual([]);
    expect(codesOf(`${net('')} ablation Study of Net { variant No { skip[2] = none } }`)).toEqual([]);
    expect(codesOf(`${net('skip[2] = none')} unet Heir extends Net { channels = 4 }`)).toEqual([
      'skip-unused',
    ]);
  });
});
