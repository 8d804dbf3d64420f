import { describe, expect, test } from 'vitest';
import { metadataKeys, networkMetadata } from '../../src/compiler/metadata.js';
import { Failure } from '../../src/diagnostics/failure.js';
import { type FitOptions, planFit } from '../../src/runtime/inference/fit.js';
import {
  normalizationOf,
  normalizeFor,
  partProblem,
} from '../../src/runtime/inference/model-normalization.js';
import { network } from '../language/compiled.js';

const metadataOf = (line: string, preprocess?: 'graph') =>
  networkMetadata(
    network(`unet Net { input = 1 x 32 x 32  classes = 2  padding = same  depth = 2  ${line} }`),
    { preprocess },
  );

function modelOf(line: string, preprocess?: 'graph') {
  const found = normalizationOf({ metadata: metadataOf(line, preprocess) });
  if (found instanceof Failure) throw new Error(found.message);
  return found;
}

describe('the normalisation of a model', () => {
  test('is `none` in models of other programs', () => {
    expect(normalizationOf({ metadata: {} })).toEqual({ value: { kind: 'none' }, isInGraph: false });
  });

  test('is applied by the program, unless the model does it', () => {
    const values = () => ({ shape: [1, 1, 3], data: Float32Array.of(0, 50, 200) });
    const [outside, inside] = [values(), values()];
    normalizeFor(modelOf('normalize = range(0, 100)'), outside);
    normalizeFor(modelOf('normalize = range(0, 100)', 'graph'), inside);
    expect([...outside.data]).toEqual([0, 0.5, 1]);
    expect([...inside.data]).toEqual([0, 50, 200]);
  });

  test.each([
    ['{"kind":"sqrt"}', 'normalize-unknown'],
    ['zscore', 'normalize-unknown'],
    ['{"kind":"ct_auto"}', 'normalize-not-measured'],
  ])('is refused if it cannot be applied: %s', (text, code) => {
    expect(normalizationOf({ metadata: { [metadataKeys.normalize]: text } })).toMatchObject({ code });
  });
});

describe('a model that normalises its input', () => {
  const free = { axis: 'H', step: 4, offset: 0, minimum: 4 };
  const problem = (line: string, size: number, margin: number, options: FitOptions = {}) => {
    const plan = planFit([free, { ...free, axis: 'W' }], [margin, margin], [size, size], options);
    if (plan instanceof Failure) throw new Error(plan.message);
    return partProblem(modelOf(line, 'graph'), plan);
  };

  test('takes whole images', () => expect(problem('normalize = zscore', 64, 0)).toBeUndefined());

  test.each([
    ['windows', 600, 0, {}, { windows: 4 }],
    ['a padded image', 62, 0, {}, { windows: 1, isPadded: true }],
    ['a margin', 64, 8, {}, { windows: 1, isPadded: true }],
    ['a resized image', 62, 0, { strategy: 'resize' }, { windows: 1, isPadded: false }],
  ] as const)('is refused if its numbers would come from something else: %s', (_, size, margin, options, args) => {
    for (const form of ['zscore', 'minmax', 'percentile', 'zscore(nonzero: true)']) {
      expect(problem(`normalize = ${form}`, size, margin, options)).toMatchObject({
        code: 'normalize-of-part',
        args: { ...args },
      });
    }
    // The same numbers for every window.
    for (const form of ['range(0, 1)', 'ct(0, 1, 0, 1)']) {
      expect(problem(`normalize = ${form}`, size, margin, options)).toBeUndefined();
    }
  });
});
