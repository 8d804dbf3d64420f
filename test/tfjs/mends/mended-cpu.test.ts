import * as tf from '@tensorflow/tfjs';

import { beforeAll, describe, expect, test } from 'vitest';
import { mendEngine } from '../../../src/runtime/tfjs/mends/mend-engine.js';
import { mendedCases } from './mended-cases.js';
import { complaint, measure } from './op-case.js';

describe('the mended cpu engine, forward and gradients, against definitions in float64', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    mendEngine(tf);
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
