import { describe, expect, test } from 'vitest';
import { codesOf, countOf, found } from './warned.js';

const code = 'bias-before-norm';
const net = (lines: string, block = '', input = '1 x 32 x 32') =>
  `${block}\nunet Net { input = ${input}  classes = 2  depth = 1  padding = same  channels = 4  ${lines} }`;
const own = (body: string) => `block Own(c) { ${body} }`;

// Depth 1 with 4 channels: two convs of 4 going down, two of 8 at the bottom, two of 4 going up.
const everywhere = 2 * 4 + 2 * 8 + 2 * 4;

describe('counts the biases that are lost', () => {
  test.each([
    ['a batch norm', 'norm = batch', '1 x 32 x 32'],
    ['an instance norm', 'norm = instance', '1 x 32 x 32'],
    ['in 3D', 'norm = batch', '1 x 8 x 16 x 16'],
    ['a norm without scale and shift', 'norm = instance(affine: false)', '1 x 32 x 32'],
  ])('%s', (_name, lines, input) => {
    expect(countOf(code, net(lines, '', input))).toBe(everywhere);
  });

  test('valid convs', () => {
    const text = 'unet Net { input = 1 x 44 x 44  classes = 2  depth = 1  channels = 4  norm = batch }';
    expect(countOf(code, text)).toBe(everywhere);
  });

  test('a group norm where every channel is a group of its own, and only there', () => {
    // 4 groups of 4 channels: not in the bottleneck with its 8.
    expect(countOf(code, net('norm = group(groups: 4)'))).toBe(2 * 4 + 2 * 4);
    expect(codesOf(net('norm = group(groups: 2)'))).toEqual([]);
  });

  test('of more levels, and of none where there is no norm', () => {
    expect(countOf(code, net('norm = batch  norm[bottleneck] = none'))).toBe(2 * 4 + 2 * 4);
    expect(countOf(code, net('norm = batch  bias[1] = false'))).toBe(2 * 8);
  });

  test('a crop in between moves no number', () => {
    // Both convs of the block; the shortcut is cropped before its norm.
    const block = own(
      'h = input -> conv(3, c, padding: valid)  h + (input -> conv(1, c) -> crop_like(h) -> batch)',
    );
    const text = `${block} unet Net { input = 1 x 20 x 20  classes = 2  depth = 1  channels = 4  padding = same
      block = Own  decoder_block = double  bottleneck = double }`;
    expect(countOf(code, text)).toBe(4);
  });

  test('a transposed conv on the way up', () => {
    const up = 'block Up(c) { input -> transpose(2, c) -> batch -> relu }';
    expect(countOf(code, net('up = Up', up))).toBe(4);
  });

  test('not those of an attention gate, which no setting takes out', () => {
    const gated = net('norm = batch  bias = true  skip = attention(combine: true, signal: conv)');
    expect(countOf(code, gated)).toBe(everywhere);
    expect(codesOf(gated.replace('bias = true', 'bias = false'))).toEqual([]);
  });
});

describe('is not said', () => {
  test.each([
    ['where the norm takes the mean of several channels', 'norm = layer', ''],
    ['of groups', 'norm = group(groups: 2)', ''],
    ['where the conv has two users', 'block = Own', own('h = input -> conv(3, c)  h + (h -> batch)')],
    ['where a dropout lies between', 'block = Own', own('input -> conv(3, c) -> dropout(0.5) -> batch')],
    ['where an activation lies between', 'block = Own', own('input -> conv(3, c) -> relu -> batch')],
    ['where the conv has no bias', 'block = Own', own('input -> conv(3, c, bias: false) -> batch')],
    ['by a setting', 'norm = batch  bias = false', ''],
    ['without a norm', '', ''],
  ])('%s', (_name, lines, block) => {
    expect(codesOf(net(lines, block))).toEqual([]);
  });
});

describe('stands', () => {
  test('at the setting of the norm, or of the bias where that is written', () => {
    expect(found(code, net('norm = batch')).map(([at]) => at)).toEqual(['batch']);
    expect(found(code, net('norm = batch  bias = true')).map(([at]) => at)).toEqual(['true']);
  });

  test('once a place', () => {
    const text = net('norm = batch  norm[1] = instance');
    expect(found(code, text).map(([at]) => at)).toEqual(['batch', 'instance']);
    // Each with its own count: 8 channels twice below, 4 channels four times at level 1.
    expect(found(code, text).map(([, note]) => /: (\d+)/.exec(note)?.[1])).toEqual(['16', '16']);
  });

  test('at the conv of a block that says its bias or its norm itself', () => {
    const explicit = own('input -> conv(3, c, bias: true) -> batch -> relu');
    for (const lines of [
      'block = Own',
      'block = Own  norm = group(groups: 2)',
      'block = Own  bias = false',
    ]) {
      expect(found(code, net(lines, explicit)).map(([at]) => at)).toEqual(['conv(3, c, bias: true)']);
      // One conv a stage: 4 channels down, 8 at the bottom, 4 up.
      expect(countOf(code, net(lines, explicit))).toBe(4 + 8 + 4);
    }
    const norm = own('input -> conv(3, c) -> instance -> relu');
    expect(found(code, net('block = Own  norm = batch', norm)).map(([at]) => at)).toEqual(['conv(3, c)']);
  });

  test('at the base, where a network inherits it, and at its own line, where that makes it wrong', () => {
    const base = (lines: string) => net(lines).replace('unet Net', 'unet Base');
    const heir = `${base('norm = batch')} unet Net extends Base { channels = 8 }`;
    expect(found(code, heir).map(([at]) => at)).toEqual(['batch']);
    const own = `${base('norm = batch  bias = false')} unet Net extends Base { bias = true }`;
    expect(found(code, own).map(([at]) => at)).toEqual(['true']);
    const study = `${base('norm = batch  bias = false')} ablation Study of Base { vary bias = [false, true] }`;
    expect(found(code, study).map(([at]) => at)).toEqual(['true']);
  });
});
