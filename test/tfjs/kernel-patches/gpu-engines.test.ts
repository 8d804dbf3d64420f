import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { patchEngine } from '../../../src/runtime/tfjs/kernel-patches/patch-engine.js';
import { binaryCase } from './elementwise-cases.js';
import { complaint, measure, type OpCase } from './op-case.js';
import { mendedCases } from './patched-cases.js';
import { padCase, tileCase } from './reshaping-cases.js';

/** The kernels that fail beyond rank 4: on webgpu all of them, on webgl three. */
const limits = {
  webgpu: [
    'Add',
    'Greater',
    'Less',
    'Maximum',
    'Minimum',
    'MirrorPad',
    'Multiply',
    'PadV2',
    'Prelu',
    'RealDiv',
    'Select',
    'SquaredDifference',
    'Sub',
    'Tile',
  ],
  webgl: ['MirrorPad', 'PadV2', 'Select'],
};

/** An engine by the name of one that needs a GPU: cpu's kernels, of which some give zeros beyond rank 4. */
async function startLimitedEngine(name: keyof typeof limits): Promise<void> {
  await tf.setBackend('cpu');
  const backend = tf.backend();
  // The kernels of the real webgl engine are registered also where it finds no GPU.
  for (const { kernelName } of tf.getKernelsForBackend(name)) tf.unregisterKernel(kernelName, name);
  tf.copyRegisteredKernels('cpu', name);
  for (const kernelName of limits[name]) {
    const { kernelFunc } = tf.getKernel(kernelName, name);
    tf.unregisterKernel(kernelName, name);
    tf.registerKernel({
      kernelName,
      backendName: name,
      kernelFunc: (call) => {
        const result = kernelFunc(call);
        const rank = Math.max(...Object.values(call.inputs).map((input) => input?.shape.length ?? 0));
        return rank <= 4 || Array.isArray(result) ? result : tf.zeros(result.shape);
      },
    });
  }
  if (!tf.findBackendFactory(name)) tf.registerBackend(name, () => backend);
  await tf.setBackend(name);
}

const shape = [2, 3, 2, 4, 3];
const none = [0, 0] as const;
const pads = [none, [1, 2], [0, 1], [2, 0], none] as const;
const elementwise = [
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'squaredDifference',
  'prelu',
  'times less',
];
const highRank: Readonly<Record<keyof typeof limits, readonly OpCase[]>> = {
  webgpu: [
    ...elementwise.flatMap((name) => [
      binaryCase(name, shape, shape, 1),
      binaryCase(name, shape, [3], 2),
      binaryCase(name, shape, [1, 1, 1, 1, 3], 3),
      binaryCase(name, shape, [2, 1, 1, 1, 3], 4),
      binaryCase(name, shape, [2, 3, 2, 4, 1], 5),
      binaryCase(name, shape, [], 6),
      ...(name === 'prelu' ? [] : [binaryCase(name, [4, 3], shape, 7)]),
    ]),
    tileCase(shape, [1, 2, 1, 3, 2], 8),
  ],
  webgl: [
    padCase('zero', shape, pads, 1),
    padCase('reflect', shape, pads, 2),
    padCase('symmetric', shape, pads, 3),
    binaryCase('where greater', shape, shape, 4),
  ],
};

/** Cases that stock kernels of cpu, which stand in for those of a GPU, do not get wrong themselves. */
const subjects = [
  'convolutions',
  'transposed convolutions',
  'depthwise convolutions',
  'pooling',
  'padding',
  'slices, joins and repetitions',
  'norms',
  'matrix products',
];
const resizing = Object.entries(mendedCases)
  .flatMap(([subject, cases]) => (subject.startsWith('resizing') ? cases : []))
  .filter(({ name }) => name.endsWith('half-pixel') || /x 1 x .*align/.test(name));

const complaintsOf = (cases: readonly OpCase[]) =>
  cases.flatMap((opCase) => {
    const found = complaint(measure(tf, opCase));
    return found ? [`${opCase.name}: ${found}`] : [];
  });

describe.each(['webgl', 'webgpu'] as const)('an engine with kernels like those of %s', (name) => {
  const own = name === 'webgpu' ? [...highRank.webgl, ...highRank.webgpu] : highRank.webgl;

  beforeAll(() => startLimitedEngine(name));

  // In this order: an engine stays patched.
  test('stock, has volumes wrong', () => {
    expect(own.filter((opCase) => measure(tf, opCase).forward === 0)).toEqual([]);
  });

  test('patched, has volumes right', () => {
    expect(patchEngine(tf).backend).toBe(name);
    expect(complaintsOf(own)).toEqual([]);
  });

  test.each(subjects)('patched, has right: %s', (subject) => {
    patchEngine(tf);
    expect(complaintsOf(mendedCases[subject] ?? [])).toEqual([]);
  });

  test('patched, has right what cpu has wrong: the gradients of resizing by half-pixels or of a single row', () => {
    patchEngine(tf);
    expect(resizing.length).toBeGreaterThan(10);
    expect(complaintsOf(resizing)).toEqual([]);
  });
});

test('webgpu, patched, refuses what rank 4 cannot express', async () => {
  await startLimitedEngine('webgpu');
  const { refused } = patchEngine(tf);
  expect(refused.flatMap(({ kernels }) => kernels)).toContain('Add');
  expect(() => tf.add(tf.ones(shape), tf.ones([2, 1, 2, 1, 3]))).toThrow(
    /^Add of 2 x 3 x 2 x 4 x 3 and 2 x 1 x 2 x 1 x 3 on webgpu is refused: .*zeros.*; use --device wasm/,
  );
});
