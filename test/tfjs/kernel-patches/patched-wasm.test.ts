import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { patchEngine } from '../../../src/runtime/tfjs/kernel-patches/patch-engine.js';
import { complaint, measure } from './op-case.js';
import { mendedCases } from './patched-cases.js';

describe('the patched wasm engine, forward and gradients, against definitions in float64', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm');
    patchEngine(tf);
  });

  test.each(Object.entries(mendedCases))('%s', (_subject, cases) => {
    const complaints = cases.flatMap((opCase) => {
      const found = complaint(measure(tf, opCase));
      return found ? [`${opCase.name}: ${found}`] : [];
    });
    expect(complaints).toEqual([]);
    expect(tf.memory()).toMatchObject({ numTensors: 0, numDataBuffers: 0 });
    expect(tf.engine().backend.numDataIds()).toBe(0);
  });
});
