import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, test } from 'vitest';
import { cases } from './cases.js';
import { checkForward, checkGradients } from './engine-checks.js';

// The engines as they come: the layers must be right by themselves. wasm has no kernel for the gradients of
// convolutions.

describe.each(['cpu', 'wasm'])('the layers on %s', (engine) => {
  beforeAll(async () => {
    await tf.setBackend(engine);
  });

  test.each(cases)('forward: $name', (layerCase) => checkForward(layerCase));

  const differentiable = cases.filter(({ convolves }) => engine === 'cpu' || !convolves);
  test.each(differentiable)('gradients: $name', (layerCase) => checkGradients(layerCase));
});
