import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Normalization } from '../../src/normalize/normalization.js';
import { normalizeImage } from '../../src/normalize/normalize-image.js';
import { peersPython } from '../formats/peers-python.js';
import { imageOf, looks } from './images.js';

const over = { nonzero: false, per_channel: false };
const rules: readonly {
  readonly formula: string;
  readonly arguments: readonly (number | boolean)[];
  readonly value: Normalization;
}[] = [
  { formula: 'nnunet_zscore', arguments: [false], value: { kind: 'zscore', ...over } },
  { formula: 'nnunet_zscore', arguments: [true], value: { kind: 'zscore', ...over, nonzero: true } },
  { formula: 'monai_normalize_intensity', arguments: [false], value: { kind: 'zscore', ...over } },
  {
    formula: 'monai_normalize_intensity',
    arguments: [true],
    value: { kind: 'zscore', ...over, nonzero: true },
  },
  {
    formula: 'nnunet_ct',
    arguments: [-100.5, 231, 80.1, 40.2],
    value: { kind: 'ct', low: -100.5, high: 231, mean: 80.1, std: 40.2 },
  },
  { formula: 'nnunet_rescale', arguments: [], value: { kind: 'minmax', ...over } },
  {
    formula: 'monai_scale_range',
    arguments: [0, 4095, true],
    value: { kind: 'range', low: 0, high: 4095, clip: true },
  },
  {
    formula: 'monai_scale_range',
    arguments: [-1000, 1000, false],
    value: { kind: 'range', low: -1000, high: 1000, clip: false },
  },
  ...([true, false] as const).map((clip) => ({
    formula: 'monai_percentiles',
    arguments: [1, 99.8, clip],
    value: { kind: 'percentile' as const, low: 1, high: 99.8, clip, ...over },
  })),
  {
    formula: 'torchio_rescale',
    arguments: [0.5, 99.5],
    value: { kind: 'percentile', low: 0.5, high: 99.5, clip: true, ...over },
  },
];
const shapes = [
  [1, 7, 11],
  [3, 16, 9],
  [2, 5, 6, 7],
];

const python = peersPython();
if (python === undefined) {
  test.skip('there is no Python with the peers: run scripts/peers.sh', () => {});
} else {
  const cases = Object.entries(looks)
    .flatMap(([look, value], index) =>
      shapes.flatMap((shape) =>
        rules.flatMap((rule) =>
          [false, true].map((channelwise) => ({
            look,
            rule,
            channelwise,
            image: imageOf(shape, value, 100 * index + shape.length),
          })),
        ),
      ),
    )
    // The formulas add 1e-8 to a deviation, which is more than these images have.
    .filter(({ look, rule }) => look !== 'tiny fractions' || !/^nnunet_(zscore|rescale)/.test(rule.formula));
  const input = cases.map(({ rule, channelwise, image }) => ({
    formula: rule.formula,
    arguments: rule.arguments,
    channelwise,
    shape: image.shape,
    data: [...image.data],
  }));
  const script = join(import.meta.dirname, 'peers', 'normalize.py');
  const output = execFileSync(python, [script], { input: JSON.stringify(input), maxBuffer: 2 ** 28 });
  // The script writes a list of numbers for each case.
  const expected = JSON.parse(output.toString().replaceAll('NaN', 'null')) as (number | null)[][];

  describe.each(rules)('$formula $arguments', (rule) => {
    test('is what normalizeImage computes', () => {
      let compared = 0;
      for (const [i, one] of cases.entries()) {
        if (one.rule !== rule) continue;
        const { shape, data } = one.image;
        const value = channelwise(rule.value, one.channelwise);
        const copy = { shape, data: data.slice() };
        normalizeImage(copy, value);
        const wanted = expected[i] ?? [];
        // Where the bounds are equal, the formulas divide by 0.
        if (wanted.includes(null)) continue;
        const scale = Math.max(1, ...wanted.map((number) => Math.abs(number ?? 0)));
        for (const [k, number] of wanted.entries()) {
          if (Math.abs((copy.data[k] ?? Number.NaN) - (number ?? 0)) > 2e-7 * scale) {
            expect.fail(`${one.look}, ${shape.join('x')}: ${copy.data[k]} instead of ${number}`);
          }
        }
        compared += 1;
      }
      expect(compared).toBeGreaterThan(20);
    });
  });
}

/** The same for each channel: `ct` and `range` have no statistics, so they need no such argument. */
function channelwise(value: Normalization, isOn: boolean): Normalization {
  return isOn && 'per_channel' in value ? { ...value, per_channel: true } : value;
}
