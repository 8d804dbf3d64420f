import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { patchEngine } from '../../../src/runtime/tfjs/kernel-patches/patch-engine.js';
import { cases } from './cases.js';
import { checkForward, checkGradients } from './engine-checks.js';

// wasm as it comes has no kernels for the gradients of convolutions; as it is used here it has.

beforeAll(async () => {
  await tf.setBackend('wasm');
  patchEngine(tf);
});

const convolving = cases.filter(({ convolves }) => convolves);

test('there are such layers', () => expect(convolving.length).toBeGreaterThan(20));

test.each(convolving)('$name', (layerCase) => {
  checkForward(layerCase);
  checkGradients(layerCase);
});
