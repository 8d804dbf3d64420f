import { beforeAll, describe, expect, test } from 'vitest';
import type { Tf } from '../../codegen/tfjs/tf.js';
import { smallestNetworks } from '../specs/smallest.js';
import { StageCheck } from './check-tfjs.js';
import { engines, useEngine } from './run-tfjs.js';

describe.each(engines)('on %s every stage equals onnxruntime', (engine) => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await useEngine(engine);
  });

  test.each(smallestNetworks())('$name', async (network) => {
    const check = await StageCheck.of(network, 1);
    expect(await check.problems(tf)).toEqual([]);
  });
});
