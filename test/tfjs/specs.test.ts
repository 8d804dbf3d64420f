import { beforeAll, describe, expect, test } from 'vitest';
import type { Tf } from '../../codegen/tfjs/tf.js';
import { type CompiledNetwork, compile } from '../../src/compiler/compile.js';
import { reducedNetworks, smallestNetworks } from '../specs/smallest.js';
import { specText } from '../specs/spec-files.js';
import { StageCheck } from './check-tfjs.js';
import { engines, useEngine } from './run-tfjs.js';

/** The plain JavaScript engine takes a second for 0.4 G multiply-adds; larger ones are in the slow suite. */
const LARGEST_MACS = { wasm: Number.POSITIVE_INFINITY, native: Number.POSITIVE_INFINITY, cpu: 2e9 } as const;

/** UNet3D with an eighth of its channels, for the engine that is too slow for all of them. */
function narrow3D(): CompiledNetwork {
  const text = `${specText('unet3d.unet')}\nunet UNet3DNarrow extends UNet3D { channels = 8 }\n`;
  const { networks } = compile('unet3d.unet', text, { network: 'UNet3DNarrow', input: '3 x 92 x 92 x 100' });
  const [network] = networks;
  if (!network) throw new Error('it compiles');
  return network;
}

describe.each(engines)('on %s every stage equals onnxruntime', (engine) => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await useEngine(engine);
  });

  test.each(
    [...smallestNetworks(), ...reducedNetworks(), narrow3D()].filter(
      ({ facts }) => facts.macs <= LARGEST_MACS[engine],
    ),
  )('$name', async (network) => {
    const check = await StageCheck.of(network, 1);
    expect(await check.problems(tf)).toEqual([]);
  });
});
