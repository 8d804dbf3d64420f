import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { diffNetworks } from '../../src/compiler/diff.js';
import { metadataKeys, networkMetadata } from '../../src/compiler/metadata.js';
import { type Normalization, normalizationText } from '../../src/normalize/normalization.js';
import { readNormalization, writeNormalization } from '../../src/normalize/normalization-json.js';
import { hashesOf } from '../../src/train/run-folder/run-folder-settings.js';
import { network, placed } from './compiled.js';

const textOf = (line: string, channels = 1) =>
  `unet Net { input = ${channels} x 32 x 32  classes = 2  padding = same  depth = 2  ${line} }`;
const read = (value: string, channels = 1): Normalization =>
  network(textOf(`normalize = ${value}`, channels)).spec.normalize.value;

const over = { nonzero: false, per_channel: false };
const forms: readonly (readonly [written: string, value: Normalization, text: string])[] = [
  ['none', { kind: 'none' }, 'none'],
  ['minmax', { kind: 'minmax', ...over }, 'minmax'],
  ['zscore', { kind: 'zscore', ...over }, 'zscore'],
  ['zscore(nonzero: true)', { kind: 'zscore', ...over, nonzero: true }, 'zscore(nonzero: true)'],
  [
    'minmax(true, true)',
    { kind: 'minmax', nonzero: true, per_channel: true },
    'minmax(nonzero: true, per_channel: true)',
  ],
  ['percentile', { kind: 'percentile', low: 0.5, high: 99.5, clip: true, ...over }, 'percentile(0.5, 99.5)'],
  [
    'percentile(high: 99.8, low: 1, clip: false, per_channel: true)',
    { kind: 'percentile', low: 1, high: 99.8, clip: false, nonzero: false, per_channel: true },
    'percentile(1, 99.8, clip: false, per_channel: true)',
  ],
  ['range(0, 2 ^ 12 - 1)', { kind: 'range', low: 0, high: 4095, clip: true }, 'range(0, 4095)'],
  [
    'range(-1, 1, clip: false)',
    { kind: 'range', low: -1, high: 1, clip: false },
    'range(-1, 1, clip: false)',
  ],
  [
    'ct(-100.5, 231, 80.1, 40.2)',
    { kind: 'ct', low: -100.5, high: 231, mean: 80.1, std: 40.2 },
    'ct(-100.5, 231, 80.1, 40.2)',
  ],
  ['ct(auto)', { kind: 'ct_auto' }, 'ct(auto)'],
];

describe('the values of `normalize`', () => {
  test.each(forms)('%s', (written, value, text) => {
    expect(read(written)).toEqual(value);
    expect(normalizationText(value)).toBe(text);
    // What `diff` and the kept spec of a run show is what a spec can say.
    expect(read(text)).toEqual(value);
    expect(readNormalization(writeNormalization(value))).toEqual(value);
  });

  test('are one for each channel in a list, where `per_channel` says nothing new', () => {
    const value = read('[ct(auto), zscore(per_channel: true)]', 2);
    expect(value).toEqual({ kind: 'channels', channels: [{ kind: 'ct_auto' }, { kind: 'zscore', ...over }] });
    expect(normalizationText(value)).toBe('[ct(auto), zscore]');
    expect(readNormalization(writeNormalization(value))).toEqual(value);
  });

  test('are `none` unless a network says otherwise, and inherited', () => {
    expect(network(textOf('')).spec.normalize).toMatchObject({ value: { kind: 'none' }, origin: 'default' });
    const child = network(`${textOf('normalize = zscore')}\nunet Child extends Net { classes = 3 }`, 'Child');
    expect(child.spec.normalize).toMatchObject({
      value: { kind: 'zscore' },
      origin: 'inherited',
      network: 'Net',
    });
  });

  test('vary in an ablation', () => {
    const text = `${textOf('')}\nablation Study of Net { vary normalize = [zscore, ct(auto)] }`;
    expect(network(text, 'Study.normalize=ct(auto)').spec.normalize.value).toEqual({ kind: 'ct_auto' });
  });

  test('must fit the channels of `--input` too', () => {
    const text = textOf('normalize = [minmax, zscore]', 2);
    const codes = (input: string) =>
      compile('net.unet', text, { input }).diagnostics.map((one) => placed(one)[0]);
    expect(codes('2 x 64 x 64')).toEqual([]);
    expect(codes('3 x 64 x 64')).toEqual(['contradiction']);
  });
});

describe('`normalize` shows', () => {
  const fields = (a: string, b: string) => diffNetworks(network(textOf(a)), network(textOf(b))).fields;

  test('in `diff`', () => {
    expect(fields('', 'normalize = none')).toEqual([]);
    expect(fields('normalize = zscore(nonzero: false)', 'normalize = zscore')).toEqual([]);
    expect(fields('', 'normalize = percentile')).toEqual([
      { path: 'normalize', a: 'none', b: 'percentile(0.5, 99.5)' },
    ]);
  });

  test('in the hash of a run, as any other line', () => {
    const hash = (line: string) =>
      hashesOf({ network: 'Net', spec: [{ path: 'net.unet', text: textOf(line) }], recipe: {}, data: {} })
        .spec;
    expect(hash('normalize = zscore')).not.toBe(hash(''));
    expect(hash('normalize = zscore')).toBe(hash('normalize  =  zscore /* the same */'));
  });

  test('in the metadata of a model only if it is not `none`', () => {
    const metadata = (line: string) => networkMetadata(network(textOf(line)));
    expect(metadata('')).not.toHaveProperty([metadataKeys.normalize]);
    expect(metadata('normalize = none')).not.toHaveProperty([metadataKeys.normalize]);
    expect(JSON.parse(metadata('normalize = range(0, 4095)')[metadataKeys.normalize] ?? '')).toEqual({
      kind: 'range',
      low: 0,
      high: 4095,
      clip: true,
    });
  });
});

describe('a normalisation in the metadata of another program', () => {
  test.each([
    'zscore',
    '{}',
    'null',
    '{"kind":"zscore"}',
    '{"kind":"toString"}',
    '{"kind":"range","low":"0","high":1,"clip":true}',
    '{"kind":"channels"}',
    '{"kind":"channels","channels":[{"kind":"none"},{"kind":"sqrt"}]}',
  ])('is not read if it is not one: %s', (text) => {
    expect(readNormalization(text)).toBeUndefined();
  });
});
