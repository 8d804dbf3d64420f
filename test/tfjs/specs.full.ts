import { beforeAll, describe, expect, test } from 'vitest';
import type { Tf } from '../../codegen/tfjs/tf.js';
import { smallestNetworks } from '../specs/smallest.js';
import { StageCheck } from './check-tfjs.js';
import { engines, useEngine } from './run-tfjs.js';

/** Minutes on the plain JavaScript engine; what is larger is there with fewer channels, in the quick suite. */
const LARGEST_MACS = { wasm: Number.POSITIVE_INFINITY, native: Number.POSITIVE_INFINITY, cpu: 1e10 } as const;

describe.each(engines)('on %s every stage equals onnxruntime', (engine) => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await useEngine(engine);
  });

  test.each(
    smallestNetworks().filter(({ facts }) => facts.macs <= LARGEST_MACS[engine]),
  )('$name', async (network) => {
    const check = await StageCheck.of(network, 1);
    expect(await check.problems(tf)).toEqual([]);
  });
});
